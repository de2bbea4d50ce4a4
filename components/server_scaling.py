"""The scaling group: how many hosts, where, how they are replaced, and what makes their number change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import pulumi
import pulumi_aws as aws

from components.site import Site, child_options

MIN_HEALTHY: Final = 100
MAX_HEALTHY: Final = 200
"""A replacement is started before the old host goes, so a lone host leaves no gap either."""

GROUP_METRICS: Final = (
    "GroupDesiredCapacity",
    "GroupInServiceInstances",
    "GroupMaxSize",
    "GroupMinSize",
    "GroupPendingInstances",
    "GroupTerminatingInstances",
    "GroupTotalInstances",
)


@dataclass(frozen=True)
class Target:
    """A balancer's target group as the hosts behind it see it."""

    arn: pulumi.Input[str]
    port: int
    security_group_id: pulumi.Input[str]
    """The balancer's."""
    label: pulumi.Input[str]
    """`<balancer suffix>/<target group suffix>`, by which request-count scaling names it."""


def scaling_group(
    parent: pulumi.Resource,
    name: str,
    site: Site,
    *,
    group_name: str,
    hook_name: str,
    template: aws.ec2.LaunchTemplate,
    instances: Sequence[str],
    least: int,
    most: int,
    on_demand: tuple[int, int] | None,
    subnet_ids: Sequence[pulumi.Input[str]],
    health: Literal["EC2", "ELB"],
    warmup: int,
    drain: int,
    needs: Sequence[pulumi.Resource],
) -> aws.autoscaling.Group:
    """The group under its own name, which outlives every phase, with a mixed-instances policy from the start.

    `on_demand` is the base and the percentage above it that is on demand; None means all of it. There is no automatic
    rollback: EC2 Auto Scaling refuses it where the image is a Systems Manager parameter.
    """
    base, percent = on_demand or (0, 100)
    tags = site.tagged(Name=f"{site.prefix}-{name}")
    group = aws.autoscaling.Group(
        f"{name}-group",
        region=site.region,
        name=group_name,
        min_size=least,
        max_size=most,
        desired_capacity=least,
        vpc_zone_identifiers=subnet_ids,
        mixed_instances_policy={
            "instances_distribution": {
                "on_demand_allocation_strategy": "prioritized",
                "on_demand_base_capacity": base,
                "on_demand_percentage_above_base_capacity": percent,
                "spot_allocation_strategy": "price-capacity-optimized",
            },
            "launch_template": {
                "launch_template_specification": {
                    "launch_template_id": template.id,
                    "version": template.latest_version.apply(str),
                },
                "overrides": [{"instance_type": kind} for kind in instances],
            },
        },
        capacity_rebalance=on_demand is not None,
        health_check_type=health,
        health_check_grace_period=warmup,
        default_instance_warmup=warmup,
        instance_maintenance_policy={"min_healthy_percentage": MIN_HEALTHY, "max_healthy_percentage": MAX_HEALTHY},
        instance_refresh={
            "strategy": "Rolling",
            "preferences": {
                "min_healthy_percentage": MIN_HEALTHY,
                "max_healthy_percentage": MAX_HEALTHY,
                "instance_warmup": str(warmup),
                "scale_in_protected_instances": "Wait",
            },
        },
        initial_lifecycle_hooks=[],
        termination_policies=["OldestLaunchTemplate", "OldestInstance"],
        metrics_granularity="1Minute",
        enabled_metrics=list[Any](GROUP_METRICS),
        force_delete=False,
        wait_for_capacity_timeout="10m",
        tags=[{"key": key, "value": value, "propagate_at_launch": True} for key, value in sorted(tags.items())],
        opts=child_options(
            parent,
            protect=site.guards_anchor,
            # Scaling owns it: the program's number would throw hosts away under load.
            ignore_changes=["desiredCapacity"],
            depends_on=list(needs),
        ),
    )
    aws.autoscaling.LifecycleHook(
        f"{name}-drain",
        region=site.region,
        name=hook_name,
        autoscaling_group_name=group.name,
        lifecycle_transition="autoscaling:EC2_INSTANCE_TERMINATING",
        default_result="CONTINUE",
        heartbeat_timeout=drain,
        opts=child_options(parent),
    )
    return group


def scaling_policies(
    parent: pulumi.Resource,
    name: str,
    site: Site,
    *,
    group: aws.autoscaling.Group,
    cpu: int,
    requests: int | None,
    targets: Mapping[str, Target],
) -> None:
    """Target tracking on CPU, and on requests per host for each service behind a balancer; the largest answer wins."""
    _track(
        parent,
        f"{name}-track-cpu",
        site,
        group,
        {
            "predefined_metric_specification": {"predefined_metric_type": "ASGAverageCPUUtilization"},
            "target_value": cpu,
        },
    )
    for service, target in sorted(targets.items()) if requests else ():
        _track(
            parent,
            f"{name}-track-requests-{service}",
            site,
            group,
            {
                "predefined_metric_specification": {
                    "predefined_metric_type": "ALBRequestCountPerTarget",
                    "resource_label": target.label,
                },
                "target_value": requests,
            },
        )


def _track(parent: pulumi.Resource, name: str, site: Site, group: aws.autoscaling.Group, tracking: Any) -> None:
    aws.autoscaling.Policy(
        name,
        region=site.region,
        autoscaling_group_name=group.name,
        policy_type="TargetTrackingScaling",
        target_tracking_configuration=tracking,
        opts=child_options(parent),
    )
