"""A disruption budget lets at least one pod go: otherwise no node of it can ever be exchanged."""

from __future__ import annotations

from collections.abc import Iterator

from ..reading import at, number
from ..resource import Resource
from ..rule import Rule
from ..stack import Stack
from .pods import pod_labels
from .workloads import BUDGET, COUNTED, among, counts, selects, together


def check(budget: Resource, stack: Stack) -> Iterator[str]:
    """What works with no pod at its least, as workers that are scaled to none, loses nothing then."""
    unavailable, available = at(budget.props, "spec", "maxUnavailable"), at(budget.props, "spec", "minAvailable")
    if _amount(unavailable) == 0:
        yield f"spec.maxUnavailable: found {unavailable}; allowed: 1 or more"
        return
    if available is None:
        return
    if available == "100%":
        yield f"spec.minAvailable: found {available}; allowed: less than all"
        return
    wanted = number(available)
    if not wanted:
        return
    selector = at(budget.props, "spec", "selector")
    for workload in among(
        stack.of(*COUNTED), lambda each: together(each, budget) and selects(selector, pod_labels(each))
    ):
        least, _ = counts(workload, stack)
        if 0 < least <= wanted:
            yield f"spec.minAvailable: found {wanted:g}; allowed: below {least:g}, the fewest pods of {workload.name}"


def _amount(value: object) -> float | None:
    return number(value.removesuffix("%") if isinstance(value, str) else value)


RULE = Rule(
    name="kubernetes-disruption-possible",
    severity="medium",
    description="A PodDisruptionBudget leaves at least one pod that may be evicted, also when there are fewest: "
    "otherwise draining a node waits for ever, and an update of a node group fails.",
    remedy="Use `maxUnavailable: 1`, which is right for any count.",
    types=(BUDGET,),
    check=check,
    needs_stack=True,
)
