"""What a property must be, as a row of a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pulumi_policy.proxy import UnknownValueError

from ..reading import at


@dataclass(frozen=True, slots=True)
class Must:
    """The value at `path` has to satisfy `holds`; absent, it is asked about as None, so `holds` knows the default."""

    path: tuple[str | int, ...]
    allowed: str
    holds: Callable[[Any], bool]

    def breaches(self, props: Mapping[str, Any], below: tuple[str | int, ...] = ()) -> Iterator[str]:
        """A message where it does not hold; `below` is where in the resource `props` stand."""
        value = at(props, *self.path)
        if not self.holds(value):
            yield told((*below, *self.path), value, self.allowed)


def told(path: Iterable[str | int], value: Any, allowed: str) -> str:
    """The message of a breach at a path."""
    written = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")
    return f"{written}: found {shown(value)}; allowed: {allowed}"


def shown(value: Any) -> str:
    """A plain value as a message has it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    return str(value) if isinstance(value, str | int) else "another shape"


def on(value: Any) -> bool:
    """True, also where the provider takes it as text; off unless set."""
    return value is True or value == "true"


def not_off(value: Any) -> bool:
    """On unless set to false."""
    return not (value is False or value == "false")


def given(props: Mapping[str, Any], key: str) -> bool:
    """Whether a property has a value, be it one that a preview does not know yet."""
    try:
        return props.get(key) not in (None, "", False)
    except UnknownValueError:
        return True


def size(value: Any) -> int:
    """How many members a list has, without reading them: a preview may not know one."""
    return len(value) if isinstance(value, Sequence) and not isinstance(value, str) else 0


def some(props: Mapping[str, Any], *path: str | int) -> bool:
    """Whether a list has a member, be it, or the list, one that a preview does not know yet."""
    try:
        return size(at(props, *path)) > 0
    except UnknownValueError:
        return True


def follows(props: Mapping[str, Any]) -> bool:
    """Whether a database is a copy that replicates another one, by RDS's name of it or by Aurora's and Neptune's."""
    return given(props, "replicateSourceDb") or given(props, "replicationSourceIdentifier")
