"""The one table of what holds data and of what only serves: `stateful.yaml` and its loader."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from phaseup.graph.values import Value, unwrap

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
    for case in _cases(row.get("unless")):
        if _holds(case, inputs):
            return None
    only = _cases(row.get("if"))
    if only and not any(_holds(case, inputs) for case in only):
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


def _cases(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]


def _holds(case: Any, inputs: Mapping[str, Value]) -> bool:
    """`name`: the input is stated and not empty; `{name: value}`: all have these values."""
    if isinstance(case, str):
        return bool(_at(inputs, case)) or _is_unknown(inputs.get(case))
    return all(_matches(_at(inputs, path), wanted) for path, wanted in case.items() if path != "why")


def _matches(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict) and "prefix" in wanted:
        return isinstance(found, str) and found.startswith(wanted["prefix"])
    return found == wanted


def _is_unknown(value: Value) -> bool:
    return type(value).__name__ == "Unknown"


def _at(inputs: Mapping[str, Value], path: str) -> Any:
    value: Any = unwrap(dict(inputs))
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value
