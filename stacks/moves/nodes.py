"""What must hold before the bounds of a cluster's node groups change: docs/decisions/0019-the-cluster-autoscaler.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stacks.models import Block

PRECONDITION = (
    "the state knows how many nodes run in {groups}: EKS takes bounds and desired count in one call, and the provider "
    "sends the count that the state holds"
)
CHECK = (
    "refresh those groups first (pulumi refresh --target <urn>), and scale up to a minimum that is above what runs: "
    "aws eks describe-nodegroup shows desiredSize"
)


def node_counts(before: Mapping[str, Block], after: Mapping[str, Block]) -> tuple[str, str]:
    """Precondition and how to check it, where a step changes the bounds of node groups that stay; else two empty
    texts."""
    groups = sorted(
        f"{name}.nodes.{group}"
        for name in before.keys() & after.keys()
        if before[name].kind == after[name].kind == "kubernetes"
        for group in _changed(before[name].spec, after[name].spec)
    )
    return (PRECONDITION.format(groups=", ".join(groups)), CHECK) if groups else ("", "")


def _changed(old: Any, new: Any) -> Iterator[str]:
    for group in old.nodes.keys() & new.nodes.keys():
        if old.nodes[group].count != new.nodes[group].count:
            yield group
