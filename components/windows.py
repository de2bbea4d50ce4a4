"""Backup and maintenance windows: RDS and ElastiCache refuse two that overlap, and one that is too short."""

from __future__ import annotations

import re
from typing import Final

from components.spec import Refused

CLOCK: Final = r"^([01]\d|2[0-3]):[0-5]\d$"
DAILY: Final = r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$"
WEEKLY: Final = (
    r"^(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d-(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):[0-5]\d$"
)
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY: Final = 24 * 60
_WEEK: Final = 7 * _DAY


def refuse_windows(key: str, daily: str, weekly: str, *, minutes: int) -> None:
    """Raises `Refused` under `key`, the daily window's, unless both last `minutes` and nowhere overlap.

    Source: CreateDBInstance (Amazon RDS API reference) wants 30 minutes each, CreateReplicationGroup (ElastiCache API
    reference) 60; both refuse an overlap.
    """
    start, length = _span(daily, _DAY)
    _, lasting = _span(weekly, _WEEK)
    if length < minutes:
        raise Refused(key, daily, f"{minutes} minutes or more")
    if lasting < minutes:
        raise Refused("maintenance_window", weekly, f"{minutes} minutes or more")
    for day in range(7):
        if meets_weekly(start + day * _DAY, length, weekly, before=0):
            raise Refused(key, daily, f"a window that does not overlap maintenance_window ({weekly})")


def meets_weekly(start: int, length: int, weekly: str, *, before: int) -> bool:
    """Whether `length` minutes from `start`, counted from Monday's midnight UTC, meet a weekly window or the minutes
    `before` it."""
    begin, lasting = _span(weekly, _WEEK)
    begin, lasting = begin - before, lasting + before
    return (begin - start) % _WEEK < length or (start - begin) % _WEEK < lasting


def _span(window: str, period: int) -> tuple[int, int]:
    """Start and length in minutes; a window may run over the end of its day or week."""
    first, last = (_minutes(end) for end in re.split(r"(?<=:\d\d)-", window))
    return first, (last - first) % period


def _minutes(moment: str) -> int:
    *day, hour, minute = moment.split(":")
    return (_DAYS.index(day[0]) * _DAY if day else 0) + int(hour) * 60 + int(minute)
