"""No security group is open to the world, but a balancer's on the ports of the web."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..patience import over
from ..resource import Resource
from ..rule import Framework, Rule
from ..stack import Stack
from .ingress import GROUP, INGRESS, Opening, inline, openings
from .ingress import RULE as GROUP_RULE
from .ranges import world

ENTRANCES: Final = (
    "aws:lb/loadBalancer:LoadBalancer",
    "aws:alb/loadBalancer:LoadBalancer",
    "aws:elb/loadBalancer:LoadBalancer",
)
MEMBERSHIP: Final = (
    "securityGroups",
    "securityGroupIds",
    "vpcSecurityGroupIds",
    "networkInterfaces",
    "networkConfiguration",
    "vpcConfig",
    "vpcOptions",
    "brokerNodeGroupInfo",
)
"""The properties by which a resource stands behind a group."""
WEB: Final = (80.0, 443.0)


def check(resource: Resource, stack: Stack) -> Iterator[str]:
    """A group is a balancer's when balancers stand behind it and nothing else does."""
    if resource.type == GROUP:
        own = _balancers(resource, stack)
        ingress = resource.props.get("ingress")
        yield from over(ingress, lambda index, entry: _said(inline(entry, f"ingress[{index}]."), own))
    else:
        group = next((stack.get(urn) for urn in resource.depends_on.get("securityGroupId", ())), None)
        yield from _said(openings(resource, stack), group is not None and _balancers(group, stack))


def _said(found: Iterator[Opening], balancers: bool) -> Iterator[str]:
    for opening in found:
        web = opening.protocol in ("tcp", "6", "udp", "17") and opening.first == opening.last and opening.first in WEB
        if world(opening.cidr) and not (balancers and web):
            allowed = "80 and 443" if balancers else "a narrower range, as the group is no balancer's"
            yield f"{opening.path}: found {opening.cidr} on {opening.ports}; allowed: {allowed}"


def _balancers(group: Resource, stack: Stack) -> bool:
    users = stack.users(group, *MEMBERSHIP)
    return bool(users) and all(each.type in ENTRANCES for each in users)


RULE = Rule(
    name="network-no-open-ingress",
    severity="critical",
    description="No security group lets in the world (0.0.0.0/0, ::/0, 0.0.0.0/1 …), but one behind which nothing but "
    "balancers stand, on 80 and 443.",
    remedy="Name who may come: another security group, a prefix list of the CDN's ranges, the network's own range.",
    types=(GROUP, GROUP_RULE, INGRESS),
    check=check,
    needs_stack=True,
    frameworks=(
        Framework("AWS FSBP", "", "EC2.18"),
        Framework("AWS FSBP", "", "EC2.19"),
        Framework("CIS AWS", "3.0.0", "5.2"),
        Framework("CIS AWS", "3.0.0", "5.3"),
    ),
)
