"""Pods mount no directory of their node."""

from __future__ import annotations

from collections.abc import Iterator

from ..reading import at, items, table, text
from ..resource import Resource
from ..rule import Framework, Rule
from .pods import AGENT_CONFIG, WITH_PODS, containers, is_agent, pod


def check(resource: Resource) -> Iterator[str]:
    """A DaemonSet may read there, as what ships logs does; agents of the agents' namespaces may also write."""
    if is_agent(resource):
        return
    path, spec = pod(resource)
    reads = resource.type == "kubernetes:apps/v1:DaemonSet"
    for position, volume in enumerate(map(table, items(spec.get("volumes")))):
        source = volume.get("hostPath")
        if source is None or (reads and not _written(resource, text(volume.get("name")))):
            continue
        allowed = "only mounts with readOnly: true" if reads else "none"
        yield f"{path}.volumes[{position}].hostPath: found {text(at(source, 'path'))}; allowed: {allowed}"


def _written(resource: Resource, volume: str) -> bool:
    return any(
        mount.get("name") == volume and mount.get("readOnly") is not True
        for _, container in containers(resource)
        for mount in map(table, items(container.get("volumeMounts")))
    )


RULE = Rule(
    name="kubernetes-host-path",
    severity="high",
    description="No pod mounts a directory of its node; DaemonSets may read one, and those of kube-system or of the "
    "namespaces that `agentNamespaces` gives may write.",
    remedy="Use an `emptyDir`, a claim or a CSI volume; a log shipper mounts with `readOnly: true`.",
    types=WITH_PODS,
    check=check,
    frameworks=(Framework("Kubernetes Pod Security Standards", "", "Baseline: HostPath Volumes"),),
    config=AGENT_CONFIG,
)
