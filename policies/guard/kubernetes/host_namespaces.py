"""Pods share no network, processes or memory with their node."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..resource import Resource
from ..rule import Framework, Rule
from .pods import AGENT_CONFIG, WITH_PODS, is_agent, pod

SHARED: Final = ("hostNetwork", "hostPID", "hostIPC")


def check(resource: Resource) -> Iterator[str]:
    """On the node's network no NetworkPolicy holds, and the node's role is in reach."""
    if is_agent(resource):
        return
    path, spec = pod(resource)
    for key in SHARED:
        if spec.get(key) is True:
            yield f"{path}.{key}: found true; allowed: false"


RULE = Rule(
    name="kubernetes-host-namespaces",
    severity="high",
    description="No pod shares its node's network, processes or IPC, but those of DaemonSets of kube-system or of the "
    "namespaces that `agentNamespaces` gives.",
    remedy="Remove `hostNetwork`, `hostPID` and `hostIPC`; what must watch a node is a DaemonSet in a namespace of "
    "its own that the config names.",
    types=WITH_PODS,
    check=check,
    frameworks=(
        Framework("CIS Kubernetes", "1.10", "5.2.3"),
        Framework("CIS Kubernetes", "1.10", "5.2.4"),
        Framework("CIS Kubernetes", "1.10", "5.2.5"),
        Framework("Kubernetes Pod Security Standards", "", "Baseline: Host Namespaces"),
    ),
    config=AGENT_CONFIG,
)
