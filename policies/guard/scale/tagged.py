"""Whose a resource is, and what it is part of, can be seen on it, and so in the bill.

No tag names a phase: it would change on every resource in every move. A team that wants other keys asks for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..reading import items, table, text
from ..resource import Resource
from ..rule import Rule
from .tables import lines

KEYS: Final = ("system", "environment", "owner", "block")
TAGGABLE: Final = lines("taggable.csv")
CONFIG: Final[Mapping[str, Mapping[str, Any]]] = {
    "keys": {
        "type": "array",
        "items": {"type": "string"},
        "description": f"The keys; without it {', '.join(KEYS)}.",
    }
}


def wanted(resource: Resource) -> list[str]:
    """The keys that the pack's config asks for."""
    keys = resource.config.get("keys")
    return list(KEYS) if keys is None else items(keys)


def carried(value: Any) -> Mapping[str, Any]:
    """Tags by key; a scaling group has them as a list."""
    listed = items(value)
    return {text(each.get("key")): each.get("value") for each in map(table, listed)} if listed else table(value)


def missing(keys: list[str], tags: Mapping[str, Any]) -> list[str]:
    """Keys that are not there, or if all are, those that say nothing."""
    # Not `in tags`, which would read a value that a preview may not know.
    there = set(tags)
    absent = [key for key in keys if key not in there]
    return absent or [key for key in keys if tags[key] in (None, "")]


def check(resource: Resource) -> Iterator[str]:
    """The provider has put its default tags among a resource's own by then."""
    absent = missing(wanted(resource), carried(resource.props.get("tags")))
    if absent:
        yield f"tags: found none of {', '.join(absent)}; allowed: a value for each"


RULE = Rule(
    name="scale-tagged",
    severity="low",
    description="Every AWS resource that can be tagged says its system, environment, owner and block.",
    remedy="Add the tags, or the provider's `defaultTags`.",
    types=TAGGABLE,
    check=check,
    config=CONFIG,
)
