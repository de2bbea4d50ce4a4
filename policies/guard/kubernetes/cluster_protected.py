"""A cluster in prod cannot be deleted by mistake."""

from __future__ import annotations

from collections.abc import Iterator

from ..resource import Resource
from ..rule import Rule


def check(resource: Resource) -> Iterator[str]:
    """Absent means false (EKS API reference, CreateCluster)."""
    found = resource.props.get("deletionProtection") if resource.environment == "prod" else True
    if found is not True:
        yield f"deletionProtection: found {found}; allowed: true in prod"


RULE = Rule(
    name="kubernetes-cluster-protected",
    severity="medium",
    description="In prod, EKS clusters have deletion protection: with one go all objects that it knows, and whatever "
    "its controllers made for them is orphaned.",
    remedy="Set `deletionProtection: true`.",
    types=("aws:eks/cluster:Cluster",),
    check=check,
)
