"""A number that an autoscaler sets is not set back by the next apply."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ..reading import at, number, text
from ..resource import Resource
from ..rule import Rule
from ..stack import Stack

GROUP: Final = "aws:autoscaling/group:Group"
NODES: Final = "aws:eks/nodeGroup:NodeGroup"
GROUP_POLICY: Final = "aws:autoscaling/policy:Policy"
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
"""By type and the dimension of Application Auto Scaling: which property of it that is. Aurora's readers and DynamoDB's
indexes are none."""


def check(resource: Resource, stack: Stack) -> Iterator[str]:
    """What the program does not state, no apply sets: states hold it all the same, so the stated inputs are known by
    the properties whose origin is."""
    for path in _scaled(resource, stack):
        stated = path.split(".", 1)[0] in resource.depends_on
        if stated and not any(path == each or path.startswith(f"{each}.") for each in resource.ignore_changes):
            yield f"ignoreChanges: found none for {path}, which is scaled; allowed: {path} left to what scales it"


def _scaled(resource: Resource, stack: Stack) -> Iterator[str]:
    if resource.type == GROUP:
        if stack.referring(resource, "autoscalingGroupName", GROUP_POLICY):
            yield "desiredCapacity"
        return
    if resource.type == NODES:
        least, most = (number(at(resource.props, "scalingConfig", key)) for key in ("minSize", "maxSize"))
        if least is not None and most is not None and least < most:
            yield "scalingConfig.desiredSize"
        return
    for target in stack.referring(resource, "resourceId", TARGET):
        path = SCALED.get((resource.type, text(target.props.get("scalableDimension"))))
        if path is not None:
            yield path


RULE = Rule(
    name="scale-autoscaled-number",
    severity="medium",
    description="What an autoscaler sets (capacity, nodes, volumes) is ignored by later applies.",
    remedy="Name the property in the resource option `ignoreChanges`, or leave it out.",
    types=(GROUP, NODES, *dict.fromkeys(type_ for type_, _ in SCALED)),
    check=check,
    needs_stack=True,
)
