"""A database's role: its names, one set a shard, and the map that says which rows live where.

The application routes: it asks the shard that holds a row's key, asks all where a question spans keys, and writes what
every shard needs to each of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import pulumi

from components.postgres import PostgresSpec
from components.secret_copies import arn_in, managed_key
from components.service.endpoint import Consumer, EndpointArgs, Login, Reader, Shard
from components.site import Site
from stacks.compose.context import Context
from stacks.compose.places import Place

USER, PASSWORD = {"USER": "username"}, {"PASSWORD": "password"}
"""Variable → key, as our databases write their secrets. The user is the same on every shard."""


def of_postgres(
    context: Context, block: str, site: Site, place: Place, consumers: Mapping[str, Consumer]
) -> EndpointArgs:
    """Elsewhere than where the block stands, writers are led there and readers to the copies beside them."""
    fills, spec = context.postgres[block], context.effective.blocks[block].spec
    assert place.names is not None
    assert isinstance(spec, PostgresSpec)
    shards = {shard: _shard(context, block, shard, place) for shard in fills.shards}
    first = shards[spec.first]
    env: dict[str, pulumi.Input[str]] = {"PORT": str(fills.port), "NAME": spec.database}
    if spec.shards:
        # The first one first: what the map does not name lives there.
        env["SHARD_NAMES"] = ",".join(shards)
        env["SHARDS"] = json.dumps(spec.holds, sort_keys=True)
    return EndpointArgs(
        site=site,
        zone_id=place.names.zone_id,
        zone_name=place.names.domain,
        host=first.host,
        readers=first.readers,
        env=env,
        login=replace(first.login, variables={**USER, **PASSWORD}),
        shards=shards if spec.shards else {},
        consumers=consumers,
    )


def _shard(context: Context, block: str, shard: str, place: Place) -> Shard:
    fills = context.postgres[block]
    address = fills.addresses[shard]
    secret = fills.shards[shard].secret.arn
    login = Login(secret, fills.key.arn, PASSWORD)
    # With replicas the primary stands by in the reading name: alone it answers, beside them it gets nothing.
    replicas = {f"replica-{name}": host for name, host in fills.shards[shard].reader_addresses.items()}
    if place is not context.seat(block):
        login = Login(arn_in(secret, place.region), managed_key(place.region, context.network.account_id), PASSWORD)
        near = context.copies.get(place.called(block))
        if near is not None:
            replicas = {f"copy-{name}": host for name, host in near.reader_addresses[shard].items()}
    readers = {"primary": Reader(address, 0 if replicas else 1)}
    return Shard(address, login, {**readers, **{name: Reader(host, 1) for name, host in replicas.items()}})
