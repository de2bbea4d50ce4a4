"""No engine or runtime whose standard support has ended: it gets no fixes any more, or for money alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Final

from ..reading import number, text
from ..resource import Resource
from ..rule import Framework, Rule
from ..today import today
from .tables import rows

ENDS: Final[Mapping[tuple[str, str], date]] = {
    (row["engine"].lower(), row["version"]): date.fromisoformat(row["end"]) for row in rows("ends.csv")
}

PATHS: Final[Mapping[str, tuple[str, str, str]]] = {
    "aws:rds/instance:Instance": ("engine", "", "engineVersion"),
    "aws:rds/cluster:Cluster": ("engine", "", "engineVersion"),
    "aws:rds/globalCluster:GlobalCluster": ("engine", "", "engineVersion"),
    "aws:docdb/cluster:Cluster": ("engine", "docdb", "engineVersion"),
    "aws:elasticache/cluster:Cluster": ("engine", "", "engineVersion"),
    "aws:elasticache/replicationGroup:ReplicationGroup": ("engine", "redis", "engineVersion"),
    "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup": ("engine", "", "engineVersion"),
    "aws:opensearch/domain:Domain": ("", "", "engineVersion"),
    "aws:elasticsearch/domain:Domain": ("", "elasticsearch", "elasticsearchVersion"),
    "aws:mq/broker:Broker": ("engineType", "", "engineVersion"),
    "aws:msk/cluster:Cluster": ("", "kafka", "kafkaVersion"),
    "aws:lambda/function:Function": ("", "lambda", "runtime"),
}
"""Where each type names its engine, what that is where it is left out, and where the version stands."""


def check(resource: Resource) -> Iterator[str]:
    """A version that is left out is the newest that the service has, or that of what it is a copy of."""
    props = resource.props
    where, default, path = PATHS[resource.type]
    version = text(props.get(path))
    engine = (text(props.get(where)) if where else "") or default
    if not engine and "_" in version:
        engine, _, version = version.partition("_")
    end = _end(engine.lower(), version)
    ahead = number(resource.config.get("days"))
    if end is not None and today() + timedelta(days=0 if ahead is None else ahead) > end:
        yield f"{path}: found {engine} {version}, supported until {end}; allowed: a version in standard support"


def _end(engine: str, version: str) -> date | None:
    """By the longest part of the version that the table knows: `13.4` is `13`, `3.7.x` is `3.7`."""
    if engine == "lambda":
        return ENDS.get((engine, version))
    parts = version.split(".")
    for length in range(len(parts), 0, -1):
        end = ENDS.get((engine, ".".join(parts[:length])))
        if end is not None:
            return end
    return None


RULE = Rule(
    name="scale-supported-version",
    severity="high",
    description="Databases, caches, search, brokers and functions run a version in standard support.",
    remedy="Upgrade: a minor version within the maintenance window, a major one as the service's guide says.",
    types=tuple(PATHS),
    check=check,
    frameworks=(Framework("AWS FSBP", "", "Lambda.2"),),
    config={
        "days": {"type": "number", "minimum": 0, "description": "How long before its end to say so; 0 without it."}
    },
)
