"""Checks of databases: shards and replicas share names with blocks, in AWS and among our own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from components.backup import BackupSpec, refuse_maintenance
from components.postgres import PostgresSpec
from components.postgres.ground import ID_LIMIT
from components.spec import Refused
from stacks.compose.context import Context
from stacks.models.classes import SERVICE_OF_KIND, is_offered, offered_like, source
from stacks.moves import EffectiveBlock


def shards_have_their_names_alone(context: Context) -> None:
    """Shard `two` of `db` is `db-two` to consumers, to AWS and among components; so no block may be, nor begin so."""
    for block, spec in context.of_kind("postgres", PostgresSpec):
        shards_apart(context, block.name, spec.shards)


def shards_apart(context: Context, block: str, shards: Iterable[str]) -> None:
    """The rule above, for the shards of one block."""
    for shard in shards:
        taken = f"{block}-{shard}"
        for other in context.effective.blocks:
            if other == taken or other.startswith(f"{taken}-"):
                allowed = f"a shard whose name {taken} no block has or begins with"
                raise context.bad(block, f"shards.{shard}", other, allowed)


def identifiers_fit(context: Context) -> None:
    """RDS names instances by stack, block, region, shard and replica."""
    for block, spec in context.of_kind("postgres", PostgresSpec):
        refuse_long(context, block.name, _identifiers(context.site.prefix, block.name, spec))


def refuse_long(context: Context, block: str, identifiers: Iterable[tuple[str, str]]) -> None:
    """Raises `BadInput` for the first identifier, given with the key that names it, that RDS does not take."""
    for key, identifier in identifiers:
        if len(identifier) > ID_LIMIT:
            found = f"{identifier}, {len(identifier)} characters"
            raise context.bad(block, key, found, f"names that are within {ID_LIMIT} together")


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


def backups_begin_beside_maintenance(context: Context) -> None:
    """AWS Backup would begin none in it, and the vault would lack that day."""
    databases = {block.name: spec for block, spec in context.of_kind("postgres", PostgresSpec)}
    for block, spec in context.of_kind("backup", BackupSpec):
        for name, rule in spec.rules.items():
            for database in sorted(spec.blocks.keys() & databases.keys()):
                try:
                    refuse_maintenance(rule, databases[database].maintenance_window)
                except Refused as wrong:
                    key, allowed = f"rules.{name}.{wrong.key}", f"{wrong.allowed} ({database})"
                    raise context.bad(block.name, key, str(wrong.found), allowed) from None


def classes_are_offered_elsewhere(context: Context) -> None:
    """The stack's own region is checked when the config is resolved."""
    for block, spec in context.of_kind("postgres", PostgresSpec):
        for region, of in spec.regions.items():
            for replica, given in of.replicas.items():
                for shard in (spec.first, *spec.others):
                    key = f"regions.{region}.replicas.{replica}.instance"
                    refuse_class(context, block, key, given.instance or spec.shape(shard).instance, region)


def refuse_class(context: Context, block: EffectiveBlock, key: str, name: str, region: str) -> None:
    """Raises `BadInput` for a class that AWS does not offer in a region."""
    service = SERVICE_OF_KIND[block.kind]
    if is_offered(service, name, region) is False:
        found = f"{name}, which AWS does not offer in {region}"
        raise context.bad(
            block.name, key, found, f"{', '.join(offered_like(service, name, region))} ({source(service)})"
        )


RULES: tuple[Callable[[Context], None], ...] = (
    shards_have_their_names_alone,
    identifiers_fit,
    classes_are_offered_elsewhere,
    backups_begin_beside_maintenance,
)
