"""What decides a workload's count: an HPA, or where a queue scales it one ScaledObject, whose HPA KEDA makes itself.

Never both: two autoscalers of one Deployment undo each other's work.
"""

from __future__ import annotations

from components.kubernetes.namespaces import Manifest
from components.kubernetes.workload import Workload, role_secret
from components.service.placement import QueueSpec, RateSpec, ScalingSpec, label_value, queue_variable
from components.service.spec import variables

LOGIN = {"host": "TLS_NAME", "port": "PORT", "username": "USER", "password": "PASSWORD"}
"""What KEDA must know of a queue → the variable of the role's Secret; the host is the name in its certificate (KEDA
2.20, "Redis Lists", authentication parameters)."""


def autoscalers(of: Workload) -> dict[str, Manifest]:
    """The objects that scale it, by role, each after those that it needs. Empty where its count is fixed."""
    scaling = of.placed.scaling
    if scaling is None:
        return {}
    if scaling.queue is None:
        return {"scaler": horizontal(of, scaling)}
    return {
        "scaler-login": trigger_authentication(of, scaling.queue),
        "scaler": scaled_object(of, scaling, scaling.queue),
    }


def horizontal(of: Workload, scaling: ScalingSpec) -> Manifest:
    """By CPU and memory."""
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
                    "resource": {"name": name, "target": {"type": "Utilization", "averageUtilization": at}},
                }
                for name, at in watched(scaling)
            ],
            "behavior": behaviour(scaling),
        },
    }


def scaled_object(of: Workload, scaling: ScalingSpec, queue: QueueSpec) -> Manifest:
    """By the length of a queue or of each of several, by CPU and by memory: the largest wish counts, as in any HPA
    (KEDA 2.20, "Scaling Deployments"). A list's own key is in the trigger; as a label it could not have its colons."""
    triggers: list[Manifest] = [
        {**trigger, "metricType": "AverageValue", "authenticationRef": {"name": of.name}}
        for trigger in ([_sqs(of, queue)] if queue.queue is not None else _lists(queue))
    ]
    triggers += [
        {"type": name, "metricType": "Utilization", "metadata": {"value": str(at)}} for name, at in watched(scaling)
    ]
    metadata = of.metadata(queue=label_value(queue.named))
    if not of.works:
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


def _lists(queue: QueueSpec) -> list[Manifest]:
    """KEDA 2.20, "Redis Lists": a trigger sees one. Names of several must differ, so each has its list's."""
    return [
        {
            "type": "redis",
            "name": name if queue.lists else "queue",
            "metadata": {"listName": name, "listLength": str(length), "enableTLS": "true", "databaseIndex": "0"},
        }
        for name, length in queue.lengths.items()
    ]


def _sqs(of: Workload, queue: QueueSpec) -> Manifest:
    """KEDA 2.20, "AWS SQS Queue". Its URL is what the pods are told, so it follows the role to another broker."""
    assert queue.queue is not None
    metadata = {
        "queueURLFromEnv": f"{variables(queue.role)}{queue_variable(queue.queue)}URL",
        "queueLength": str(queue.length),
        "awsRegion": of.queues_in or of.env["AWS_REGION"],
    }
    return {"type": "aws-sqs-queue", "name": "queue", "metadata": metadata}


def watched(scaling: ScalingSpec) -> list[tuple[str, int]]:
    """The resources that are looked at, each with its percentage of what is requested."""
    return [(name, at) for name, at in (("cpu", scaling.cpu), ("memory", scaling.memory)) if at is not None]


def trigger_authentication(of: Workload, queue: QueueSpec) -> Manifest:
    """Where lists are and KEDA's login there, from the role's Secret; SQS it asks as itself, by its own Pod Identity.
    That Secret is there while a pod of the namespace uses the role: `min` sees to that, and the fallback starts the
    first ones."""
    secret, start = role_secret(queue.role), variables(queue.role)
    login = [
        {"parameter": parameter, "name": secret, "key": f"{start}{variable}"} for parameter, variable in LOGIN.items()
    ]
    return {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "TriggerAuthentication",
        "metadata": of.metadata(),
        "spec": {"secretTargetRef": login} if queue.queue is None else {"podIdentity": {"provider": "aws"}},
    }


def behaviour(scaling: ScalingSpec) -> Manifest:
    """Both directions, stated: the defaults double every 15 seconds and shrink to the minimum at once."""
    return {"scaleUp": _rules(scaling.up), "scaleDown": _rules(scaling.down)}


def _rules(rate: RateSpec) -> Manifest:
    policies = [
        {"type": kind, "value": value, "periodSeconds": rate.every}
        for kind, value in (("Pods", rate.pods), ("Percent", rate.percent))
        if value is not None
    ]
    return {"stabilizationWindowSeconds": rate.wait, "selectPolicy": "Max", "policies": policies}
