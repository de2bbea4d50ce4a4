"""Databases are backed up by AWS every day, and the copies kept for long enough."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ..patience import in_turn
from ..reading import at, items, number
from ..resource import Resource
from ..rule import Framework, Rule
from .must import follows, told

DAYS: Final[Mapping[str, tuple[str, int]]] = {
    "aws:rds/instance:Instance": ("backupRetentionPeriod", 0),
    "aws:rds/cluster:Cluster": ("backupRetentionPeriod", 1),
    "aws:docdb/cluster:Cluster": ("backupRetentionPeriod", 1),
    "aws:neptune/cluster:Cluster": ("backupRetentionPeriod", 1),
    "aws:redshift/cluster:Cluster": ("automatedSnapshotRetentionPeriod", 1),
    "aws:memorydb/cluster:Cluster": ("snapshotRetentionLimit", 0),
}
"""The property and what it is unless set (provider's documentation, 7.51)."""

PLAN: Final = "aws:backup/plan:Plan"
PROD: Final = 7
ELSEWHERE: Final = 1


def check(resource: Resource) -> Iterator[str]:
    """A replica is a copy itself, and is backed up once it is promoted. A plan's rule without an end keeps for ever."""
    props = resource.props
    least = number(resource.config.get("days")) if resource.environment == "prod" else None
    least = least if least is not None else PROD if resource.environment == "prod" else ELSEWHERE
    allowed = f"{least:g} or more days"
    if resource.type == PLAN:
        rules = range(len(items(at(props, "rules"))))
        yield from in_turn(_kept(resource, index, least, allowed) for index in rules)
        return
    key, default = DAYS[resource.type]
    found = number(at(props, key)) if at(props, key) is not None else default
    if (found is None or found < least) and not follows(props):
        yield told((key,), at(props, key), allowed)


def _kept(resource: Resource, index: int, least: float, allowed: str) -> Iterator[str]:
    path = ("rules", index, "lifecycle", "deleteAfter")
    days = number(at(resource.props, *path))
    if days is not None and days < least:
        yield told(path, days, allowed)


RULE = Rule(
    name="data-backups",
    severity="high",
    description="Databases are backed up automatically: copies are kept for 7 days in prod and for a day elsewhere.",
    remedy="Raise the retention; 0 turns backups off, and with them restoring to a point in time.",
    types=(*DAYS, PLAN),
    check=check,
    frameworks=(
        Framework("AWS FSBP", "", "RDS.11"),
        Framework("AWS FSBP", "", "DocumentDB.2"),
        Framework("AWS FSBP", "", "Neptune.5"),
        Framework("AWS FSBP", "", "Redshift.3"),
    ),
    config={"days": {"type": "integer", "minimum": 1, "description": "The least in prod, in days; 7 unless set."}},
)
