"""How a phase is written as what differs from the phase before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

KeyPath = tuple[str, ...]


class NothingToRemove(Exception):  # noqa: N818
    """A `null` for a key that is not there."""

    def __init__(self, path: KeyPath) -> None:
        self.path = path
        super().__init__(path)


def merged(base: Mapping[str, Any], delta: Mapping[str, Any], path: KeyPath = ()) -> dict[str, Any]:
    """Maps key by key, lists and scalars whole; `null` removes its key. Raises `NothingToRemove`."""
    out = dict(base)
    for key, value in delta.items():
        here = (*path, key)
        if value is None:
            if key not in out:
                raise NothingToRemove(here)
            del out[key]
        elif isinstance(value, Mapping):
            below = out.get(key)
            out[key] = merged(below if isinstance(below, Mapping) else {}, value, here)
        else:
            out[key] = value
    return out


def leaves(tree: Mapping[str, Any], path: KeyPath = ()) -> list[tuple[KeyPath, Any]]:
    """Every value that is no map, and every empty map, with its path."""
    out: list[tuple[KeyPath, Any]] = []
    for key, value in tree.items():
        here = (*path, key)
        if isinstance(value, Mapping) and value:
            out.extend(leaves(value, here))
        else:
            out.append((here, value))
    return out


def at(tree: Mapping[str, Any], path: KeyPath) -> Any:
    """The value at a path, or None."""
    here: Any = tree
    for part in path:
        if not isinstance(here, Mapping) or part not in here:
            return None
        here = here[part]
    return here


def has(tree: Mapping[str, Any], path: KeyPath) -> bool:
    """Whether something is written at a path, be it null."""
    here: Any = tree
    for part in path:
        if not isinstance(here, Mapping) or part not in here:
            return False
        here = here[part]
    return True
