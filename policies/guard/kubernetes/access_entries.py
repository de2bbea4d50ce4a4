"""Who may enter an EKS cluster is said by AWS's API alone."""

from __future__ import annotations

from collections.abc import Iterator

from ..reading import at
from ..resource import Resource
from ..rule import Rule


def check(resource: Resource) -> Iterator[str]:
    """Absent means CONFIG_MAP; with API_AND_CONFIG_MAP, the step on the way, the map still lets in (EKS user guide,
    "Grant IAM users access to Kubernetes with EKS access entries")."""
    found = at(resource.props, "accessConfig", "authenticationMode")
    if found != "API":
        yield f"accessConfig.authenticationMode: found {found}; allowed: API"


RULE = Rule(
    name="kubernetes-access-entries",
    severity="medium",
    description="EKS clusters take access entries alone: an aws-auth ConfigMap is changed from inside the cluster, "
    "seen by no IAM policy, and one slip in it locks everybody out.",
    remedy="Move to `API_AND_CONFIG_MAP`, write an access entry for each line of the map, then set `API`; there is no "
    "way back.",
    types=("aws:eks/cluster:Cluster",),
    check=check,
)
