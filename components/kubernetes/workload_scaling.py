"""What decides a workload's count: an HPA, or where a queue scales it one ScaledObject, whose HPA KEDA makes itself.

Never both: two autoscalers of one Deployment undo each other's work.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from components.kubernetes.namespaces import Manifest
from components.kubernetes.workload import Workload
from components.kubernetes.workload_spec import QueueSpec, RateSpec, ScalingSpec, label_value


@dataclass(frozen=True)
class QueueAddress:
    """Where the queue's Redis is. `host` is the name in its certificate."""

    host: str
    port: int
    password: str
    """The secret variable of the workload that holds the password."""


def autoscalers(of: Workload, queues: Mapping[str, QueueAddress]) -> dict[str, Manifest]:
    """The objects that scale it, by role; `queues` are by role, too. Empty where its count is fixed."""
    scaling = of.placed.scaling
    if scaling is None:
        return {}
    if scaling.queue is None:
        return {"scaler": horizontal(of, scaling)}
    address = queues[scaling.queue.role]
    return {
        "scaler": scaled_object(of, scaling, scaling.queue, address),
        "scaler-login": trigger_authentication(of, address),
    }


def horizontal(of: Workload, scaling: ScalingSpec) -> Manifest:
    """By CPU alone."""
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": of.metadata(),
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": of.name},
            "minReplicas": scaling.min,
            "maxReplicas": scaling.max,
            "metrics": [
                {
                    "type": "Resource",
                    "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": scaling.cpu}},
                }
            ],
            "behavior": behaviour(scaling),
        },
    }


def scaled_object(of: Workload, scaling: ScalingSpec, queue: QueueSpec, address: QueueAddress) -> Manifest:
    """By the length of a list, and by CPU: the larger wish counts, as in any HPA (KEDA 2.20, "Redis Lists" and
    "Scaling Deployments"). The list's own key is in the trigger; as a label it could not have its colons."""
    triggers: list[Manifest] = [
        {
            "type": "redis",
            "name": "queue",
            "metricType": "AverageValue",
            "metadata": {
                "address": f"{address.host}:{address.port}",
                "listName": queue.list,
                "listLength": str(queue.length),
                "enableTLS": "true",
                "databaseIndex": "0",
            },
            "authenticationRef": {"name": of.name},
        }
    ]
    if scaling.cpu is not None:
        triggers.append({"type": "cpu", "metricType": "Utilization", "metadata": {"value": str(scaling.cpu)}})
    metadata = of.metadata(queue=label_value(queue.list))
    if not of.running:
        metadata["annotations"] = {"autoscaling.keda.sh/paused-replicas": "0"}
    return {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": metadata,
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": of.name},
            "minReplicaCount": scaling.min,
            "maxReplicaCount": scaling.max,
            "pollingInterval": queue.polling,
            "cooldownPeriod": queue.cooldown,
            "fallback": {"failureThreshold": queue.failures, "replicas": queue.fallback},
            "advanced": {"horizontalPodAutoscalerConfig": {"name": of.name, "behavior": behaviour(scaling)}},
            "triggers": triggers,
        },
    }


def trigger_authentication(of: Workload, address: QueueAddress) -> Manifest:
    """KEDA's login at the queue, from the workload's own Secret. That Secret is there while a pod is: `min` sees to
    that, and the fallback starts the first ones."""
    return {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "TriggerAuthentication",
        "metadata": of.metadata(),
        "spec": {"secretTargetRef": [{"parameter": "password", "name": of.secret, "key": address.password}]},
    }


def behaviour(scaling: ScalingSpec) -> Manifest:
    """Both directions, stated: the defaults double every 15 seconds and shrink to the minimum at once."""
    return {"scaleUp": _rules(scaling.up), "scaleDown": _rules(scaling.down)}


def _rules(rate: RateSpec) -> Manifest:
    return {
        "stabilizationWindowSeconds": rate.wait,
        "selectPolicy": "Max",
        "policies": [
            {"type": "Pods", "value": rate.pods, "periodSeconds": rate.every},
            {"type": "Percent", "value": rate.percent, "periodSeconds": rate.every},
        ],
    }
