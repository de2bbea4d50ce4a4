"""In prod, what has several pods has them in several zones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from ..reading import at, items, table
from ..resource import Resource
from ..rule import Rule
from ..stack import Stack
from .pods import Spec, pod, pod_labels
from .workloads import COUNTED, counts, selects

ZONE: Final = "topology.kubernetes.io/zone"
TERMS: Final = (
    ("requiredDuringSchedulingIgnoredDuringExecution",),
    ("preferredDuringSchedulingIgnoredDuringExecution", "podAffinityTerm"),
)


def check(workload: Resource, stack: Stack) -> Iterator[str]:
    """A constraint counts that sees its own pods; anti-affinity by zone says the same."""
    if workload.environment != "prod":
        return
    path, spec = pod(workload)
    if not spec or any(_by_zone(each, workload) for each in _constraints(spec)):
        return
    least, _ = counts(workload, stack)
    if least >= 2:
        yield f"{path}.topologySpreadConstraints: found none over zones for these pods; allowed: one with {ZONE}"


def _constraints(spec: Spec) -> Iterator[Spec]:
    yield from map(table, items(spec.get("topologySpreadConstraints")))
    for key, *inner in TERMS:
        for term in items(at(spec, "affinity", "podAntiAffinity", key)):
            yield table(at(term, *inner)) if inner else table(term)


def _by_zone(constraint: Spec, workload: Resource) -> bool:
    selector: Any = constraint.get("labelSelector")
    return constraint.get("topologyKey") == ZONE and selects(selector, pod_labels(workload))


RULE = Rule(
    name="kubernetes-zone-spread",
    severity="medium",
    description="In prod, what always has two pods or more spreads them over zones: the loss of one zone leaves some.",
    remedy=f"Add a topologySpreadConstraint with `topologyKey: {ZONE}` and the pods' own labels; `ScheduleAnyway` is "
    "enough.",
    types=COUNTED,
    check=check,
    needs_stack=True,
)
