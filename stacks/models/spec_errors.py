"""pydantic's errors as `BadInput`: one mistake, told with the key as written and with what would do."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import annotated_types
from pydantic import BaseModel, ValidationError

from components.docstrings import described
from components.spec import Refused
from stacks.models.bad_input import plain

KeyPath = tuple[str, ...]


class Mistake(NamedTuple):
    """One error, still without its file."""

    path: KeyPath
    found: str
    allowed: str | list[str]


def first_mistake(
    error: ValidationError, model: type[BaseModel], written: Callable[[KeyPath], str | None] = lambda _: None
) -> Mistake:
    """The mistake to report: unknown keys first, since a misspelt key also shows up as a missing one.

    `written` gives a plain scalar as it stands in the file, so that 16.10 is not reported as 16.1.
    """
    errors = error.errors(include_url=False)
    chosen = min(errors, key=lambda e: e["type"] != "extra_forbidden")
    path = _keys(model, chosen["loc"], unknown_last=chosen["type"] in ("extra_forbidden", "missing"))
    kind, given, context = chosen["type"], chosen.get("input"), chosen.get("ctx") or {}
    if kind == "extra_forbidden":
        return Mistake(path, f"unknown key {path[-1]}", keys_at(model, path[:-1]))
    if kind == "missing":
        return Mistake(path, "nothing", _described(model, path))
    if isinstance(refused := context.get("error"), Refused):
        return Mistake((*path, *refused.key.split(".")), plain(refused.found), refused.allowed)
    found = plain(given) if written(path) is None else str(written(path))
    if kind in ("string_type", "date_type", "date_from_datetime_inexact") and isinstance(given, int | float):
        return Mistake(path, f"{found} without quotes", f'text in quotes, e.g. "{found}"')
    return Mistake(path, found, _range(model, path, kind) or _rule(kind, context, chosen["msg"]))


def _keys(model: type[BaseModel], loc: Iterable[object], *, unknown_last: bool) -> KeyPath:
    """The keys in pydantic's `loc`, without the parts that name a union's branch or a validator."""
    parts = [str(part) for part in loc]
    here: Any = model
    kept: list[str] = []
    for i, part in enumerate(parts):
        below = _below(here, part)
        if below is not None:
            here = below
            kept.append(part)
        elif unknown_last and i == len(parts) - 1:
            kept.append(part)
    return tuple(kept)


_OF_NUMBERS = ("greater_than_equal", "less_than_equal", "int_type", "int_parsing", "int_from_float", "float_type")


def _range(model: type[BaseModel], path: KeyPath, kind: str) -> str:
    """Both ends of a number's range, where the field has both and the value missed one of them or is no number."""
    if kind not in _OF_NUMBERS or not path:
        return ""
    owner: Any = model
    for part in path[:-1]:
        owner = _below(owner, part)
    for each in _models_in(owner):
        for name, field in each.model_fields.items():
            if path[-1] in (name, field.alias):
                low = next((m.ge for m in field.metadata if isinstance(m, annotated_types.Ge)), None)
                high = next((m.le for m in field.metadata if isinstance(m, annotated_types.Le)), None)
                noun = "a whole number" if int in _branches(field.annotation) else "a number"
                return f"{noun} from {low} to {high}" if low is not None and high is not None else ""
    return ""


def _rule(kind: str, context: dict[str, Any], message: str) -> str | list[str]:
    bounds = {
        "greater_than_equal": ("at least", "ge"),
        "greater_than": ("more than", "gt"),
        "less_than_equal": ("at most", "le"),
        "less_than": ("less than", "lt"),
        "multiple_of": ("a multiple of", "multiple_of"),
        "string_pattern_mismatch": ("text that matches", "pattern"),
        "string_too_short": ("text no shorter than", "min_length"),
        "string_too_long": ("text no longer than", "max_length"),
        "too_short": ("a number of entries not below", "min_length"),
        "too_long": ("a number of entries not above", "max_length"),
    }
    if kind in bounds:
        words, key = bounds[kind]
        return f"{words} {context[key]}"
    if kind in ("literal_error", "enum"):
        return str(context["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
    if kind in ("value_error", "assertion_error"):
        return str(context.get("error") or message)
    names = {
        "string_type": "text",
        "int_type": "a whole number",
        "int_parsing": "a whole number",
        "int_from_float": "a whole number",
        "float_type": "a number",
        "float_parsing": "a number",
        "bool_type": "true or false",
        "bool_parsing": "true or false",
        "dict_type": "a mapping",
        "model_type": "a mapping",
        "model_attributes_type": "a mapping",
        "list_type": "a list",
        "tuple_type": "a list",
        "date_from_datetime_parsing": "a date as YYYY-MM-DD",
        "date_type": "a date as YYYY-MM-DD",
        "none_required": "nothing",
    }
    return names.get(kind, message[:1].lower() + message[1:])


def keys_at(model: type[BaseModel], path: Iterable[str]) -> list[str]:
    """The keys that a model takes at a path into it."""
    here: Any = model
    for part in path:
        here = _below(here, part)
    found = _models_in(here)
    return sorted({field.alias or name for each in found for name, field in each.model_fields.items()})


def _described(model: type[BaseModel], path: KeyPath) -> str:
    """What a missing field is for: its docstring's first sentence, else that it is needed."""
    here: Any = model
    for part in path[:-1]:
        here = _below(here, part)
    for each in _models_in(here):
        for name, field in described(each).model_fields.items():
            if path[-1] in (name, field.alias) and field.description:
                return "a value (" + " ".join(field.description.split()).split(". ")[0].rstrip(".") + ")"
    return "a value"


def _below(annotation: Any, part: str) -> Any:
    """What stands under a key of a model, a mapping or a list; None where nothing can."""
    for each in _branches(annotation):
        if isinstance(each, type) and issubclass(each, BaseModel):
            for name, field in each.model_fields.items():
                if part in (name, field.alias):
                    return field.annotation
        elif typing.get_origin(each) in (dict, list, tuple):
            return next((a for a in reversed(typing.get_args(each)) if a is not Ellipsis), Any)
    return None


def _branches(annotation: Any) -> list[Any]:
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return _branches(typing.get_args(annotation)[0])
    if origin in (typing.Union, types.UnionType):
        return [b for arg in typing.get_args(annotation) for b in _branches(arg)]
    return [annotation]


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    return [b for b in _branches(annotation) if isinstance(b, type) and issubclass(b, BaseModel)]
