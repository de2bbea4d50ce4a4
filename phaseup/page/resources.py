"""A system's resources over a whole ladder: each once, in blocks, with what it depends on at each step."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median_low
from typing import TYPE_CHECKING, Any

from phaseup.climb.owners import Owners, depends_on
from phaseup.graph.resource import urn_name, urn_type
from phaseup.page.strings import Strings, line
from phaseup.plan.steps import is_counted
from phaseup.render.plan import net_steps
from phaseup.render.words import Op, short_type

if TYPE_CHECKING:
    from phaseup.graph.resource import State
    from phaseup.plan.steps import Step

COMPONENT = 1
"""Flag of a resource that is a component: it stands for those beneath it."""


@dataclass(frozen=True, slots=True)
class Present:
    """One resource in one step: the operation on it, and what it depends on then."""

    op: Op
    urn: str
    step: Step | None
    needs: tuple[str, ...]


@dataclass(slots=True)
class _Known:
    urn: str
    block: str
    kind: str
    parent: str
    custom: bool
    variants: dict[tuple[str, ...], int] = field(default_factory=dict)


class Resources:
    """Gathers the resources of every step; `settle` then gives each its number."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}
        self._depth: defaultdict[str, int] = defaultdict(int)
        self._numbers: dict[str, int] = {}

    def of_steps(self, steps: Iterable[Step]) -> list[Present]:
        """What a plan finds, each resource once."""
        whole = list(steps)
        states = [[s.old for s in whole if s.old is not None], [s.new for s in whole if s.new is not None]]
        owners = Owners(*states)
        self._deepen([*states[0], *states[1]], owners)
        return [
            self._add(op, step.urn, step.new if step.new is not None else step.old, step, owners)
            for op, step in net_steps(whole)
        ]

    def of_states(self, states: Iterable[State]) -> list[Present]:
        """What stands where nothing is planned."""
        live = [state for state in states if not state.delete]
        owners = Owners(live)
        self._deepen(live, owners)
        return [self._add("same", state.urn, state, None, owners) for state in live if is_counted(state.urn)]

    def settle(self) -> None:
        """Number them: by block, components first, then by type and name, whatever the program's order was."""
        ordered = sorted(
            self._known.values(),
            key=lambda each: (each.block, each.custom, short_type(urn_type(each.urn)), urn_name(each.urn), each.urn),
        )
        self._numbers = {each.urn: number for number, each in enumerate(ordered)}

    def number(self, urn: str) -> int:
        """A resource's number; -1 for what is none that is counted, e.g. the Stack."""
        return self._numbers.get(urn, -1)

    def variant(self, present: Present) -> int:
        """Which of a resource's sets of dependencies it has in this step."""
        return self._known[present.urn].variants[present.needs]

    def blocks(self) -> list[tuple[str, str, int]]:
        """(name, kind, layer) of each block: a layer stands on those before it. What is in no block comes last."""
        kinds: defaultdict[str, Counter[str]] = defaultdict(Counter)
        depths: defaultdict[str, list[int]] = defaultdict(list)
        for each in self._known.values():
            kinds[each.block][each.kind] += 1
            if each.custom:
                depths[each.block].append(self._depth[each.urn])
        found = [(name, _kind(kinds[name]), median_low(depths[name] or [0])) for name in kinds]
        return sorted(found, key=lambda block: (not block[0], block[2], block[0]))

    def to_json(self, strings: Strings, blocks: Sequence[str]) -> list[list[Any]]:
        """[name, type, short type, what stands before them in the URN, block, parent, flags, [[dependencies]…]]."""
        place = {name: number for number, name in enumerate(blocks)}
        return [
            [
                strings.text(urn_name(each.urn)),
                strings.text(each.urn.split("::", 3)[2]),
                strings.text(short_type(urn_type(each.urn))),
                strings.text("::".join(each.urn.split("::", 3)[:2])),
                place[each.block],
                self.number(each.parent),
                0 if each.custom else COMPONENT,
                [sorted({self.number(urn) for urn in needs} - {-1}) for needs in each.variants],
            ]
            for each in sorted(self._known.values(), key=lambda each: self._numbers[each.urn])
        ]

    def _add(self, op: Op, urn: str, state: State | None, step: Step | None, owners: Owners) -> Present:
        known = self._known.get(urn)
        if known is None:
            known = self._known[urn] = _Known(
                urn,
                line(owners.block(urn)),
                owners.kind(urn),
                state.parent if state is not None else "",
                state.custom if state is not None else True,
            )
        needs = tuple(sorted(depends_on(state) - {urn})) if state is not None else ()
        known.variants.setdefault(needs, len(known.variants))
        return Present(op, urn, step, needs)

    def _deepen(self, states: Iterable[State], owners: Owners) -> None:
        """How many borders between blocks lie beneath each resource; states come with what they need before them."""
        for state in states:
            own = owners.block(state.urn)
            for need in depends_on(state):
                depth = self._depth[need] + (owners.block(need) != own)
                self._depth[state.urn] = max(self._depth[state.urn], depth)


def _kind(found: Counter[str]) -> str:
    """What most of a block's resources stand under: beside it, its parts in other regions have components too."""
    most = max(sorted(found), key=lambda kind: found[kind])
    return short_type(most).rpartition(":")[2]


def ranges(numbers: Iterable[int]) -> list[int]:
    """Ascending numbers as first, last, first, last, …"""
    found: list[int] = []
    for number in sorted(numbers):
        if found and number == found[-1] + 1:
            found[-1] = number
        else:
            found += [number, number]
    return found
