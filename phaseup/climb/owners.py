"""Which block a resource belongs to: the name of the topmost phaseup component above it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final

from phaseup.graph.resource import State, urn_name, urn_type

COMPONENT_PREFIX: Final = "phaseup:index:"

IN_REGION: Final = re.compile(
    r"(?P<block>.+?)-(?P<region>(?:us|ap|ca|eu|il|me|mx|sa|af|cn)-(?:gov-)?(?:north|south|central|east|west)+-[1-9])(?:-.+)?"
)


@cache
def in_region(name: str) -> tuple[str, str]:
    """A component's name as (block, region): `db-eu-central-1` is block `db` in that region; no region is home.

    No block may have such a name (stacks/compose/check.py)."""
    found = IN_REGION.fullmatch(name)
    return (found["block"], found["region"]) if found else (name, "")


class Owners:
    """Blocks by URN, over the states of before and after a step."""

    def __init__(self, *states: Iterable[State]) -> None:
        self._parents: dict[str, str] = {state.urn: state.parent for group in states for state in group}
        self._tops: dict[str, str] = {}

    def block(self, urn: str) -> str:
        """The block's name; empty for what stands outside any block (the Stack, providers)."""
        top = self._top(urn)
        return in_region(urn_name(top))[0] if top else ""

    def region(self, urn: str) -> str:
        """The region that the block's component is named by; empty at home."""
        top = self._top(urn)
        return in_region(urn_name(top))[1] if top else ""

    def kind(self, urn: str) -> str:
        """The type token of the block's component: `phaseup:index:Postgres`."""
        top = self._top(urn)
        return urn_type(top) if top else ""

    def _top(self, urn: str) -> str:
        way: dict[str, None] = {}
        while urn and urn not in way and urn not in self._tops:
            way[urn] = None
            urn = self._parents.get(urn, "")
        top = self._tops.get(urn, "")
        for each in reversed(way):
            if not top and urn_type(each).startswith(COMPONENT_PREFIX):
                top = each
            self._tops[each] = top
        return top


def depends_on(state: State) -> frozenset[str]:
    """URNs that a state names as dependencies, whole or per property, and what it would be deleted with."""
    named = {urn for urns in state.property_dependencies.values() for urn in urns}
    return frozenset({*state.dependencies, *named, *([state.deleted_with] if state.deleted_with else [])})


def with_dependents(roots: Iterable[str], states: Mapping[str, State]) -> frozenset[str]:
    """`roots` and whatever depends on one of them, directly or not."""
    dependents: dict[str, list[str]] = {}
    for urn, state in states.items():
        for named in depends_on(state):
            dependents.setdefault(named, []).append(urn)
    found = set(roots)
    open_ = list(found)
    while open_:
        for urn in dependents.get(open_.pop(), ()):
            if urn not in found:
                found.add(urn)
                open_.append(urn)
    return frozenset(found)
