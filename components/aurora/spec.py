"""The spec of the kind aurora: one cluster, or shards of it; its instances, a pooler, a global database."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import model_validator

from components.postgres.shards import HELD, SHARDS, HeldKey, ShardName, refuse_shards
from components.postgres.spec import CLUSTER_SNAPSHOT, PoolerSpec, PostgresSpec, ReplicaName, refuse_idle
from components.spec import Join, Keeps, Refused, RegionName, Spec, joined
from components.windows import DAILY, WEEKLY, refuse_windows

SERVERLESS = "db.serverless"
CLASS = r"^db\.(serverless|[a-z0-9]+\.[a-z0-9]+)$"
MEMBER = re.compile(r"db\.(serverless|[rx]\d[a-z0-9]*\.\w+)")
"""Classes of a global database's members (Amazon Aurora user guide, "Configuration requirements of an Amazon Aurora
global database", 2026-10)."""
MEMBERS = "a memory-optimised class (db.r or db.x) or db.serverless with global_database"
FOLLOWERS = 10
"""Most regions beside the primary's (same page)."""
READERS = 15
"""Most readers of a cluster (Amazon Aurora user guide, "Quotas and constraints")."""


class InstanceSpec(Spec):
    """One instance: any of them may be the writer."""

    instance: str | None = joined(Join.MAX, None, pattern=CLASS)
    """Its own class; null is the block's."""
    tier: int = joined(Join.NOW, 1, ge=0, le=15)
    """Who becomes the writer when the writer is lost: the lowest number first."""


class CapacitySpec(Spec):
    """What a db.serverless instance scales between, in Aurora capacity units of about 2 GiB."""

    min: float = joined(Join.MAX, 0.5, ge=0, le=256, multiple_of=0.5)
    """The least; 0 lets an idle instance pause."""
    max: float = joined(Join.MAX, ge=1, le=256, multiple_of=0.5)
    """The most."""


class AuroraShardSpec(Spec):
    """One shard, a cluster of its own; what it leaves out is as the block says."""

    instance: str | None = joined(Join.MAX, None, pattern=CLASS)
    """Class of its instances, but for those with one of their own."""
    instances: dict[ReplicaName, InstanceSpec] = joined(Join.UNION, dict)
    """Its own instances beside the block's, or another class for one of those."""


class AuroraRegionSpec(Spec):
    """A cluster of each shard in one more region, which follows through the global database."""

    instances: dict[ReplicaName, InstanceSpec] = joined(Join.UNION, lambda: {"a": InstanceSpec()}, min_length=1)
    """Its readers."""
    write_forwarding: bool = joined(Join.MAX, False)
    """Whether a reader there hands writes on to the writer at home."""


@dataclass(frozen=True)
class Seat:
    """One instance with nothing left out."""

    instance: str
    tier: int


