"""The spec of the kind alarms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, StringConstraints, model_validator

from components.alarms.catalogue import CATALOGUE, Metric
from components.emitter import EmitterKind
from components.spec import BlockName, Join, Refused, Spec, joined

Severity = Literal["critical", "high", "medium", "low"]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,60}$")]
STAT = r"^(Average|Sum|Minimum|Maximum|SampleCount|p\d{1,2}(\.\d+)?)$"
HOUR = 3600
LONGEST = {False: 24 * HOUR, True: 7 * 24 * HOUR}
"""Seconds that an alarm may look back, by whether its period is an hour or more (PutMetricAlarm, CloudWatch API
reference, EvaluationPeriods)."""
ESCALATED = "-escalated"
BURNS = "-burns"
KINDS_OF_EVENT: Mapping[str, tuple[EmitterKind, ...]] = {
    "scaled": ("server", "kubernetes"),
    "database": ("postgres", "aurora"),
}


class SourceSpec(Spec):
    """One block whose logs a metric is read from."""


def _by_name(value: object) -> object:
    """`blocks: [api]` is short for a map by name."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return {item: {} for item in value}
    return value


class LogMetricSpec(Spec):
    """A metric that services write into their logs as JSON lines; a filter makes it a CloudWatch metric."""

    blocks: Annotated[dict[BlockName, SourceSpec], BeforeValidator(_by_name)] = joined(Join.UNION, min_length=1)
    """The services that write it."""
    pattern: str = joined(Join.NOW, min_length=1)
    """A CloudWatch Logs filter pattern, e.g. `{ $.latency_ms = * }`."""
    value: str = joined(Join.NOW, "1", pattern=r"^(\$\.[A-Za-z0-9_.]+|\d+(\.\d+)?)$")
    """The figure of each line: a field of it, or a constant."""
    stat: str = joined(Join.NOW, "Average", pattern=STAT)
    """How an alarm sums it up, unless it says otherwise."""
    unit: Literal["None", "Count", "Percent", "Seconds", "Milliseconds", "Bytes"] = joined(Join.NOW, "None")


class CheckSpec(Spec):
    """A Route 53 health check from all over the world on one public name."""

    host: str = joined(Join.FIXED, pattern=r"^(@|[a-z0-9]([a-z0-9-]*[a-z0-9])?)$")
    """The label under the stack's domain."""
    path: str = joined(Join.NOW, "/health", pattern=r"^/")
    interval: Literal[10, 30] = joined(Join.FIXED, 30)
    """Seconds between a checker's requests."""
    failures: int = joined(Join.NOW, 3, ge=1, le=10)
    """Failed requests in a row that make a checker call it down."""


class AlarmSpec(Spec):
    """One threshold. It watches a block's own metric (`block`), a metric from logs (neither), or a check (`check`)."""

    metric: str = joined(Join.NOW, min_length=1)
    """A metric that the block's kind emits, one of `metrics`, or `uptime` of a check."""
    block: BlockName | None = joined(Join.NOW, None)
    member: str | None = joined(Join.NOW, None)
    """Of a block with several shards, replicas, node groups or checks, the one it watches; null watches each."""
    check: str | None = joined(Join.NOW, None)
    above: float | None = joined(Join.NOW, None)
    """Alarms above this, in the metric's unit."""
    below: float | None = joined(Join.NOW, None)
    """Alarms below this."""
    stat: str | None = joined(Join.NOW, None, pattern=STAT)
    """Another statistic than the metric's own."""
    period: Literal[60, 300, 900, 1800, 3600, 7200, 21600, 86400] = joined(Join.NOW, 60)
    """Seconds that one datapoint sums up."""
    minutes: int = joined(Join.NOW, 5, ge=1, le=10080)
    """How long it must last."""
    severity: Severity | None = joined(Join.NOW, None)
    """Who is told; null tells nobody, for parts of a composite alarm."""
    escalate_minutes: int | None = joined(Join.NOW, None, ge=1, le=1440)
    """After how many more minutes it becomes critical; null never."""
    missing: Literal["notBreaching", "breaching", "ignore", "missing"] = joined(Join.NOW, "notBreaching")
    """What silence means."""
    action: str = joined(Join.NOW, "")
    """What to do when it rings."""


class CompositeSpec(Spec):
    """Rings once where any of several alarms is on."""

    any_of: list[Name] = joined(Join.NOW, min_length=2)
    """Names of alarms."""
    severity: Severity = joined(Join.NOW)
    action: str = joined(Join.NOW, "")


