"""What a spec's field is for, where a path leads into nested specs and maps; and a field's type, default and limits."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from components.docstrings import described
from components.spec import Spec, join_of, order_of
from phaseup.docs.markdown import code, inline
from stacks.models.spec_walk import KeyPath, branches

_LIMITS: Final = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "above {}",
    "exclusiveMaximum": "below {}",
    "minLength": "{} characters at least",
    "maxLength": "{} characters at most",
    "minItems": "{} at least",
    "maxItems": "{} at most",
    "minProperties": "{} at least",
    "maxProperties": "{} at most",
    "pattern": "matches `{}`",
    "multipleOf": "a multiple of {}",
}
"""JSON Schema's words for limits, in plain ones."""


@dataclass(frozen=True)
class Field:
    """One field of a spec, as the reference shows it."""

    name: str
    type: str
    join: str
    default: str
    """As Markdown; empty where it must be given."""
    limits: tuple[str, ...]
    about: str


def field_at(model: type[Spec], path: KeyPath) -> FieldInfo | None:
    """The innermost field on the way to a path; None where the path leads out of the model."""
    here: Any = model
    found: FieldInfo | None = None
    for part in path:
        specs = [each for each in branches(here) if isinstance(each, type) and issubclass(each, Spec)]
        if specs:
            owner = next((each for each in specs if part in each.model_fields), None)
            if owner is None:
                return found
            found = described(owner).model_fields[part]
            here = found.annotation
            continue
        mapping = next((each for each in branches(here) if typing.get_origin(each) is dict), None)
        if mapping is None:
            return found
        here = typing.get_args(mapping)[1]
    return found


def about(model: type[Spec], path: KeyPath) -> str:
    """The docstring of the innermost field on the way to a path, on one line; empty where it has none."""
    found = field_at(model, path)
    return " ".join((found.description or "").split()) if found is not None else ""


def fields(model: type[Spec]) -> list[Field]:
    """Every field in the order of its declaration."""
    schema = model.model_json_schema()
    definitions = schema.get("$defs", {})
    return [
        Field(
            name=name,
            type=_type(schema["properties"][name], definitions),
            join=join_of(model, name).value,
            default=_default(info),
            limits=tuple(_limits(model, name, schema["properties"][name], definitions)),
            about=about(model, (name,)),
        )
        for name, info in model.model_fields.items()
    ]


def nested(model: type[Spec]) -> list[type[Spec]]:
    """The specs inside a spec, each once, in the order in which they are met."""
    found: dict[type[Spec], None] = {}
    _collect(model, found)
    return [each for each in found if each is not model]


def _collect(model: type[Spec], found: dict[type[Spec], None]) -> None:
    if model in found:
        return
    found[model] = None
    for info in model.model_fields.values():
        for inner in _specs(info.annotation):
            _collect(inner, found)


def _specs(annotation: Any) -> Iterator[type[Spec]]:
    for each in branches(annotation):
        if isinstance(each, type) and issubclass(each, Spec):
            yield each
        else:
            for inner in typing.get_args(each):
                yield from _specs(inner)


def _default(info: FieldInfo) -> str:
    value = info.get_default(call_default_factory=True, validated_data={})
    if value is PydanticUndefined:
        return ""
    if isinstance(value, Spec) and not value.model_dump(exclude_defaults=True):
        return "its own"
    return code(inline(_plain(value)))


def _plain(value: Any) -> Any:
    if isinstance(value, Spec):
        return value.model_dump(mode="json", exclude_defaults=True)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple | set | frozenset) else value


def _type(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    """`whole number`, `a, b or c`, `map of ReplicaSpec by name`: JSON Schema's types in words."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        target = definitions.get(name, {})
        return name if target.get("type") == "object" else _type(target, definitions)
    if "enum" in schema:
        return _either([f"`{inline(word)}`" for word in schema["enum"]])
    if "const" in schema:
        return f"`{inline(schema['const'])}`"
    options = schema.get("anyOf") or schema.get("oneOf")
    if options:
        return _either(list(dict.fromkeys(_type(each, definitions) for each in options)))
    kind = schema.get("type", "any")
    if kind == "array":
        return f"list of {_type(schema.get('items', {}), definitions)}"
    if kind == "object":
        inner = schema.get("additionalProperties") or next(iter(schema.get("patternProperties", {}).values()), {})
        return f"map of {_type(inner, definitions)}" if isinstance(inner, dict) and inner else "map"
    words = {"integer": "whole number", "boolean": "yes or no", "string": "text", "null": "null", "number": "number"}
    return words.get(kind, str(kind))


def _either(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _limits(model: type[Spec], name: str, schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Iterator[str]:
    for part in _parts(schema, definitions):
        for word, text in _LIMITS.items():
            if word in part:
                yield text.format(part[word])
    order = order_of(model, name)
    if order:
        yield f"from smallest to largest: {', '.join(order)}"


def _parts(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The schema and each alternative in it, but not what stands in lists and maps."""
    yield schema
    if "$ref" in schema:
        target = definitions.get(str(schema["$ref"]).rpartition("/")[2], {})
        if target.get("type") != "object":
            yield target
    for each in schema.get("anyOf") or schema.get("oneOf") or ():
        yield from _parts(each, definitions)
