"""DynamoDB tables can be restored to any second of the last weeks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..resource import Resource
from ..rule import Framework, Rule
from .must import Must, on

TABLE: Final = "aws:dynamodb/table:Table"
REPLICA: Final = "aws:dynamodb/tableReplica:TableReplica"

RECOVERY: Final = {
    TABLE: Must(("pointInTimeRecovery", "enabled"), "true", on),
    REPLICA: Must(("pointInTimeRecovery",), "true", on),
}
"""Off unless set."""


def check(resource: Resource) -> Iterator[str]:
    """In dev a table is filled again."""
    if resource.guarded:
        yield from RECOVERY[resource.type].breaches(resource.props)


RULE = Rule(
    name="data-point-in-time",
    severity="medium",
    description="Outside dev, DynamoDB tables and their replicas have point-in-time recovery.",
    remedy="Turn `pointInTimeRecovery` on; a table that is deleted with it leaves a backup for 35 days.",
    types=tuple(RECOVERY),
    check=check,
    frameworks=(Framework("AWS FSBP", "", "DynamoDB.2"),),
)
