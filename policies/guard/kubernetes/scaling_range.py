"""An autoscaler has room to scale."""

from __future__ import annotations

from collections.abc import Iterator

from ..resource import Resource
from ..rule import Rule
from .workloads import AUTOSCALERS, SCALED_OBJECT, bounds


def check(resource: Resource) -> Iterator[str]:
    """A least that is the most is a fixed count with a moving part."""
    least, most = bounds(resource)
    key = "maxReplicaCount" if resource.type == SCALED_OBJECT else "maxReplicas"
    if most is None or most <= least:
        yield f"spec.{key}: found {most if most is None else f'{most:g}'}; allowed: more than the least, {least:g}"


RULE = Rule(
    name="kubernetes-scaling-range",
    severity="low",
    description="An autoscaler's least is below its most.",
    remedy="Raise the most, or state `replicas` and remove the autoscaler.",
    types=AUTOSCALERS,
    check=check,
)
