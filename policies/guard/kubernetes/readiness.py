"""What a Service sends to says when it is ready."""

from __future__ import annotations

from collections.abc import Iterator

from ..reading import table
from ..resource import Resource
from ..rule import Rule
from ..stack import Stack
from .workloads import ANSWERING, answering


def check(workload: Resource, stack: Stack) -> Iterator[str]:
    """Workers and jobs, which no Service sends to, need none: nobody waits for an address of theirs."""
    for path, container in answering(workload, stack):
        if not table(container.get("readinessProbe")):
            yield f"{path}.readinessProbe: found none; allowed: a probe, as a Service sends to this container"


RULE = Rule(
    name="kubernetes-readiness",
    severity="medium",
    description="A container that a Service sends to has a readiness probe. What takes its work from a queue or a "
    "clock is not asked for one.",
    remedy="Add a `readinessProbe` on what the container answers when it can do its work.",
    types=ANSWERING,
    check=check,
    needs_stack=True,
)
