"""The spec of the kind postgres: one instance, or shards of it; replicas, a pooler, copies in other regions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import StringConstraints, model_validator

from components.postgres.shards import HELD, SHARDS, HeldKey, ShardName, refuse_shards
from components.spec import Join, Keeps, Refused, RegionName, Spec, joined
from components.windows import DAILY, WEEKLY, refuse_windows

CLASS = r"^db\.[a-z0-9]+\.[a-z0-9]+$"
SNAPSHOT = (
    r"^((rds|awsbackup):)?[A-Za-z][A-Za-z0-9-]{0,254}$|^arn:aws[a-z-]*:rds:[a-z0-9-]+:\d{12}:snapshot:[A-Za-z0-9:-]+$"
)
"""A snapshot of an instance: made by hand or by a deletion, a daily one, AWS Backup's, or another account's by ARN."""
CLUSTER_SNAPSHOT = SNAPSHOT.replace(":snapshot:", ":cluster-snapshot:")
"""The same of a cluster."""
LARGEST = 65536
"""GiB of gp3 that one instance may have."""
ReplicaName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
"""The end of an instance's identifier."""


class ReplicaSpec(Spec):
    """One read replica."""

    instance: str | None = joined(Join.MAX, None, pattern=CLASS)
    """Its own class; null follows its primary's."""


class ShardSpec(Spec):
    """One shard; what it leaves out is as the block says. The first one leaves everything out: it is the block's own
    instance."""

    instance: str | None = joined(Join.MAX, None, pattern=CLASS)
    """Its primary's class."""
    storage: int | None = joined(Join.MAX, None, ge=20, le=LARGEST)
    """Its allocated storage in GiB."""
    max_storage: int | None = joined(Join.MAX, None, ge=22, le=LARGEST)
    """Its own ceiling of storage autoscaling in GiB; null is the block's, or twice a `storage` of its own."""
    replicas: dict[ReplicaName, ReplicaSpec] = joined(Join.UNION, dict)
    """Its own replicas beside the block's, or another class for one of those."""


class PoolerSpec(Spec):
    """An RDS Proxy before each shard's primary. Replicas are reached as before: a proxy takes no replica."""

    max_percent: int = joined(Join.NOW, 90, ge=1, le=100)
    """How much of the instance's `max_connections` the proxy may open; the rest is for people and migrations."""
    idle_percent: int = joined(Join.NOW, 50, ge=0, le=100)
    """How much of `max_connections` it may keep open unused; not above `max_percent`."""
    borrow_seconds: int = joined(Join.NOW, 30, ge=0, le=300)
    """How long a client waits for a connection from the pool before it is refused."""
    idle_client_seconds: int = joined(Join.NOW, 1800, ge=60, le=28800)
    """How long a client may stay silent before its connection is closed."""


def refuse_idle(pooler: PoolerSpec) -> None:
    """Raises `Refused` where more may be kept than opened."""
    if pooler.idle_percent > pooler.max_percent:
        raise Refused("pooler.idle_percent", pooler.idle_percent, f"at most max_percent ({pooler.max_percent})")


class PostgresRegionSpec(Spec):
    """Copies in one more region: read replicas of every shard, under a key of that region."""

    replicas: dict[ReplicaName, ReplicaSpec] = joined(Join.UNION, lambda: {"a": ReplicaSpec()}, min_length=1)
    """Of each shard, by name."""


@dataclass(frozen=True)
class Shape:
    """One shard with nothing left out."""

    instance: str
    storage: int
    ceiling: int
    """GiB that storage autoscaling stops at."""
    replicas: Mapping[str, str]
    """Class by name."""


