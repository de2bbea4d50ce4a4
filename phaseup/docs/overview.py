"""`docs/<system>/README.md`: what each phase serves, costs and needs, how it looks, and when to leave it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from phaseup.capacity import Capacity, capacity, total
from phaseup.cli.quotas import Quota, quotas
from phaseup.climb.owners import COMPONENT_PREFIX, Owners
from phaseup.docs.markdown import render
from phaseup.facts import stateful
from phaseup.plan.steps import is_counted
from phaseup.render.picture import serves, words
from phaseup.render.words import short_type
from stacks.models.bad_input import dotted
from stacks.models.merge import leaves
from stacks.models.triggers import emitters

if TYPE_CHECKING:
    from phaseup.graph.resource import Snapshot, State
    from stacks.models import Blueprint
    from stacks.models.blueprint import Phase, Trigger


@dataclass(frozen=True)
class Leaving:
    """One trigger."""

    name: str
    metric: str
    emitters: tuple[str, ...]
    """Blocks; none for a figure of the business."""
    threshold: str
    action: str
    asks: str
    """As the stack's overrides would say it; empty for the next phase."""
    source: str


@dataclass(frozen=True)
class BlockCount:
    """The resources of one block, or of each of several that are alike."""

    names: tuple[str, ...]
    kind: str
    resources: int
    data: int
    types: str


@dataclass(frozen=True)
class PhaseTold:
    """One phase."""

    name: str
    phase: Phase
    serves: Sequence[str]
    unsaid: Sequence[str]
    """Figures that the source says nothing of."""
    budget: str
    breakdown: Sequence[tuple[str, str]]
    leave: Sequence[Leaving]
    carries: Sequence[tuple[str, Capacity]]
    """By block, and the sum under an empty name."""
    resources: int
    data: int
    protected: int
    blocks: Sequence[BlockCount]
    quotas: Sequence[Quota]


def overview_page(blueprint: Blueprint, settled: dict[str, Snapshot], environment: str) -> str:
    """The whole page; `settled` has each phase's state."""
    return render(
        "overview.md.j2",
        title=blueprint.title or blueprint.system,
        system=blueprint.system,
        environment=environment,
        phases=[_phase(blueprint, name, phase, settled[name]) for name, phase in blueprint.phases.items()],
        moves=[(old, new) for old, new in blueprint.pairs()],
        words=words,
    )


def _phase(blueprint: Blueprint, name: str, phase: Phase, state: Snapshot) -> PhaseTold:
    states = [each for each in state if not each.delete and is_counted(each.urn)]
    carried = capacity(states)
    blocks = _blocks(states)
    return PhaseTold(
        name=name,
        phase=phase,
        serves=serves(phase.serves),
        unsaid=[words(figure) for figure, value in phase.serves.items() if value is None],
        budget=_budget(phase),
        breakdown=[(words(key), _dollars(value)) for key, value in (phase.budget.breakdown or {}).items()],
        leave=[_leaving(blueprint, name, each, trigger) for each, trigger in phase.leave.items()],
        carries=[*sorted(carried.items()), ("", total(carried))],
        resources=len(states),
        data=sum(each.data * len(each.names) for each in blocks),
        protected=sum(each.protect for each in states),
        blocks=blocks,
        quotas=quotas(states),
    )


def _budget(phase: Phase) -> str:
    low, high = phase.budget.low, phase.budget.high
    if low is None and high is None:
        return "not given by the source"
    if low is None or high is None:
        return f"up to {_dollars(high)} a month" if high is not None else f"from {_dollars(low or 0)} a month"
    return f"{_dollars(low)} to {_dollars(high)} a month"


def _dollars(amount: float) -> str:
    return f"${amount:,.12g}"


def _leaving(blueprint: Blueprint, phase: str, name: str, trigger: Trigger) -> Leaving:
    side, limit = ("above", trigger.above) if trigger.above is not None else ("below", trigger.below)
    unit = "" if not trigger.unit else trigger.unit if trigger.unit == "%" else f" {trigger.unit}"
    lasting = f" for {trigger.lasting}" if trigger.lasting else ""
    return Leaving(
        name,
        trigger.metric,
        emitters(blueprint, phase, trigger),
        f"{side} {limit:,.12g}{unit}{lasting}",
        trigger.action,
        ", ".join(f"{dotted(path)}: {value}" for path, value in leaves(trigger.asks or {})),
        trigger.source,
    )


def _blocks(states: Sequence[State]) -> list[BlockCount]:
    owners = Owners(states)
    own: dict[str, list[State]] = {}
    kinds: dict[str, str] = {}
    for state in states:
        block = owners.block(state.urn)
        own.setdefault(block, []).append(state)
        kinds[block] = owners.kind(state.urn).removeprefix(COMPONENT_PREFIX).lower()
    alike: dict[tuple[str, int, int, str], list[str]] = {}
    for block, group in sorted(own.items()):
        types = Counter(short_type(each.type) for each in group if each.custom)
        told = ", ".join(f"{number} {type_}" if number > 1 else type_ for type_, number in sorted(types.items()))
        data = sum(each.custom and stateful(each.type, each.inputs) is not None for each in group)
        alike.setdefault((kinds[block], len(group), data, told), []).append(block or "(stack)")
    return [BlockCount(tuple(names), *about) for about, names in alike.items()]
