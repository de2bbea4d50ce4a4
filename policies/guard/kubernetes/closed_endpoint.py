"""The API of an EKS cluster is not open to the world."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network
from typing import Final

from ..reading import at, items, text
from ..resource import Resource
from ..rule import Framework, Rule

WIDEST: Final = {4: 8, 6: 32}
"""Shortest prefix that is still somebody's, by IP version: two halves are the world too."""


def check(resource: Resource) -> Iterator[str]:
    """Both defaults are open: a public endpoint, for 0.0.0.0/0 (EKS API reference, VpcConfigRequest)."""
    if at(resource.props, "vpcConfig", "endpointPublicAccess") is False:
        return
    given = [text(each) for each in items(at(resource.props, "vpcConfig", "publicAccessCidrs"))]
    wide = [cidr for cidr in given if _wide(cidr)] if given else ["0.0.0.0/0"]
    if wide:
        yield (
            f"vpcConfig.publicAccessCidrs: found {', '.join(wide)}; "
            "allowed: the addresses of those who need it, or endpointPublicAccess: false"
        )


def _wide(cidr: str) -> bool:
    try:
        network = ip_network(cidr, strict=False)
    except ValueError:
        return False
    return network.prefixlen < WIDEST[network.version]


RULE = Rule(
    name="kubernetes-closed-endpoint",
    severity="high",
    description="The API endpoint of an EKS cluster is private, or public for stated addresses alone.",
    remedy="Set `vpcConfig.endpointPublicAccess: false` with `endpointPrivateAccess: true`, or narrow "
    "`publicAccessCidrs`.",
    types=("aws:eks/cluster:Cluster",),
    check=check,
    frameworks=(Framework("CIS EKS", "1.4.0", "5.4.1"),),
)
