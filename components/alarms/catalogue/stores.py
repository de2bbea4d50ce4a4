"""What holds data: databases, caches, search, tables, backups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from components.alarms.catalogue.metric import AWAY, Metric
from components.emitter import EmitterKind

GIB: Final = 1024**3
OPERATIONS: Final = (
    "GetItem", "BatchGetItem", "Query", "Scan", "TransactGetItems",
    "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems",
)  # fmt: skip
"""By which DynamoDB counts a table's own failures."""


def _rds(name: str, stat: str, unit: str) -> Metric:
    return Metric("AWS/RDS", (name,), stat, unit)


def _instances(name: str, stat: str, unit: str) -> Metric:
    return Metric("AWS/RDS", (name,), stat, unit, of="followers")


def _pooler(name: str, stat: str, unit: str) -> Metric:
    return Metric("AWS/RDS", (name,), stat, unit, of="poolers")


def _cache(name: str, stat: str, unit: str, how: str) -> Metric:
    return Metric("AWS/ElastiCache", (name,), stat, unit, f"{how}({{a}})", each=False)


def _domain(name: str, stat: str, unit: str) -> Metric:
    return Metric("AWS/ES", (name,), stat, unit)


def _table(names: tuple[str, ...], stat: str, unit: str, expression: str = "", **more: Any) -> Metric:
    return Metric("AWS/DynamoDB", names, stat, unit, expression, **more)


def _vault(name: str, unit: str) -> Metric:
    return Metric("AWS/Backup", (name,), "Sum", unit)


_POOLERS: Final = {
    "pooler_clients": _pooler("ClientConnections", "Sum", "connections of clients"),
    "pooler_connections": _pooler("DatabaseConnections", "Sum", "connections to the database"),
    "pooler_pinned": _pooler("DatabaseConnectionsCurrentlySessionPinned", "Sum", "connections that serve one client"),
    "pooler_wait": _pooler("DatabaseConnectionsBorrowLatency", "Average", "microseconds until a connection is lent"),
    "pooler_failed": _pooler("DatabaseConnectionsSetupFailed", "Sum", "connections that the database refused"),
    "pooler_latency": _pooler("QueryDatabaseResponseLatency", "Average", "microseconds of the database's answer"),
}
"""Of an RDS Proxy (Amazon RDS user guide, "Monitoring RDS Proxy metrics with Amazon CloudWatch")."""

