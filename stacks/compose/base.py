"""The ground: the network, and the private zone in which roles have their names."""

from __future__ import annotations

from components.network import Network, NetworkArgs, NetworkSpec
from components.service.endpoint import Names, NamesArgs
from stacks.compose.context import Context


def networks(context: Context) -> None:
    """The network; everything else stands in it."""
    for block, spec in context.of_kind("network", NetworkSpec):
        context.networks[block.name] = Network(
            block.name, NetworkArgs(spec, context.site_of(block), context.effective.cidr)
        )


def names(context: Context) -> None:
    """`<environment>.<system>.internal`, the same in every phase."""
    effective = context.effective
    domain = f"{effective.environment}.{effective.system}.internal"
    site = context.site.for_block("names", retiring=False)
    context.names = Names("names", NamesArgs(site, context.network.vpc_id, domain))
