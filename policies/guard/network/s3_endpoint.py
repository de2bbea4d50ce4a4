"""A network reaches S3 by an endpoint of its own, not over the internet or a NAT gateway that bills each byte."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..reading import items, text
from ..resource import Resource
from ..rule import Rule
from ..stack import Stack

ENDPOINT: Final = "aws:ec2/vpcEndpoint:VpcEndpoint"
ROUTES: Final = "aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation"


def check(resource: Resource, stack: Stack) -> Iterator[str]:
    """A gateway endpoint costs nothing (VPC user guide, "Gateway endpoints", 2026), and serves the route tables that it
    is in. A network without subnets has nobody to serve."""
    if not stack.referring(resource, "vpcId", "aws:ec2/subnet:Subnet"):
        return
    endpoints = [
        each
        for each in stack.referring(resource, "vpcId", ENDPOINT)
        if text(each.props.get("serviceName")).endswith(".s3")
    ]
    if not endpoints:
        yield "endpoints: found none for S3; allowed: one"
    elif not any(_reached(each, stack) for each in endpoints):
        yield f"routeTableIds of {endpoints[0].name}: found none; allowed: the network's route tables"


def _reached(endpoint: Resource, stack: Stack) -> bool:
    """Without `vpcEndpointType` it is a gateway."""
    if endpoint.props.get("vpcEndpointType") == "Interface":
        return True
    if endpoint.depends_on.get("routeTableIds") or stack.referring(endpoint, "vpcEndpointId", ROUTES):
        return True
    return bool(items(endpoint.props.get("routeTableIds")))


RULE = Rule(
    name="network-s3-endpoint",
    severity="low",
    description="Every VPC with subnets has an endpoint for S3, in its route tables.",
    remedy="Add an `aws.ec2.VpcEndpoint` of type Gateway for `com.amazonaws.<region>.s3` in the route tables.",
    types=("aws:ec2/vpc:Vpc",),
    check=check,
    needs_stack=True,
)
