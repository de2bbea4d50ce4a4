"""In prod, what answers requests has at least two pods."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..reading import at, items, number, table
from ..resource import Resource
from ..rule import Rule
from ..stack import Stack
from .workloads import AUTOSCALERS, COUNTED, SCALED_OBJECT, autoscalers, bounds, services, target

LEAST: Final = 2
OWN_METRICS: Final = frozenset({"Resource", "ContainerResource", "Pods"})
OWN_TRIGGERS: Final = frozenset({"cpu", "memory"})


def check(resource: Resource, stack: Stack) -> Iterator[str]:
    """Workers that are scaled by what waits for them outside may have one or none: the queue keeps the work, and
    losing the one delays it only. Nothing keeps a request."""
    if resource.environment != "prod":
        return
    if resource.type in COUNTED:
        stated = number(at(resource.props, "spec", "replicas"))
        count = 1 if stated is None else stated
        if 0 < count < LEAST and not autoscalers(resource, stack) and services(resource, stack):
            yield f"spec.replicas: found {count:g}; allowed: {LEAST} or more, as a Service sends to its pods"
        return
    least, _ = bounds(resource)
    if least < LEAST and (_by_own_load(resource) or _answers(resource, stack)):
        key = "minReplicaCount" if resource.type == SCALED_OBJECT else "minReplicas"
        yield f"spec.{key}: found {least:g}; allowed: {LEAST} or more where requests are answered"


def _by_own_load(autoscaler: Resource) -> bool:
    """Whether it looks at the pods alone, which says nothing while there is none."""
    spec = table(at(autoscaler.props, "spec"))
    if autoscaler.type == SCALED_OBJECT:
        return all(table(each).get("type") in OWN_TRIGGERS for each in items(spec.get("triggers")))
    metrics = [table(each).get("type") for each in items(spec.get("metrics"))]
    return not metrics or any(each in OWN_METRICS for each in metrics)


def _answers(autoscaler: Resource, stack: Stack) -> bool:
    wanted = target(autoscaler)
    return any(
        any(each.urn == autoscaler.urn for each in autoscalers(workload, stack)) and bool(services(workload, stack))
        for workload in stack.of(*COUNTED)
        if workload.type.endswith(f":{wanted[2]}")
    )


RULE = Rule(
    name="kubernetes-two-replicas",
    severity="high",
    description="In prod, what a Service sends to, and what is scaled by its pods' own load, has at least two pods. "
    "Workers that KEDA scales by a queue may have one or none, and 0 pauses a workload.",
    remedy="Raise `minReplicas` (HPA), `minReplicaCount` (ScaledObject) or, without an autoscaler, `replicas` to 2.",
    types=(*COUNTED, *AUTOSCALERS),
    check=check,
    needs_stack=True,
)
