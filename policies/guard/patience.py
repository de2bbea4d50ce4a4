"""Going on past what a preview does not know: an unknown must not hide a breach that stands beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from pulumi_policy.proxy import UnknownValueError


def in_turn(questions: Iterable[Iterable[str]]) -> Iterator[str]:
    """All that they find. An unknown that ends one of them ends no other; the first is raised at the end."""
    first: UnknownValueError | None = None
    for question in questions:
        try:
            yield from question
        except UnknownValueError as unknown:
            first = first or unknown
    if first is not None:
        raise first


def over(value: Any, ask: Callable[[Any, Any], Iterable[str]]) -> Iterator[str]:
    """What `ask(key or position, member)` says of each member of a mapping or a list, one after the other."""
    keys: Iterable[Any] = ()
    if isinstance(value, Mapping):
        keys = list(value)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        keys = range(len(value))
    return in_turn(_of(value, key, ask) for key in keys)


def each(*parts: Callable[[], Iterable[str]]) -> Iterator[str]:
    """What all of these say, likewise."""
    return over(parts, lambda _, part: part())


def _of(value: Any, key: Any, ask: Callable[[Any, Any], Iterable[str]]) -> Iterator[str]:
    """Reads the member only when it is its turn."""
    yield from ask(key, value[key])
