"""What has several pods has a disruption budget."""

from __future__ import annotations

from collections.abc import Iterator

from ..reading import at
from ..resource import Resource
from ..rule import Rule
from ..stack import Stack
from .pods import pod_labels
from .workloads import BUDGET, COUNTED, among, counts, selects, together


def check(workload: Resource, stack: Stack) -> Iterator[str]:
    """Several at its most: a worker that is one at night has many to lose by day."""
    _, most = counts(workload, stack)
    if most < 2:
        return
    labels = pod_labels(workload)
    if not among(
        stack.of(BUDGET),
        lambda each: together(each, workload) and selects(at(each.props, "spec", "selector"), labels),
    ):
        yield "spec.template.metadata.labels: found no PodDisruptionBudget that selects them; allowed: one"


RULE = Rule(
    name="kubernetes-disruption-budget",
    severity="medium",
    description="What may have two pods or more, by its own count or by its autoscaler's most, has a "
    "PodDisruptionBudget: exchanging nodes does not take all of them at once.",
    remedy="Add a PodDisruptionBudget with `maxUnavailable: 1` that selects the pods' labels.",
    types=COUNTED,
    check=check,
    needs_stack=True,
)
