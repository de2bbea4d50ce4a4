"""What an autoscaler counts states no count."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from ..reading import at, document, items, number, table
from ..resource import Resource
from ..rule import Rule
from ..stack import Stack
from .workloads import COUNTED, autoscalers

APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
"""The annotation in which a client-side apply leaves what it was given."""


def check(workload: Resource, stack: Stack) -> Iterator[str]:
    """0 pauses it: an autoscaler leaves that alone."""
    stated = number(_stated(workload))
    if stated and not _ignored(workload) and autoscalers(workload, stack):
        yield f"spec.replicas: found {stated:g}; allowed: none, or in ignoreChanges, as an autoscaler decides it"


def _stated(workload: Resource) -> Any:
    """What the program says: in a state that came back from a cluster the field is always there, and only its owner
    tells who put it there."""
    metadata = table(workload.props.get("metadata"))
    owners = [table(each) for each in items(metadata.get("managedFields"))]
    if owners and not any(
        each.get("operation") == "Apply" and at(each, "fieldsV1", "f:spec", "f:replicas") is not None for each in owners
    ):
        applied = document(at(metadata, "annotations", APPLIED))
        return at(applied, "spec", "replicas")
    return at(workload.props, "spec", "replicas")


def _ignored(workload: Resource) -> bool:
    """By its own name, by the one above it, or by a `*`."""
    wanted = ("spec", "replicas")
    for entry in workload.ignore_changes:
        steps = [step for step in re.split(r"\.|\[\"?|\"?\]", entry) if step]
        if len(steps) <= len(wanted) and all(one in ("*", other) for one, other in zip(steps, wanted, strict=False)):
            return True
    return False


RULE = Rule(
    name="kubernetes-replicas-left",
    severity="high",
    description="A Deployment or StatefulSet with an autoscaler states no `replicas`: otherwise each apply resets the "
    "count, at the worst of times to too few.",
    remedy="Remove `spec.replicas`, or put it into the resource's `ignoreChanges`.",
    types=COUNTED,
    check=check,
    needs_stack=True,
)
