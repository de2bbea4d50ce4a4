"""When a rule's jobs begin, and the hours of the week in which AWS Backup begins none for a database."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from components.backup.spec import RuleSpec
from components.spec import Refused
from components.windows import meets_weekly

BEFORE: Final = 60
"""Minutes before an RDS instance's maintenance window, and all of that window, in which a job fails to begin; Aurora is
exempt (AWS Backup developer guide, "Backup plan options and configuration")."""
_DAY: Final = 24 * 60
_SOLSTICES: Final = (datetime(2026, 1, 1), datetime(2026, 7, 1))
"""A zone with summer time has another offset in each."""


def refuse_maintenance(rule: RuleSpec, weekly: str) -> None:
    """Raises `Refused` where the only job of a day may fall into a database's maintenance.

    A rule with several times a day has another job soon; one that names days of the week is taken to mean every day.
    """
    at = time_of_day(rule.schedule)
    if at is None:
        return
    for offset in _offsets(rule.timezone):
        for day in range(7):
            if meets_weekly(day * _DAY + at - offset, rule.start_minutes, weekly, before=BEFORE):
                allowed = (
                    f"a start whose {rule.start_minutes} minutes end an hour before {weekly} UTC, or begin after it"
                )
                raise Refused("schedule", rule.schedule, f"{allowed}: AWS Backup begins no job of RDS in between")


def time_of_day(schedule: str) -> int | None:
    """Minutes after midnight of `cron(m h …)`; None where it is not one time."""
    minute, hour, *_ = schedule.removeprefix("cron(").split(" ")
    return int(hour) * 60 + int(minute) if minute.isdecimal() and hour.isdecimal() else None


def _offsets(timezone: str) -> set[int]:
    """Minutes ahead of UTC, in winter and in summer."""
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise Refused("timezone", timezone, "an IANA name, e.g. Europe/Madrid") from None
    found = (zone.utcoffset(day) for day in _SOLSTICES)
    return {int(offset.total_seconds()) // 60 for offset in found if offset is not None}
