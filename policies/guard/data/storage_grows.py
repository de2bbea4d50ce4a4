"""A database's disk grows before it is full: full, the database stops."""

from __future__ import annotations

from collections.abc import Iterator

from ..reading import at, number
from ..resource import Resource
from ..rule import Rule
from .must import follows, told


def check(resource: Resource) -> Iterator[str]:
    """`maxAllocatedStorage` is both the switch and the bound; 0 is off. A replica follows its source's disk."""
    props = resource.props
    if not resource.guarded or follows(props):
        return
    bound = at(props, "maxAllocatedStorage")
    most = number(bound) or 0
    if most == 0:
        yield told(("maxAllocatedStorage",), bound, "a bound in GiB above allocatedStorage")
    elif most <= (number(at(props, "allocatedStorage")) or 0):
        yield told(("maxAllocatedStorage",), bound, "more than allocatedStorage")


RULE = Rule(
    name="data-storage-grows",
    severity="low",
    description="Outside dev, the storage of RDS instances grows by itself, up to a bound.",
    remedy="Set `maxAllocatedStorage` to what you would pay for, above `allocatedStorage`.",
    types=("aws:rds/instance:Instance",),
    check=check,
)
