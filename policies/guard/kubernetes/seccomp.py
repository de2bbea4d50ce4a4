"""Containers run under a seccomp profile."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..reading import at
from ..resource import Resource
from ..rule import Framework, Rule
from .pods import WITH_PODS, Spec, each_container, effective, linux

ALLOWED: Final = ("RuntimeDefault", "Localhost")


def check(resource: Resource) -> Iterator[str]:
    """Absent means unconfined, unless the kubelet was told otherwise; a privileged container always is."""
    yield from each_container(resource, _container)


def _container(path: str, container: Spec, pod: Spec) -> Iterator[str]:
    found = effective(container, pod, "seccompProfile", "type")
    if found not in ALLOWED and linux(pod) and at(container, "securityContext", "privileged") is not True:
        yield (
            f"{path}.securityContext.seccompProfile.type: found {found}; "
            f"allowed: {' or '.join(ALLOWED)}, here or of the pod"
        )


RULE = Rule(
    name="kubernetes-seccomp",
    severity="medium",
    description="Every container, init containers too, runs under the runtime's seccomp profile or one of its own.",
    remedy="Set `seccompProfile: {type: RuntimeDefault}` in the pod's securityContext.",
    types=WITH_PODS,
    check=check,
    frameworks=(
        Framework("CIS Kubernetes", "1.10", "5.7.2"),
        Framework("Kubernetes Pod Security Standards", "", "Restricted: Seccomp"),
    ),
)
