"""The scaling group: how many hosts, where, how they are replaced, and what makes their number change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import pulumi
import pulumi_aws as aws

from components.site import Site, child_options

OVERLAPPING: Final = (100, 200)
"""Least and most healthy hosts in per cent: a replacement is started before the old host goes, so a lone host leaves no
gap either."""
ALONE: Final = (0, 100)
"""The old host goes before its replacement starts: two would do the same work twice."""

READY_HOOK: Final = "ready"
DRAIN_HOOK: Final = "drain"
"""A lifecycle hook's name is unique within its group."""

READY_SECONDS: Final = 1800
"""How long a new host may take until all its containers serve: images, and databases that arrive in the same apply."""

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
    template: aws.ec2.LaunchTemplate,
    instances: Sequence[str],
    least: int,
    most: int,
    on_demand: tuple[int, int] | None,
    subnet_ids: Sequence[pulumi.Input[str]],
    health: Literal["EC2", "ELB"],
    warmup: int,
    drain: int,
    alone: bool,
    needs: Sequence[pulumi.Resource],
) -> aws.autoscaling.Group:
    """The group under its own name, which outlives every phase, with a mixed-instances policy from the start.

    `on_demand` is the base and the percentage above it that is on demand; None means all of it. `alone`: two hosts may
    never stand at the same time. There is no automatic
    rollback: EC2 Auto Scaling refuses it where the image is a Systems Manager parameter. Nor is one needed: a new host
    that does not come to serve is not let in but abandoned, and the old ones stay.
    """
    base, percent = on_demand or (0, 100)
    healthy_least, healthy_most = ALONE if alone else OVERLAPPING
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
        instance_maintenance_policy={
            "min_healthy_percentage": healthy_least,
            "max_healthy_percentage": healthy_most,
        },
        instance_refresh={
            "strategy": "Rolling",
            "preferences": {
                "min_healthy_percentage": healthy_least,
                "max_healthy_percentage": healthy_most,
                "instance_warmup": str(warmup),
                "scale_in_protected_instances": "Wait",
            },
        },
        termination_policies=["OldestLaunchTemplate", "OldestInstance"],
        metrics_granularity="1Minute",
        enabled_metrics=list[Any](GROUP_METRICS),
        force_delete=False,
        wait_for_capacity_timeout=f"{READY_SECONDS // 60 + 5}m",
        tags=[{"key": key, "value": value, "propagate_at_launch": True} for key, value in sorted(tags.items())],
        opts=child_options(
            parent,
            protect=site.guards_anchor,
            # Scaling owns it: the program's number would throw hosts away under load.
            ignore_changes=["desiredCapacity"],
            depends_on=list(needs),
        ),
    )
    # Hooks come after the group, so its very first hosts are let in at once: there is nobody to take over from, and
    # what they need may not be there yet.
    for hook, transition, otherwise, seconds in (
        (READY_HOOK, "LAUNCHING", "ABANDON", READY_SECONDS),
        (DRAIN_HOOK, "TERMINATING", "CONTINUE", drain),
    ):
        aws.autoscaling.LifecycleHook(
            f"{name}-{hook}",
            region=site.region,
            name=hook,
            autoscaling_group_name=group.name,
            lifecycle_transition=f"autoscaling:EC2_INSTANCE_{transition}",
            default_result=otherwise,
            heartbeat_timeout=seconds,
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
    only_adds: bool,
    requests: int | None,
    targets: Mapping[str, Target],
    attached: Mapping[str, aws.autoscaling.Attachment],
) -> None:
    """Target tracking on CPU, and on requests per host for each service behind a balancer; the largest answer wins.
    `only_adds`: CPU takes no host away.

    A policy may name a target group only once that is `attached` (PredefinedMetricSpecification, EC2 Auto Scaling API
    reference).
    """
    _track(
        parent,
        f"{name}-track-cpu",
        site,
        group,
        {
            "predefined_metric_specification": {"predefined_metric_type": "ASGAverageCPUUtilization"},
            "target_value": cpu,
            **({"disable_scale_in": True} if only_adds else {}),
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
            needs=[attached[service]],
        )


def _track(
    parent: pulumi.Resource,
    name: str,
    site: Site,
    group: aws.autoscaling.Group,
    tracking: Any,
    needs: Sequence[pulumi.Resource] = (),
) -> None:
    aws.autoscaling.Policy(
        name,
        region=site.region,
        autoscaling_group_name=group.name,
        policy_type="TargetTrackingScaling",
        target_tracking_configuration=tracking,
        opts=child_options(parent, depends_on=list(needs)),
    )
