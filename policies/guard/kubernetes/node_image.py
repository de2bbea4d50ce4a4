"""Node groups use an image that is still made."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from ..reading import text
from ..resource import Resource
from ..rule import Rule
from ..today import today

ENDED: Final = {"AL2_": date(2025, 11, 26)}
"""Last day of the images whose type starts so (EKS user guide, "EKS AL2 & AL2-Accelerated AMIs transition FAQs")."""


def check(resource: Resource) -> Iterator[str]:
    """Absent means Amazon Linux 2023 since Kubernetes 1.30; an image of one's own is CUSTOM."""
    found = text(resource.props.get("amiType"))
    for start, last in ENDED.items():
        if found.startswith(start) and today() > last:
            yield f"amiType: found {found}, made until {last}; allowed: AL2023_… or BOTTLEROCKET_…"


RULE = Rule(
    name="kubernetes-node-image",
    severity="high",
    description="EKS node groups do not run Amazon Linux 2, whose images get no more fixes.",
    remedy="Add a node group of `AL2023_*` or `BOTTLEROCKET_*`, move the pods, and remove the old group: the type of "
    "an existing one cannot change.",
    types=("aws:eks/nodeGroup:NodeGroup",),
    check=check,
)
