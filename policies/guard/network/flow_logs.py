"""Every network records who talks to whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..resource import Resource
from ..rule import Framework, Rule
from ..stack import Stack

KINDS: Final = ("ALL", "REJECT")


def check(resource: Resource, stack: Stack) -> Iterator[str]:
    """A log of accepted flows alone misses what was tried."""
    found = [each.props.get("trafficType") for each in stack.referring(resource, "vpcId", "aws:ec2/flowLog:FlowLog")]
    if not any(kind in KINDS for kind in found):
        yield f"flow logs: found {', '.join(str(kind) for kind in found) or 'none'}; allowed: {' or '.join(KINDS)}"


RULE = Rule(
    name="network-flow-logs",
    severity="medium",
    description="Every VPC has a flow log of all or of rejected traffic.",
    remedy="Add an `aws.ec2.FlowLog` with the VPC's id and `trafficType: ALL`.",
    types=("aws:ec2/vpc:Vpc",),
    check=check,
    needs_stack=True,
    frameworks=(Framework("AWS FSBP", "", "EC2.6"), Framework("CIS AWS", "3.0.0", "3.7")),
)
