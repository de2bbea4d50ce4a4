"""A network's default security group lets nothing in or out: whoever forgets to name a group gets that one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..reading import items
from ..resource import Resource
from ..rule import Framework, Rule
from ..stack import Stack
from .ingress import INGRESS
from .ingress import RULE as GROUP_RULE

VPC: Final = "aws:ec2/vpc:Vpc"
DEFAULT: Final = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"


def check(resource: Resource, stack: Stack) -> Iterator[str]:
    """AWS makes the group with the network, open within itself; the provider empties it once it is a resource."""
    if resource.type == VPC:
        if not stack.referring(resource, "vpcId", DEFAULT):
            yield "its default security group: found AWS's own rules; allowed: none, by a DefaultSecurityGroup resource"
        return
    for key in ("ingress", "egress"):
        if found := items(resource.props.get(key)):
            yield f"{key}: found {len(found)} rules; allowed: none"
    rules = stack.referring(
        resource, "securityGroupId", GROUP_RULE, INGRESS, "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
    )
    for each in rules:
        yield f"securityGroupId of {each.name}: found this group; allowed: no rule on a default group"


RULE = Rule(
    name="network-default-group-closed",
    severity="high",
    description="Every network's default security group is in the program and has no rules.",
    remedy="Declare a DefaultSecurityGroup for the network, with empty `ingress` and `egress`.",
    types=(VPC, DEFAULT),
    check=check,
    needs_stack=True,
    frameworks=(Framework("AWS FSBP", "", "EC2.2"), Framework("CIS AWS", "3.0.0", "5.4")),
)
