"""A process in a container cannot gain more rights than the one that started it."""

from __future__ import annotations

from collections.abc import Iterator

from ..reading import at
from ..resource import Resource
from ..rule import Framework, Rule
from .pods import WITH_PODS, Spec, each_container, linux


def check(resource: Resource) -> Iterator[str]:
    """Absent means true (Kubernetes API reference, SecurityContext). For a privileged container it can be nothing
    else: that is `kubernetes-privileged`'s to say."""
    yield from each_container(resource, _container)


def _container(path: str, container: Spec, pod: Spec) -> Iterator[str]:
    found = at(container, "securityContext", "allowPrivilegeEscalation")
    if found is not False and linux(pod) and at(container, "securityContext", "privileged") is not True:
        yield f"{path}.securityContext.allowPrivilegeEscalation: found {found}; allowed: false"


RULE = Rule(
    name="kubernetes-privilege-escalation",
    severity="medium",
    description="Every container, init containers too, says `allowPrivilegeEscalation: false`.",
    remedy="Set `allowPrivilegeEscalation: false` in each container's securityContext.",
    types=WITH_PODS,
    check=check,
    frameworks=(
        Framework("CIS Kubernetes", "1.10", "5.2.6"),
        Framework("Kubernetes Pod Security Standards", "", "Restricted: Privilege Escalation"),
    ),
)
