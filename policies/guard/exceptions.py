"""Exceptions: a breach that is known, by whom it concerns, why, and until when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from typing import Any, Final

KEY: Final = "exceptions"
"""The property of every rule's config that holds them."""

SCHEMA: Final[Mapping[str, Any]] = {
    "type": "array",
    "description": "Resources that may break the rule until a day, and why.",
    "items": {
        "type": "object",
        "required": ["urn", "reason", "until"],
        "additionalProperties": False,
        "properties": {
            "urn": {"type": "string", "description": "A URN, or a pattern with * for any text."},
            "unless": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Patterns of URNs that it does not mean.",
            },
            "reason": {"type": "string", "minLength": 1},
            "until": {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$", "description": "The last day, YYYY-MM-DD."},
        },
    },
}


@dataclass(frozen=True, slots=True)
class Exempt:
    """One exception of one rule; `urn` may be a pattern, and `unless` patterns of what it does not mean."""

    urn: str
    reason: str
    until: date
    unless: tuple[str, ...] = ()

    def covers(self, urn: str) -> bool:
        """Whether it speaks of a resource."""
        return fnmatchcase(urn, self.urn) and not any(fnmatchcase(urn, each) for each in self.unless)


def parse(found: Sequence[Mapping[str, Any]] | None) -> tuple[Exempt, ...]:
    """From a rule's config; the engine has held it against `SCHEMA`."""
    return tuple(
        Exempt(
            str(each["urn"]),
            str(each["reason"]),
            date.fromisoformat(str(each["until"])),
            tuple(str(pattern) for pattern in each.get("unless") or ()),
        )
        for each in found or ()
    )


def weighed(messages: Iterable[str], urn: str, exempt: Sequence[Exempt], today: date) -> list[str]:
    """What is left of the messages about a resource: nothing where an exception holds; where one has expired the
    messages, which say so."""
    own = [each for each in exempt if each.covers(urn)]
    if any(today <= each.until for each in own):
        return []
    if not own:
        return list(messages)
    last = max(own, key=lambda each: each.until)
    return [f"{message} (its exception expired on {last.until}: {last.reason})" for message in messages]
