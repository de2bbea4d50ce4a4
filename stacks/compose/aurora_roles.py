"""A database's role where Aurora fills it: the names, variables and map are those that its predecessor had."""

from __future__ import annotations

from collections.abc import Mapping

from components.aurora import AuroraSpec
from components.service.endpoint import Consumer, EndpointArgs, Reader, Shard
from components.site import Site
from stacks.compose.context import Context
from stacks.compose.database_roles import login_in, of_shards, shards_of_postgres
from stacks.compose.places import Place
from stacks.moves import predecessor


def of_aurora(
    context: Context, block: str, site: Site, place: Place, consumers: Mapping[str, Consumer]
) -> EndpointArgs | None:
    """Elsewhere than where the block stands, writers are led there and readers to the cluster beside them. None until
    the clusters stand."""
    fills, spec = context.auroras[block], context.effective.blocks[block].spec
    assert isinstance(spec, AuroraSpec)
    if not fills.shards:
        return None
    shards = {shard: _shard(context, block, shard, place) for shard in fills.shards}
    near = context.followers.get(context.called(block, place))
    # The names in certificates differ, and a reader elsewhere may hand writes on.
    more = {"READ_TLS_NAME": (near or fills).reader_addresses[spec.first]}
    if near is not None:
        more["READ_FORWARDS"] = "true" if near.forwards else "false"
    return of_shards(shards, spec, fills.port, site, place, consumers, more)


def _shard(context: Context, block: str, shard: str, place: Place) -> Shard:
    fills = context.auroras[block]
    home = fills.reader_addresses[shard]
    # The reading name's records are called as on an instance, so that they turn to the cluster by an update. The
    # cluster's own reading name knows its readers, and answers with the writer where it has none.
    readers = {"primary": Reader(home, 1)}
    near = context.followers.get(context.called(block, place)) if place is not context.seat(block) else None
    if near is not None:
        readers = {"primary": Reader(home, 0), "near": Reader(near.reader_addresses[shard], 1)}
    login = login_in(context, block, place, fills.shards[shard].secret.arn, fills.key.arn)
    return Shard(fills.addresses[shard], login, {**_left(context, block, shard, place), **readers})


def _left(context: Context, block: str, shard: str, place: Place) -> dict[str, Reader]:
    """The readers of what the block took over, asked no more, until they go with it."""
    before = predecessor(context.effective.blocks[block], context.effective.blocks)
    leaves = before is not None and before.side == "leaving" and before.name in context.postgres
    there = shards_of_postgres(context, before.name, place) if before is not None and leaves else {}
    return {name: Reader(of.host, 0) for name, of in there[shard].readers.items()} if shard in there else {}
