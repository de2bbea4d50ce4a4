"""What ElastiCache keeps is copied, unless it is but a cache: a queue's jobs are gone with their node."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..patience import in_turn
from ..reading import at, items, number, text
from ..resource import Resource
from ..rule import Framework, Rule
from ..stack import Stack
from .must import given, told

GROUP: Final = "aws:elasticache/replicationGroup:ReplicationGroup"
CLUSTER: Final = "aws:elasticache/cluster:Cluster"
PARAMETERS: Final = "aws:elasticache/parameterGroup:ParameterGroup"


def check(resource: Resource, stack: Stack) -> Iterator[str]:
    """Memcached has no snapshots; members of a global datastore have the primary's data."""
    props = resource.props
    # Where it comes from, as the state of a primary names the datastore as well.
    if resource.depends_on.get("globalReplicationGroupId"):
        return
    if resource.type == CLUSTER and (at(props, "engine") == "memcached" or given(props, "replicationGroupId")):
        return
    if not _evicts(resource, stack):
        yield from in_turn((_daily(resource), _last(resource)))


def _evicts(resource: Resource, stack: Stack) -> bool:
    """Whether any key may be evicted: then nobody relies on one being there."""
    for urn in resource.depends_on.get("parameterGroupName", ()):
        group = stack.get(urn)
        if group is not None and group.type == PARAMETERS:
            for each in items(at(group.props, "parameters")):
                if at(each, "name") == "maxmemory-policy":
                    return text(at(each, "value")).startswith("allkeys-")
    return False


def _daily(resource: Resource) -> Iterator[str]:
    days = at(resource.props, "snapshotRetentionLimit")
    if (number(days) or 0) < 1:
        yield told(("snapshotRetentionLimit",), days, "1 or more days, as its parameter group does not evict all keys")


def _last(resource: Resource) -> Iterator[str]:
    if resource.guarded and not given(resource.props, "finalSnapshotIdentifier"):
        yield told(("finalSnapshotIdentifier",), None, "a name, as its parameter group does not evict all keys")


RULE = Rule(
    name="data-cache-snapshots",
    severity="medium",
    description=(
        "Valkey and Redis groups whose keys are not all evictable have daily snapshots, and a final one outside dev; "
        "a group is taken for a cache by `maxmemory-policy: allkeys-…` in a parameter group of the same stack."
    ),
    remedy="Set `snapshotRetentionLimit` to 1 or more and `finalSnapshotIdentifier`.",
    types=(GROUP, CLUSTER),
    check=check,
    frameworks=(Framework("AWS FSBP", "", "ElastiCache.1"),),
    needs_stack=True,
)
