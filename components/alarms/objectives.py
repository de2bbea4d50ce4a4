"""A service level over a month, watched by how fast its allowance burns.

An alarm looks back a week at most, so none can say "99.9 % of this month" (PutMetricAlarm, CloudWatch API reference).
Instead: at a burn rate of 1 the allowance lasts 30 days; each pair of windows rings when what a rate uses up within the
long one is worth a person's time, and the short one says that it goes on. The rates and shares are those of "The Site
Reliability Workbook", chapter 5, "Multiwindow, Multi-Burn-Rate Alerts" (2018).

That book counts users' requests; here a check is asked once a minute, and of so few runs a single one may be more than
the rate allows. One run alone says nothing, so a window rings from the second on, whatever the target.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import pulumi_aws as aws

from components.alarms.alarm import Post, Threshold, composite_alarm, metric_alarm
from components.alarms.metrics import readings
from components.alarms.spec import BURNS, ObjectiveSpec
from components.emitter import Emitter

DAYS: Final = 30
METRIC: Final = "success"
"""Per cent of a check's runs that went well."""
EVERY: Final = "every_minutes"
"""The figure of a check, `<check>.every_minutes`: from one run to the next."""
ONE_AND_A_HALF: Final = 1.5
"""Failed runs between which the line is drawn: one is on this side of it, two are beyond, also where a window holds a
run more or less than it should."""


@dataclass(frozen=True)
class Burn:
    """At `rate` times what 30 days allow, the long window uses up `rate * long / 30 days` of the allowance."""

    speed: Literal["fast", "slow"]
    rate: float
    long: int
    """Seconds; a period that CloudWatch knows."""
    short: int

    @property
    def name(self) -> str:
        """Of its alarms, e.g. `6h`."""
        return f"{self.long // 3600}h"


BURNS_WATCHED: Final = (
    Burn("fast", 14.4, 3600, 300),  # 2 % in an hour: gone in two days
    Burn("slow", 6, 21600, 1800),  # 5 % in six hours: gone in five days
    Burn("slow", 3, 86400, 7200),  # 10 % in a day: gone in ten days
)


def burn_alarms(
    post: Post, name: str, objective: ObjectiveSpec, emitter: Emitter
) -> dict[str, aws.cloudwatch.MetricAlarm]:
    """For each rate an alarm for either window, which tell nobody, and one over both, which tells."""
    made: dict[str, aws.cloudwatch.MetricAlarm] = {}
    for burn in BURNS_WATCHED:
        parts = []
        for window, seconds in (("long", burn.long), ("short", burn.short)):
            (reading,) = readings(emitter, METRIC, None, seconds, objective.check).values()
            full = f"{name}{BURNS}-{burn.name}-{window}"
            limit = least(objective.target, burn.rate)
            if window == "long":
                limit = min(limit, spared(_every(emitter, objective.check), seconds))
            at = Threshold(limit, above=False, period=seconds, periods=1)
            made[full] = metric_alarm(post, full, reading, at, severity=None, action=objective.action, where=post.where)
            parts.append(made[full])
        composite_alarm(
            post,
            f"{name}{BURNS}-{burn.name}",
            parts,
            between="AND",
            severity=objective.fast if burn.speed == "fast" else objective.slow,
            action=objective.action,
            where=post.where,
        )
    return made


def least(target: float, rate: float) -> float:
    """The success in per cent below which a month's allowance burns at more than `rate`; never below 0."""
    return round(max(0.0, 100 - rate * (100 - target)), 6)


def spared(every: float, window: int) -> float:
    """The success in per cent of a window of so many seconds, asked every so many minutes, that one failed run is still
    above and two are below; never below 0."""
    return round(max(0.0, 100 - 100 * ONE_AND_A_HALF * every * 60 / window), 6)


def one_run_rings(target: float, every: float) -> bool:
    """Whether the share alone would make one failed run of the fast window's worth a page: 1/12 of an hour in which it
    is asked every five minutes is more than 14.4 times what 99.9 % leave."""
    fast = BURNS_WATCHED[0]
    return 100 * every * 60 / fast.long > fast.rate * (100 - target)


def _every(emitter: Emitter, check: str) -> float:
    every = emitter.figures[f"{check}.{EVERY}"]
    assert isinstance(every, int | float)  # the block's spec says it, and no resource
    return every


def level_widget(region: str, title: str, dimensions: Mapping[str, object], target: float) -> dict[str, object]:
    """The level of the last 30 days as one number; a dashboard may look back further than an alarm."""
    ((key, value),) = dimensions.items()
    series = ["CloudWatchSynthetics", "SuccessPercent", key, value, {"stat": "Average", "label": f"of {target:g} %"}]
    return {
        "title": f"{title}, {DAYS} days",
        "region": region,
        "view": "singleValue",
        "metrics": [series],
        "period": DAYS * 86400,
        "start": f"-P{DAYS}D",
        "end": "P0D",
    }
