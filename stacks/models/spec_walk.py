"""Walking specs by their declared joins: where two specs may not differ, and what they name."""

from __future__ import annotations

import functools
import types
import typing
from collections.abc import Iterator
from typing import Any, NamedTuple

from components.spec import Join, Refers, Spec, join_of

KeyPath = tuple[str, ...]


class Difference(NamedTuple):
    """Two values of one field that may not differ."""

    path: KeyPath
    old: Any
    new: Any
    join: Join


def refused_differences(old: Spec, new: Spec, path: KeyPath = ()) -> Iterator[Difference]:
    """The fields that differ although no join says what they are in between: `fixed` ones, and scalars in a union."""
    for name in type(old).model_fields:
        before, after = getattr(old, name), getattr(new, name)
        if before == after:
            continue
        here, join = (*path, name), join_of(type(old), name)
        if isinstance(before, Spec) and type(before) is type(after):
            yield from refused_differences(before, after, here)
        elif _named_specs(before) and _named_specs(after):
            if join is Join.FIXED and before.keys() != after.keys():
                yield Difference(here, list(before), list(after), join)
            for key in before.keys() & after.keys():
                yield from refused_differences(before[key], after[key], (*here, key))
        elif join is Join.FIXED:
            yield Difference(here, before, after, join)
        elif join is Join.UNION and isinstance(before, dict) and isinstance(after, dict):
            for key in sorted(before.keys() & after.keys()):
                if before[key] != after[key]:
                    yield Difference((*here, key), before[key], after[key], join)


def join_at(model: type[Spec], path: KeyPath) -> Join:
    """The join that governs the value at a path: of the innermost spec's field on the way to it."""
    here: Any = model
    join = Join.FIXED
    for part in path:
        specs = [b for b in branches(here) if isinstance(b, type) and issubclass(b, Spec)]
        if specs:
            owner = next((s for s in specs if part in s.model_fields), None)
            if owner is None:
                return join
            join, here = join_of(owner, part), owner.model_fields[part].annotation
            continue
        mapping = next((b for b in branches(here) if typing.get_origin(b) is dict), None)
        if mapping is None:
            return join
        here = typing.get_args(mapping)[1]
    return join


def references(spec: Spec, path: KeyPath = ()) -> Iterator[tuple[KeyPath, str, Refers]]:
    """Every block or role that a spec names, with where."""
    for name, annotation, marks in _naming_fields(type(spec)):
        yield from _named(getattr(spec, name), annotation, list(marks), (*path, name))


@functools.cache
def _naming_fields(model: type[Spec]) -> tuple[tuple[str, Any, tuple[Refers, ...]], ...]:
    """Name, annotation and marks of the fields in which a name can stand at all: few, and asked for over and over."""
    found: list[tuple[str, Any, tuple[Refers, ...]]] = []
    for name, field in model.model_fields.items():
        marks = tuple(m for m in field.metadata if isinstance(m, Refers))
        if marks or _may_name(field.annotation, frozenset({model})):
            found.append((name, field.annotation, marks))
    return tuple(found)


def _may_name(annotation: Any, around: frozenset[type[Spec]]) -> bool:
    """Whether a mark is anywhere in an annotation; `around` are the specs that this one is in, already looked into."""
    if isinstance(annotation, Refers):
        return True
    if isinstance(annotation, type) and issubclass(annotation, Spec):
        if annotation in around:
            return False
        fields = annotation.model_fields.values()
        inner = around | {annotation}
        return any(any(isinstance(m, Refers) for m in f.metadata) or _may_name(f.annotation, inner) for f in fields)
    return any(_may_name(part, around) for part in typing.get_args(annotation))


def _named(value: Any, annotation: Any, marks: list[Refers], path: KeyPath) -> Iterator[tuple[KeyPath, str, Refers]]:
    if typing.get_origin(annotation) is typing.Annotated:
        inner, *extra = typing.get_args(annotation)
        yield from _named(value, inner, [*marks, *(m for m in extra if isinstance(m, Refers))], path)
    elif typing.get_origin(annotation) in (typing.Union, types.UnionType):
        # One text in several branches is one name.
        seen = {found for arg in typing.get_args(annotation) for found in _named(value, arg, marks, path)}
        yield from sorted(seen, key=lambda found: found[0])
    elif isinstance(value, Spec):
        if isinstance(annotation, type) and isinstance(value, annotation):
            yield from references(value, path)
    elif isinstance(value, dict):
        key_type, item_type = typing.get_args(annotation) or (Any, Any)
        for key, item in value.items():
            yield from _named(key, key_type, [], (*path, str(key)))
            yield from _named(item, item_type, marks, (*path, str(key)))
    elif isinstance(value, list | tuple | set | frozenset):
        items = typing.get_args(annotation)
        for i, item in enumerate(value):
            yield from _named(item, items[0] if items else Any, marks, (*path, str(i)))
    elif isinstance(value, str):
        for mark in marks[:1]:
            yield path, value, mark


def branches(annotation: Any) -> list[Any]:
    """An annotation without `Annotated`, and each side of a union by itself."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return branches(typing.get_args(annotation)[0])
    if origin in (typing.Union, types.UnionType):
        return [b for arg in typing.get_args(annotation) for b in branches(arg)]
    return [annotation]


def _named_specs(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(v, Spec) for v in value.values())
