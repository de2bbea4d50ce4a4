"""A database past its standard support is upgraded, not kept for a rising price by the hour and processor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..reading import text
from ..resource import Resource
from ..rule import Rule

GLOBAL: Final = "aws:rds/globalCluster:GlobalCluster"
OFF: Final = "open-source-rds-extended-support-disabled"
ENGINES: Final = ("postgres", "mysql", "aurora-postgresql", "aurora-mysql")
"""Which have it."""

FOLLOWS: Final = {"replicateSourceDb", "sourceDbClusterIdentifier"}


def check(resource: Resource) -> Iterator[str]:
    """RDS enrols what says nothing. Copies, members and a global cluster made of a cluster go by their source."""
    props = resource.props
    if FOLLOWS & set(props) or text(props.get("engine")) not in ENGINES:
        return
    found = props.get("engineLifecycleSupport")
    if found != OFF:
        yield f"engineLifecycleSupport: found {found}; allowed: {OFF}"


RULE = Rule(
    name="scale-no-extended-support",
    severity="low",
    description="RDS and Aurora databases are not enrolled in paid extended support.",
    remedy=f"Set `engineLifecycleSupport` to `{OFF}` when the database is made or restored.",
    types=("aws:rds/instance:Instance", "aws:rds/cluster:Cluster", GLOBAL),
    check=check,
    url="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/extended-support.html",
)
