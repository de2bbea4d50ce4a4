"""Checks of Aurora: its names are its own, its classes are offered where it stands, its role is used by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from components.aurora import AuroraSpec
from stacks.compose.check_databases import refuse_class, refuse_long, shards_apart
from stacks.compose.context import Context


def shards_have_their_names_alone(context: Context) -> None:
    """As a postgres block's."""
    for block, spec in context.of_kind("aurora", AuroraSpec):
        shards_apart(context, block.name, spec.shards)


def identifiers_fit(context: Context) -> None:
    """RDS names clusters by stack, block, region and shard, and their instances after them."""
    for block, spec in context.of_kind("aurora", AuroraSpec):
        refuse_long(context, block.name, _identifiers(context.site.prefix, block.name, spec))


def _identifiers(prefix: str, block: str, spec: AuroraSpec) -> Iterator[tuple[str, str]]:
    for shard in (spec.first, *spec.others):
        part = "" if shard == spec.first else f"-{shard}"
        for name in spec.seats(shard):
            yield (
                (f"instances.{name}" if name in spec.instances else f"shards.{shard}.instances.{name}"),
                (f"{prefix}-{block}{part}-{name}"),
            )
        for region, of in spec.regions.items():
            for name in of.instances:
                yield f"regions.{region}.instances.{name}", f"{prefix}-{block}-{region}{part}-{name}"


def classes_are_offered_elsewhere(context: Context) -> None:
    """The stack's own region is checked when the config is resolved."""
    for block, spec in context.of_kind("aurora", AuroraSpec):
        for region in spec.regions:
            for shard in (spec.first, *spec.others):
                for name, seat in spec.seats(shard, region).items():
                    refuse_class(context, block, f"regions.{region}.instances.{name}.instance", seat.instance, region)


def roles_by_their_names(context: Context) -> None:
    """What took a role over, or is to, is used by that role: by its own name nothing is there before it is live."""
    for block, _ in context.of_kind("aurora", AuroraSpec):
        for other in context.effective.blocks.values():
            if block.takes_over is not None and block.name in (getattr(other.spec, "uses", None) or ()):
                allowed = f"{block.takes_over}, the role that {block.name} takes over"
                raise context.bad(other.name, f"uses.{block.name}", block.name, allowed)


def snapshots_are_here(context: Context) -> None:
    """A cluster is restored from a snapshot of its own region: none is copied on the way."""
    for block, spec in context.of_kind("aurora", AuroraSpec):
        region = context.seat(block.name).region
        if spec.restore is not None and spec.restore.startswith("arn:") and spec.restore.split(":")[3] != region:
            allowed = f"a snapshot in {region}: copy it there first (aws rds copy-db-cluster-snapshot)"
            raise context.config.bad(f"phaseup:restore.{block.name}.snapshot", spec.restore, allowed)


RULES: tuple[Callable[[Context], None], ...] = (
    shards_have_their_names_alone,
    identifiers_fit,
    classes_are_offered_elsewhere,
    roles_by_their_names,
    snapshots_are_here,
)
