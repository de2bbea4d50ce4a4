"""Which metrics each kind of block emits, and how each is read. An alarm on anything else would stay silent for ever.

Names and dimensions: the CloudWatch pages of the RDS, ElastiCache, Elastic Load Balancing, EC2, EC2 Auto Scaling user
guides and of the CloudWatch agent (2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.emitter import Dimensions, Emitter, EmitterKind

GIB: Final = 1024**3
Query = aws.cloudwatch.MetricAlarmMetricQueryArgs


@dataclass(frozen=True)
class Metric:
    """How a metric is read. Without `expression` it is one series; `{a}`, `{b}` in it are the series of all members,
    each as a list, and other names are the emitter's figures."""

    namespace: str
    names: tuple[str, ...]
    stat: str
    unit: str
    expression: str = ""
    of: str = "members"
    """`members`: one alarm over all of them; `followers`: over all of them; `each`: an alarm for each follower."""


CATALOGUE: Final[Mapping[EmitterKind, Mapping[str, Metric]]] = {
    "postgres": {
        "cpu": Metric("AWS/RDS", ("CPUUtilization",), "Average", "percent"),
        "storage_used": Metric(
            "AWS/RDS",
            ("FreeStorageSpace",),
            "Minimum",
            "percent of what is allocated",
            f"100 * (1 - SUM({{a}}) / ({{allocated_gib}} * {GIB}))",
        ),
        "memory_free": Metric("AWS/RDS", ("FreeableMemory",), "Minimum", "bytes"),
        "connections": Metric("AWS/RDS", ("DatabaseConnections",), "Maximum", "connections"),
        "read_latency": Metric("AWS/RDS", ("ReadLatency",), "Average", "seconds"),
        "write_latency": Metric("AWS/RDS", ("WriteLatency",), "Average", "seconds"),
        "credits": Metric("AWS/RDS", ("CPUCreditBalance",), "Minimum", "credits"),
        # An instance that runs reports once a minute; one that does not, reports nothing.
        "samples": Metric("AWS/RDS", ("CPUUtilization",), "SampleCount", "samples"),
        "replica_lag": Metric("AWS/RDS", ("ReplicaLag",), "Maximum", "seconds", of="each"),
    },
    "cache": {
        "memory": Metric(
            "AWS/ElastiCache", ("DatabaseMemoryUsagePercentage",), "Maximum", "percent of the fullest", "MAX({a})"
        ),
        "cpu": Metric("AWS/ElastiCache", ("EngineCPUUtilization",), "Average", "percent of the busiest", "MAX({a})"),
        "evictions": Metric("AWS/ElastiCache", ("Evictions",), "Sum", "keys", "SUM({a})"),
        "connections": Metric("AWS/ElastiCache", ("CurrConnections",), "Maximum", "connections", "MAX({a})"),
        "replication_lag": Metric("AWS/ElastiCache", ("ReplicationLag",), "Maximum", "seconds", "MAX({a})"),
        # A cache that nobody asks has missed nothing.
        "hit_rate": Metric(
            "AWS/ElastiCache",
            ("CacheHits", "CacheMisses"),
            "Sum",
            "percent",
            "IF(SUM({a}) + SUM({b}) > 0, 100 * SUM({a}) / (SUM({a}) + SUM({b})), 100)",
        ),
    },
    "balancer": {
        "latency": Metric("AWS/ApplicationELB", ("TargetResponseTime",), "p99", "seconds"),
        "requests": Metric("AWS/ApplicationELB", ("RequestCount",), "Sum", "requests"),
        # Counters that counted nothing report nothing.
        "error_rate": Metric(
            "AWS/ApplicationELB",
            ("HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count", "RequestCount"),
            "Sum",
            "percent",
            "100 * (FILL(SUM({a}), 0) + FILL(SUM({b}), 0)) / SUM({c})",
        ),
        "unhealthy_hosts": Metric(
            "AWS/ApplicationELB", ("UnHealthyHostCount",), "Maximum", "hosts", "SUM({a})", "followers"
        ),
        "healthy_hosts": Metric(
            "AWS/ApplicationELB", ("HealthyHostCount",), "Minimum", "hosts of the emptiest", "MIN({a})", "followers"
        ),
    },
    "server": {
        "cpu": Metric("AWS/EC2", ("CPUUtilization",), "Average", "percent"),
        "memory": Metric("CWAgent", ("mem_used_percent",), "Maximum", "percent of the fullest"),
        "disk": Metric("CWAgent", ("disk_used_percent",), "Maximum", "percent of the fullest"),
        "status": Metric("AWS/EC2", ("StatusCheckFailed",), "Maximum", "1 if a check fails"),
        "in_service": Metric("AWS/AutoScaling", ("GroupInServiceInstances",), "Minimum", "hosts"),
    },
    "service": {},
}


@dataclass(frozen=True)
class Reading:
    """What an alarm evaluates: one series, or the last of several queries."""

    single: tuple[str, str, str, Dimensions] | None = None
    """Namespace, metric, statistic, dimensions."""
    queries: Sequence[Query] = ()


def readings(emitter: Emitter, metric: str, stat: str | None, period: int) -> dict[str, Reading]:
    """One reading for each alarm to make, by what its name ends in (empty for the only one)."""
    how = CATALOGUE[emitter.kind][metric]
    chosen = stat or how.stat
    if how.of == "each":
        return {
            name: Reading((how.namespace, how.names[0], chosen, dimensions))
            for name, dimensions in emitter.followers.items()
        }
    sources = emitter.members if how.of == "members" else emitter.followers
    if not how.expression:
        (dimensions,) = sources.values()
        return {"": Reading((how.namespace, how.names[0], chosen, dimensions))}
    queries, series = [], {}
    for letter, name in zip("abc", how.names, strict=False):
        ids = [f"{letter}{index}" for index in range(len(sources))]
        series[letter] = f"[{', '.join(ids)}]"
        queries += [
            Query(
                id=query_id,
                return_data=False,
                metric=aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
                    namespace=how.namespace, metric_name=name, period=period, stat=chosen, dimensions=dimensions
                ),
            )
            for query_id, dimensions in zip(ids, sources.values(), strict=True)
        ]
    expression: pulumi.Input[str]
    if emitter.figures:
        expression = pulumi.Output.all(**emitter.figures).apply(
            lambda figures: how.expression.format(**series, **{name: f"{value:g}" for name, value in figures.items()})
        )
    else:
        expression = how.expression.format(**series)
    queries.append(Query(id="value", expression=expression, label=metric, return_data=True))
    return {"": Reading(queries=queries)}