class ObjectiveSpec(Spec):
    """A share of checks that must go well over 30 days, watched by how fast the rest is used up."""

    block: BlockName = joined(Join.NOW)
    """A telemetry block."""
    check: str = joined(Join.NOW)
    """One of its checks: it goes well where the answer is right, and within its latency."""
    target: float = joined(Join.NOW, ge=90, lt=100)
    """Per cent, e.g. 99.9."""
    fast: Severity = joined(Join.NOW, "critical")
    """Who hears when two days at that rate would use up all of it."""
    slow: Severity = joined(Join.NOW, "high")
    """Who hears when five to ten days would."""
    action: str = joined(Join.NOW, "")
    """What to do when it rings."""


class EventSpec(Spec):
    """Something that happened, and no threshold: told once."""

    block: BlockName = joined(Join.NOW)
    event: Literal["scaled", "database"] = joined(Join.FIXED)
    """`scaled`: a server block's hosts, or a cluster's nodes, came or went. `database`: failover, failure, low storage,
    maintenance."""
    severity: Severity = joined(Join.NOW)


class RouteSpec(Spec):
    """Where one severity goes. Mail always goes too where the channel is not configured."""

    pagerduty: bool = joined(Join.NOW, False)
    slack: Literal["alerts", "ops"] | None = joined(Join.NOW, None)
    email: bool = joined(Join.NOW, False)


def _routes() -> dict[str, RouteSpec]:
    return {
        "critical": RouteSpec(pagerduty=True, email=True),
        "high": RouteSpec(slack="alerts"),
        "medium": RouteSpec(slack="ops"),
        "low": RouteSpec(slack="ops"),
    }


