"""Aurora clusters at home, what they follow so far, and the clusters elsewhere that follow them."""

from __future__ import annotations

import pulumi

from components.aurora import Aurora, AuroraArgs, AuroraFollowers, AuroraFollowersArgs, AuroraSpec
from stacks.compose.context import Context
from stacks.compose.databases import surroundings
from stacks.moves import EffectiveBlock, following, predecessor


def auroras(context: Context) -> None:
    """Clusters in the data subnets of all three zones; a block's own come first, as others follow them."""
    for block, spec, place in context.placed("aurora", AuroraSpec):
        site, around = context.site_of(block, place), surroundings(context, block, place)
        if place is context.seat(block.name):
            context.auroras[block.name] = Aurora(
                block.name,
                AuroraArgs(
                    spec=spec,
                    site=site,
                    around=around,
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
                around=around,
            ),
        )


def sources(context: Context, block: EffectiveBlock) -> dict[str, pulumi.Output[str]]:
    """The instance that each shard follows so far: the one of its name in the block that it takes over."""
    shards = following(block).shards
    if not shards:
        return {}
    before = predecessor(block, context.effective.blocks)
    assert before is not None
    followed = context.postgres[before.name]
    return {shard: followed.shards[shard].primary.arn for shard in sorted(shards)}
