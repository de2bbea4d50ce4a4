"""What may go: `phaseup:retire` in the preview's own config, and in that of the last apply, by the Stack's outputs.

A contract takes its consents out of the file together with what they are for, so the config that is previewed has them
no more; the deployed stack says with which it was armed (`stacks.binding`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from phaseup.gate.document import Preview
from phaseup.graph.resource import STACK_TYPE, urn_type
from stacks.binding import OUTPUT

KEY: Final = "phaseup:retire"


@dataclass(frozen=True, slots=True)
class Consents:
    """Names that may go, and in words those whose last day is over."""

    names: frozenset[str]
    ended: tuple[str, ...]


def consents(preview: Preview, today: date) -> Consents:
    """Those that hold on a day. What is not of its form consents to nothing."""
    names: set[str] = set()
    ended: list[str] = []
    for name, until in dict([*_of_config(preview), *_of_last_apply(preview)]).items():
        if until >= today:
            names.add(name)
        else:
            ended.append(f"{KEY}.{name} ended on {until.isoformat()}")
    return Consents(frozenset(names), tuple(sorted(ended)))


def last_apply(preview: Preview) -> Mapping[str, Any]:
    """The binding that the Stack carries from its last apply; empty where there is none."""
    for step in preview.steps:
        if urn_type(step.urn) == STACK_TYPE and step.old is not None:
            found = (step.old.outputs or {}).get(OUTPUT)
            return found if isinstance(found, dict) else {}
    return {}


def _of_config(preview: Preview) -> Iterator[tuple[str, date]]:
    try:
        section = json.loads(preview.config.get(KEY, "{}"))
    except ValueError:
        return
    for name, consent in section.items() if isinstance(section, dict) else ():
        if isinstance(consent, dict):
            yield from _until(name, consent.get("until"))


def _of_last_apply(preview: Preview) -> Iterator[tuple[str, date]]:
    retired = last_apply(preview).get("retire")
    for name, until in retired.items() if isinstance(retired, dict) else ():
        yield from _until(name, until)


def _until(name: str, text: Any) -> Iterator[tuple[str, date]]:
    """The engine hands a YAML date on as a timestamp at midnight."""
    try:
        yield name, date.fromisoformat(str(text)[:10])
    except ValueError:
        return
