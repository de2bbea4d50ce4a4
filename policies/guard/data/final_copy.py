"""What is deleted in staging or prod leaves a last copy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..reading import at
from ..resource import Resource
from ..rule import Rule
from .must import Must, follows, given, not_off, on, told

DATABASES: Final = (
    "aws:rds/instance:Instance",
    "aws:rds/cluster:Cluster",
    "aws:docdb/cluster:Cluster",
    "aws:neptune/cluster:Cluster",
    "aws:redshift/cluster:Cluster",
)
MEMORYDB: Final = "aws:memorydb/cluster:Cluster"
VOLUME: Final = "aws:ebs/volume:Volume"


def check(resource: Resource) -> Iterator[str]:
    """A replica has no final snapshot."""
    props = resource.props
    if not resource.guarded:
        return
    if resource.type == VOLUME:
        yield from Must(("finalSnapshot",), "true", on).breaches(props)
    elif resource.type == MEMORYDB:
        if not given(props, "finalSnapshotName"):
            yield told(("finalSnapshotName",), None, "a name")
    elif not follows(props):
        skip = at(props, "skipFinalSnapshot")
        if skip is not None and not_off(skip):
            yield told(("skipFinalSnapshot",), skip, "false")
        elif not given(props, "finalSnapshotIdentifier"):
            yield told(("finalSnapshotIdentifier",), None, "a name, without which a deletion fails")


RULE = Rule(
    name="data-final-copy",
    severity="high",
    description="Outside dev, what is deleted leaves a final snapshot.",
    remedy="Set `skipFinalSnapshot: false` with `finalSnapshotIdentifier`, a volume's `finalSnapshot: true`.",
    types=(*DATABASES, MEMORYDB, VOLUME),
    check=check,
)
