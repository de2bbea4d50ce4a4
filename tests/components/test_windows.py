"""windows: overlaps over midnight and over the end of the week, and lengths."""

from __future__ import annotations

import pytest

from components.spec import Refused
from components.windows import refuse_windows


@pytest.mark.parametrize(
    ("daily", "weekly"),
    [
        ("01:30-02:30", "sun:02:30-sun:03:30"),
        ("01:30-02:30", "sun:00:30-sun:01:30"),
        ("23:30-00:30", "sun:00:30-sun:01:30"),
        ("23:00-23:30", "sun:23:30-mon:00:30"),
        ("01:00-01:30", "sun:23:30-mon:01:00"),
    ],
)
def test_side_by_side(daily: str, weekly: str) -> None:
    refuse_windows("backup_window", daily, weekly, minutes=30)


@pytest.mark.parametrize(
    ("daily", "weekly"),
    [
        ("01:30-02:30", "wed:02:29-wed:03:30"),
        ("01:30-02:30", "wed:00:30-wed:01:31"),
        ("01:30-02:30", "wed:01:45-wed:02:15"),
        ("01:45-02:15", "wed:01:30-wed:02:30"),
        ("23:30-00:30", "mon:00:29-mon:01:29"),
        ("00:00-00:30", "sun:23:30-mon:00:30"),
        ("23:00-23:31", "sun:23:30-mon:00:30"),
        ("12:00-13:00", "sat:00:00-fri:23:00"),
    ],
)
def test_overlapping(daily: str, weekly: str) -> None:
    with pytest.raises(Refused) as refused:
        refuse_windows("backup_window", daily, weekly, minutes=30)
    assert str(refused.value) == (
        f"backup_window: found {daily}; allowed: a window that does not overlap maintenance_window ({weekly})"
    )


@pytest.mark.parametrize(
    ("daily", "weekly", "key"),
    [
        ("01:30-01:59", "sun:03:00-sun:04:00", "backup_window"),
        ("01:30-01:30", "sun:03:00-sun:04:00", "backup_window"),
        ("23:45-00:14", "sun:03:00-sun:04:00", "backup_window"),
        ("01:30-02:00", "sun:03:00-sun:03:29", "maintenance_window"),
    ],
)
def test_too_short(daily: str, weekly: str, key: str) -> None:
    with pytest.raises(Refused, match="30 minutes or more") as refused:
        refuse_windows("backup_window", daily, weekly, minutes=30)
    assert refused.value.key == key
