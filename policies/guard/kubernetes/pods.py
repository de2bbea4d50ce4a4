"""Pod templates: where each kind of object keeps its own, and how the parts of one are read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from ..patience import each, over
from ..reading import at, items, number, table, text
from ..resource import Resource

Spec = Mapping[str, Any]

TEMPLATES: Final[Mapping[str, tuple[str, ...]]] = {
    "kubernetes:apps/v1:Deployment": ("spec", "template"),
    "kubernetes:apps/v1:StatefulSet": ("spec", "template"),
    "kubernetes:apps/v1:DaemonSet": ("spec", "template"),
    "kubernetes:apps/v1:ReplicaSet": ("spec", "template"),
    "kubernetes:core/v1:ReplicationController": ("spec", "template"),
    "kubernetes:core/v1:Pod": (),
    "kubernetes:batch/v1:Job": ("spec", "template"),
    "kubernetes:batch/v1:CronJob": ("spec", "jobTemplate", "spec", "template"),
}
"""Path of the pod's metadata and spec, by type."""
WITH_PODS: Final = tuple(TEMPLATES)
AGENT_CONFIG: Final[Mapping[str, Mapping[str, Any]]] = {
    "agentNamespaces": {
        "type": "array",
        "items": {"type": "string"},
        "description": "Namespaces whose DaemonSets may reach into their nodes; kube-system where it is absent.",
    },
}
AGENT_NAMESPACES: Final = ("kube-system",)


def pod(resource: Resource) -> tuple[str, Spec]:
    """The path of the pod's spec, and the spec; it is empty where the door keeps it secret."""
    path = (*TEMPLATES[resource.type], "spec")
    return ".".join(path), table(at(resource.props, *path))


def pod_labels(resource: Resource) -> Mapping[str, Any]:
    """What selectors find its pods by."""
    return table(at(resource.props, *TEMPLATES[resource.type], "metadata", "labels"))


def containers(resource: Resource) -> Iterator[tuple[str, Spec]]:
    """All containers with their paths, those that run before the others last."""
    path, spec = pod(resource)
    for key in ("containers", "initContainers"):
        for position, container in enumerate(items(spec.get(key))):
            yield f"{path}.{key}[{position}]", table(container)


def each_container(resource: Resource, check: Callable[[str, Spec, Spec], Iterator[str]]) -> Iterator[str]:
    """What `check` says of (path, container, pod); what is unknown of one hides no breach of another."""
    path, spec = pod(resource)

    def asked(key: str) -> Iterator[str]:
        return over(spec.get(key), lambda position, found: check(f"{path}.{key}[{position}]", table(found), spec))

    return each(lambda: asked("containers"), lambda: asked("initContainers"))


def effective(container: Spec, spec: Spec, *path: str) -> Any:
    """A field of the security context: the container's own word, and without one its pod's."""
    own = at(container, "securityContext", *path)
    return at(spec, "securityContext", *path) if own is None else own


def linux(spec: Spec) -> bool:
    """Whether the pod is for Linux: Windows has neither capabilities nor seccomp, and no read-only root."""
    return text(at(spec, "os", "name")) != "windows"


def some(quantity: Any) -> bool:
    """Whether a quantity, e.g. `250m` or `1Gi`, is stated and more than nothing."""
    if isinstance(quantity, str):
        found = re.match(r"[0-9.]+", quantity.strip().lstrip("+"))
        quantity = found.group() if found else None
    amount = number(quantity)
    return amount is not None and amount > 0


def is_agent(resource: Resource) -> bool:
    """Whether it is an agent of its nodes, whose work is there: networking, volumes, sensors."""
    if resource.type != "kubernetes:apps/v1:DaemonSet":
        return False
    given = resource.config.get("agentNamespaces")
    return text(at(resource.props, "metadata", "namespace")) in (AGENT_NAMESPACES if given is None else items(given))
