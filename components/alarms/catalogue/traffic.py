"""What requests, messages and events go through."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from components.alarms.catalogue.metric import Metric, queue, share
from components.emitter import EmitterKind


def _cdn(name: str, stat: str, unit: str, of: Literal["members", "followers"] = "members") -> Metric:
    return Metric("AWS/CloudFront", (name,), stat, unit, of=of)


def _bus(name: str, unit: str) -> Metric:
    return Metric("AWS/Events", (name,), "Sum", unit, "SUM({a})", each=False)


def _sqs(name: str, unit: str, of: Literal["queues", "dead_letters"] = "queues") -> Metric:
    return Metric("AWS/SQS", (name,), "Maximum", unit, of=of)


def _rabbit(names: tuple[str, ...], stat: str, unit: str, expression: str = "") -> Metric:
    return Metric("AWS/AmazonMQ", names, stat, unit, expression, only="broker")


def _kafka(name: str, unit: str) -> Metric:
    return Metric("AWS/Kafka", (name,), "Maximum", unit, only="cluster")


def _brokers(names: tuple[str, ...], stat: str, unit: str, expression: str, short: Metric | None = None) -> Metric:
    return Metric("AWS/Kafka", names, stat, unit, expression, "brokers", each=False, short=short)


def _lag(name: str, unit: str) -> Metric:
    return Metric("AWS/Kafka", (name,), "Maximum", unit, of="lag")


def _targets(name: str, stat: str, unit: str, how: str) -> Metric:
    return Metric("AWS/ApplicationELB", (name,), stat, unit, f"{how}({{a}})", "followers", each=False)


def _gateway(name: str, stat: str, unit: str) -> Metric:
    return Metric("AWS/ApiGateway", (name,), stat, unit)


TRAFFIC: Final[Mapping[EmitterKind, Mapping[str, Metric]]] = {
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
        "dead_letters": queue("ApproximateNumberOfMessagesVisible", "messages", "dead_letters"),
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
        # What must stay free is by class; at 100 producers stand still.
        "disk": _rabbit(
            ("RabbitMQDiskFreeLimit", "RabbitMQDiskFree"),
            "Minimum",
            "percent that what must stay free is of what is free",
            "100 * SUM({a}) / SUM({b})",
        ),
        "cpu": _rabbit(("SystemCpuUtilization",), "Average", "percent"),
        "active_controllers": _kafka("ActiveControllerCount", "controllers, of which there is one"),
        "offline_partitions": _kafka("OfflinePartitionsCount", "partitions without a leader"),
        "partitions": _kafka("GlobalPartitionCount", "partitions"),
        "broker_cpu": _brokers(
            ("CpuUser", "CpuSystem"),
            "Average",
            "percent of the busiest",
            "MAX({a}) + MAX({b})",
            # One series a broker, in which waiting for disks counts too.
            short=_brokers(("CpuIdle",), "Average", "percent of the busiest", "100 - MIN({a})"),
        ),
        "broker_disk": _brokers(("KafkaDataLogsDiskUsed",), "Maximum", "percent of the fullest", "MAX({a})"),
        "consumer_lag": _lag("SumOffsetLag", "messages that a group has not read"),
        "consumer_delay": _lag("EstimatedMaxTimeLag", "seconds that a group is behind"),
    },
    "balancer": {
        "latency": Metric("AWS/ApplicationELB", ("TargetResponseTime",), "p99", "seconds"),
        "requests": Metric("AWS/ApplicationELB", ("RequestCount",), "Sum", "requests"),
        "error_rate": share(
            "AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count", "RequestCount"
        ),
        "unhealthy_hosts": _targets("UnHealthyHostCount", "Maximum", "hosts", "SUM"),
        "healthy_hosts": _targets("HealthyHostCount", "Minimum", "hosts of the emptiest", "MIN"),
    },
    "gateway": {
        "requests": _gateway("Count", "Sum", "requests"),
        "errors": _gateway("5xx", "Sum", "requests"),
        "refused": _gateway("4xx", "Sum", "requests"),
        "error_rate": share("AWS/ApiGateway", "5xx", "Count"),
        "latency": _gateway("Latency", "p99", "milliseconds"),
        "backend_latency": _gateway("IntegrationLatency", "p99", "milliseconds"),
    },
    # A REST API's have other names, and a cache. A request that asked no cache is neither a hit nor a miss.
    "rest-gateway": {
        "requests": _gateway("Count", "Sum", "requests"),
        "errors": _gateway("5XXError", "Sum", "requests"),
        "refused": _gateway("4XXError", "Sum", "requests"),
        "error_rate": share("AWS/ApiGateway", "5XXError", "Count"),
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
}
