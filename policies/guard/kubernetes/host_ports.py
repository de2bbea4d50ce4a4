"""Containers take no port of their node."""

from __future__ import annotations

from collections.abc import Iterator

from ..reading import items, number, table
from ..resource import Resource
from ..rule import Framework, Rule
from .pods import AGENT_CONFIG, WITH_PODS, Spec, each_container, is_agent


def check(resource: Resource) -> Iterator[str]:
    """On the node's network every port is one of the node's: that is `kubernetes-host-namespaces`' to say."""
    if not is_agent(resource):
        yield from each_container(resource, _container)


def _container(path: str, container: Spec, pod: Spec) -> Iterator[str]:
    if pod.get("hostNetwork") is True:
        return
    for position, port in enumerate(map(table, items(container.get("ports")))):
        taken = number(port.get("hostPort"))
        if taken:
            yield f"{path}.ports[{position}].hostPort: found {taken:g}; allowed: none"


RULE = Rule(
    name="kubernetes-host-ports",
    severity="medium",
    description="No container takes a port of its node, which goes past Services and lets one pod run on a node; "
    "agents as for `kubernetes-host-namespaces`.",
    remedy="Remove `hostPort` and send through a Service.",
    types=WITH_PODS,
    check=check,
    frameworks=(Framework("Kubernetes Pod Security Standards", "", "Baseline: Host Ports"),),
    config=AGENT_CONFIG,
)
