"""Hosts have no address of the internet, unless it is their only way out and nobody can come in by it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from ..reading import items
from ..resource import Resource
from ..rule import Framework, Rule
from ..stack import Stack
from .ingress import GROUP, INGRESS, inline, openings
from .ingress import RULE as GROUP_RULE
from .ranges import public

SUBNET: Final = "aws:ec2/subnet:Subnet"
NAT: Final = "aws:ec2/natGateway:NatGateway"


def check(resource: Resource, stack: Stack) -> Iterator[str]:
    """Without a NAT gateway in its network a host needs one to reach anything; then its groups must be known, and let
    nothing in from outside."""
    for path in _public(resource):
        reason = _reason(resource, stack)
        if reason:
            yield f"{path}: found true; allowed: false, as {reason}"


def _public(resource: Resource) -> Iterator[str]:
    if resource.type == SUBNET:
        for key in ("mapPublicIpOnLaunch", "assignIpv6AddressOnCreation"):
            if _true(resource.props.get(key)):
                yield key
        return
    if _true(resource.props.get("associatePublicIpAddress")):
        yield "associatePublicIpAddress"
    for index, each in enumerate(items(resource.props.get("networkInterfaces"))):
        if _true(each.get("associatePublicIpAddress")):
            yield f"networkInterfaces[{index}].associatePublicIpAddress"


def _true(value: Any) -> bool:
    """Launch templates take it as text."""
    return value is True or value == "true"


def _reason(resource: Resource, stack: Stack) -> str:
    if resource.type == SUBNET:
        return "each host has to ask for one itself"
    keys = ("networkInterfaces", "vpcSecurityGroupIds", "securityGroups")
    urns = [urn for key in keys for urn in resource.depends_on.get(key, ())]
    groups = [each for urn in urns if (each := stack.get(urn)) is not None and each.type == GROUP]
    networks = {urn for group in groups for urn in group.depends_on.get("vpcId", ())}
    if not groups or not networks:
        return "its security groups are not of this stack"
    for nat in stack.of(NAT):
        subnets = [each for urn in nat.depends_on.get("subnetId", ()) if (each := stack.get(urn)) is not None]
        if any(urn in networks for subnet in subnets for urn in subnet.depends_on.get("vpcId", ())):
            return f"{nat.name} is its network's way out"
    for group in groups:
        inside = [o for i, e in enumerate(items(group.props.get("ingress"))) for o in inline(e, f"ingress[{i}].")]
        beside = [o for e in stack.referring(group, "securityGroupId", GROUP_RULE, INGRESS) for o in openings(e, stack)]
        if any(public(opening.cidr) for opening in (*inside, *beside)):
            return f"{group.name} lets in addresses of the internet"
    return ""


RULE = Rule(
    name="network-no-public-address",
    severity="high",
    description="Instances and launch templates have no public address, but in a network without NAT and behind "
    "security groups that let nothing in from the internet; subnets hand out none.",
    remedy="Put the host into a private subnet with a NAT gateway or endpoints, or close its groups.",
    types=(
        "aws:ec2/instance:Instance",
        "aws:ec2/launchTemplate:LaunchTemplate",
        "aws:ec2/launchConfiguration:LaunchConfiguration",
        SUBNET,
    ),
    check=check,
    needs_stack=True,
    frameworks=(
        Framework("AWS FSBP", "", "EC2.9"),
        Framework("AWS FSBP", "", "EC2.25"),
        Framework("AWS FSBP", "", "EC2.15"),
    ),
)