class AlarmsSpec(Spec):
    """Alarms, whom they tell, and a dashboard of them."""

    alarms: dict[Name, AlarmSpec] = joined(Join.UNION, dict)
    """Thresholds by name."""
    composites: dict[Name, CompositeSpec] = joined(Join.UNION, dict)
    """Alarms over alarms."""
    objectives: dict[Name, ObjectiveSpec] = joined(Join.UNION, dict)
    """Service levels over a month."""
    events: dict[Name, EventSpec] = joined(Join.UNION, dict)
    """What is told when it happens."""
    metrics: dict[str, LogMetricSpec] = joined(Join.UNION, dict)
    """Metrics read from logs, by name."""
    checks: dict[Name, CheckSpec] = joined(Join.UNION, dict)
    """Checks from outside."""
    routes: dict[Severity, RouteSpec] = joined(Join.UNION, _routes)
    """Channels by severity."""
    actions: bool = joined(Join.NOW, True)
    """False rings nowhere, for environments in which nobody is on call."""

    @model_validator(mode="after")
    def _consistent(self) -> AlarmsSpec:
        for name, alarm in self.alarms.items():
            key = f"alarms.{name}"
            if name.endswith(ESCALATED):
                raise Refused(key, name, f"a name that does not end in {ESCALATED}, as escalations do")
            if BURNS in name:
                raise Refused(key, name, f"a name without {BURNS}, as the alarms of objectives have")
            if (alarm.above is None) == (alarm.below is None):
                raise Refused(key, "both" if alarm.above is not None else "neither", "one of above and below")
            if alarm.block is not None and alarm.check is not None:
                raise Refused(key, "block and check", "one of them, or neither for a metric from logs")
            if alarm.member is not None and alarm.block is None:
                raise Refused(f"{key}.member", alarm.member, "null without a block")
            if alarm.check is not None and alarm.check not in self.checks:
                raise Refused(f"{key}.check", alarm.check, _listed(self.checks))
            if alarm.check is not None and alarm.metric != "uptime":
                raise Refused(f"{key}.metric", alarm.metric, "uptime, the metric of a check")
            if alarm.block is None and alarm.check is None and alarm.metric not in self.metrics:
                raise Refused(f"{key}.metric", alarm.metric, _listed(self.metrics))
            if alarm.minutes * 60 % alarm.period:
                raise Refused(f"{key}.minutes", alarm.minutes, f"a multiple of period ({alarm.period} s)")
            longest = LONGEST[alarm.period >= HOUR]
            if (alarm.minutes + (alarm.escalate_minutes or 0)) * 60 > longest:
                allowed = f"{longest // 60} at most with period {alarm.period}, escalation included"
                raise Refused(f"{key}.minutes", alarm.minutes, allowed)
            if (alarm.escalate_minutes or 0) * 60 % alarm.period:
                raise Refused(
                    f"{key}.escalate_minutes", alarm.escalate_minutes, f"a multiple of period ({alarm.period} s)"
                )
            if alarm.escalate_minutes and alarm.severity in (None, "critical"):
                raise Refused(f"{key}.escalate_minutes", alarm.escalate_minutes, "null: there is nothing to climb to")
        for name, composite in self.composites.items():
            if name in self.alarms or BURNS in name:
                raise Refused(f"composites.{name}", name, f"a name that no alarm has, without {BURNS}")
            for part in composite.any_of:
                if part not in self.alarms:
                    raise Refused(f"composites.{name}.any_of", part, _listed(self.alarms))
            sides = {self.alarms[part].check is not None for part in composite.any_of}
            if len(sides) > 1:
                raise Refused(
                    f"composites.{name}.any_of",
                    ", ".join(composite.any_of),
                    "only checks, or none: theirs are in us-east-1",
                )
        for severity in sorted((self.severities(checks=True) | self.severities(checks=False)) - self.routes.keys()):
            raise Refused(f"routes.{severity}", "nothing", "where alarms of that severity go")
        return self

    def check_among(self, kinds: Mapping[str, str]) -> None:
        """Every alarm, metric and event has a block that emits it."""
        for name, alarm in self.alarms.items():
            if alarm.block is None:
                continue
            kind = kinds.get(alarm.block)
            metrics = _metrics_of(kind)
            if not metrics:
                emitting = [block for block, of in kinds.items() if _metrics_of(of)]
                raise Refused(f"alarms.{name}.block", alarm.block, f"a block that emits metrics: {_listed(emitting)}")
            if alarm.metric not in metrics:
                raise Refused(f"alarms.{name}.metric", alarm.metric, f"of a {kind}: {_listed(metrics)}")
            if metrics[alarm.metric].rises:
                _refuse_periods(f"alarms.{name}", alarm)
        for name, objective in self.objectives.items():
            if kinds.get(objective.block) != "telemetry":
                allowed = f"a telemetry: {_of_kind(kinds, 'telemetry')}"
                raise Refused(f"objectives.{name}.block", objective.block, allowed)
        for name, metric in self.metrics.items():
            for block in metric.blocks:
                if kinds.get(block) != "service":
                    raise Refused(f"metrics.{name}.blocks", block, f"a service: {_of_kind(kinds, 'service')}")
        for name, event in self.events.items():
            able = KINDS_OF_EVENT[event.event]
            if kinds.get(event.block) not in able:
                allowed = f"a {' or '.join(able)}: {_of_kind(kinds, *able)}"
                raise Refused(f"events.{name}.block", event.block, allowed)

    def severities(self, *, checks: bool) -> set[Severity]:
        """The severities of alarms on checks, or of everything else: their topics are in different regions."""
        used: set[Severity] = set()
        for alarm in self.alarms.values():
            if (alarm.check is not None) == checks:
                used |= {severity for severity in (alarm.severity,) if severity is not None}
                used |= {"critical"} if alarm.escalate_minutes else set()
        for composite in self.composites.values():
            if self.on_checks(composite) == checks:
                used.add(composite.severity)
        if checks:
            return used
        burning = {severity for each in self.objectives.values() for severity in (each.fast, each.slow)}
        return used | burning | {each.severity for each in self.events.values()}

    def on_checks(self, composite: CompositeSpec) -> bool:
        """Whether a composite is over checks."""
        return self.alarms[composite.any_of[0]].check is not None


def _of_kind(kinds: Mapping[str, str], *wanted: str) -> str:
    return _listed(block for block, of in kinds.items() if of in wanted)


def _refuse_periods(key: str, alarm: AlarmSpec) -> None:
    """What has to rise anew in each period is looked at over one."""
    whole = alarm.minutes * 60
    if alarm.period != whole:
        raise Refused(
            f"{key}.period", alarm.period, f"{whole}, all its minutes: {alarm.metric} rises once, not in each"
        )
    if alarm.escalate_minutes:
        raise Refused(f"{key}.escalate_minutes", alarm.escalate_minutes, f"null, as {alarm.metric} rises once")


def _metrics_of(kind: str | None) -> Mapping[str, Metric]:
    """What a kind emits; nothing for a kind that is not watched, or for no block."""
    return next((metrics for known, metrics in CATALOGUE.items() if known == kind), {})


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none here"
