"""The ground: the network, and the private zone in which roles have their names."""

from __future__ import annotations

from components.network import Network, NetworkArgs, NetworkSpec
from components.service_endpoint import Names, NamesArgs
from stacks.compose.context import Context
from stacks.models import BadInput


def networks(context: Context) -> None:
    """Exactly one network; everything else stands in it."""
    found = list(context.of_kind("network", NetworkSpec))
    if len(found) != 1:
        names = ", ".join(block.name for block, _ in found) or "none"
        raise BadInput(
            f"stacks/blueprints/{context.effective.system}.yaml",
            f"phases.{context.effective.phase}.blocks",
            f"networks: {names}",
            "exactly one block of kind network",
        )
    for block, spec in found:
        context.networks[block.name] = Network(
            block.name, NetworkArgs(spec, context.site_of(block), context.effective.cidr)
        )


def names(context: Context) -> None:
    """`<environment>.<system>.internal`, the same in every phase."""
    effective = context.effective
    domain = f"{effective.environment}.{effective.system}.internal"
    site = context.site.for_block("names", retiring=False)
    context.names = Names("names", NamesArgs(site, context.network.vpc_id, domain))