class PostgresSpec(Spec):
    """RDS for PostgreSQL."""

    instance: str = joined(Join.MAX, pattern=CLASS)
    """Instance class. A change is an outage: minutes alone, one failover with `multi_az`."""
    storage: int = joined(Join.MAX, ge=20, le=LARGEST)
    """Allocated gp3 storage in GiB. Grows, never shrinks."""
    max_storage: int | None = joined(Join.MAX, None, ge=22, le=LARGEST)
    """Ceiling of storage autoscaling in GiB, at least a tenth above `storage`; null is twice `storage`, as far as
    RDS goes."""
    version: str = joined(Join.FIXED, "17", pattern=r"^1[4-9](\.\d+)?$")
    """Major version, or major.minor; with a major alone AWS chooses and raises the minor in the window. Majors are
    raised by an apply of their own, outside phases."""
    database: str = joined(Join.FIXED, "app", pattern=r"^[a-z][a-z0-9_]{0,62}$")
    """The database made at birth."""
    admin: str = joined(Join.FIXED, "dbadmin", pattern=r"^[a-z][a-z0-9_]{0,62}$")
    """The master user; its password is in a secret of ours."""
    multi_az: bool = joined(Join.MAX, False)
    """A synchronous standby in another zone."""
    replicas: dict[ReplicaName, ReplicaSpec] = joined(Join.UNION, dict)
    """Read replicas by name; every shard has them."""
    first: ShardName = joined(Join.FIXED, "one")
    """Which of the shards the instance is that was there before there were any."""
    shards: dict[ShardName, ShardSpec] = joined(Join.UNION, dict, max_length=SHARDS)
    """Instances among which the application spreads rows; empty is one instance. They only arrive: none merges."""
    holds: dict[HeldKey, ShardName] = joined(Join.LADDER, dict, max_length=HELD, json_schema_extra={"rung": "rows"})
    """Which shard the rows of a key live in, as consumers are told; rows of any other key live in the first."""
    pooler: PoolerSpec | None = joined(Join.UNION, None)
    """Shares connections among clients; null is none."""
    through: Literal["instance", "pooler"] = joined(Join.TRAFFIC, "instance")
    """What the role's name stands for: the primary itself, or the pooler before it."""
    region: RegionName | None = joined(Join.FIXED, None)
    """The region in which it stands instead of the stack's own, with its backups: what a jurisdiction's data may not
    leave. It has no copies then."""
    regions: dict[RegionName, PostgresRegionSpec] = joined(Join.UNION, dict)
    """Copies by region beside the stack's own."""
    backup_days: int = joined(Join.MAX, 7, ge=1, le=35)
    """How far point-in-time recovery reaches back. Never 0: replicas and recovery need it."""
    backup_window: str = joined(Join.NOW, "01:30-02:30", pattern=DAILY)
    """Daily, UTC; must not overlap `maintenance_window`."""
    maintenance_window: str = joined(Join.NOW, "sun:03:00-sun:04:00", pattern=WEEKLY)
    """Weekly, UTC: minor upgrades."""
    insights_days: Literal[7, 465] = joined(Join.MAX, 7)
    """Retention of Performance Insights: 7 (Database Insights standard) or 465 (advanced)."""
    monitoring_seconds: Literal[1, 5, 10, 15, 30, 60] = joined(Join.NOW, 60)
    """Interval of enhanced monitoring."""
    log_days: Literal[7, 14, 30, 60, 90, 180, 365] = joined(Join.MAX, 30)
    """How long CloudWatch keeps the exported logs."""
    slow_query_ms: int = joined(Join.NOW, 1000, ge=0)
    """Statements that take longer are logged."""
    parameters: dict[str, str] = joined(Join.NOW, dict)
    """More parameters of the parameter group, over our own; values as RDS prints them."""
    restore: str | None = joined(Join.FIXED, None, pattern=SNAPSHOT)
    """The snapshot that the first shard's instance is born from; null is an empty one."""
    apply_immediately: bool = joined(Join.NOW, True)
    """A reviewed apply takes effect when it runs. False queues it to the window, while `up` reports success."""

    @model_validator(mode="after")
    def _consistent(self) -> PostgresSpec:
        if self.region and self.regions:
            raise Refused("regions", ", ".join(sorted(self.regions)), f"none, as its data stays in {self.region}")
        _refuse_room("", self.storage, self.max_storage)
        refuse_shards(self, each="instance", beside="replicas", names=self.replicas)
        for shard, of in self.shards.items():
            if of.storage is not None or of.max_storage is not None:
                _refuse_room(f"shards.{shard}.", of.storage or self.storage, of.max_storage)
        refuse_windows("backup_window", self.backup_window, self.maintenance_window, minutes=30)
        if self.parameters.get("rds.force_ssl", "1") != "1":
            raise Refused("parameters.rds.force_ssl", self.parameters["rds.force_ssl"], "1: TLS is not optional")
        if self.through == "pooler" and self.pooler is None:
            raise Refused("through", "pooler", "instance, or a pooler: {} to go through")
        if self.pooler is not None:
            refuse_idle(self.pooler)
        return self

    @property
    def others(self) -> list[str]:
        """The shards beside the first."""
        return sorted(self.shards.keys() - {self.first})

    def shape(self, shard: str) -> Shape:
        """One shard; the first is also the instance of a block without shards."""
        of = self.shards.get(shard) or ShardSpec()
        instance, storage = of.instance or self.instance, of.storage or self.storage
        ceiling = of.max_storage or (None if of.storage else self.max_storage) or min(storage * 2, LARGEST)
        classes = {name: replica.instance for name, replica in self.replicas.items()}
        classes |= {name: replica.instance or classes.get(name) for name, replica in of.replicas.items()}
        return Shape(instance, storage, ceiling, {name: own or instance for name, own in sorted(classes.items())})

    def keeps(self, lower: Spec) -> Keeps | None:
        """Shards, and the storage of those that a lower phase has too."""
        assert isinstance(lower, PostgresSpec)
        kept: dict[str, dict[str, Any]] = {
            shard: of.model_dump(mode="json", exclude_defaults=True)
            for shard, of in self.shards.items()
            if shard not in lower.shards
        }
        lost = sorted(kept.keys() - {self.first})
        # What a shard leaves out follows the block's own storage, which does not shrink either.
        room = max(self.storage, lower.storage)
        shrunk = [
            shard
            for shard in self.others
            if shard in lower.shards and self.shape(shard).storage > (lower.shards[shard].storage or room)
        ]
        for shard in shrunk:
            kept[shard] = {"storage": self.shape(shard).storage}
            if lower.shards[shard].max_storage is not None:
                kept[shard]["max_storage"] = max(self.shape(shard).ceiling, lower.shape(shard).ceiling)
        if not lost and not shrunk:
            return None
        why = "RDS cannot shrink allocated storage"
        if lost:
            why = "shards do not merge: an instance goes by hand alone, once it holds no rows"
        what = ", ".join([f"shards.{shard}" for shard in lost] + [f"shards.{shard}.storage" for shard in shrunk])
        return Keeps({"shards": kept}, what, why)


def _refuse_room(under: str, storage: int, ceiling: int | None) -> None:
    least = -(-storage * 11 // 10)
    if ceiling is not None and ceiling < least:
        raise Refused(f"{under}max_storage", ceiling, f"at least {least}, a tenth above storage; null for twice it")
    if least > LARGEST:
        raise Refused(f"{under}storage", storage, f"at most {LARGEST * 10 // 11}: autoscaling needs a tenth above it")
