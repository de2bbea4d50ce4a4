"""The address plan: which subnet has which addresses, as a pure function of the VPC's CIDR.

A deployed subnet can never change its addresses, so the plan is computed once for six zone slots and three tiers, of
which three slots are built. A fourth zone, or a fourth tier, takes free slots and moves nothing.

    eighths 0–5   app     one a slot: half of the six zones' addresses and more, since pods take one address each
    eighth 6      data    cut into eighths, one a slot; two stay free for a later tier
    eighth 7      public  cut into eighths, one a slot; two stay free for a later tier

For a /16: app /19 (8,187 usable addresses), data and public /22 (1,019).
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Final

SLOTS: Final = 6
"""Zone slots in the plan; no AWS region has more zones than six (us-east-1)."""

LONGEST_PREFIX: Final = 20
"""In a smaller VPC the public subnets would be below the /27 with eight free addresses that a balancer needs once a NAT
gateway and its neighbours live there too."""

TIERS: Final = ("public", "app", "data")

PRIVATE_RANGES: Final = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")))


@dataclass(frozen=True)
class AddressPlan:
    """Subnet CIDRs by tier and zone slot (0–5), and what is kept free."""

    public: tuple[str, ...]
    app: tuple[str, ...]
    data: tuple[str, ...]
    free: tuple[str, ...]

    def of(self, tier: str) -> tuple[str, ...]:
        """The CIDRs of one tier, by slot."""
        return {"public": self.public, "app": self.app, "data": self.data}[tier]


def address_plan(cidr: str) -> AddressPlan:
    """The plan of a private /16 to /20; `ValueError` says what is wrong with any other CIDR."""
    network = _checked(cidr)
    eighths = list(network.subnets(prefixlen_diff=3))
    data, public = (list(eighth.subnets(prefixlen_diff=3)) for eighth in eighths[SLOTS:])
    return AddressPlan(
        public=tuple(map(str, public[:SLOTS])),
        app=tuple(map(str, eighths[:SLOTS])),
        data=tuple(map(str, data[:SLOTS])),
        free=tuple(map(str, data[SLOTS:] + public[SLOTS:])),
    )


def _checked(cidr: str) -> IPv4Network:
    try:
        network = IPv4Network(cidr)
    except ValueError as error:
        raise ValueError(f"{cidr!r} is no IPv4 CIDR: {error}") from None
    if not 16 <= network.prefixlen <= LONGEST_PREFIX:
        raise ValueError(f"{cidr} has prefix /{network.prefixlen}; allowed are /16 to /{LONGEST_PREFIX}")
    if not any(network.subnet_of(private) for private in PRIVATE_RANGES):
        raise ValueError(f"{cidr} is not private; allowed are {', '.join(map(str, PRIVATE_RANGES))}")
    return network
