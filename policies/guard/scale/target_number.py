"""What Application Auto Scaling sets is not set back by the next apply."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ..reading import text
from ..resource import Resource
from ..rule import Rule
from ..stack import Stack
from .group_number import ignored

TARGET: Final = "aws:appautoscaling/target:Target"

SCALED: Final[Mapping[tuple[str, str], str]] = {
    ("aws:dynamodb/table:Table", "dynamodb:table:ReadCapacityUnits"): "readCapacity",
    ("aws:dynamodb/table:Table", "dynamodb:table:WriteCapacityUnits"): "writeCapacity",
    ("aws:ecs/service:Service", "ecs:service:DesiredCount"): "desiredCount",
    ("aws:elasticache/replicationGroup:ReplicationGroup", "elasticache:replication-group:NodeGroups"): "numNodeGroups",
    (
        "aws:elasticache/replicationGroup:ReplicationGroup",
        "elasticache:replication-group:Replicas",
    ): "replicasPerNodeGroup",
    ("aws:msk/cluster:Cluster", "kafka:broker-storage:VolumeSize"): (
        "brokerNodeGroupInfo.storageInfo.ebsStorageInfo.volumeSize"
    ),
}
"""By type and dimension: the property of it. Aurora's readers and DynamoDB's indexes have none of their own."""


def check(resource: Resource, stack: Stack) -> Iterator[str]:
    """A state does not say which of its numbers were asked for, so this asks of each that is scaled."""
    for target in stack.referring(resource, "resourceId", TARGET):
        path = SCALED.get((resource.type, text(target.props.get("scalableDimension"))))
        if path is not None and not ignored(resource, path):
            yield f"ignoreChanges: found nothing for {path}, which is scaled; allowed: {path}"


RULE = Rule(
    name="scale-target-number",
    severity="medium",
    description="What Application Auto Scaling sets (capacity, tasks, volumes) is ignored by later applies.",
    remedy="Name the property in the resource option `ignoreChanges`.",
    types=tuple(dict.fromkeys(type_ for type_, _ in SCALED)),
    check=check,
    needs_stack=True,
)
