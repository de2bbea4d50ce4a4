"""Checks of databases: shards and replicas share names with blocks, in AWS and among our own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from components.postgres import PostgresSpec
from components.postgres.ground import ID_LIMIT
from stacks.compose.context import Context
from stacks.models.classes import SERVICE_OF_KIND, is_offered, offered_like, source

SERVICE = SERVICE_OF_KIND["postgres"]


def shards_have_their_names_alone(context: Context) -> None:
    """Shard `two` of `db` is `db-two` to consumers, to AWS and among components; so no block may be, nor begin so."""
    for block, spec in context.of_kind("postgres", PostgresSpec):
        for shard in spec.shards:
            taken = f"{block.name}-{shard}"
            for other in context.effective.blocks:
                if other == taken or other.startswith(f"{taken}-"):
                    allowed = f"a shard whose name {taken} no block has or begins with"
                    raise context.bad(block.name, f"shards.{shard}", other, allowed)


def identifiers_fit(context: Context) -> None:
    """RDS names instances by stack, block, region, shard and replica."""
    for block, spec in context.of_kind("postgres", PostgresSpec):
        for key, identifier in _identifiers(context.site.prefix, block.name, spec):
            if len(identifier) > ID_LIMIT:
                found = f"{identifier}, {len(identifier)} characters"
                raise context.bad(block.name, key, found, f"names that are within {ID_LIMIT} together")


def _identifiers(prefix: str, block: str, spec: PostgresSpec) -> Iterator[tuple[str, str]]:
    for shard in (spec.first, *spec.others):
        part = "" if shard == spec.first else f"-{shard}"
        under = f"shards.{shard}" if part else "kind"
        yield under, f"{prefix}-{block}{part}"
        for replica in spec.shape(shard).replicas:
            own = part and shard in spec.shards and replica in spec.shards[shard].replicas
            yield (f"{under}.replicas.{replica}" if own else f"replicas.{replica}"), f"{prefix}-{block}{part}-{replica}"
        for region, of in spec.regions.items():
            for replica in of.replicas:
                yield f"regions.{region}.replicas.{replica}", f"{prefix}-{block}-{region}{part}-{replica}"


def classes_are_offered_elsewhere(context: Context) -> None:
    """The stack's own region is checked when the config is resolved."""
    for block, spec in context.of_kind("postgres", PostgresSpec):
        for region, of in spec.regions.items():
            for replica, given in of.replicas.items():
                for shard in (spec.first, *spec.others):
                    name = given.instance or spec.shape(shard).instance
                    if is_offered(SERVICE, name, region) is False:
                        found = f"{name}, which AWS does not offer in {region}"
                        allowed = f"{', '.join(offered_like(SERVICE, name, region))} ({source(SERVICE)})"
                        raise context.bad(block.name, f"regions.{region}.replicas.{replica}.instance", found, allowed)


RULES: tuple[Callable[[Context], None], ...] = (
    shards_have_their_names_alone,
    identifiers_fit,
    classes_are_offered_elsewhere,
)
