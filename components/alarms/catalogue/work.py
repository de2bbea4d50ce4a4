"""What works: hosts, clusters, functions, schedules, and what watches them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from components.alarms.catalogue.metric import CLUSTER_NAMESPACE, Metric, queue, share
from components.emitter import EmitterKind


def _function(name: str, stat: str, unit: str) -> Metric:
    return Metric("AWS/Lambda", (name,), stat, unit)


def _scheduler(name: str, unit: str) -> Metric:
    return Metric("AWS/Scheduler", (name,), "Sum", unit)


def _plane(name: str, stat: str, unit: str) -> Metric:
    return Metric("AWS/EKS", (name,), stat, unit)


def _seen(names: tuple[str, ...], stat: str, unit: str, expression: str = "") -> Metric:
    return Metric(CLUSTER_NAMESPACE, names, stat, unit, expression)


WORK: Final[Mapping[EmitterKind, Mapping[str, Metric]]] = {
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
        "error_rate": share("AWS/Lambda", "Errors", "Invocations"),
        "throttles": _function("Throttles", "Sum", "invocations"),
        "duration": _function("Duration", "p99", "milliseconds"),
        "concurrency": _function("ConcurrentExecutions", "Maximum", "invocations at a time"),
        "dead_letters": queue("ApproximateNumberOfMessagesVisible", "messages", "dead_letters"),
        "queue_length": queue("ApproximateNumberOfMessagesVisible", "messages", "queue"),
        "queue_age": queue("ApproximateAgeOfOldestMessage", "seconds", "queue"),
    },
    "schedule": {
        "invocations": _scheduler("InvocationAttemptCount", "invocations"),
        "errors": _scheduler("TargetErrorCount", "invocations"),
        "dropped": _scheduler("InvocationDroppedCount", "invocations"),
        "dead_letters": queue("ApproximateNumberOfMessagesVisible", "messages", "dead_letters"),
    },
    # Members are the clusters that its collector watches, followers its synthetic checks.
    "telemetry": {
        "nodes_ready": _seen(
            ("k8s.node.condition_ready",), "Minimum", "1 where every node is ready, 0 where one is not"
        ),
        # Averages of all nodes: what they use together, of what they have together.
        "node_memory": _seen(
            ("k8s.node.memory.working_set", "k8s.node.memory.available"),
            "Average",
            "percent of the nodes' memory",
            "100 * SUM({a}) / (SUM({a}) + SUM({b}))",
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
}
