"""Outputs that no rule names: invented by name and type, so that programs that read them go on."""

from __future__ import annotations

from collections.abc import Mapping

from phaseup.graph.values import Value
from phaseup.simulate.context import Context
from phaseup.simulate.schema import Shape

_DEPTH = 3
_HEX = frozenset("0123456789abcdef")
DIGITS = 7
"""Of the seed, at the end of an invented text."""


def invented(name: str, shape: Shape, context: Context, depth: int = 0) -> Value:
    """A value of the right type for an output that the provider would fill in; the same for the same resource."""
    if shape.kind == "string":
        return _text(name, context)
    if shape.kind == "integer":
        return 0
    if shape.kind == "number":
        return 0
    if shape.kind == "boolean":
        return False
    if shape.kind == "list":
        if shape.item is None or depth >= _DEPTH:
            return []
        return [invented(_singular(name), shape.item, context, depth + 1)]
    if shape.kind == "object" and depth < _DEPTH:
        fields = shape.fields()
        return {key: invented(key, inner, context, depth + 1) for key, inner in fields.items()}
    return {} if shape.kind in ("map", "object") else None


def _text(name: str, context: Context) -> str:
    lower = name.lower()
    if lower.endswith(("createdat", "createdon", "createdate", "creationdate", "modifiedon", "updatedat")):
        return "2026-01-01T00:00:00Z"
    if lower.endswith("timestamp") or lower.endswith("time"):
        return "2026-01-01T00:00:00Z"
    if lower in ("status", "state"):
        return "active"
    if lower == "name":
        return context.text("name", context.name)
    return f"{context.name}-{name}-{context.hex(DIGITS, name)}"


def _singular(name: str) -> str:
    return name[:-1] if name.endswith("s") else name


def told(resource: str, values: Mapping[str, Value]) -> dict[str, Value]:
    """A resource's properties, by its logical name, without those that are invented here and mean nothing."""
    start = f"{resource}-"

    def invented(value: Value) -> bool:
        if isinstance(value, list):
            return bool(value) and all(invented(each) for each in value)
        if not isinstance(value, str) or not value.startswith(start):
            return False
        what, _, digits = value.removeprefix(start).rpartition("-")
        return what.isalnum() and len(digits) == DIGITS and _HEX.issuperset(digits)

    return {key: value for key, value in values.items() if not invented(value)}
