"""What is deleted in staging or prod leaves a last copy, or a time in which the deletion can be taken back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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

OTHERS: Final[Mapping[str, Must]] = {
    "aws:ebs/volume:Volume": Must(("finalSnapshot",), "true", on),
    "aws:secretsmanager/secret:Secret": Must(("recoveryWindowInDays",), "7 to 30 days", lambda value: value != 0),
}


def check(resource: Resource) -> Iterator[str]:
    """A replica has no final snapshot."""
    props = resource.props
    if not resource.guarded:
        return
    if resource.type in OTHERS:
        yield from OTHERS[resource.type].breaches(props)
    elif resource.type == MEMORYDB:
        if not given(props, "finalSnapshotName"):
            yield told(("finalSnapshotName",), None, "a name")
    elif not follows(props):
        skip = at(props, "skipFinalSnapshot")
        if skip is not None and not _false(skip):
            yield told(("skipFinalSnapshot",), skip, "false")
        elif not given(props, "finalSnapshotIdentifier"):
            yield told(("finalSnapshotIdentifier",), None, "a name, without which a deletion fails")


def _false(value: object) -> bool:
    return not not_off(value)


RULE = Rule(
    name="data-final-copy",
    severity="high",
    description="Outside dev, what is deleted leaves a final snapshot; a secret can be restored for some days.",
    remedy="Set `skipFinalSnapshot: false` with `finalSnapshotIdentifier`, a volume's `finalSnapshot: true`.",
    types=(*DATABASES, MEMORYDB, *OTHERS),
    check=check,
)
