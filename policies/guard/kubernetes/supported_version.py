"""EKS runs a version in standard support."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from ..reading import text
from ..resource import Resource
from ..rule import Framework, Rule
from ..stack import Stack
from ..today import today

CLUSTER: Final = "aws:eks/cluster:Cluster"
NODES: Final = "aws:eks/nodeGroup:NodeGroup"
ENDS: Final[Mapping[str, date]] = {
    "1.31": date(2025, 11, 26),
    "1.32": date(2026, 3, 23),
    "1.33": date(2026, 7, 29),
    "1.34": date(2026, 12, 2),
    "1.35": date(2027, 3, 27),
    "1.36": date(2027, 8, 2),
}
"""End of standard support by minor version (EKS user guide, "Kubernetes versions", and endoflife.date, August 2026)."""


def check(resource: Resource, stack: Stack) -> Iterator[str]:  # noqa: ARG001
    """Of the state, as a version that the program does not say is one too. What is newer than the table is supported,
    what is older is not."""
    version = text(resource.props.get("version"))
    minor = ".".join(version.split(".")[:2])
    ends = ENDS.get(minor)
    if ends is not None and today() > ends:
        found = f"{version}, in standard support until {ends}"
    elif ends is None and _order(minor) < min(map(_order, ENDS)):
        found = f"{version}, out of standard support since before {min(ENDS.values())}"
    else:
        return
    yield f"version: found {found}; allowed: {', '.join(_supported())}"


def _supported() -> list[str]:
    return [version for version, ends in ENDS.items() if today() <= ends] or ["a newer one than this table knows"]


def _order(version: str) -> tuple[int, ...]:
    """By number, 1.9 before 1.10; what is no version is taken for the newest."""
    parts = version.split(".")
    return tuple(map(int, parts)) if all(part.isdecimal() for part in parts) else (10**6,)


RULE = Rule(
    name="kubernetes-supported-version",
    severity="high",
    description="EKS clusters and node groups run a Kubernetes version in standard support.",
    remedy="Raise `version` by one minor at a time, the cluster before its node groups.",
    types=(CLUSTER, NODES),
    check=check,
    frameworks=(Framework("AWS FSBP", "", "EKS.2"),),
    needs_stack=True,
)
