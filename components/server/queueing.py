"""Scaling by how much waits in a queue: two steps, each with an alarm that takes it."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.server.spec import QueueScalingSpec, ServerSpec
from components.site import Site, child_options


def queue_policies(
    parent: pulumi.Resource, name: str, site: Site, *, group: aws.autoscaling.Group, spec: ServerSpec
) -> None:
    """To the most hosts above one mark, to the least below the other; nothing where the spec has no queue.

    A step says an exact number, so that it is right however often its alarm takes it (EC2 Auto Scaling user guide,
    "Step and simple scaling policies").
    """
    if spec.queue is None:
        return
    _step(parent, f"{name}-queue-long", site, group, spec.queue, spec.count.max, above=spec.queue.above)
    _step(parent, f"{name}-queue-short", site, group, spec.queue, spec.count.min, below=spec.queue.below)


def _step(
    parent: pulumi.Resource,
    name: str,
    site: Site,
    group: aws.autoscaling.Group,
    spec: QueueScalingSpec,
    hosts: int,
    *,
    above: float | None = None,
    below: float | None = None,
) -> None:
    # The one step lies beyond the alarm's mark, without an end on that side.
    bound = "metric_interval_lower_bound" if below is None else "metric_interval_upper_bound"
    policy = aws.autoscaling.Policy(
        name,
        region=site.region,
        autoscaling_group_name=group.name,
        policy_type="StepScaling",
        adjustment_type="ExactCapacity",
        metric_aggregation_type="Maximum",
        step_adjustments=[{"scaling_adjustment": hosts, bound: "0"}],
        opts=child_options(parent),
    )
    aws.cloudwatch.MetricAlarm(
        f"{name}-alarm",
        region=site.region,
        name=f"{site.prefix}-{name}",
        alarm_description=f"{spec.metric}: {hosts} hosts",
        namespace=site.log_metrics,
        metric_name=spec.metric,
        statistic="Maximum",
        period=60,
        evaluation_periods=spec.minutes,
        datapoints_to_alarm=spec.minutes,
        comparison_operator="GreaterThanThreshold" if below is None else "LessThanThreshold",
        threshold=above if below is None else below,
        # Silence says nothing of the queue: nobody comes or goes for it.
        treat_missing_data="missing",
        alarm_actions=[policy.arn],
        tags=site.tagged(severity="part"),
        opts=child_options(parent),
    )
