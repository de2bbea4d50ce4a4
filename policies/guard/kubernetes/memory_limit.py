"""Containers have a memory limit: memory, unlike CPU, cannot be taken back from the one that has too much."""

from __future__ import annotations

from collections.abc import Iterator

from ..reading import at
from ..resource import Resource
from ..rule import Rule
from .pods import WITH_PODS, Spec, each_container, some


def check(resource: Resource) -> Iterator[str]:
    """The whole pod's limit holds for its containers."""
    yield from each_container(resource, _container)


def _container(path: str, container: Spec, pod: Spec) -> Iterator[str]:
    limit = at(container, "resources", "limits", "memory")
    if not some(limit) and not (limit is None and some(at(pod, "resources", "limits", "memory"))):
        yield f"{path}.resources.limits.memory: found {limit}; allowed: more than 0"


RULE = Rule(
    name="kubernetes-memory-limit",
    severity="medium",
    description="Every container, init containers too, has a memory limit: without one a leak takes its neighbours' "
    "memory before it is ended.",
    remedy="State `resources.limits.memory`, equal to the request or a little above what the container peaks at.",
    types=WITH_PODS,
    check=check,
)
