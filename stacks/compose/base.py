"""The ground: a network in each region, the ways between them, and the private zones in which roles have names."""

from __future__ import annotations

from components.network import Network, NetworkArgs, NetworkSpec, Peering, PeeringArgs
from components.service.endpoint import Names, NamesArgs
from stacks.compose.context import Context


def networks(context: Context) -> None:
    """The network of each region, peered with the one at home; everything else stands in them."""
    home = context.home
    for block, spec, place in context.placed("network", NetworkSpec):
        away = {other.region: other.cidr for other in context.places.values() if not other.home}
        place.built = Network(
            place.called(block.name),
            NetworkArgs(
                spec=spec,
                site=context.site_of(block, place),
                cidr=place.cidr,
                beside=away if place.home else {home.region: home.cidr},
            ),
        )
        context.networks[place.called(block.name)] = place.built
        if not place.home:
            Peering(
                f"{place.called(block.name)}-peering",
                PeeringArgs(home.network, context.site_of(block), place.network, context.site_of(block, place)),
            )


def names(context: Context) -> None:
    """`<environment>.<system>.internal`, the same in every phase; each region has its own zone of that name, so that a
    role may be something nearer there."""
    domain = domain_of(context)
    for block, _, place in context.placed("network", NetworkSpec):
        # Its zone of names leaves a region with the network that resolves it.
        site = place.site.for_block("names", retiring=place.region in block.retiring_regions)
        place.names = Names(place.called("names"), NamesArgs(site, place.network.vpc_id, domain))


def domain_of(context: Context) -> str:
    """The private zones' domain, known before anything is built."""
    return f"{context.effective.environment}.{context.effective.system}.internal"
