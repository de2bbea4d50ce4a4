"""Which metrics each kind of block emits, and how each is read. An alarm on anything else would stay silent for ever.

Names and dimensions: the CloudWatch pages of the RDS, ElastiCache, OpenSearch Service, Elastic Load Balancing, API
Gateway, EC2, EC2 Auto Scaling, EKS, Lambda, SQS, Amazon MQ, MSK, DynamoDB, EventBridge and its Scheduler, CloudFront,
CloudWatch Synthetics and Backup user guides, of the CloudWatch agent, and of OpenTelemetry's Kubernetes cluster
receiver (2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from components.emitter import EmitterKind

GIB: Final = 1024**3
MOST: Final = 10
"""Metrics of one alarm on an expression (CloudWatch user guide, "CloudWatch service quotas")."""
CLUSTER_NAMESPACE: Final = "Collector"
"""Where the collector that a telemetry block runs on a cluster puts what it sees of the cluster."""


@dataclass(frozen=True)
class Metric:
    """How a metric is read. In `expression`, `{a}`, `{b}` are the series of its sources, each as a list, and other
    names are the emitter's figures."""

    namespace: str
    names: tuple[str, ...]
    stat: str
    unit: str
    expression: str = ""
    of: Literal["members", "followers", "queues", "dead_letters", "brokers", "lag", "poolers", "behind"] = "members"
    """Whose series; beyond followers, a part of a broker's or a database's."""
    each: bool = True
    """An alarm for each of them, or one over all."""
    only: str | None = None
    """Of one member or follower alone."""
    by: tuple[str, tuple[str, ...]] | None = None
    """A dimension beside the source's own, and its values: a series of each source for each."""
    account: bool = False
    """Counted for the account and region as a whole, without dimensions."""
    short: Metric | None = None
    """Read instead where all series of this one would be more than an alarm may have."""


def _rds(name: str, stat: str, unit: str) -> Metric:
    return Metric("AWS/RDS", (name,), stat, unit)


def _instances(name: str, stat: str, unit: str) -> Metric:
    return Metric("AWS/RDS", (name,), stat, unit, of="followers")


def _pooler(name: str, stat: str, unit: str) -> Metric:
    return Metric("AWS/RDS", (name,), stat, unit, of="poolers")


def _cache(name: str, stat: str, unit: str, how: str) -> Metric:
    return Metric("AWS/ElastiCache", (name,), stat, unit, f"{how}({{a}})", each=False)


def _targets(name: str, stat: str, unit: str, how: str) -> Metric:
    return Metric("AWS/ApplicationELB", (name,), stat, unit, f"{how}({{a}})", "followers", each=False)


def _share(namespace: str, *names: str) -> Metric:
    """The last is what the others are a share of; counters that counted nothing report nothing."""
    parts = " + ".join(f"FILL(SUM({{{letter}}}), 0)" for letter, _ in zip("abc", names[:-1], strict=False))
    return Metric(namespace, names, "Sum", "percent", f"100 * ({parts}) / SUM({{{'abc'[len(names) - 1]}}})", each=False)


def _domain(name: str, stat: str, unit: str) -> Metric:
    return Metric("AWS/ES", (name,), stat, unit)


def _function(name: str, stat: str, unit: str) -> Metric:
    return Metric("AWS/Lambda", (name,), stat, unit)


def _queue(name: str, unit: str, which: str) -> Metric:
    return Metric("AWS/SQS", (name,), "Maximum", unit, "MAX({a})", "followers", each=False, only=which)


def _scheduler(name: str, unit: str) -> Metric:
    return Metric("AWS/Scheduler", (name,), "Sum", unit)


def _gateway(name: str, stat: str, unit: str) -> Metric:
    return Metric("AWS/ApiGateway", (name,), stat, unit)


def _plane(name: str, stat: str, unit: str) -> Metric:
    return Metric("AWS/EKS", (name,), stat, unit)


def _seen(names: tuple[str, ...], stat: str, unit: str, expression: str = "") -> Metric:
    return Metric(CLUSTER_NAMESPACE, names, stat, unit, expression)


