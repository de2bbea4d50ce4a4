"""One workload, one autoscaler."""

from __future__ import annotations

from collections.abc import Iterator

from ..resource import Resource
from ..rule import Rule
from ..stack import Stack
from .workloads import AUTOSCALERS, HPA, SCALED_OBJECT, among, target


def check(autoscaler: Resource, stack: Stack) -> Iterator[str]:
    """Told of the HPA where a ScaledObject has the same target, as KEDA makes one of its own; otherwise of the later
    of two."""
    own = target(autoscaler)
    rivals = among(stack.of(*AUTOSCALERS), lambda each: each.urn != autoscaler.urn and target(each) == own)
    order = {each.urn: position for position, each in enumerate(stack.of(*AUTOSCALERS))}
    scaled = [each for each in rivals if each.type == SCALED_OBJECT]
    before = [
        each
        for each in rivals
        if (each.type in HPA) == (autoscaler.type in HPA) and order[each.urn] < order[autoscaler.urn]
    ]
    for each in (scaled if autoscaler.type in HPA else []) + before:
        kind = each.type.rsplit(":", 1)[-1]
        yield (
            f"spec.scaleTargetRef: found {own[2]} {own[1]}/{own[3]}, which {kind} {each.name} scales; "
            "allowed: a target of its own"
        )


RULE = Rule(
    name="kubernetes-one-autoscaler",
    severity="high",
    description="No workload has two autoscalers, least of all an HPA and a ScaledObject, whose HPA KEDA makes itself: "
    "each undoes what the other does.",
    remedy="Keep one: with a queue the ScaledObject, which takes `cpu` and `memory` as triggers too.",
    types=AUTOSCALERS,
    check=check,
    needs_stack=True,
)
