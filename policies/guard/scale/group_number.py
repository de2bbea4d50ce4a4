"""A group of hosts or nodes that may grow is not set back to where it began by the next apply."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ..reading import at, number
from ..resource import Resource
from ..rule import Rule

PATHS: Final[Mapping[str, tuple[str, str, str]]] = {
    "aws:autoscaling/group:Group": ("minSize", "maxSize", "desiredCapacity"),
    "aws:eks/nodeGroup:NodeGroup": ("scalingConfig.minSize", "scalingConfig.maxSize", "scalingConfig.desiredSize"),
}
"""The least, the most, and the number between them."""


def ignored(resource: Resource, path: str) -> bool:
    """Whether later applies leave a property alone, by its own name or by that of what it is in."""
    return any(path == each or path.startswith(f"{each}.") for each in resource.ignore_changes)


def check(resource: Resource) -> Iterator[str]:
    """Where the least is the most, nothing can scale it; a number that is not stated is nobody's to set back."""
    paths = PATHS[resource.type]
    if ignored(resource, paths[2]):
        return
    least, most, stated = (number(at(resource.props, *path.split("."))) for path in paths)
    if stated is not None and least is not None and most is not None and least < most:
        yield f"ignoreChanges: found nothing for {paths[2]}, of {least:g} to {most:g}; allowed: {paths[2]}"


RULE = Rule(
    name="scale-group-number",
    severity="medium",
    description="The number of a group of hosts or nodes that may grow is left to what scales it.",
    remedy="Name the property in the resource option `ignoreChanges`, by its wire name, or leave it out.",
    types=tuple(PATHS),
    check=check,
)
