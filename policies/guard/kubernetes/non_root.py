"""Containers do not run as root."""

from __future__ import annotations

from collections.abc import Iterator

from ..reading import number
from ..resource import Resource
from ..rule import Framework, Rule
from .pods import AGENT_CONFIG, WITH_PODS, Spec, each_container, effective, is_agent


def check(resource: Resource) -> Iterator[str]:
    """The container's own word goes before its pod's, in both directions. Agents may have to be root on their node."""
    if not is_agent(resource):
        yield from each_container(resource, _container)


def _container(path: str, container: Spec, pod: Spec) -> Iterator[str]:
    refused = effective(container, pod, "runAsNonRoot")
    if refused is not True:
        yield f"{path}.securityContext.runAsNonRoot: found {refused}; allowed: true, here or of the pod"
    elif number(effective(container, pod, "runAsUser")) == 0:
        yield f"{path}.securityContext.runAsUser: found 0; allowed: any other, or the image's own"


RULE = Rule(
    name="kubernetes-non-root",
    severity="high",
    description="Every container, init containers too, refuses to run as root, and none names user 0; but in "
    "DaemonSets of kube-system or of the namespaces that `agentNamespaces` gives.",
    remedy="Set `runAsNonRoot: true` in the pod's securityContext, and `runAsUser` where the image names its user by "
    "name.",
    types=WITH_PODS,
    check=check,
    frameworks=(
        Framework("CIS Kubernetes", "1.10", "5.2.7"),
        Framework("Kubernetes Pod Security Standards", "", "Restricted: Running as Non-root"),
    ),
    config=AGENT_CONFIG,
)
