"""Named conditions: what providers decide at plan time from several values (Terraform's CustomizeDiff)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from phaseup.facts.types import Fact
from phaseup.graph.values import Value, has_unknown


@dataclass(frozen=True, slots=True)
class Change:
    """One property's change and the resource around it; without secrets."""

    path: str
    old: Value
    new: Value
    old_inputs: Mapping[str, Value]
    old_outputs: Mapping[str, Value]
    news: Mapping[str, Value]

    def before(self, name: str) -> Value:
        """A property in the state, else in the old inputs."""
        value = self.old_outputs.get(name)
        return self.old_inputs.get(name) if value is None else value

    def after(self, name: str) -> Value:
        """A property as it will be: stated, else the state's."""
        value = self.news.get(name)
        return self.before(name) if value is None else value


def effect_of(fact: Fact, change: Change) -> str:
    """The effect of a conditional fact; `unknown` where a case hangs on a value that is not known yet."""
    for case in fact.when:
        if has_unknown(change.new) and case.name not in _NEED_NO_VALUE:
            return "unknown"
        if CONDITIONS[case.name](change):
            return case.effect
    return fact.otherwise


def version(value: Value) -> tuple[int, ...]:
    """`7.0.5` as (7, 0, 5), for comparison; anything else as its leading numbers."""
    return tuple(int(part) for part in re.findall(r"\d+", str(value or "")))


def downgrade(change: Change) -> bool:
    """The new version is lower, compared as far as both are given."""
    old, new = version(change.old), version(change.new)
    length = min(len(old), len(new))
    return length > 0 and new[:length] < old[:length]


def added(change: Change) -> bool:
    """There was none before."""
    return change.old in (None, "", [], {})


def removed(change: Change) -> bool:
    """There is none any more."""
    return change.new in (None, "", [], {})


def was_set(change: Change) -> bool:
    """There was one before."""
    return change.old not in (None, "", [], {})


def turned_on(change: Change) -> bool:
    """False or absent to true."""
    return change.new in (True, "true") and change.old not in (True, "true")


def turned_off(change: Change) -> bool:
    """True to false or absent."""
    return change.old in (True, "true") and change.new not in (True, "true")


def decreases(change: Change) -> bool:
    """A smaller number."""
    try:
        return float(change.new) < float(change.old)
    except (TypeError, ValueError):
        return False


_NEED_NO_VALUE: Final = frozenset({"was_set"})

CONDITIONS: Final[dict[str, Callable[[Change], bool]]] = {
    function.__name__: function
    for function in (downgrade, added, removed, was_set, turned_on, turned_off, decreases)
}
