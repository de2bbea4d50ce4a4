"""One alarm, composite or event rule, in one region, as whatever asks for it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.alarms.metrics import Reading
from components.alarms.spec import Severity
from components.site import Site, child_options


@dataclass(frozen=True)
class Post:
    """A region's end of the alarms: alarms read metrics, and tell topics, of their own region alone."""

    parent: pulumi.Resource
    name: str
    """Of the alarms component, which starts every logical name."""
    site: Site
    region: str
    topics: Mapping[Severity, aws.sns.Topic]
    rings: bool
    """Whether anybody is told."""

    @property
    def where(self) -> str:
        """What names end in here: nothing at home."""
        return "" if self.region == self.site.region else f"-{self.region}"

    def told(self, severity: Severity | None) -> list[pulumi.Output[str]]:
        """The topic of a severity; none for a part of a composite."""
        return [] if severity is None else [self.topics[severity].arn]


@dataclass(frozen=True)
class Threshold:
    """When an alarm is on: beyond `limit`, on the side `above`, in `periods` periods in a row."""

    limit: float
    above: bool
    period: int
    """Seconds."""
    periods: int
    missing: str = "notBreaching"


def metric_alarm(
    post: Post, full: str, reading: Reading, at: Threshold, *, severity: Severity | None, action: str, where: str
) -> aws.cloudwatch.MetricAlarm:
    """An alarm; `where` ends its name."""
    what: dict[str, Any] = {"metric_queries": reading.queries}
    if reading.single is not None:
        namespace, metric, stat, dimensions = reading.single
        what = {
            "namespace": namespace,
            "metric_name": metric,
            "dimensions": dimensions or None,
            "period": at.period,
            "extended_statistic" if stat.startswith("p") else "statistic": stat,
        }
    told = post.told(severity)
    return aws.cloudwatch.MetricAlarm(
        f"{post.name}-{full}{where}",
        region=post.region,
        name=f"{post.site.prefix}-{full}{where}",
        alarm_description=action or None,
        comparison_operator="GreaterThanThreshold" if at.above else "LessThanThreshold",
        threshold=at.limit,
        evaluation_periods=at.periods,
        datapoints_to_alarm=at.periods,
        treat_missing_data=at.missing,
        actions_enabled=post.rings,
        alarm_actions=told,
        ok_actions=told,
        tags=post.site.tagged(severity=severity or "part"),
        opts=child_options(post.parent),
        **what,
    )


def composite_alarm(
    post: Post,
    full: str,
    parts: Sequence[aws.cloudwatch.MetricAlarm],
    *,
    between: str,
    severity: Severity,
    action: str,
    where: str,
) -> aws.cloudwatch.CompositeAlarm:
    """On where any (`OR`) or all (`AND`) of its parts are."""
    told = post.told(severity)
    return aws.cloudwatch.CompositeAlarm(
        f"{post.name}-{full}{where}",
        region=post.region,
        alarm_name=f"{post.site.prefix}-{full}{where}",
        alarm_description=action or None,
        alarm_rule=pulumi.Output.all(*(part.name for part in parts)).apply(
            lambda names: f" {between} ".join(f'ALARM("{each}")' for each in names)
        ),
        actions_enabled=post.rings,
        alarm_actions=told,
        ok_actions=told,
        tags=post.site.tagged(severity=severity),
        # CloudWatch refuses to delete an alarm that a composite names, so the parts come first and go last. A
        # change of `actions` replaces it under its own name: created first, it would be the one then deleted.
        opts=child_options(post.parent, depends_on=[*parts], delete_before_replace=True),
    )


def event_rule(post: Post, full: str, pattern: Mapping[str, object], severity: Severity) -> None:
    """Tells a severity's topic of each event that fits."""
    rule = aws.cloudwatch.EventRule(
        f"{post.name}-on-{full}{post.where}",
        region=post.region,
        description=f"{post.site.prefix}: {full}",
        event_pattern=pulumi.Output.json_dumps(pattern),
        state="ENABLED" if post.rings else "DISABLED",
        tags=post.site.tagged(),
        opts=child_options(post.parent),
    )
    aws.cloudwatch.EventTarget(
        f"{post.name}-on-{full}{post.where}-topic",
        region=post.region,
        rule=rule.name,
        target_id="topic",
        arn=post.topics[severity].arn,
        opts=child_options(post.parent),
    )
