"""Address ranges: which of them are the whole internet."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final

WIDE: Final = {4: 8, 6: 16}
"""By version of IP, the prefix from which on a range may be somebody's: nobody has more than a /8, or a /16. Anything
wider, also a half such as 0.0.0.0/1, is the world cut into pieces."""


def world(cidr: str) -> bool:
    """Whether a range is all of the internet or a large piece of it; networks of one's own (10.0.0.0/8, fc00::/7) are
    not."""
    try:
        network = ip_network(cidr, strict=False)
    except ValueError:
        return False
    return network.prefixlen < WIDE[network.version] and not _own(network)


def public(cidr: str) -> bool:
    """Whether a range has addresses of the internet."""
    try:
        network = ip_network(cidr, strict=False)
    except ValueError:
        return False
    return not _own(network)


OWN: Final = tuple(
    ip_network(each) for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
)
"""RFC 1918, RFC 6598 and RFC 4193."""


def _own(network: IPv4Network | IPv6Network) -> bool:
    return any(
        network.version == own.version
        and network.prefixlen >= own.prefixlen
        and own.network_address <= network.network_address <= own.broadcast_address  # type: ignore[operator]
        for own in OWN
    )