def _cdn(name: str, stat: str, unit: str, of: Literal["members", "followers"] = "members") -> Metric:
    return Metric("AWS/CloudFront", (name,), stat, unit, of=of)


def _bus(name: str, unit: str) -> Metric:
    return Metric("AWS/Events", (name,), "Sum", unit, "SUM({a})", each=False)


def _table(names: tuple[str, ...], stat: str, unit: str, expression: str = "", **more: Any) -> Metric:
    return Metric("AWS/DynamoDB", names, stat, unit, expression, **more)


def _sqs(name: str, unit: str, of: Literal["queues", "dead_letters"] = "queues") -> Metric:
    return Metric("AWS/SQS", (name,), "Maximum", unit, of=of)


def _rabbit(names: tuple[str, ...], stat: str, unit: str, expression: str = "") -> Metric:
    return Metric("AWS/AmazonMQ", names, stat, unit, expression, only="broker")


def _kafka(name: str, unit: str) -> Metric:
    return Metric("AWS/Kafka", (name,), "Maximum", unit, only="cluster")


def _brokers(names: tuple[str, ...], stat: str, unit: str, expression: str) -> Metric:
    return Metric("AWS/Kafka", names, stat, unit, expression, "brokers", each=False)


def _lag(name: str, unit: str) -> Metric:
    return Metric("AWS/Kafka", (name,), "Maximum", unit, of="lag")


def _vault(name: str, unit: str) -> Metric:
    return Metric("AWS/Backup", (name,), "Sum", unit)


OPERATIONS: Final = (
    "GetItem", "BatchGetItem", "Query", "Scan", "TransactGetItems",
    "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems",
)  # fmt: skip
"""By which DynamoDB counts a table's own failures."""

AWAY: Final = "behind"
"""The part of what is reported only in another region, by what follows there."""

_POOLERS: Final = {
    "pooler_clients": _pooler("ClientConnections", "Sum", "connections of clients"),
    "pooler_connections": _pooler("DatabaseConnections", "Sum", "connections to the database"),
    "pooler_pinned": _pooler("DatabaseConnectionsCurrentlySessionPinned", "Sum", "connections that serve one client"),
    "pooler_wait": _pooler("DatabaseConnectionsBorrowLatency", "Average", "microseconds until a connection is lent"),
    "pooler_failed": _pooler("DatabaseConnectionsSetupFailed", "Sum", "connections that the database refused"),
    "pooler_latency": _pooler("QueryDatabaseResponseLatency", "Average", "microseconds of the database's answer"),
}
"""Of an RDS Proxy (Amazon RDS user guide, "Monitoring RDS Proxy metrics with Amazon CloudWatch")."""