STORES: Final[Mapping[EmitterKind, Mapping[str, Metric]]] = {
    "postgres": {
        "cpu": _rds("CPUUtilization", "Average", "percent"),
        "storage_used": Metric(
            "AWS/RDS",
            ("FreeStorageSpace",),
            "Minimum",
            "percent of what is allocated",
            f"100 * (1 - SUM({{a}}) / ({{allocated_gib}} * {GIB}))",
        ),
        "memory_free": _rds("FreeableMemory", "Minimum", "bytes"),
        "connections": _rds("DatabaseConnections", "Maximum", "connections"),
        "read_latency": _rds("ReadLatency", "Average", "seconds"),
        "write_latency": _rds("WriteLatency", "Average", "seconds"),
        "credits": _rds("CPUCreditBalance", "Minimum", "credits"),
        # An instance that runs reports once a minute; one that does not, reports nothing.
        "samples": _rds("CPUUtilization", "SampleCount", "samples"),
        "replica_lag": Metric("AWS/RDS", ("ReplicaLag",), "Maximum", "seconds", of="followers"),
        "replica_cpu": _instances("CPUUtilization", "Average", "percent"),
        **_POOLERS,
    },
    # Under the cluster's name CloudWatch has each instance's series as samples of one: a maximum is the busiest's.
    "aurora": {
        "cpu": _rds("CPUUtilization", "Maximum", "percent of the busiest instance"),
        "memory_free": _rds("FreeableMemory", "Minimum", "bytes of the fullest instance"),
        "connections": _rds("DatabaseConnections", "Maximum", "connections of the instance that has most"),
        "replica_lag": _rds("AuroraReplicaLag", "Maximum", "milliseconds of the last reader"),
        "capacity": _rds("ServerlessDatabaseCapacity", "Maximum", "ACUs of the largest instance"),
        "capacity_used": _rds("ACUUtilization", "Maximum", "percent of the most ACUs that an instance may have"),
        "volume": _rds("VolumeBytesUsed", "Maximum", "bytes"),
        "volume_reads": _rds("VolumeReadIOPs", "Sum", "I/Os read from storage"),
        "volume_writes": _rds("VolumeWriteIOPs", "Sum", "I/Os written to storage"),
        "read_latency": _rds("ReadLatency", "Average", "seconds"),
        "write_latency": _rds("WriteLatency", "Average", "seconds"),
        "samples": _rds("CPUUtilization", "SampleCount", "samples of all instances"),
        "instance_cpu": _instances("CPUUtilization", "Average", "percent"),
        "instance_memory_free": _instances("FreeableMemory", "Minimum", "bytes"),
        "instance_connections": _instances("DatabaseConnections", "Maximum", "connections"),
        "credits": _instances("CPUCreditBalance", "Minimum", "credits"),
        # Told in the region that follows.
        "global_lag": Metric("AWS/RDS", ("AuroraGlobalDBReplicationLag",), "Maximum", "milliseconds", of=AWAY),
        **_POOLERS,
    },
    "cache": {
        "memory": _cache("DatabaseMemoryUsagePercentage", "Maximum", "percent of the fullest", "MAX"),
        "cpu": _cache("EngineCPUUtilization", "Average", "percent of the busiest", "MAX"),
        "evictions": _cache("Evictions", "Sum", "keys", "SUM"),
        "connections": _cache("CurrConnections", "Maximum", "connections", "MAX"),
        "replication_lag": _cache("ReplicationLag", "Maximum", "seconds", "MAX"),
        # A cache that nobody asks has missed nothing.
        "hit_rate": Metric(
            "AWS/ElastiCache",
            ("CacheHits", "CacheMisses"),
            "Sum",
            "percent",
            "IF(SUM({a}) + SUM({b}) > 0, 100 * SUM({a}) / (SUM({a}) + SUM({b})), 100)",
            each=False,
            # One series a node; the nodes of shards take about as many requests each.
            short=_cache("CacheHitRate", "Average", "percent, of the nodes on average", "AVG"),
        ),
    },
    "hosted": {
        "volume_used": Metric("CWAgent", ("disk_used_percent",), "Maximum", "percent of the volume"),
        # Its host's agent reports once a minute while the volume is mounted; nothing says that it is not.
        "samples": Metric("CWAgent", ("disk_used_percent",), "SampleCount", "samples"),
        "queue": Metric("AWS/EBS", ("VolumeQueueLength",), "Average", "requests that wait", of="followers"),
    },
    "search": {
        "red": _domain("ClusterStatus.red", "Maximum", "1 if a primary shard is on no node"),
        "yellow": _domain("ClusterStatus.yellow", "Maximum", "1 if a replica shard is on no node"),
        "cpu": _domain("CPUUtilization", "Maximum", "percent of the busiest"),
        "memory": _domain("JVMMemoryPressure", "Maximum", "percent of the fullest heap"),
        "storage_free": _domain("FreeStorageSpace", "Minimum", "MiB of the fullest node"),
        "writes_blocked": _domain("ClusterIndexWritesBlocked", "Maximum", "1 if writes are refused"),
        "nodes": _domain("Nodes", "Minimum", "nodes"),
        "latency": _domain("SearchLatency", "Average", "milliseconds"),
        "rejected": _domain("ThreadpoolSearchRejected", "Maximum", "searches refused, all told"),
        "snapshot_failed": _domain("AutomatedSnapshotFailure", "Maximum", "1 if the last failed"),
    },
    # Throttled reads and writes of the table itself; an index that is too small throttles the table's writes with it.
    "table": {
        "throttles": _table(
            ("ReadThrottleEvents", "WriteThrottleEvents"), "Sum", "requests", "FILL(SUM({a}), 0) + FILL(SUM({b}), 0)"
        ),
        "system_errors": _table(
            ("SystemErrors",), "Sum", "requests", "SUM({a})", each=False, by=("Operation", OPERATIONS)
        ),
        # AWS counts mistakes of callers for the account and region, and says no table.
        "user_errors": _table(("UserErrors",), "Sum", "requests of the whole account", account=True),
        "read_latency": _table(
            ("SuccessfulRequestLatency",),
            "p99",
            "milliseconds of the slower of Get and Query",
            "MAX({a})",
            each=False,
            by=("Operation", ("GetItem", "Query")),
        ),
        "write_latency": _table(
            ("SuccessfulRequestLatency",),
            "p99",
            "milliseconds of the slower of Put and Update",
            "MAX({a})",
            each=False,
            by=("Operation", ("PutItem", "UpdateItem")),
        ),
        "consumed_reads": _table(("ConsumedReadCapacityUnits",), "Sum", "read units"),
        "consumed_writes": _table(("ConsumedWriteCapacityUnits",), "Sum", "write units"),
        "replication_lag": _table(("ReplicationLatency",), "Average", "milliseconds", of="followers"),
    },
    "backup": {
        "failed": _vault("NumberOfBackupJobsFailed", "jobs"),
        "expired": _vault("NumberOfBackupJobsExpired", "jobs"),
        "completed": _vault("NumberOfBackupJobsCompleted", "jobs"),
        "copies_failed": _vault("NumberOfCopyJobsFailed", "jobs"),
        "restores_failed": _vault("NumberOfRestoreJobsFailed", "jobs"),
    },
}
