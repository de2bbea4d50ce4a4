"""What security groups let in, however it is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ..reading import items, number, text
from ..resource import Resource
from ..stack import Stack

GROUP: Final = "aws:ec2/securityGroup:SecurityGroup"
RULE: Final = "aws:ec2/securityGroupRule:SecurityGroupRule"
INGRESS: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
LIST: Final = "aws:ec2/managedPrefixList:ManagedPrefixList"
ENTRY: Final = "aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry"


@dataclass(frozen=True)
class Opening:
    """Ports that are open to a range."""

    path: str
    """Where in the resource's properties the range stands."""
    cidr: str
    protocol: str
    first: float | None
    last: float | None

    @property
    def ports(self) -> str:
        """For a message."""
        if self.protocol in ("-1", "all") or self.first is None:
            return "every port"
        return f"port {self.first:g}" if self.first == self.last else f"ports {self.first:g}-{self.last or 0:g}"


def inline(props: Any, path: str) -> Iterator[Opening]:
    """Of a rule that lists its ranges: a member of a group's `ingress`, or a resource of its own."""
    protocol = text(props.get("protocol"))
    ports = number(props.get("fromPort")), number(props.get("toPort"))
    for key in ("cidrBlocks", "ipv6CidrBlocks"):
        for index, cidr in enumerate(items(props.get(key))):
            yield Opening(f"{path}{key}[{index}]", text(cidr), protocol, *ports)


def openings(resource: Resource, stack: Stack) -> Iterator[Opening]:
    """Of a rule that is a resource, those of a prefix list of the same stack among them."""
    props = resource.props
    if resource.type == RULE:
        if props.get("type") != "egress":
            yield from inline(props, "")
        return
    protocol = text(props.get("ipProtocol"))
    ports = number(props.get("fromPort")), number(props.get("toPort"))
    for key in ("cidrIpv4", "cidrIpv6"):
        if cidr := text(props.get(key)):
            yield Opening(key, cidr, protocol, *ports)
    for urn in resource.depends_on.get("prefixListId", ()):
        found = stack.get(urn)
        if found is None or found.type != LIST:
            continue
        for entry in items(found.props.get("entries")):
            yield Opening("prefixListId", text(entry.get("cidr")), protocol, *ports)
        for entry in stack.referring(found, "prefixListId", ENTRY):
            yield Opening("prefixListId", text(entry.props.get("cidr")), protocol, *ports)
