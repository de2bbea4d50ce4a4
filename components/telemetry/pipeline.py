"""The collectors' configuration: what they take in, what they keep of it, and where it goes.

Receivers, processors, exporters and extensions are those of OpenTelemetry's contrib distribution, by their own names
and keys (opentelemetry-collector-contrib v0.158.0: k8sclusterreceiver, receivercreator, kubeletstatsreceiver,
k8sobserver, probabilisticsamplerprocessor, filterprocessor, awsxrayexporter, awsemfexporter, awsproxy).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from components.alarms.catalogue import CLUSTER_NAMESPACE
from components.telemetry.spec import MeasureSpec

GRPC_PORT: Final = 4317
HTTP_PORT: Final = 4318
RULES_PORT: Final = 2000
"""Where SDKs ask X-Ray, through the collector, what to trace; X-Ray's own daemon answers on the same port."""
HEALTH_PORT: Final = 13133
KUBELET_PORT: Final = 10250
"""Where each node says what it uses (Kubernetes, "Ports and Protocols")."""
SEEN: Final = (
    "k8s.container.ready",
    "k8s.container.restarts",
    "k8s.deployment.available",
    "k8s.deployment.desired",
    "k8s.node.condition_ready",
    "k8s.node.memory.available",
    "k8s.node.memory.working_set",
)
"""What is kept of what the API server and the kubelets tell of a cluster; alarms know these and no others."""
EVERY: Final = "60s"

Config = dict[str, Any]


def gateway_config(
    *,
    region: str,
    cluster: str,
    keep_percent: float,
    metrics: Mapping[str, MeasureSpec],
    namespace: str,
    log_group: str,
) -> Config:
    """For the collectors that services send to: traces to X-Ray, and of metrics those that are listed."""
    processors: Config = {
        **_common(cluster),
        "probabilistic_sampler": {"sampling_percentage": keep_percent, "mode": "proportional"},
    }
    exporters: Config = {"awsxray": {"region": region}}
    pipelines: Config = {
        "traces": {
            "receivers": ["otlp"],
            "processors": ["memory_limiter", "probabilistic_sampler", "resource", "batch"],
            "exporters": ["awsxray"],
        }
    }
    if metrics:
        processors["filter"] = _only(tuple(sorted(metrics)))
        exporters["awsemf"] = _emf(
            region,
            namespace,
            log_group,
            "services",
            [
                {"dimensions": [list(spec.by)], "metric_name_selectors": [_exactly(name)]}
                for name, spec in sorted(metrics.items())
            ],
        )
        pipelines["metrics"] = {
            "receivers": ["otlp"],
            "processors": ["memory_limiter", "filter", "resource", "batch"],
            "exporters": ["awsemf"],
        }
    return {
        "receivers": {
            "otlp": {
                "protocols": {
                    "grpc": {"endpoint": f"0.0.0.0:{GRPC_PORT}"},
                    "http": {"endpoint": f"0.0.0.0:{HTTP_PORT}"},
                }
            }
        },
        "processors": processors,
        "exporters": exporters,
        "extensions": {
            **_health(),
            "awsproxy": {"endpoint": f"0.0.0.0:{RULES_PORT}", "region": region},
        },
        "service": _service(["health_check", "awsproxy"], pipelines),
    }


def watcher_config(*, region: str, cluster: str, log_group: str) -> Config:
    """For the one that looks at the cluster itself: through its API server, and at each node, found there, by asking
    its kubelet as itself. The kubelets' certificates are the cluster's own, which every pod can check."""
    return {
        "receivers": {
            "k8s_cluster": {
                "auth_type": "serviceAccount",
                "collection_interval": EVERY,
                "node_conditions_to_report": ["Ready"],
                "allocatable_types_to_report": [],
            },
            "receiver_creator": {
                "watch_observers": ["k8s_observer"],
                "receivers": {
                    "kubelet_stats": {
                        "rule": 'type == "k8s.node"',
                        "config": {
                            "auth_type": "serviceAccount",
                            "collection_interval": EVERY,
                            # Backticks: what the observer found.
                            "endpoint": f"`endpoint`:{KUBELET_PORT}",
                            "metric_groups": ["node"],
                        },
                    }
                },
            },
        },
        "processors": {**_common(cluster), "filter": _only(SEEN)},
        "exporters": {
            "awsemf": _emf(
                region,
                CLUSTER_NAMESPACE,
                log_group,
                "cluster",
                [{"dimensions": [["ClusterName"]], "metric_name_selectors": [_exactly(name) for name in SEEN]}],
            )
        },
        "extensions": {
            **_health(),
            "k8s_observer": {"auth_type": "serviceAccount", "observe_pods": False, "observe_nodes": True},
        },
        "service": _service(
            ["health_check", "k8s_observer"],
            {
                "metrics": {
                    "receivers": ["k8s_cluster", "receiver_creator"],
                    "processors": ["memory_limiter", "filter", "resource", "batch"],
                    "exporters": ["awsemf"],
                }
            },
        ),
    }


def _common(cluster: str) -> Config:
    return {
        # First in each pipeline: what does not fit is refused, and the sender tries again.
        "memory_limiter": {"check_interval": "1s", "limit_percentage": 80, "spike_limit_percentage": 20},
        "resource": {"attributes": [{"key": "ClusterName", "value": cluster, "action": "upsert"}]},
        "batch": {"timeout": "5s", "send_batch_size": 512, "send_batch_max_size": 2048},
    }


def _only(names: tuple[str, ...]) -> Config:
    listed = " and ".join(f'name != "{name}"' for name in names)
    return {"error_mode": "ignore", "metrics": {"metric": [listed]}}


def _emf(region: str, namespace: str, log_group: str, stream: str, declared: list[Config]) -> Config:
    return {
        "region": region,
        "namespace": namespace,
        "log_group_name": log_group,
        # The collector reads the variable itself; two pods that wrote into one stream would wait for each other.
        "log_stream_name": f"{stream}-${{env:POD_NAME}}",
        # What tells series apart is stated for each metric; rolled up beside it, each would be paid for several times.
        "dimension_rollup_option": "NoDimensionRollup",
        "resource_to_telemetry_conversion": {"enabled": True},
        "metric_declarations": declared,
    }


def _exactly(name: str) -> str:
    return f"^{re.escape(name)}$"


def _health() -> Config:
    return {"health_check": {"endpoint": f"0.0.0.0:{HEALTH_PORT}"}}


def _service(extensions: list[str], pipelines: Config) -> Config:
    return {
        "extensions": extensions,
        "telemetry": {"logs": {"encoding": "json", "level": "info"}},
        "pipelines": pipelines,
    }
