"""alarms: thresholds on what other blocks emit, whom they wake, and a dashboard of them all."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import pulumi
import pulumi_aws as aws

from components.alarms.alarm import Post, composite_alarm, metric_alarm
from components.alarms.channels import Contacts, slack, topics
from components.alarms.dashboard import Shown, dashboard
from components.alarms.metrics import Query, Reading
from components.alarms.objectives import level_widget
from components.alarms.regional import Here, Regional, threshold
from components.alarms.spec import ESCALATED, AlarmSpec, AlarmsSpec, Severity
from components.emitter import Emitter
from components.site import Site, child_options

__all__ = ["Alarms", "AlarmsArgs", "AlarmsSpec"]

CHECKS_REGION = "us-east-1"
"""Route 53 publishes the metrics of its health checks nowhere else (Route 53 developer guide)."""


@dataclass(frozen=True)
class AlarmsArgs:
    """`emitters` are the blocks at home by name; `domain` is the stack's, for checks from outside."""

    spec: AlarmsSpec
    site: Site
    account_id: pulumi.Input[str]
    contacts: Contacts
    domain: str
    emitters: Mapping[str, Emitter] = field(default_factory=dict)
    elsewhere: Mapping[str, Mapping[str, Emitter]] = field(default_factory=dict)
    """By other region, the blocks that stand there, too or instead, by name: the same thresholds, in that region."""
    leaving: Collection[str] = ()
    """Regions that are being retired, where nothing is protected any more."""


class Alarms(pulumi.ComponentResource):
    """Alarms, composites, event rules, metric filters, checks, topics and a dashboard."""

    alarms: dict[str, aws.cloudwatch.MetricAlarm]
    """By full name: an alarm for each replica, one for each escalation and one for each region, beside the spec's."""

    def __init__(self, name: str, args: AlarmsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:Alarms", name, None, opts)
        spec, site = args.spec, args.site
        everywhere = [args.emitters, *args.elsewhere.values()]
        spec.check_among({block: emitter.kind for emitters in everywhere for block, emitter in emitters.items()})
        self._name, self._args = name, args
        places = {site.region: args.emitters, **args.elsewhere}
        here = {region: Here(spec, emitters, region == site.region) for region, emitters in places.items()}
        needed = {region: given.severities for region, given in here.items()}
        needed[CHECKS_REGION] = needed.get(CHECKS_REGION, set()) | spec.severities(checks=True)
        posts = {
            region: Post(self, name, site, region, self._topics(region, severities), spec.actions)
            for region, severities in needed.items()
            if severities or region in here
        }
        told = [pair for post in posts.values() for pair in post.topics.items()]
        slack(self, name, site, topics=told, routes=spec.routes, contacts=args.contacts)
        self.topics = posts[site.region].topics
        self.checks = self._checks()
        self.alarms = {}
        shown: list[Shown] = []
        for region, given in here.items():
            made = Regional(posts[region], given, site.log_metrics)
            made.build()
            where = posts[region].where
            self.alarms |= {f"{full}{where}": alarm for full, alarm in made.made.items()}
            shown += [Shown(f"{full}{where}", region, alarm) for full, alarm in made.made.items()]
        if CHECKS_REGION in posts:
            self._on_checks(posts[CHECKS_REGION])
        levels = [
            level_widget(region, objective, given.emitters[each.block].followers[each.check], each.target)
            for region, given in here.items()
            for objective, each in given.objectives.items()
        ]
        dashboard(self, name, site, shown, levels)
        self.register_outputs({"topics": {severity: topic.arn for severity, topic in self.topics.items()}})

    def _topics(self, region: str, severities: set[Severity]) -> dict[Severity, aws.sns.Topic]:
        args = self._args
        if not severities:
            return {}
        return topics(
            self,
            self._name,
            replace(args.site, retiring=True) if region in args.leaving else args.site,
            args.account_id,
            region=region,
            severities=severities,
            routes=args.spec.routes,
            contacts=args.contacts,
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

    def _on_checks(self, post: Post) -> None:
        """Alarms on checks from outside, where their metrics are; their names carry no region."""
        spec = self._args.spec
        parts: dict[str, aws.cloudwatch.MetricAlarm] = {}
        for name, alarm in spec.alarms.items():
            if alarm.check is None:
                continue
            reading = self._uptime(alarm.check, alarm)
            parts[name] = self.alarms[name] = metric_alarm(
                post,
                name,
                reading,
                threshold(alarm, alarm.minutes),
                severity=alarm.severity,
                action=alarm.action,
                where="",
            )
            if alarm.escalate_minutes:
                full = f"{name}{ESCALATED}"
                later = threshold(alarm, alarm.minutes + alarm.escalate_minutes)
                self.alarms[full] = metric_alarm(
                    post, full, reading, later, severity="critical", action=alarm.action, where=""
                )
        for name, composite in spec.composites.items():
            if spec.on_checks(composite):
                composite_alarm(
                    post,
                    name,
                    [parts[part] for part in composite.any_of],
                    between="OR",
                    severity=composite.severity,
                    action=composite.action,
                    where="",
                )

    def _uptime(self, check: str, alarm: AlarmSpec) -> Reading:
        metric = aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
            namespace="AWS/Route53",
            metric_name="HealthCheckStatus",
            period=alarm.period,
            stat="Average",
            dimensions={"HealthCheckId": self.checks[check].id},
        )
        return Reading(
            queries=[
                Query(id="up", metric=metric, return_data=False),
                Query(id="value", expression="100 * up", label="uptime", return_data=True),
            ]
        )
