"""The spec of the kind cache, and what its modes ask of each other.

A single-node `Cluster` can never become a replication group, and encryption, key, subnets and port never change: all
are chosen once. The rungs of docs/moving.md section 5 (replicated, compatible, enabled, shards, global, regions) are
plain updates of the group, or something new beside it.
"""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import model_validator

from components.spec import Join, Keeps, Refused, RegionName, Spec, joined
from components.windows import DAILY, WEEKLY, refuse_windows

CLASS = r"^cache\.[a-z0-9]+\.[a-z0-9]+$"
MEMBER = re.compile(r"cache\.(m5|m6g|m7g|r5|r6g|r6gd|r7g|c7gn)\.(large|\d*xlarge)")
"""Classes that may join a global datastore (ElastiCache user guide, "Global datastores: prerequisites and
limitations", 2026-10)."""
MEMBERS = "a class of m5, m6g, m7g, r5, r6g, r6gd, r7g or c7gn in size large or above with global_datastore"
FOLLOWERS = 2
"""Most regions beside the primary's (same page)."""


class CacheRegionSpec(Spec):
    """A group in one more region that follows the one at home: readers there read it, writers write to the one at home.
    Class, version, shards and parameters are the datastore's, so the same everywhere."""

    nodes: int | None = joined(Join.MAX, None, ge=2, le=6)
    """Nodes a shard there; null is as many as at home."""


class CacheSpec(Spec):
    """An ElastiCache replication group."""

    use: Literal["cache", "queue"] = joined(Join.FIXED)
    """`cache` may evict anything; `queue` holds jobs, so it evicts nothing and never shards."""
    instance: str = joined(Join.MAX, pattern=CLASS)
    """Node class. Scaling is online; with one node there is a short interruption."""
    nodes: int = joined(Join.LADDER, 1, ge=1, le=6, json_schema_extra={"rung": "replicated"})
    """Nodes a shard: one primary and its replicas. From two on: automatic failover over several zones."""
    cluster: Literal["disabled", "compatible", "enabled"] = joined(
        Join.LADDER, "disabled", json_schema_extra={"rung": ["compatible", "enabled"]}
    )
    """Cluster mode; one way only."""
    shards: int = joined(Join.LADDER, 1, ge=1, le=500, json_schema_extra={"rung": "shards"})
    """Shards, once cluster mode is enabled."""
    global_datastore: bool = joined(Join.LADDER, False, json_schema_extra={"rung": "global"})
    """Makes the group the primary of a global datastore, which other regions can follow."""
    regions: dict[RegionName, CacheRegionSpec] = joined(Join.LADDER, dict, json_schema_extra={"rung": "regions"})
    """Regions beside home with a group that follows; at most two."""
    version: str = joined(Join.FIXED, "8.1", pattern=r"^([89])\.\d+$")
    """Valkey's major.minor; raised outside phases."""
    snapshot_days: int = joined(Join.MAX, 1, ge=1, le=35)
    """How long daily snapshots are kept."""
    snapshot_window: str = joined(Join.NOW, "01:30-02:30", pattern=DAILY)
    """Daily, UTC; must not overlap `maintenance_window`."""
    maintenance_window: str = joined(Join.NOW, "sun:03:00-sun:04:00", pattern=WEEKLY)
    """Weekly, UTC."""
    log_days: Literal[7, 14, 30, 60, 90, 180, 365] = joined(Join.MAX, 30)
    """How long CloudWatch keeps slow log and engine log."""
    restore: str | None = joined(Join.FIXED, None, pattern=r"^(automatic\.)?[a-z][a-z0-9.-]{0,254}$")
    """The snapshot that the group is born from; null is an empty one."""
    parameters: dict[str, str] = joined(Join.NOW, dict)
    """More parameters; the eviction policy follows `use`."""

    @model_validator(mode="after")
    def _consistent(self) -> CacheSpec:
        if self.use == "queue" and self.cluster != "disabled":
            raise Refused("cluster", self.cluster, "disabled for a queue: its scripts touch keys of several slots")
        if self.shards > 1 and self.cluster != "enabled":
            raise Refused("shards", self.shards, "1 unless cluster is enabled")
        if self.cluster != "disabled" and self.nodes < 2:
            raise Refused("nodes", self.nodes, f"2 to 6 with cluster {self.cluster}, which needs failover")
        refuse_windows("snapshot_window", self.snapshot_window, self.maintenance_window, minutes=60)
        for key, said_by in (("maxmemory-policy", "use"), ("cluster-enabled", "cluster")):
            if key in self.parameters:
                raise Refused(f"parameters.{key}", self.parameters[key], f"nothing: {said_by} decides it")
        return self

    @model_validator(mode="after")
    def _reaches(self) -> CacheSpec:
        if self.regions and not self.global_datastore:
            raise Refused(
                "regions", ", ".join(self.regions), "none without global_datastore, through which they follow"
            )
        if len(self.regions) > FOLLOWERS:
            allowed = f"at most {FOLLOWERS}: a global datastore has no more beside its primary"
            raise Refused("regions", ", ".join(self.regions), allowed)
        if self.global_datastore and self.nodes < 2:
            raise Refused("nodes", self.nodes, "2 to 6 with global_datastore, which needs failover")
        if self.global_datastore and self.cluster == "compatible":
            raise Refused("cluster", self.cluster, "disabled or enabled with global_datastore, whose modes are final")
        if self.global_datastore and not MEMBER.fullmatch(self.instance):
            raise Refused("instance", self.instance, MEMBERS)
        return self

    def keeps(self, lower: Spec) -> Keeps | None:
        """A global datastore stays when its other regions have gone: it is protected as what it binds is, and only a
        block that leaves lifts that. Alone it costs nothing, but its primary keeps a class that may be a member, which
        a smaller phase's may not be, and its failover."""
        assert isinstance(lower, CacheSpec)
        if not self.global_datastore or lower.global_datastore:
            return None
        fields: dict[str, Any] = {"global_datastore": True, "instance": self.instance, "nodes": self.nodes}
        why = (
            "the datastore is protected with the group it binds, and leaves only with the block; without other regions "
            "it costs nothing, but its primary stays of a class that may be a member"
        )
        return Keeps(fields, ", ".join(f"{key}: {str(value).lower()}" for key, value in fields.items()), why)
