"""Spot capacity can be taken away within two minutes, all of it at once: what serves has some that cannot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..reading import at, number
from ..resource import Resource
from ..rule import Rule
from ..stack import Stack

GROUP: Final = "aws:autoscaling/group:Group"
CLUSTER: Final = "aws:eks/cluster:Cluster"
NODES: Final = "aws:eks/nodeGroup:NodeGroup"
ATTACHMENT: Final = "aws:autoscaling/attachment:Attachment"


def check(resource: Resource, stack: Stack) -> Iterator[str]:
    """A group serves if a balancer knows it. Left out, all above the base is on demand."""
    if not resource.guarded:
        return
    if resource.type == CLUSTER:
        groups = stack.referring(resource, "clusterName", NODES)
        if groups and all(each.props.get("capacityType") == "SPOT" for each in groups):
            yield "nodeGroups.capacityType: found SPOT in all; allowed: ON_DEMAND in one"
        return
    base, above = (
        number(at(resource.props, "mixedInstancesPolicy", "instancesDistribution", key))
        for key in ("onDemandBaseCapacity", "onDemandPercentageAboveBaseCapacity")
    )
    if above == 0 and not base and _serves(resource, stack):
        yield "mixedInstancesPolicy.instancesDistribution: found spot alone; allowed: onDemandBaseCapacity of 1 or more"


def _serves(group: Resource, stack: Stack) -> bool:
    # A state names target groups whoever attached them; where they come from is what this program says.
    stated = any(group.depends_on.get(key) for key in ("targetGroupArns", "trafficSources", "loadBalancers"))
    return stated or bool(stack.referring(group, "autoscalingGroupName", ATTACHMENT))


RULE = Rule(
    name="scale-not-spot-alone",
    severity="medium",
    description="In staging and prod, what serves requests has some capacity that is not spot.",
    remedy="Set `onDemandBaseCapacity` to 1 or more, or add a node group with `capacityType: ON_DEMAND`.",
    types=(GROUP, CLUSTER),
    check=check,
    needs_stack=True,
)
