"""Equality of property values as the engine sees it, and its reset of ignored properties.

Rules from sdk/go/common/resource/properties_diff.go and properties_path.go (Pulumi 3.260, 2026-08).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from phaseup.graph.values import RESOURCE_SIGNATURE, SIGNATURE, UNKNOWN, Secret, Value, unwrap

PropertyPath = tuple[str | int, ...]
_ABSENT: Final = object()


def deep_equals(left: Value, right: Value) -> bool:
    """Whether two values are the same to the engine: a missing key equals null, a secret never equals a plain value."""
    if left is right:
        return True
    if type(left) is str:
        return left == right
    if isinstance(left, dict):
        return isinstance(right, dict) and _equal_maps(left, right)
    if isinstance(left, list):
        return isinstance(right, list) and len(left) == len(right) and all(map(deep_equals, left, right))
    if isinstance(left, Secret):
        return isinstance(right, Secret) and deep_equals(left.value, right.value)
    if isinstance(left, bool) or isinstance(right, bool):
        return False if type(left) is not type(right) else left == right
    return type(left) in _PLAIN and type(right) in _PLAIN and left == right


_PLAIN: Final = frozenset({str, int, float})


def _equal_maps(left: Mapping[str, Value], right: Mapping[str, Value]) -> bool:
    if left.get(SIGNATURE) == RESOURCE_SIGNATURE and right.get(SIGNATURE) == RESOURCE_SIGNATURE:
        # References are equal whatever version of the package made them.
        return left.get("urn") == right.get("urn") and deep_equals(left.get("id"), right.get("id"))
    for key, value in left.items():
        other = right.get(key, _ABSENT)
        if other is _ABSENT:
            if value is not None:
                return False
        elif value is not other and not deep_equals(value, other):
            return False
    if left.keys() == right.keys():
        return True
    return all(value is None for key, value in right.items() if key not in left)


def same_trigger(new: Value, old: Value) -> bool:
    """Whether a replacement trigger stays: null on either side is no trigger, an unknown is always a change."""
    new, old = unwrap(new), unwrap(old)
    if _holds_unknown(new) or _holds_unknown(old):
        return False
    return new is None or old is None or deep_equals(new, old)


def _holds_unknown(value: Value) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_unknown, value.values()))
    if isinstance(value, list):
        return any(map(_holds_unknown, value))
    return value is UNKNOWN or (isinstance(value, Secret) and _holds_unknown(value.value))


@lru_cache(maxsize=4096)
def parse_path(path: str) -> PropertyPath | None:
    """`a.b[0]["c.d"][*]` → `("a", "b", 0, "c.d", "*")`; None where the engine cannot parse it."""
    if path.startswith("."):
        return None
    elements: list[str | int] = []
    at, end = 0, len(path)
    while at < end:
        if path[at] == ".":
            at += 1
            if at == end:
                return None
        elif path[at] == "[":
            parsed = _parse_index(path, at)
            if parsed is None:
                return None
            element, at = parsed
            elements.append(element)
        else:
            stop = at
            while stop < end and path[stop] not in ".[":
                stop += 1
            elements.append(path[at:stop])
            at = stop
    return tuple(elements)


def _parse_index(path: str, at: int) -> tuple[str | int, int] | None:
    if path[at + 1 : at + 2] == '"':
        text, i = "", at + 2
        while i < len(path) and path[i] != '"':
            if path.startswith('\\"', i):
                i += 1
            text += path[i]
            i += 1
        return (text, i + 2) if path[i + 1 : i + 2] == "]" else None
    close = path.find("]", at)
    if close < 0:
        return None
    segment = path[at + 1 : close]
    if segment == "*":
        return "*", close + 1
    digits = segment[1:] if segment[:1] in "+-" else segment
    return (int(segment), close + 1) if digits.isascii() and digits.isdigit() else None


def contains(outer: PropertyPath, inner: PropertyPath) -> bool:
    """Whether `inner` is `outer` or lies within it; `*` in `outer` matches any one element."""
    return len(inner) >= len(outer) and all(
        want == "*" or (type(want) is type(have) and want == have) for want, have in zip(outer, inner, strict=False)
    )


def at_path(value: Value, path: PropertyPath) -> Value:
    """The value at a path, seen through secrets (which are kept around the result); None where there is none."""
    secret = False
    for element in path:
        while isinstance(value, Secret):
            value, secret = value.value, True
        if isinstance(element, int):
            value = value[element] if isinstance(value, list) and 0 <= element < len(value) else None
        else:
            value = value.get(element) if isinstance(value, dict) else None
    return Secret(value) if secret and value is not None and not isinstance(value, Secret) else value


def reset_ignored(
    news: dict[str, Value], olds: Mapping[str, Value], ignore_changes: list[str]
) -> tuple[dict[str, Value], list[str]]:
    """`news` with every ignored path set back to what it is in `olds` (copied only where it changes), and the paths
    that could not be followed because an element was added or removed on the way."""
    result: Value = news
    broken = []
    for text in ignore_changes:
        path = parse_path(text)
        if path is None:
            continue
        result, fine = _reset(path, olds, result, False, False)
        if not fine:
            broken.append(text)
    return result, broken


def _reset(path: PropertyPath, old: Value, new: Value, old_secret: bool, new_secret: bool) -> tuple[Value, bool]:
    if not path:
        return new, False
    wrappers = 0
    while isinstance(old, Secret):
        old, old_secret = old.value, True
    while isinstance(new, Secret):
        new, new_secret, wrappers = new.value, True, wrappers + 1
    step = _reset_index if isinstance(path[0], int) else _reset_all if path[0] == "*" else _reset_key
    result, fine = step(path, old, new, old_secret, new_secret)
    for _ in range(wrappers):
        result = Secret(result)
    return result, fine


def _kept(value: Value, old_secret: bool, new_secret: bool) -> Value:
    return Secret(value) if old_secret and not new_secret else value


def _reset_index(path: PropertyPath, old: Value, new: Value, old_secret: bool, new_secret: bool) -> tuple[Value, bool]:
    index = path[0]
    assert isinstance(index, int)
    if index < 0:
        return new, False
    if not isinstance(old, list) or not isinstance(new, list):
        return new, not isinstance(old, list) and not isinstance(new, list)
    if index >= len(old) or index >= len(new):
        # Missing on both sides is no change, but only for the last element: there is nothing to descend into.
        return new, len(path) == 1 and index >= len(old) and index >= len(new)
    if len(path) == 1:
        item, fine = _kept(old[index], old_secret, new_secret), True
    else:
        item, fine = _reset(path[1:], old[index], new[index], old_secret, new_secret)
    return [*new[:index], item, *new[index + 1 :]], fine


def _reset_all(path: PropertyPath, old: Value, new: Value, old_secret: bool, new_secret: bool) -> tuple[Value, bool]:
    if len(path) == 1:
        if isinstance(new, dict):
            if isinstance(old, dict):
                new = {key: _kept(value, old_secret, new_secret) for key, value in old.items()}
            return new, True
        if isinstance(new, list):
            if not isinstance(old, list):
                return new, True
            held = [_kept(value, old_secret, new_secret) for value in old[: len(new)]]
            return held + new[len(old) :], len(old) == len(new)
        return new, False
    rest = path[1:]
    if isinstance(old, dict) and isinstance(new, dict):
        copy = dict(new)
        for key, value in old.items():
            if key not in copy:
                return copy, False
            copy[key], fine = _reset(rest, value, copy[key], old_secret, new_secret)
            if not fine:
                return copy, False
        return copy, True
    if isinstance(old, list) and isinstance(new, list):
        items = list(new)
        for index in range(min(len(old), len(new))):
            items[index], fine = _reset(rest, old[index], items[index], old_secret, new_secret)
            if not fine:
                return items, False
        return items, len(old) == len(new)
    return new, False


def _reset_key(path: PropertyPath, old: Value, new: Value, old_secret: bool, new_secret: bool) -> tuple[Value, bool]:
    key = path[0]
    if len(path) == 1:
        if isinstance(old, dict) and key in old:
            if not isinstance(new, dict):
                return new, False
            return {**new, key: _kept(old[key], old_secret, new_secret)}, True
        if isinstance(new, dict) and key in new:
            return {name: value for name, value in new.items() if name != key}, True
        return new, True
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new, not isinstance(old, dict) and not isinstance(new, dict)
    if key not in new:
        return new, key not in old
    item, fine = _reset(path[1:], old.get(key), new[key], old_secret, new_secret)
    return {**new, key: item}, fine
