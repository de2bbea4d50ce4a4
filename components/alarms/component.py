"""alarms: thresholds on what other blocks emit, whom they wake, and a dashboard of them all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from components.alarms.channels import Contacts, slack, topics
from components.alarms.dashboard import dashboard
from components.alarms.metrics import Query, Reading, readings
from components.alarms.spec import ESCALATED, AlarmSpec, AlarmsSpec, Severity
from components.emitter import Emitter
from components.site import Site, child_options

__all__ = ["Alarms", "AlarmsArgs", "AlarmsSpec"]

CHECKS_REGION = "us-east-1"
"""Route 53 publishes the metrics of its health checks nowhere else (Route 53 developer guide)."""
EVENTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
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
DATABASE_CATEGORIES = ("availability", "failover", "failure", "low storage", "maintenance", "recovery")


@dataclass(frozen=True)
class AlarmsArgs:
    """`emitters` are the blocks by name; `domain` is the stack's, for checks from outside."""

    spec: AlarmsSpec
    site: Site
    account_id: pulumi.Input[str]
    contacts: Contacts
    domain: str
    emitters: Mapping[str, Emitter] = field(default_factory=dict)


class Alarms(pulumi.ComponentResource):
    """Alarms, composites, event rules, metric filters, checks, topics and a dashboard."""

    def __init__(self, name: str, args: AlarmsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:Alarms", name, None, opts)
        spec, site = args.spec, args.site
        spec.check_among({block: emitter.kind for block, emitter in args.emitters.items()})
        self._name, self._args = name, args
        self.namespace = f"{site.prefix}/services"
        near, far = spec.severities(checks=False), spec.severities(checks=True)
        if site.region == CHECKS_REGION:
            self.topics = self.far_topics = self._topics(site.region, near | far)
            told = list(self.topics.items())
        else:
            self.topics = self._topics(site.region, near) if near else {}
            self.far_topics = self._topics(CHECKS_REGION, far) if far else {}
            told = [*self.topics.items(), *self.far_topics.items()]
        slack(self, name, site, topics=told, routes=spec.routes, contacts=args.contacts)
        self._filters()
        self.checks = self._checks()
        self.alarms: dict[str, aws.cloudwatch.MetricAlarm] = {}
        """By full name: an alarm for each replica, and one for each escalation, come beside those of the spec."""
        self._parts: dict[str, list[aws.cloudwatch.MetricAlarm]] = {}
        for alarm_name, alarm in spec.alarms.items():
            self._alarm(alarm_name, alarm)
        self._composites()
        self._events()
        shown = [
            made for alarm_name, parts in self._parts.items() if spec.alarms[alarm_name].check is None for made in parts
        ]
        dashboard(self, name, site, {key: made for key, made in self.alarms.items() if made in shown})
        self.register_outputs({"topics": {severity: topic.arn for severity, topic in self.topics.items()}})

    def _topics(self, region: str, severities: set[Severity]) -> dict[Severity, aws.sns.Topic]:
        args = self._args
        return topics(
            self,
            self._name,
            args.site,
            args.account_id,
            region=region,
            severities=severities,
            routes=args.spec.routes,
            contacts=args.contacts,
        )

    def _filters(self) -> None:
        for metric_name, metric in self._args.spec.metrics.items():
            for block in metric.blocks:
                for host, log_group in sorted(self._args.emitters[block].log_groups.items()):
                    aws.cloudwatch.LogMetricFilter(
                        f"{self._name}-{metric_name}-{block}-on-{host}",
                        region=self._args.site.region,
                        name=f"{self._args.site.prefix}-{metric_name}-{block}-{host}",
                        log_group_name=log_group,
                        pattern=metric.pattern,
                        metric_transformation=aws.cloudwatch.LogMetricFilterMetricTransformationArgs(
                            namespace=self.namespace, name=metric_name, value=metric.value, unit=metric.unit
                        ),
                        opts=child_options(self),
                    )

    def _checks(self) -> dict[str, aws.route53.HealthCheck]:
        site = self._args.site
        return {
            check: aws.route53.HealthCheck(
                f"{self._name}-check-{check}",
                type="HTTPS",
                fqdn=self._args.domain if of.host == "@" else f"{of.host}.{self._args.domain}",
                port=443,
                resource_path=of.path,
                request_interval=of.interval,
                failure_threshold=of.failures,
                enable_sni=True,
                measure_latency=False,
                tags=site.tagged(Name=f"{site.prefix}-{check}"),
                opts=child_options(self),
            )
            for check, of in self._args.spec.checks.items()
        }

    def _readings(self, alarm: AlarmSpec) -> dict[str, Reading]:
        spec = self._args.spec
        if alarm.check is not None:
            metric = aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
                namespace="AWS/Route53",
                metric_name="HealthCheckStatus",
                period=alarm.period,
                stat="Average",
                dimensions={"HealthCheckId": self.checks[alarm.check].id},
            )
            return {
                "": Reading(
                    queries=[
                        Query(id="up", metric=metric, return_data=False),
                        Query(id="value", expression="100 * up", label="uptime", return_data=True),
                    ]
                )
            }
        if alarm.block is None:
            stat = alarm.stat or spec.metrics[alarm.metric].stat
            return {"": Reading(single=(self.namespace, alarm.metric, stat, {}))}
        return readings(self._args.emitters[alarm.block], alarm.metric, alarm.stat, alarm.period)

    def _alarm(self, alarm_name: str, alarm: AlarmSpec) -> None:
        for member, reading in self._readings(alarm).items():
            full = f"{alarm_name}-{member}" if member else alarm_name
            made = self._metric_alarm(full, alarm, reading, alarm.minutes, alarm.severity)
            self._parts.setdefault(alarm_name, []).append(made)
            if alarm.escalate_minutes:
                # CloudWatch knows no acknowledgement: what is still so after so much longer is rung again, louder.
                self._metric_alarm(
                    f"{full}{ESCALATED}", alarm, reading, alarm.minutes + alarm.escalate_minutes, "critical"
                )

    def _metric_alarm(
        self, full: str, alarm: AlarmSpec, reading: Reading, minutes: int, severity: Severity | None
    ) -> aws.cloudwatch.MetricAlarm:
        site, spec = self._args.site, self._args.spec
        far = alarm.check is not None
        told = [] if severity is None else [(self.far_topics if far else self.topics)[severity].arn]
        periods = minutes * 60 // alarm.period
        what: dict[str, Any] = {"metric_queries": reading.queries}
        if reading.single is not None:
            namespace, metric, stat, dimensions = reading.single
            what = {
                "namespace": namespace,
                "metric_name": metric,
                "dimensions": dimensions or None,
                "period": alarm.period,
                "extended_statistic" if stat.startswith("p") else "statistic": stat,
            }
        made = self.alarms[full] = aws.cloudwatch.MetricAlarm(
            f"{self._name}-{full}",
            region=CHECKS_REGION if far else site.region,
            name=f"{site.prefix}-{full}",
            alarm_description=alarm.action or None,
            comparison_operator="GreaterThanThreshold" if alarm.above is not None else "LessThanThreshold",
            threshold=alarm.above if alarm.above is not None else alarm.below,
            evaluation_periods=periods,
            datapoints_to_alarm=periods,
            treat_missing_data=alarm.missing,
            actions_enabled=spec.actions,
            alarm_actions=told,
            ok_actions=told,
            tags=site.tagged(severity=severity or "part"),
            opts=child_options(self),
            **what,
        )
        return made

    def _composites(self) -> None:
        site, spec = self._args.site, self._args.spec
        for composite_name, composite in spec.composites.items():
            far = spec.on_checks(composite)
            parts = [made for part in composite.any_of for made in self._parts.get(part, [])]
            told = [(self.far_topics if far else self.topics)[composite.severity].arn]
            aws.cloudwatch.CompositeAlarm(
                f"{self._name}-{composite_name}",
                region=CHECKS_REGION if far else site.region,
                alarm_name=f"{site.prefix}-{composite_name}",
                alarm_description=composite.action or None,
                alarm_rule=pulumi.Output.all(*(part.name for part in parts)).apply(
                    lambda names: " OR ".join(f'ALARM("{each}")' for each in names)
                ),
                actions_enabled=spec.actions,
                alarm_actions=told,
                ok_actions=told,
                tags=site.tagged(severity=composite.severity),
                # CloudWatch refuses to delete an alarm that a composite names, so the parts come first and go last. A
                # change of `actions` replaces it under its own name: created first, it would be the one then deleted.
                opts=child_options(self, depends_on=[*parts], delete_before_replace=True),
            )

    def _events(self) -> None:
        site = self._args.site
        for event_name, event in self._args.spec.events.items():
            source, types = EVENTS[event.event]
            (dimensions,) = self._args.emitters[event.block].members.values()
            detail: dict[str, object] = (
                {"AutoScalingGroupName": [dimensions["AutoScalingGroupName"]]}
                if event.event == "scaled"
                else {
                    "SourceIdentifier": [dimensions["DBInstanceIdentifier"]],
                    "EventCategories": list(DATABASE_CATEGORIES),
                }
            )
            rule = aws.cloudwatch.EventRule(
                f"{self._name}-on-{event_name}",
                region=site.region,
                description=f"{site.prefix}: {event_name}",
                event_pattern=pulumi.Output.json_dumps(
                    {"source": [source], "detail-type": list(types), "detail": detail}
                ),
                state="ENABLED" if self._args.spec.actions else "DISABLED",
                tags=site.tagged(),
                opts=child_options(self),
            )
            aws.cloudwatch.EventTarget(
                f"{self._name}-on-{event_name}-topic",
                region=site.region,
                rule=rule.name,
                target_id="topic",
                arn=self.topics[event.severity].arn,
                opts=child_options(self),
            )
