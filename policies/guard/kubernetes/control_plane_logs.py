"""An EKS control plane logs who did what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..reading import items
from ..resource import Resource
from ..rule import Framework, Rule

NEEDED: Final = ("api", "audit", "authenticator")


def check(resource: Resource) -> Iterator[str]:
    """None is logged by default. The scheduler's and the controllers' are for looking for faults, and left to taste."""
    found = items(resource.props.get("enabledClusterLogTypes"))
    missing = [each for each in NEEDED if each not in found]
    if missing:
        yield f"enabledClusterLogTypes: found {', '.join(found) or None}; allowed: with {', '.join(missing)}"


RULE = Rule(
    name="kubernetes-control-plane-logs",
    severity="medium",
    description="EKS clusters log what their API is asked, by whom, and who was let in.",
    remedy="Add `api`, `audit` and `authenticator` to `enabledClusterLogTypes`.",
    types=("aws:eks/cluster:Cluster",),
    check=check,
    frameworks=(Framework("AWS FSBP", "", "EKS.8"), Framework("CIS EKS", "1.4.0", "2.1.1")),
)
