"""The spec of the kind schedule."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal
from zoneinfo import available_timezones

from pydantic import model_validator

from components.spec import BlockName, Join, Refused, Spec, joined

CRON = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)")
RATE = re.compile(r"rate\(([1-9]\d*) (minute|hour|day)s?\)")
ZONE = r"^[A-Za-z][A-Za-z0-9_+/-]*$"
FORMS = "cron(minutes hours day-of-month month day-of-week year), or rate(<number> minutes|hours|days)"


class ScheduleSpec(Spec):
    """When something runs by itself."""

    target: BlockName = joined(Join.TRAFFIC)
    """The function that it invokes."""
    every: str = joined(Join.NOW)
    """`cron(0 3 * * ? *)` or `rate(15 minutes)`, in EventBridge Scheduler's words."""
    timezone: str = joined(Join.NOW, "UTC", pattern=ZONE)
    """IANA name that a cron expression is read in, e.g. `Europe/Madrid`: daylight saving time included."""
    flexible: int = joined(Join.NOW, 0, ge=0, le=1440)
    """Minutes after the stated time within which it may start, so that many do not start at once; 0 is on time."""
    input: dict[str, Any] = joined(Join.NOW, dict)
    """What the target gets, as JSON."""
    retries: int = joined(Join.NOW, 10, ge=0, le=185)
    """How often a delivery that failed is repeated before it goes to the dead letters."""
    max_age: int = joined(Join.NOW, 3600, ge=60, le=86400)
    """Seconds after which a delivery is repeated no more."""
    state: Literal["on", "off"] = joined(Join.NOW, "on")
    """Whether it runs at all; while moving, it runs on the side that works besides."""

    @model_validator(mode="after")
    def _valid(self) -> ScheduleSpec:
        cron, rate = CRON.fullmatch(self.every), RATE.fullmatch(self.every)
        if not (cron or rate):
            raise Refused("every", self.every, FORMS)
        # One of the two days is always `?` (EventBridge Scheduler user guide, "Cron-based schedules").
        if cron and (cron[3] == "?") == (cron[5] == "?"):
            raise Refused("every", self.every, "a cron expression with ? as day of the month or as day of the week")
        if self.timezone != "UTC" and not _is_known(self.timezone):
            raise Refused("timezone", self.timezone, "an IANA time zone, e.g. Europe/Madrid")
        return self

    def check_among(self, kinds: Mapping[str, str]) -> None:
        """It invokes a function."""
        able = sorted(block for block, kind in kinds.items() if kind == "function")
        if self.target in kinds and self.target not in able:
            raise Refused("target", self.target, f"a function: {', '.join(able) or 'none here'}")


@cache
def _is_known(zone: str) -> bool:
    """Whether there is such a time zone; without a database of them on this machine only AWS can say. Remembered: it is
    a walk over some six hundred files, and a rehearsal asks hundreds of times."""
    known = available_timezones()
    return not known or zone in known
