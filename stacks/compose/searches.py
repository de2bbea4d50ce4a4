"""Search domains, and who may reach them."""

from __future__ import annotations

from components.search import Search, SearchArgs, SearchSpec
from stacks.compose.clients import clients_of
from stacks.compose.context import Context


def searches(context: Context) -> None:
    """OpenSearch domains; each takes as many of the three data subnets as it has zones."""
    network = context.network
    for block, spec in context.of_kind("search", SearchSpec):
        context.searches[block.name] = Search(
            block.name,
            SearchArgs(
                spec=spec,
                site=context.site_of(block),
                account_id=network.account_id,
                logs_key_arn=network.logs_key.arn,
                vpc_id=network.vpc_id,
                subnet_ids=network.subnet_ids("data", all_zones=True),
                clients=clients_of(context, block),
            ),
        )