class AuroraSpec(Spec):
    """Aurora PostgreSQL."""

    instance: str = joined(Join.MAX, pattern=CLASS)
    """Class of every instance, but for those with one of their own; db.serverless scales within `capacity`. A change
    restarts that instance."""
    instances: dict[ReplicaName, InstanceSpec] = joined(
        Join.UNION, lambda: {"a": InstanceSpec(), "b": InstanceSpec()}, min_length=1
    )
    """Instances by name, the same for every shard; Aurora spreads them over zones. From two on: failover."""
    capacity: CapacitySpec | None = joined(Join.UNION, None)
    """Limits of db.serverless instances; null where there are none."""
    storage: Literal["aurora", "aurora-iopt1"] = joined(Join.MAX, "aurora", order=("aurora", "aurora-iopt1"))
    """Standard, where I/O is paid for, or I/O-optimised, where it is not."""
    version: str = joined(Join.FIXED, "17", pattern=r"^1[4-9](\.\d+)?$")
    """Major version, or major.minor; raised outside phases."""
    database: str = joined(Join.FIXED, "app", pattern=r"^[a-z][a-z0-9_]{0,62}$")
    """The database made at birth; what took a role over has its predecessor's."""
    admin: str = joined(Join.FIXED, "dbadmin", pattern=r"^[a-z][a-z0-9_]{0,62}$")
    """The master user, as above; its password is in a secret of ours."""
    first: ShardName = joined(Join.FIXED, "one")
    """Which of the shards is the cluster that was there before there were any."""
    shards: dict[ShardName, AuroraShardSpec] = joined(Join.UNION, dict, max_length=SHARDS)
    """Clusters among which the application spreads rows; empty is one cluster. They only arrive: none merges."""
    holds: dict[HeldKey, ShardName] = joined(Join.LADDER, dict, max_length=HELD, json_schema_extra={"rung": "rows"})
    """Which shard the rows of a key live in, as consumers are told; rows of any other key live in the first."""
    pooler: PoolerSpec | None = joined(Join.UNION, None)
    """An RDS Proxy before each shard's writer; null is none."""
    through: Literal["cluster", "pooler"] = joined(Join.TRAFFIC, "cluster")
    """What the role's name stands for: the writer itself, or the pooler before it."""
    global_database: bool = joined(Join.LADDER, False, json_schema_extra={"rung": "global"})
    """Makes each shard the primary of a global database, which other regions can follow."""
    region: RegionName | None = joined(Join.FIXED, None)
    """The region in which it stands instead of the stack's own, with its backups: what a jurisdiction's data may not
    leave. Nothing follows it elsewhere then."""
    regions: dict[RegionName, AuroraRegionSpec] = joined(Join.LADDER, dict, json_schema_extra={"rung": "regions"})
    """Regions beside the stack's own with clusters that follow."""
    restore: str | None = joined(Join.FIXED, None, pattern=CLUSTER_SNAPSHOT)
    """The snapshot that the first shard's cluster is born from; null is an empty one."""
    backup_days: int = joined(Join.MAX, 7, ge=1, le=35)
    """How far point-in-time recovery reaches back."""
    backup_window: str = joined(Join.NOW, "01:30-02:30", pattern=DAILY)
    """Daily, UTC; must not overlap `maintenance_window`."""
    maintenance_window: str = joined(Join.NOW, "sun:03:00-sun:04:00", pattern=WEEKLY)
    """Weekly, UTC: minor upgrades."""
    insights_days: Literal[7, 465] = joined(Join.MAX, 7)
    """Retention of Performance Insights: 7 (Database Insights standard) or 465 (advanced)."""
    monitoring_seconds: Literal[1, 5, 10, 15, 30, 60] = joined(Join.NOW, 60)
    """Interval of enhanced monitoring."""
    log_days: Literal[7, 14, 30, 60, 90, 180, 365] = joined(Join.MAX, 30)
    """How long CloudWatch keeps the exported log."""
    slow_query_ms: int = joined(Join.NOW, 1000, ge=0)
    """Statements that take longer are logged."""
    parameters: dict[str, str] = joined(Join.NOW, dict)
    """More parameters of the cluster's parameter group, over our own; values as RDS prints them."""
    apply_immediately: bool = joined(Join.NOW, True)
    """A reviewed apply takes effect when it runs. False queues it to the window, while `up` reports success."""

    @model_validator(mode="after")
    def _consistent(self) -> AuroraSpec:
        serverless = SERVERLESS in self.classes
        if serverless and self.capacity is None:
            raise Refused("capacity", "null", f"min and max with an instance of class {SERVERLESS}")
        if self.capacity is not None and not serverless:
            raise Refused("capacity", self.capacity.max, f"null without an instance of class {SERVERLESS}")
        if self.capacity is not None and self.capacity.min > self.capacity.max:
            raise Refused("capacity.min", self.capacity.min, f"at most max, which is {self.capacity.max}")
        for shard in (self.first, *self.others):
            if len(self.seats(shard)) > READERS + 1:
                raise Refused("instances", len(self.seats(shard)), f"at most {READERS + 1}: a writer and its readers")
        if self.through == "pooler" and self.pooler is None:
            raise Refused("through", "pooler", "cluster, or a pooler: {} to go through")
        if self.parameters.get("rds.force_ssl", "1") != "1":
            raise Refused("parameters.rds.force_ssl", self.parameters["rds.force_ssl"], "1: TLS is not optional")
        if self.pooler is not None:
            refuse_idle(self.pooler)
        refuse_windows("backup_window", self.backup_window, self.maintenance_window, minutes=30)
        refuse_shards(self, each="cluster", beside="instances", names=self.instances)
        _refuse_reach(self)
        return self

    @property
    def others(self) -> list[str]:
        """The shards beside the first."""
        return sorted(self.shards.keys() - {self.first})

    @property
    def classes(self) -> set[str]:
        """Every class that is named, for any shard, at home or elsewhere."""
        given = [self.instance, *(shard.instance for shard in self.shards.values())]
        maps = [self.instances, *(shard.instances for shard in self.shards.values())]
        maps += [region.instances for region in self.regions.values()]
        given += [each.instance for instances in maps for each in instances.values()]
        return {name for name in given if name is not None}

    def seats(self, shard: str, region: str | None = None) -> dict[str, Seat]:
        """One shard's instances at home or in another region; the first shard is also the cluster of a block without
        shards."""
        of = self.shards.get(shard) or AuroraShardSpec()
        usual = of.instance or self.instance
        if region is not None:
            there = self.regions[region].instances
            return {name: Seat(each.instance or usual, each.tier) for name, each in sorted(there.items())}
        every = {**self.instances, **of.instances}
        return {name: Seat(each.instance or usual, each.tier) for name, each in sorted(every.items())}

    def check_takes_over(self, kind: str, other: Spec | None) -> None:
        """It follows an RDS instance whole: its database, its users and its rows come as they are."""
        if kind != "postgres":
            raise Refused("takes_over", f"a {kind}", "a postgres, which a cluster can follow")
        if not isinstance(other, PostgresSpec):
            return
        for key in ("version", "database", "admin", "first", "region"):
            mine, theirs = getattr(self, key), getattr(other, key)
            if mine != theirs:
                raise Refused(key, mine, f"{theirs}, as what it follows has")
        if sorted(self.shards) != sorted(other.shards):
            allowed = f"{', '.join(sorted(other.shards)) or 'none'}, as what it follows has: each follows its own"
            raise Refused("shards", ", ".join(sorted(self.shards)) or "none", allowed)
        if self.holds != other.holds:
            raise Refused(
                "holds", f"{len(self.holds)} keys", "the same map as what it follows has: rows come as they are"
            )

    def keeps(self, lower: Spec) -> Keeps | None:
        """Shards, which do not merge; and a global database, which is protected as what it binds is, with the classes
        that its members must have."""
        assert isinstance(lower, AuroraSpec)
        fields: dict[str, Any] = {}
        why: list[str] = []
        lost = {
            shard: of.model_dump(mode="json", exclude_defaults=True)
            for shard, of in self.shards.items()
            if shard not in lower.shards
        }
        if lost:
            fields["shards"] = lost
            why.append("shards do not merge: a cluster goes by hand alone, once it holds no rows")
        if self.global_database and not lower.global_database:
            fields["global_database"] = True
            small = [name for name in lower.classes if not MEMBER.fullmatch(name)]
            if small:
                fields["instance"] = self.instance
            why.append(
                "the global database is protected with the cluster it binds, and leaves only with the block; without "
                "other regions it costs nothing, but its members stay of a class that may be one"
            )
        if not fields:
            return None
        named = [f"shards.{shard}" for shard in sorted(lost)]
        named += [f"{key}: {str(value).lower()}" for key, value in fields.items() if key != "shards"]
        return Keeps(fields, ", ".join(named), "; ".join(why))


