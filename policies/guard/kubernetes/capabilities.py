"""Containers give up all Linux capabilities."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..reading import at, items, table, text
from ..resource import Resource
from ..rule import Framework, Rule
from .pods import WITH_PODS, Spec, each_container, linux

MAY_ADD: Final = frozenset({"NET_BIND_SERVICE"})


def check(resource: Resource) -> Iterator[str]:
    """A pod has no such field for all its containers. A privileged one has them all, whatever it says: that is
    `kubernetes-privileged`'s to tell."""
    yield from each_container(resource, _container)


def _container(path: str, container: Spec, pod: Spec) -> Iterator[str]:
    if not linux(pod) or at(container, "securityContext", "privileged") is True:
        return
    own = table(at(container, "securityContext", "capabilities"))
    dropped = [text(each) for each in items(own.get("drop"))]
    if "ALL" not in (each.upper() for each in dropped):
        yield f"{path}.securityContext.capabilities.drop: found {dropped or None}; allowed: ALL"
    added = sorted({text(each).upper().removeprefix("CAP_") for each in items(own.get("add"))} - MAY_ADD)
    if added:
        yield f"{path}.securityContext.capabilities.add: found {', '.join(added)}; allowed: {', '.join(MAY_ADD)}"


RULE = Rule(
    name="kubernetes-capabilities",
    severity="medium",
    description="Every container, init containers too, drops all capabilities and adds none but NET_BIND_SERVICE.",
    remedy='Set `capabilities: {drop: ["ALL"]}`; a process that needs a low port listens on a high one behind its '
    "Service.",
    types=WITH_PODS,
    check=check,
    frameworks=(Framework("Kubernetes Pod Security Standards", "", "Restricted: Capabilities"),),
)
