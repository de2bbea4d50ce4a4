"""A database's role: its names, one set a shard, and the map that says which rows live where.

The application routes: it asks the shard that holds a row's key, asks all where a question spans keys, and writes what
every shard needs to each of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

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
    assert isinstance(spec, PostgresSpec)
    return of_shards(shards_of_postgres(context, block, place), spec, fills.port, site, place, consumers)


class Sharded(Protocol):
    """What the kinds of database say alike."""

    @property
    def database(self) -> str: ...
    @property
    def first(self) -> str: ...
    @property
    def shards(self) -> Mapping[str, object]: ...
    @property
    def holds(self) -> Mapping[str, str]: ...


def of_shards(
    shards: Mapping[str, Shard],
    spec: Sharded,
    port: int,
    site: Site,
    place: Place,
    consumers: Mapping[str, Consumer],
    more: Mapping[str, pulumi.Input[str]] | None = None,
) -> EndpointArgs:
    """The role of a database, whatever kind fills it; one without shards has one here. `more` are variables."""
    assert place.names is not None
    first = shards[spec.first]
    env: dict[str, pulumi.Input[str]] = {"PORT": str(port), "NAME": spec.database, **(more or {})}
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


def shards_of_postgres(context: Context, block: str, place: Place) -> dict[str, Shard]:
    """A block's shards as one place sees them."""
    return {shard: _shard(context, block, shard, place) for shard in context.postgres[block].shards}


def _shard(context: Context, block: str, shard: str, place: Place) -> Shard:
    fills = context.postgres[block]
    address = fills.addresses[shard]
    login = login_in(context, block, place, fills.shards[shard].secret.arn, fills.key.arn)
    # With replicas the primary stands by in the reading name: alone it answers, beside them it gets nothing.
    replicas = {f"replica-{name}": host for name, host in fills.shards[shard].reader_addresses.items()}
    if place is not context.seat(block):
        near = context.copies.get(place.called(block))
        if near is not None:
            replicas = {f"copy-{name}": host for name, host in near.reader_addresses[shard].items()}
    readers = {"primary": Reader(address, 0 if replicas else 1)}
    return Shard(address, login, {**readers, **{name: Reader(host, 1) for name, host in replicas.items()}})


def login_in(context: Context, block: str, place: Place, secret: pulumi.Input[str], key: pulumi.Input[str]) -> Login:
    """A shard's login, read in the place's own copy of the secret."""
    if place is context.seat(block):
        return Login(secret, key, PASSWORD)
    return Login(arn_in(secret, place.region), managed_key(place.region, context.network.account_id), PASSWORD)
