"""What a Service sends to is started again when it hangs."""

from __future__ import annotations

from collections.abc import Iterator

from ..reading import table
from ..resource import Resource
from ..rule import Rule
from ..stack import Stack
from .workloads import ANSWERING, answering


def check(workload: Resource, stack: Stack) -> Iterator[str]:
    """A process that ends is started again anyway; this is for one that only stops answering."""
    for path, container in answering(workload, stack):
        if not table(container.get("livenessProbe")):
            yield f"{path}.livenessProbe: found none; allowed: a probe, as a Service sends to this container"


RULE = Rule(
    name="kubernetes-liveness",
    severity="low",
    description="A container that a Service sends to has a liveness probe: one that hangs is restarted, instead of "
    "staying out of service until somebody looks.",
    remedy="Add a `livenessProbe` on the process itself, not on what it depends on, slower than the readiness probe.",
    types=ANSWERING,
    check=check,
    needs_stack=True,
)
