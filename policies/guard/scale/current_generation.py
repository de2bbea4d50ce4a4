"""Nothing runs on a class of hardware whose successor does more for the same money or less."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..reading import at, items, text
from ..resource import Resource
from ..rule import Rule
from .tables import rows

SUCCESSORS: Final = {row["family"]: row["successor"] for row in rows("generations.csv")}

PATHS: Final[Mapping[str, tuple[str, ...]]] = {
    "aws:ec2/instance:Instance": ("instanceType",),
    "aws:ec2/launchTemplate:LaunchTemplate": ("instanceType",),
    "aws:ec2/launchConfiguration:LaunchConfiguration": ("instanceType",),
    "aws:autoscaling/group:Group": ("mixedInstancesPolicy.launchTemplate.overrides.*.instanceType",),
    "aws:eks/nodeGroup:NodeGroup": ("instanceTypes.*",),
    "aws:rds/instance:Instance": ("instanceClass",),
    "aws:rds/cluster:Cluster": ("dbClusterInstanceClass",),
    "aws:rds/clusterInstance:ClusterInstance": ("instanceClass",),
    "aws:docdb/clusterInstance:ClusterInstance": ("instanceClass",),
    "aws:neptune/clusterInstance:ClusterInstance": ("instanceClass",),
    "aws:elasticache/cluster:Cluster": ("nodeType",),
    "aws:elasticache/replicationGroup:ReplicationGroup": ("nodeType",),
    "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup": ("cacheNodeType",),
    "aws:opensearch/domain:Domain": ("clusterConfig.instanceType", "clusterConfig.dedicatedMasterType"),
    "aws:elasticsearch/domain:Domain": ("clusterConfig.instanceType", "clusterConfig.dedicatedMasterType"),
    "aws:mq/broker:Broker": ("hostInstanceType",),
    "aws:msk/cluster:Cluster": ("brokerNodeGroupInfo.instanceType",),
}
"""Where each type names a class; `*` is every member of a list."""

FAMILY: Final = re.compile(r"[a-z]+\d+[a-z-]*")


def check(resource: Resource) -> Iterator[str]:
    """A class that is left out is the service's choice."""
    for path in PATHS[resource.type]:
        for where, found in _each(resource.props, path):
            family = _family(text(found))
            if family in SUCCESSORS:
                yield f"{where}: found {found}; allowed: a current generation, e.g. {SUCCESSORS[family]}"


def _each(props: Any, path: str) -> Iterator[tuple[str, Any]]:
    before, several, after = path.partition(".*")
    steps = before.split(".")
    if not several:
        yield path, at(props, *steps)
        return
    for position, member in enumerate(items(at(props, *steps))):
        where = f"{before}[{position}]{after}"
        yield where, at(member, *after.strip(".").split(".")) if after else member


def _family(class_: str) -> str:
    """`db.t2.micro` → `t2`, `m4.large.search` → `m4`."""
    return next((part for part in class_.split(".") if FAMILY.fullmatch(part)), "")


RULE = Rule(
    name="scale-current-generation",
    severity="low",
    description="Instances, databases, caches, search and brokers run on a current generation of hardware.",
    remedy="Take a class of the successor; to Graviton, images need to be built for arm64.",
    types=tuple(PATHS),
    check=check,
)
