"""Caches and queues at home, groups elsewhere that follow them, and who may reach them."""

from __future__ import annotations

from components.cache import Cache, CacheArgs, CacheSpec
from stacks.compose.clients import clients_of, networks_elsewhere
from stacks.compose.context import Context


def caches(context: Context) -> None:
    """Replication groups in the data subnets of all three zones; the one at home comes first, as others follow it."""
    for block, spec, place in context.placed("cache", CacheSpec):
        network = place.network
        context.caches[place.called(block.name)] = Cache(
            place.called(block.name),
            CacheArgs(
                spec=spec,
                site=context.site_of(block, place),
                account_id=network.account_id,
                logs_key_arn=network.logs_key.arn,
                vpc_id=network.vpc_id,
                subnet_ids=network.subnet_ids("data", all_zones=True),
                clients=clients_of(context, block) if place.home else {},
                networks=networks_elsewhere(context) if place.home else {place.region: place.cidr},
                copied_to=sorted(networks_elsewhere(context)) if place.home else (),
                leader=None if place.home else context.caches[block.name].leader,
            ),
        )
