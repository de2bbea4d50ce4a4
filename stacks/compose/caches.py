"""Caches and queues, and who may reach them."""

from __future__ import annotations

from components.cache import Cache, CacheArgs, CacheSpec
from stacks.compose.clients import clients_of
from stacks.compose.context import Context


def caches(context: Context) -> None:
    """Replication groups in the data subnets of all three zones."""
    network = context.network
    for block, spec in context.of_kind("cache", CacheSpec):
        context.caches[block.name] = Cache(
            block.name,
            CacheArgs(
                spec=spec,
                site=context.site_of(block),
                account_id=network.account_id,
                logs_key_arn=network.logs_key.arn,
                vpc_id=network.vpc_id,
                subnet_ids=network.subnet_ids("data", all_zones=True),
                clients=clients_of(context, block),
            ),
        )
