"""All alarms of one region: what its blocks emit, what their logs say, composites, service levels and events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import pulumi_aws as aws

from components.alarms.alarm import Post, Threshold, composite_alarm, event_rule, metric_alarm
from components.alarms.catalogue import AWAY, CATALOGUE
from components.alarms.metrics import Reading, readable, readings
from components.alarms.objectives import METRIC, burn_alarms
from components.alarms.spec import ESCALATED, AlarmSpec, AlarmsSpec, CompositeSpec, EventSpec, ObjectiveSpec, Severity
from components.emitter import Emitter
from components.site import child_options
from components.spec import Refused

EVENTS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "scaled": (
        "aws.autoscaling",
        (
            "EC2 Instance Launch Successful",
            "EC2 Instance Launch Unsuccessful",
            "EC2 Instance Terminate Successful",
            "EC2 Instance Terminate Unsuccessful",
        ),
    ),
    "database": ("aws.rds", ("RDS DB Instance Event",)),
}
DATABASE_CATEGORIES: Final = ("availability", "failover", "failure", "low storage", "maintenance", "recovery")


@dataclass(frozen=True)
class Here:
    """What of a spec has something to watch in one region. At home that is all but what watches blocks that stand only
    elsewhere; elsewhere what the blocks that stand there emit."""

    spec: AlarmsSpec
    emitters: Mapping[str, Emitter]
    home: bool

    @property
    def alarms(self) -> dict[str, AlarmSpec]:
        """Thresholds, but for those on checks from outside."""
        return {name: each for name, each in self.spec.alarms.items() if each.check is None and self._fed(each)}

    @property
    def composites(self) -> dict[str, CompositeSpec]:
        """Those of which a part is here."""
        here = self.alarms
        return {
            name: each
            for name, each in self.spec.composites.items()
            if not self.spec.on_checks(each) and any(part in here for part in each.any_of)
        }

    @property
    def objectives(self) -> dict[str, ObjectiveSpec]:
        """Service levels whose check runs here."""
        return {
            name: each
            for name, each in self.spec.objectives.items()
            if self.home or (each.block in self.emitters and readable(self.emitters[each.block], METRIC, each.check))
        }

    @property
    def events(self) -> dict[str, EventSpec]:
        """Events of blocks that stand here."""
        return {name: each for name, each in self.spec.events.items() if self._there(each.block)}

    @property
    def severities(self) -> set[Severity]:
        """Which topics are needed here."""
        used = {each.severity for each in self.alarms.values() if each.severity is not None}
        used |= {"critical" for each in self.alarms.values() if each.escalate_minutes}
        used |= {each.severity for each in self.composites.values()} | {each.severity for each in self.events.values()}
        return used | {severity for each in self.objectives.values() for severity in (each.fast, each.slow)}

    def _fed(self, alarm: AlarmSpec) -> bool:
        if self.home:
            return alarm.block is None or (alarm.block in self.emitters and self._at_home(alarm))
        if alarm.block is not None:
            return alarm.block in self.emitters and readable(self.emitters[alarm.block], alarm.metric, alarm.member)
        return any(
            self.emitters[block].log_groups
            for block in self.spec.metrics[alarm.metric].blocks
            if block in self.emitters
        )

    def _there(self, block: str) -> bool:
        return block in self.emitters and not self.emitters[block].silent

    def _at_home(self, alarm: AlarmSpec) -> bool:
        # What only a follower reports is watched where that stands, though the block is here too; and of a block
        # that is kept nothing may follow any more.
        emitter = self.emitters[alarm.block or ""]
        if emitter.silent:
            return False
        follows = CATALOGUE[emitter.kind][alarm.metric].of in (AWAY, "followers")
        return not follows or readable(emitter, alarm.metric)


@dataclass
class Regional:
    """Makes them; `made` are the alarms by full name, `parts` by the name in the spec."""

    post: Post
    here: Here
    namespace: str
    """Of metrics from logs."""
    made: dict[str, aws.cloudwatch.MetricAlarm] = field(default_factory=dict)
    parts: dict[str, list[aws.cloudwatch.MetricAlarm]] = field(default_factory=dict)

    def build(self) -> None:
        """Everything, in the order in which it needs each other."""
        self._filters()
        for name, alarm in self.here.alarms.items():
            self._alarm(name, alarm)
        for name, composite in self.here.composites.items():
            composite_alarm(
                self.post,
                name,
                [made for part in composite.any_of for made in self.parts.get(part, [])],
                between="OR",
                severity=composite.severity,
                action=composite.action,
                where=self.post.where,
            )
        for name, objective in self.here.objectives.items():
            self.made.update(burn_alarms(self.post, name, objective, self.here.emitters[objective.block]))
        for name, event in self.here.events.items():
            event_rule(self.post, name, self._pattern(event), event.severity)

    def _filters(self) -> None:
        post = self.post
        for metric_name, metric in self.here.spec.metrics.items():
            for block in metric.blocks:
                emitter = self.here.emitters.get(block)
                for host, log_group in sorted(emitter.log_groups.items()) if emitter else ():
                    aws.cloudwatch.LogMetricFilter(
                        f"{post.name}-{metric_name}-{block}{f'-on-{host}' if host else ''}{post.where}",
                        region=post.region,
                        name=f"{post.site.prefix}-{metric_name}-{block}{f'-{host}' if host else ''}",
                        log_group_name=log_group,
                        pattern=metric.pattern,
                        metric_transformation=aws.cloudwatch.LogMetricFilterMetricTransformationArgs(
                            namespace=self.namespace, name=metric_name, value=metric.value, unit=metric.unit
                        ),
                        opts=child_options(post.parent),
                    )

    def _readings(self, name: str, alarm: AlarmSpec) -> dict[str, Reading]:
        if alarm.block is None:
            stat = alarm.stat or self.here.spec.metrics[alarm.metric].stat
            return {"": Reading(single=(self.namespace, alarm.metric, stat, {}))}
        try:
            return readings(self.here.emitters[alarm.block], alarm.metric, alarm.stat, alarm.period, alarm.member)
        except Refused as wrong:
            raise Refused(f"alarms.{name}.{wrong.key}", wrong.found, wrong.allowed) from None

    def _alarm(self, name: str, alarm: AlarmSpec) -> None:
        for member, reading in self._readings(name, alarm).items():
            full = f"{name}-{member}" if member else name
            self.parts.setdefault(name, []).append(
                self._metric_alarm(full, alarm, reading, alarm.minutes, alarm.severity)
            )
            if alarm.escalate_minutes:
                # CloudWatch knows no acknowledgement: what is still so after so much longer is rung again, louder.
                longer = alarm.minutes + alarm.escalate_minutes
                self._metric_alarm(f"{full}{ESCALATED}", alarm, reading, longer, "critical")

    def _metric_alarm(
        self, full: str, alarm: AlarmSpec, reading: Reading, minutes: int, severity: Severity | None
    ) -> aws.cloudwatch.MetricAlarm:
        made = metric_alarm(
            self.post,
            full,
            reading,
            threshold(alarm, minutes),
            severity=severity,
            action=alarm.action,
            where=self.post.where,
        )
        self.made[full] = made
        return made

    def _pattern(self, event: EventSpec) -> dict[str, object]:
        source, types = EVENTS[event.event]
        emitter = self.here.emitters[event.block]
        if event.event == "scaled":
            # A server block is one group; a cluster's node groups stand behind it.
            groups = emitter.followers if emitter.kind == "kubernetes" else emitter.members
            detail: dict[str, object] = {
                "AutoScalingGroupName": [dimensions["AutoScalingGroupName"] for dimensions in groups.values()]
            }
        else:
            given = list(emitter.members.values())
            if emitter.kind == "aurora":
                # A cluster tells of failovers, its instances of themselves.
                given, types = [*given, *emitter.followers.values()], (*types, "RDS DB Cluster Event")
            detail = {
                "SourceIdentifier": [each for dimensions in given for each in dimensions.values()],
                "EventCategories": list(DATABASE_CATEGORIES),
            }
        return {"source": [source], "detail-type": list(types), "detail": detail}


def threshold(alarm: AlarmSpec, minutes: int) -> Threshold:
    """An alarm's threshold after so many minutes."""
    above = alarm.above is not None
    limit = alarm.above if alarm.above is not None else alarm.below
    assert limit is not None
    return Threshold(limit, above, alarm.period, minutes * 60 // alarm.period, alarm.missing)
