"""Containers ask for CPU and memory: the scheduler and the autoscalers reckon with nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from ..reading import at
from ..resource import Resource
from ..rule import Rule
from .pods import WITH_PODS, Spec, each_container, some


def check(resource: Resource) -> Iterator[str]:
    """A limit stands for the request where that is absent, and the whole pod's for its containers' (Kubernetes,
    "Resource Management for Pods and Containers")."""
    yield from each_container(resource, _container)


def _container(path: str, container: Spec, pod: Spec) -> Iterator[str]:
    for name in ("cpu", "memory"):
        asked = at(container, "resources", "requests", name)
        implied = (
            at(container, "resources", "limits", name),
            at(pod, "resources", "requests", name),
            at(pod, "resources", "limits", name),
        )
        if not (some(asked) or (asked is None and any(map(some, implied)))):
            yield f"{path}.resources.requests.{name}: found {asked}; allowed: more than 0"


RULE = Rule(
    name="kubernetes-requests",
    severity="medium",
    description="Every container, init containers too, requests CPU and memory. A limit on CPU is not asked for: the "
    "request already shares a busy node fairly, and a limit would throttle on an idle one.",
    remedy="State `resources.requests.cpu` and `resources.requests.memory`, from what the container is seen to use.",
    types=WITH_PODS,
    check=check,
)
