"""Where availability is promised, a zone that fails takes no store with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ..patience import in_turn
from ..reading import at, number
from ..resource import Resource
from ..rule import Framework, Rule
from ..stack import Stack
from .must import Must, follows, given, on, told

FROM: Final = 99.9
"""Per cent. AWS promises 99.5 for a database in one zone and 99.95 for one in two (RDS SLA, 2026-11)."""

MEMBERS: Final[Mapping[str, str]] = {
    "aws:rds/cluster:Cluster": "aws:rds/clusterInstance:ClusterInstance",
    "aws:docdb/cluster:Cluster": "aws:docdb/clusterInstance:ClusterInstance",
    "aws:neptune/cluster:Cluster": "aws:neptune/clusterInstance:ClusterInstance",
}
"""By type of cluster, what it consists of."""

TABLE: Final[Mapping[str, tuple[Must, ...]]] = {
    "aws:rds/instance:Instance": (Must(("multiAz",), "true", on),),
    "aws:elasticache/replicationGroup:ReplicationGroup": (
        Must(("automaticFailoverEnabled",), "true", on),
        Must(("multiAzEnabled",), "true", on),
    ),
    "aws:memorydb/cluster:Cluster": (
        Must(("numReplicasPerShard",), "1 or more", lambda value: value is None or (number(value) or 0) >= 1),
    ),
    "aws:opensearch/domain:Domain": (
        Must(("clusterConfig", "zoneAwarenessEnabled"), "true", on),
        Must(("clusterConfig", "instanceCount"), "2 or more", lambda value: (number(value) or 1) >= 2),
    ),
    "aws:mq/broker:Broker": (
        Must(
            ("deploymentMode",),
            "CLUSTER_MULTI_AZ or ACTIVE_STANDBY_MULTI_AZ",
            lambda value: value in ("CLUSTER_MULTI_AZ", "ACTIVE_STANDBY_MULTI_AZ"),
        ),
    ),
    "aws:efs/fileSystem:FileSystem": (
        Must(("availabilityZoneName",), "none, which is all zones", lambda value: value in (None, "")),
    ),
}


def check(resource: Resource, stack: Stack) -> Iterator[str]:
    """Asked in prod alone, and of what does not follow another: a replica's loss is one of capacity."""
    promised = number(resource.config.get("availability"))
    if promised is None or promised < FROM or resource.environment != "prod" or follows(resource.props):
        return
    if resource.type in MEMBERS:
        yield from _members(resource, stack)
    else:
        yield from in_turn(must.breaches(resource.props) for must in TABLE[resource.type])


def _members(cluster: Resource, stack: Stack) -> Iterator[str]:
    """A region of a global database may have one instance where another region has a standby."""
    props = cluster.props
    if given(props, "dbClusterInstanceClass") or at(props, "engineMode") == "serverless":
        return
    found = _count(cluster, stack)
    if found < 2 and not any(_count(each, stack) >= 2 for each in _siblings(cluster, stack)):
        yield told(("instances",), found, "2 or more, in different zones")


def _count(cluster: Resource, stack: Stack) -> int:
    return len(stack.referring(cluster, "clusterIdentifier", MEMBERS[cluster.type]))


def _siblings(cluster: Resource, stack: Stack) -> Iterator[Resource]:
    """The other clusters of its global database."""
    for urn in cluster.depends_on.get("globalClusterIdentifier", ()):
        joined = stack.get(urn)
        if joined is not None:
            yield from stack.referring(joined, "globalClusterIdentifier", cluster.type)
            for source in joined.depends_on.get("sourceDbClusterIdentifier", ()):
                primary = stack.get(source)
                if primary is not None and primary.type == cluster.type:
                    yield primary


RULE = Rule(
    name="data-standby",
    severity="high",
    description=(
        "Where `availability` promises 99.9 per cent or more, databases, caches, search domains and brokers in prod "
        "stand in more than one zone; without it nothing is asked."
    ),
    remedy="Turn Multi-AZ or automatic failover on and give it a second node; in place for all but a broker.",
    types=(*TABLE, *MEMBERS),
    check=check,
    frameworks=(
        Framework("AWS FSBP", "", "RDS.5"),
        Framework("AWS FSBP", "", "RDS.15"),
        Framework("AWS FSBP", "", "ElastiCache.3"),
        Framework("AWS FSBP", "", "Opensearch.6"),
    ),
    config={
        "availability": {
            "type": "number",
            "minimum": 0,
            "maximum": 100,
            "description": "What the product promises, in per cent of the time.",
        }
    },
    needs_stack=True,
)
