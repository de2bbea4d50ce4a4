"""Search domains at home, domains elsewhere that follow them, and who may reach them."""

from __future__ import annotations

from components.search import Search, SearchArgs, SearchSpec
from stacks.compose.clients import clients_of, networks_elsewhere
from stacks.compose.context import Context


def searches(context: Context) -> None:
    """OpenSearch domains; each takes as many of the three data subnets as it has zones. The one at home is built first,
    as others follow it."""
    for block, spec, place in context.placed("search", SearchSpec):
        network = place.network
        context.searches[place.called(block.name)] = Search(
            place.called(block.name),
            SearchArgs(
                spec=spec,
                site=context.site_of(block, place),
                account_id=network.account_id,
                logs_key_arn=network.logs_key.arn,
                vpc_id=network.vpc_id,
                subnet_ids=network.subnet_ids("data", all_zones=True),
                clients=clients_of(context, block) if place.home else {},
                networks=networks_elsewhere(context) if place.home else {place.region: place.cidr},
                copied_to=sorted(networks_elsewhere(context)) if place.home else (),
                leader=None if place.home else context.searches[block.name].as_leader,
            ),
        )