def _refuse_reach(spec: AuroraSpec) -> None:
    if spec.region and spec.regions:
        raise Refused("regions", ", ".join(sorted(spec.regions)), f"none, as its data stays in {spec.region}")
    if spec.regions and not spec.global_database:
        raise Refused(
            "regions", ", ".join(sorted(spec.regions)), "none without global_database, through which they follow"
        )
    if len(spec.regions) > FOLLOWERS:
        allowed = f"at most {FOLLOWERS}: a global database has no more beside its primary"
        raise Refused("regions", ", ".join(sorted(spec.regions)), allowed)
    if spec.global_database:
        for key, name in _named(spec):
            if not MEMBER.fullmatch(name):
                raise Refused(key, name, MEMBERS)


def _named(spec: AuroraSpec) -> list[tuple[str, str]]:
    """Every class by its key."""
    found: list[tuple[str, str | None]] = [("instance", spec.instance)]
    maps: Mapping[str, Mapping[str, InstanceSpec]] = {
        "instances": spec.instances,
        **{f"shards.{shard}.instances": of.instances for shard, of in spec.shards.items()},
        **{f"regions.{region}.instances": of.instances for region, of in spec.regions.items()},
    }
    found += [(f"shards.{shard}.instance", of.instance) for shard, of in spec.shards.items()]
    found += [(f"{key}.{name}.instance", each.instance) for key, given in maps.items() for name, each in given.items()]
    return [(key, name) for key, name in found if name is not None]
