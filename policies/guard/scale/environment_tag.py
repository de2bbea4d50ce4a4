"""The tag that says the environment says the stack's: else its cost, and who may touch it, are another's."""

from __future__ import annotations

from collections.abc import Iterator

from ..reading import text
from ..resource import Resource
from ..rule import Rule
from .tagged import TAGGABLE, carried


def check(resource: Resource) -> Iterator[str]:
    """That it is there at all is `scale-tagged`'s; a stack whose name says no environment cannot be held to one."""
    key = text(resource.config.get("key")) or "environment"
    if not resource.stack.endswith(f"-{resource.environment}"):
        return
    found = text(carried(resource.props.get("tags")).get(key))
    if found and found != resource.environment:
        yield f"tags.{key}: found {found}; allowed: {resource.environment}"


RULE = Rule(
    name="scale-environment-tag",
    severity="medium",
    description="The environment that a resource's tags say is its stack's.",
    remedy="Take the tag from the stack's own configuration.",
    types=TAGGABLE,
    check=check,
    config={"key": {"type": "string", "description": "The tag's key; `environment` without it."}},
)
