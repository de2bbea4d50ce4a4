"""An EKS cluster leaves a version at the end of its standard support."""

from __future__ import annotations

from collections.abc import Iterator

from ..reading import at
from ..resource import Resource
from ..rule import Rule


def check(resource: Resource) -> Iterator[str]:
    """Absent means EXTENDED (EKS API reference, UpgradePolicyRequest)."""
    found = at(resource.props, "upgradePolicy", "supportType")
    if found != "STANDARD":
        yield f"upgradePolicy.supportType: found {found}; allowed: STANDARD"


RULE = Rule(
    name="kubernetes-standard-support",
    severity="low",
    description="EKS clusters are not left to slip into extended support, which costs six times as much an hour.",
    remedy="Set `upgradePolicy: {supportType: STANDARD}`, and raise the version before EKS does.",
    types=("aws:eks/cluster:Cluster",),
    check=check,
)
