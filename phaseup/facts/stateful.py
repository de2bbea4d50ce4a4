"""The one table of what holds data and of what only serves: `stateful.yaml` and its loader."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from phaseup.graph.values import UNKNOWN, Value, unwrap

TABLE: Final = Path(__file__).parent / "stateful.yaml"
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Stateful:
    """Why a resource holds data, and what its last copy is when it retires."""

    type: str
    holds: str
    """What is lost with it, in a few words."""
    final_copy: str
    """How the copy is made before it goes."""
    protection: tuple[str, ...] = ()
    """Inputs that are the cloud's own protection against deletion."""
    copy_inputs: tuple[str, ...] = ()
    """Inputs that configure the final copy."""


@functools.cache
def _table() -> Mapping[str, Any]:
    with TABLE.open(encoding="utf-8") as stream:
        return yaml.load(stream, Loader=_LOADER)


def stateful(type_: str, inputs: Mapping[str, Value]) -> Stateful | None:
    """The table's row for a resource, or None where it holds no data."""
    row = _table()["data"].get(type_)
    if row is None:
        return None
    plain = unwrap(dict(inputs))
    if any(_holds(case, plain) for case in row.get("unless") or ()):
        return None
    only = row.get("if") or ()
    if only and not any(_holds(case, plain) for case in only):
        return None
    return Stateful(
        type_,
        row["holds"],
        row["final_copy"],
        tuple(row.get("protection") or ()),
        tuple(row.get("copy_inputs") or ()),
    )


def anchor(type_: str) -> bool:
    """Whether the loss of a resource of this type is an outage though it holds no data."""
    return type_ in _table()["anchors"]


def _holds(case: Mapping[str, Any], inputs: Mapping[str, Value]) -> bool:
    """Whether an input is stated as the case says; one that is not known yet counts as stated."""
    value = _at(inputs, case["input"])
    if value is UNKNOWN:
        return "equals" not in case
    if "equals" in case:
        return bool(value == case["equals"])
    if "not_prefix" in case:
        return isinstance(value, str) and bool(value) and not value.startswith(case["not_prefix"])
    return bool(value)


def _at(inputs: Mapping[str, Value], path: str) -> Value:
    value: Value = inputs
    for part in path.split("."):
        if value is UNKNOWN:
            return UNKNOWN
        value = value.get(part) if isinstance(value, dict) else None
    return value
