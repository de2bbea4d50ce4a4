"""What scales a provisioned table and its indexes: a target and a policy for reads, and for writes, of each."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.site import Site, child_options
from components.table.spec import CapacitySpec

SIDES = {"read": "Read", "write": "Write"}


def scale(
    parent: pulumi.Resource,
    name: str,
    site: Site,
    table: aws.dynamodb.Table,
    spec: CapacitySpec,
    indexes: Sequence[str],
) -> None:
    """Names and dimensions: Application Auto Scaling user guide, "Amazon DynamoDB and Application Auto Scaling"."""
    whole = pulumi.Output.concat("table/", table.name)
    of = {"": (whole, "table")}
    of |= {f"-{index}": (pulumi.Output.concat(whole, "/index/", index), "index") for index in indexes}
    for what, (resource_id, kind) in of.items():
        for side, word in SIDES.items():
            target = aws.appautoscaling.Target(
                f"{name}{what}-{side}s",
                region=site.region,
                service_namespace="dynamodb",
                resource_id=resource_id,
                scalable_dimension=f"dynamodb:{kind}:{word}CapacityUnits",
                min_capacity=spec.min,
                max_capacity=spec.max,
                tags=site.tagged(),
                opts=child_options(parent),
            )
            aws.appautoscaling.Policy(
                f"{name}{what}-{side}s-follow",
                region=site.region,
                policy_type="TargetTrackingScaling",
                service_namespace=target.service_namespace,
                resource_id=target.resource_id,
                scalable_dimension=target.scalable_dimension,
                target_tracking_scaling_policy_configuration={
                    "predefined_metric_specification": {"predefined_metric_type": f"DynamoDB{word}CapacityUtilization"},
                    "target_value": spec.target,
                },
                opts=child_options(parent),
            )
