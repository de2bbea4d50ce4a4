"""No container is privileged: one that is owns its node, and all pods on it."""

from __future__ import annotations

from collections.abc import Iterator

from ..reading import at
from ..resource import Resource
from ..rule import Framework, Rule
from .pods import AGENT_CONFIG, WITH_PODS, Spec, each_container, is_agent


def check(resource: Resource) -> Iterator[str]:
    """What mounts volumes and wires networks has to be: the DaemonSets of the agents' namespaces."""
    if not is_agent(resource):
        yield from each_container(resource, _container)


def _container(path: str, container: Spec, pod: Spec) -> Iterator[str]:
    if at(container, "securityContext", "privileged") is True:
        yield f"{path}.securityContext.privileged: found true; allowed: false"
    process = "windowsOptions", "hostProcess"
    if at(container, "securityContext", *process) is True or at(pod, "securityContext", *process) is True:
        yield f"{path}.securityContext.{'.'.join(process)}: found true; allowed: false"


RULE = Rule(
    name="kubernetes-privileged",
    severity="critical",
    description="No container is privileged, but in DaemonSets of kube-system or of the namespaces that "
    "`agentNamespaces` gives.",
    remedy="Remove `privileged`, and give the workload what it does need through an API or a CSI volume.",
    types=WITH_PODS,
    check=check,
    frameworks=(
        Framework("CIS Kubernetes", "1.10", "5.2.2"),
        Framework("Kubernetes Pod Security Standards", "", "Baseline: Privileged Containers"),
    ),
    config=AGENT_CONFIG,
)
