"""Going on past what a preview does not know: an unknown must not hide a breach that stands beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from pulumi_policy.proxy import UnknownValueError


def over(value: Any, ask: Callable[[Any, Any], Iterable[str]]) -> Iterator[str]:
    """What `ask(key or position, member)` says of each member of a mapping or a list. One that is not known yet keeps
    none of the others from being asked; it is raised after them."""
    keys: Iterable[Any] = ()
    if isinstance(value, Mapping):
        keys = list(value)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        keys = range(len(value))
    first: UnknownValueError | None = None
    for key in keys:
        try:
            yield from ask(key, value[key])
        except UnknownValueError as unknown:
            first = first or unknown
    if first is not None:
        raise first


def each(*parts: Callable[[], Iterable[str]]) -> Iterator[str]:
    """What all of these say, likewise."""
    yield from over(parts, lambda _, part: part())
