"""Aurora clusters at home, what they follow so far, and the clusters elsewhere that follow them."""

from __future__ import annotations

import pulumi

from components.aurora import Aurora, AuroraArgs, AuroraFollowers, AuroraFollowersArgs, AuroraSpec
from stacks.compose.clients import clients_of, networks_of
from stacks.compose.context import Context
from stacks.moves import EffectiveBlock, following


def auroras(context: Context) -> None:
    """Clusters in the data subnets of all three zones; a block's own come first, as others follow them."""
    for block, spec, place in context.placed("aurora", AuroraSpec):
        network, site = place.network, context.site_of(block, place)
        subnet_ids = network.subnet_ids("data", all_zones=True)
        if place is context.seat(block.name):
            context.auroras[block.name] = Aurora(
                block.name,
                AuroraArgs(
                    spec=spec,
                    site=site,
                    account_id=network.account_id,
                    logs_key_arn=network.logs_key.arn,
                    vpc_id=network.vpc_id,
                    subnet_ids=subnet_ids,
                    clients=clients_of(context, block),
                    networks=networks_of(context, block),
                    stands=following(block).stands,
                    sources=sources(context, block),
                ),
            )
            continue
        name = context.called(block.name, place)
        context.followers[name] = AuroraFollowers(
            name,
            AuroraFollowersArgs(
                spec=spec,
                home=context.auroras[block.name],
                home_region=context.seat(block.name).region,
                site=site,
                account_id=network.account_id,
                logs_key_arn=network.logs_key.arn,
                vpc_id=network.vpc_id,
                subnet_ids=subnet_ids,
                networks={place.region: place.cidr},
            ),
        )


def sources(context: Context, block: EffectiveBlock) -> dict[str, pulumi.Output[str]]:
    """The instance that each shard follows so far: the one of its name in the block that it takes over."""
    shards = following(block).shards
    if not shards:
        return {}
    assert block.takes_over is not None
    followed = context.postgres[block.takes_over]
    return {shard: followed.shards[shard].primary.arn for shard in sorted(shards)}
