"""Databases, caches and brokers take their engine's minor versions, and so its security fixes, by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ..resource import Resource
from ..rule import Framework, Rule
from .must import Must, not_off, on

KEY: Final = "autoMinorVersionUpgrade"

TABLE: Final[Mapping[str, Must]] = {
    "aws:rds/instance:Instance": Must((KEY,), "true", not_off),
    "aws:rds/clusterInstance:ClusterInstance": Must((KEY,), "true", not_off),
    "aws:neptune/clusterInstance:ClusterInstance": Must((KEY,), "true", not_off),
    "aws:elasticache/replicationGroup:ReplicationGroup": Must((KEY,), "true", not_off),
    "aws:memorydb/cluster:Cluster": Must((KEY,), "true", not_off),
    "aws:redshift/cluster:Cluster": Must(("allowVersionUpgrade",), "true", not_off),
    # Alone among them, a broker has it off unless set.
    "aws:mq/broker:Broker": Must((KEY,), "true", on),
}


def check(resource: Resource) -> Iterator[str]:
    """Versions change in the maintenance window."""
    yield from TABLE[resource.type].breaches(resource.props)


RULE = Rule(
    name="data-minor-upgrades",
    severity="medium",
    description="Minor versions of database, cache and broker engines are applied automatically.",
    remedy="Set `autoMinorVersionUpgrade: true` and a maintenance window that suits.",
    types=tuple(TABLE),
    check=check,
    frameworks=(
        Framework("AWS FSBP", "", "RDS.13"),
        Framework("AWS FSBP", "", "ElastiCache.2"),
        Framework("AWS FSBP", "", "Redshift.6"),
        Framework("CIS AWS", "3.0.0", "2.3.2"),
    ),
)
