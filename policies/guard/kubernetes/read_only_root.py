"""A container's root filesystem is read-only."""

from __future__ import annotations

from collections.abc import Iterator

from ..reading import at
from ..resource import Resource
from ..rule import Rule
from .pods import WITH_PODS, Spec, each_container, linux


def check(resource: Resource) -> Iterator[str]:
    """Absent means false; a pod has no such field for all its containers."""
    yield from each_container(resource, _container)


def _container(path: str, container: Spec, pod: Spec) -> Iterator[str]:
    found = at(container, "securityContext", "readOnlyRootFilesystem")
    if found is not True and linux(pod):
        yield f"{path}.securityContext.readOnlyRootFilesystem: found {found}; allowed: true"


RULE = Rule(
    name="kubernetes-read-only-root",
    severity="medium",
    description="Every container, init containers too, has a read-only root filesystem: what breaks in can leave "
    "nothing there.",
    remedy="Set `readOnlyRootFilesystem: true`, and mount an `emptyDir` with a `sizeLimit` where it must write.",
    types=WITH_PODS,
    check=check,
)
