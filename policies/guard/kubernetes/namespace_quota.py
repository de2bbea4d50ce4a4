"""A namespace has a ceiling."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..reading import at, table
from ..resource import Resource
from ..rule import Rule
from ..stack import Stack
from .inhabited import NAMESPACE, inside, system

QUOTA: Final = "kubernetes:core/v1:ResourceQuota"
NEEDED: Final = {
    "CPU": ("requests.cpu", "limits.cpu", "cpu"),
    "memory": ("requests.memory", "limits.memory", "memory"),
}


def check(resource: Resource, stack: Stack) -> Iterator[str]:
    """Of CPU and of memory, in one quota or in several."""
    if system(resource):
        return
    missing = [
        name
        for name, keys in NEEDED.items()
        if not inside(
            resource,
            stack,
            QUOTA,
            lambda each, keys=keys: any(key in keys for key in table(at(each.props, "spec", "hard"))),
        )
    ]
    if missing:
        yield f"metadata.name: found no ResourceQuota of {' and '.join(missing)}; allowed: a ceiling of both"


RULE = Rule(
    name="kubernetes-namespace-quota",
    severity="medium",
    description="Each namespace but the cluster's own has a ResourceQuota of CPU and memory: what runs wild in one "
    "does not starve the others, nor grow the nodes without end.",
    remedy="Add a ResourceQuota with `requests.cpu` and `requests.memory`.",
    types=(NAMESPACE,),
    check=check,
    needs_stack=True,
)
