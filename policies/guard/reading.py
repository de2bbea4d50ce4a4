"""Reading properties: none of these takes an absent value, an empty one, `false` and 0 for the same."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pulumi_policy.proxy import UnknownValueError


def items(value: Any) -> list[Any]:
    """The members of a list property; nothing where it is absent."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return list(value)
    return []


def table(value: Any) -> Mapping[str, Any]:
    """A mapping property; an empty one where it is absent."""
    return value if isinstance(value, Mapping) else {}


def at(props: Mapping[str, Any], *path: str | int) -> Any:
    """What stands at a path of keys and positions; None where any of them is absent."""
    value: Any = props
    for step in path:
        if isinstance(step, int):
            # Only the member that is asked for: a preview may not know another one.
            if not isinstance(value, Sequence) or isinstance(value, str) or not -len(value) <= step < len(value):
                return None
            value = value[step]
        else:
            value = table(value).get(step)
    return value


def text(value: Any) -> str:
    """A text property; empty where it is absent."""
    return value if isinstance(value, str) else ""


def number(value: Any) -> float | None:
    """A number, also where the provider takes it as text; None where it is absent or none."""
    if isinstance(value, bool):
        return None
    try:
        return float(value) if isinstance(value, int | float | str) and value != "" else None
    except ValueError:
        return None


def document(value: Any) -> Mapping[str, Any]:
    """A JSON document in a text property, e.g. an IAM policy; empty where it is absent or none."""
    try:
        read = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return {}
    return table(read)


def statements(policy: Any) -> Iterator[Mapping[str, Any]]:
    """The statements of an IAM policy document, whether it has one or several."""
    found = document(policy).get("Statement")
    if isinstance(found, Mapping):
        yield found
    else:
        yield from (table(each) for each in items(found))


def several(value: Any) -> list[Any]:
    """What IAM takes as one text or as a list of them."""
    return [value] if isinstance(value, str) else items(value)


def plain(value: Any, unknown: Any = None) -> Any:
    """A value without its proxies: dicts and lists, with `unknown` in place of what a preview does not know."""
    if isinstance(value, Mapping):
        return {key: _member(value, key, unknown) for key in value}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_member(value, position, unknown) for position in range(len(value))]
    return value


def _member(of: Any, key: Any, unknown: Any) -> Any:
    try:
        return plain(of[key], unknown)
    except UnknownValueError:
        return unknown