CATALOGUE: Final[Mapping[EmitterKind, Mapping[str, Metric]]] = {
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
    # Members are the names that CloudFront answers, followers those of them whose further metrics are paid for; all of
    # it is counted in us-east-1. Fastly counts for itself.
    "cdn": {
        "requests": _cdn("Requests", "Sum", "requests"),
        "error_rate": _cdn("5xxErrorRate", "Average", "percent"),
        "refused_rate": _cdn("4xxErrorRate", "Average", "percent"),
        "hit_rate": _cdn("CacheHitRate", "Average", "percent of what may be kept", "followers"),
        "origin_latency": _cdn("OriginLatency", "p99", "milliseconds", "followers"),
        "bytes": _cdn("BytesDownloaded", "Sum", "bytes"),
    },
    # Members are the rules: an alarm is on what all of them did.
    "events": {
        "failed": _bus("FailedInvocations", "events that a target did not take"),
        "throttled": _bus("ThrottledRules", "times a rule had to wait"),
        "matched": _bus("MatchedEvents", "events"),
        "given_up": _bus("InvocationsSentToDlq", "events"),
        "lost": _bus("InvocationsFailedToBeSentToDlq", "events that not even the dead letters took"),
        "dead_letters": _queue("ApproximateNumberOfMessagesVisible", "messages", "dead_letters"),
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
    # Of SQS, of RabbitMQ, of Kafka: none has another's parts, so none can be asked for another's metrics.
    "broker": {
        "queue_length": _sqs("ApproximateNumberOfMessagesVisible", "messages"),
        "queue_age": _sqs("ApproximateAgeOfOldestMessage", "seconds"),
        "in_flight": _sqs("ApproximateNumberOfMessagesNotVisible", "messages"),
        "dead_letters": _sqs("ApproximateNumberOfMessagesVisible", "messages", "dead_letters"),
        "messages": _rabbit(("MessageCount",), "Maximum", "messages, ready and unacknowledged"),
        "messages_ready": _rabbit(("MessageReadyCount",), "Maximum", "messages that no consumer has"),
        "consumers": _rabbit(("ConsumerCount",), "Minimum", "consumers"),
        "memory": _rabbit(
            ("RabbitMQMemUsed", "RabbitMQMemLimit"),
            "Maximum",
            "percent of what stops producers",
            "100 * SUM({a}) / SUM({b})",
        ),
        "disk_free": _rabbit(("RabbitMQDiskFree",), "Minimum", "bytes"),
        "cpu": _rabbit(("SystemCpuUtilization",), "Average", "percent"),
        "active_controllers": _kafka("ActiveControllerCount", "controllers, of which there is one"),
        "offline_partitions": _kafka("OfflinePartitionsCount", "partitions without a leader"),
        "partitions": _kafka("GlobalPartitionCount", "partitions"),
        "broker_cpu": _brokers(("CpuUser", "CpuSystem"), "Average", "percent of the busiest", "MAX({a}) + MAX({b})"),
        "broker_disk": _brokers(("KafkaDataLogsDiskUsed",), "Maximum", "percent of the fullest", "MAX({a})"),
        "consumer_lag": _lag("SumOffsetLag", "messages that a group has not read"),
        "consumer_delay": _lag("EstimatedMaxTimeLag", "seconds that a group is behind"),
    },
    "balancer": {
        "latency": Metric("AWS/ApplicationELB", ("TargetResponseTime",), "p99", "seconds"),
        "requests": Metric("AWS/ApplicationELB", ("RequestCount",), "Sum", "requests"),
        "error_rate": _share(
            "AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count", "RequestCount"
        ),
        "unhealthy_hosts": _targets("UnHealthyHostCount", "Maximum", "hosts", "SUM"),
        "healthy_hosts": _targets("HealthyHostCount", "Minimum", "hosts of the emptiest", "MIN"),
    },
    "gateway": {
        "requests": _gateway("Count", "Sum", "requests"),
        "errors": _gateway("5xx", "Sum", "requests"),
        "refused": _gateway("4xx", "Sum", "requests"),
        "error_rate": _share("AWS/ApiGateway", "5xx", "Count"),
        "latency": _gateway("Latency", "p99", "milliseconds"),
        "backend_latency": _gateway("IntegrationLatency", "p99", "milliseconds"),
    },
    # A REST API's have other names, and a cache. A request that asked no cache is neither a hit nor a miss.
    "rest-gateway": {
        "requests": _gateway("Count", "Sum", "requests"),
        "errors": _gateway("5XXError", "Sum", "requests"),
        "refused": _gateway("4XXError", "Sum", "requests"),
        "error_rate": _share("AWS/ApiGateway", "5XXError", "Count"),
        "latency": _gateway("Latency", "p99", "milliseconds"),
        "backend_latency": _gateway("IntegrationLatency", "p99", "milliseconds"),
        "cache_hits": _gateway("CacheHitCount", "Sum", "requests"),
        "cache_misses": _gateway("CacheMissCount", "Sum", "requests"),
        "hit_rate": Metric(
            "AWS/ApiGateway",
            ("CacheHitCount", "CacheMissCount"),
            "Sum",
            "percent",
            "IF(SUM({a}) + SUM({b}) > 0, 100 * SUM({a}) / (SUM({a}) + SUM({b})), 100)",
            each=False,
        ),
    },
    "server": {
        "cpu": Metric("AWS/EC2", ("CPUUtilization",), "Average", "percent"),
        "memory": Metric("CWAgent", ("mem_used_percent",), "Maximum", "percent of the fullest"),
        "disk": Metric("CWAgent", ("disk_used_percent",), "Maximum", "percent of the fullest"),
        "status": Metric("AWS/EC2", ("StatusCheckFailed",), "Maximum", "1 if a check fails"),
        "in_service": Metric("AWS/AutoScaling", ("GroupInServiceInstances",), "Minimum", "hosts"),
    },
    # The control plane's own metrics, which EKS gives without an agent, and EC2's of each node group. What only an
    # agent inside sees is a telemetry block's to emit.
    "kubernetes": {
        "pods_pending": _plane("scheduler_pending_pods_UNSCHEDULABLE", "Maximum", "pods that fit on no node"),
        "api_errors": _plane("apiserver_request_total_5XX", "Sum", "requests"),
        "api_throttled": _plane("apiserver_request_total_429", "Sum", "requests"),
        "api_latency": _plane("apiserver_request_duration_seconds_GET_P99", "Average", "seconds"),
        "state_size": _plane("apiserver_storage_size_bytes", "Maximum", "bytes of etcd, of 10 GiB at most"),
        "node_status": Metric("AWS/EC2", ("StatusCheckFailed",), "Maximum", "1 if a check fails", of="followers"),
        "node_cpu": Metric("AWS/EC2", ("CPUUtilization",), "Average", "percent", of="followers"),
    },
    "service": {},
    "function": {
        "invocations": _function("Invocations", "Sum", "invocations"),
        "errors": _function("Errors", "Sum", "invocations"),
        "error_rate": _share("AWS/Lambda", "Errors", "Invocations"),
        "throttles": _function("Throttles", "Sum", "invocations"),
        "duration": _function("Duration", "p99", "milliseconds"),
        "concurrency": _function("ConcurrentExecutions", "Maximum", "invocations at a time"),
        "dead_letters": _queue("ApproximateNumberOfMessagesVisible", "messages", "dead_letters"),
        "queue_length": _queue("ApproximateNumberOfMessagesVisible", "messages", "queue"),
        "queue_age": _queue("ApproximateAgeOfOldestMessage", "seconds", "queue"),
    },
    "schedule": {
        "invocations": _scheduler("InvocationAttemptCount", "invocations"),
        "errors": _scheduler("TargetErrorCount", "invocations"),
        "dropped": _scheduler("InvocationDroppedCount", "invocations"),
        "dead_letters": _queue("ApproximateNumberOfMessagesVisible", "messages", "dead_letters"),
    },
    # Members are the clusters that its collector watches, followers its synthetic checks.
    "telemetry": {
        "nodes_ready": _seen(
            ("k8s.node.condition_ready",), "Minimum", "1 where every node is ready, 0 where one is not"
        ),
        "pods_ready": _seen(
            ("k8s.container.ready",), "Minimum", "1 where every container is ready, 0 where one is not"
        ),
        # A cumulative count of each container: the maximum of all rises whenever the worst of them starts again.
        "restarts": _seen(("k8s.container.restarts",), "Maximum", "restarts of the worst container", "DIFF(MAX({a}))"),
        "replicas_missing": _seen(
            ("k8s.deployment.desired", "k8s.deployment.available"),
            "Average",
            "replicas that a deployment lacks, on average",
            "MAX({a}) - MAX({b})",
        ),
        "success": Metric("CloudWatchSynthetics", ("SuccessPercent",), "Average", "percent", of="followers"),
        "check_duration": Metric("CloudWatchSynthetics", ("Duration",), "p90", "milliseconds", of="followers"),
    },
    "backup": {
        "failed": _vault("NumberOfBackupJobsFailed", "jobs"),
        "expired": _vault("NumberOfBackupJobsExpired", "jobs"),
        "completed": _vault("NumberOfBackupJobsCompleted", "jobs"),
        "copies_failed": _vault("NumberOfCopyJobsFailed", "jobs"),
        "restores_failed": _vault("NumberOfRestoreJobsFailed", "jobs"),
    },
}
