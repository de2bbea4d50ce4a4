"""The verdict on one apply of a stack: the planner's, and with it whether the apply did only what its step may do."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from phaseup.climb.announce import announced
from phaseup.climb.judge import WATCHER, Announced, Breach, MoveKind, breaches
from phaseup.climb.owners import in_region
from phaseup.graph.resource import Snapshot, State, urn_name, urn_type
from phaseup.render.words import amount

if TYPE_CHECKING:
    from phaseup.plan.verdict import Judgement
    from phaseup.policy.judge import Violation
    from phaseup.record.run import Run
    from phaseup.render.words import Verdict
    from stacks.models import Blueprint, StackConfig
    from stacks.moves import MoveStep


@dataclass(frozen=True, slots=True)
class Judged:
    """`reasons` say why it is not safe, and `brief` the same for a reader; `planner` is the planner's own judgement,
    with risks and what is retired."""

    verdict: Verdict
    reasons: tuple[str, ...]
    planner: Judgement
    brief: tuple[str, ...]


def judge_apply(
    run: Run,
    before: Snapshot | None,
    *,
    configs: tuple[StackConfig | None, StackConfig | None] = (None, None),
    move: MoveStep | None = None,
    first: bool = False,
    blueprint: Blueprint | None = None,
    consented: Collection[str] = (),
) -> Judged:
    """Judge a planned run. `configs` are those before and after it where it is a stack of this project: what either of
    them retires may go, and what is `consented` besides. `first` is a stack's first apply. A refused `move` is refused
    whatever the plan."""
    from phaseup.plan.verdict import judge

    retired = {name for config in configs if config is not None for name in config.retire}
    retired |= set(consented)
    retired |= _in_regions(run, before, retired)
    told = judge(run.outcome.steps, retired=retired, diagnostics=run.outcome.diagnostics)
    found = _breaches(run, before, configs, move, first, blueprint)
    beyond = sorted(f"{breach.op} {urn_name(breach.urn)}: {breach.why}" for breach in found)
    reasons, brief = (*told.reasons, *beyond), (*told.brief, *beyond)
    verdict: Verdict = "blocked" if found else told.verdict
    if move is not None and move.consent:
        verdict = "needs-approval" if verdict == "safe" else verdict
        reasons, brief = (*reasons, move.consent), (*brief, move.consent)
    if move is not None and move.refused is not None:
        verdict, reasons, brief = "refused", (move.refused.reason,), (move.refused.reason,)
    return Judged(verdict, reasons, told, brief)


def stop(violations: Collection[Violation]) -> str:
    """Why the policy pack stops an apply; empty where it does not."""
    mandatory = sum(each.level == "mandatory" for each in violations)
    return f"policy: {amount(mandatory, 'mandatory violation')}" if mandatory else ""


def stopped_by(judged: Judged, violations: Collection[Violation]) -> Judged:
    """The judgement with what the policy pack says of the state after it: a mandatory violation stops the apply."""
    why = stop(violations)
    if not why or judged.verdict == "refused":
        return judged
    return replace(judged, verdict="blocked", reasons=(*judged.reasons, why), brief=(*judged.brief, why))


def _in_regions(run: Run, before: Snapshot | None, retired: Collection[str]) -> set[str]:
    """The components that stand in a retired region, what alarms, which watch from home, have there, and what a retired
    block has in other regions."""
    states = [*(before or ()), *run.outcome.snapshot]
    names = {urn_name(state.urn) for state in states if not state.custom or _of_alarms(state)}
    components = {urn_name(state.urn) for state in states if not state.custom}
    there = {name for name in names if in_region(name)[1] in retired}
    return there | {name for name in components if in_region(name)[0] in retired}


def _of_alarms(state: State) -> bool:
    return bool(state.parent) and urn_type(state.parent) == WATCHER


def _breaches(
    run: Run,
    before: Snapshot | None,
    configs: tuple[StackConfig | None, StackConfig | None],
    move: MoveStep | None,
    first: bool,
    blueprint: Blueprint | None,
) -> list[Breach]:
    from stacks.moves import effective

    after = run.outcome.snapshot
    state = before or Snapshot(after.stack, after.project)
    if first:
        return breaches("apply", run.outcome.steps, state, after, Announced())
    old, new = configs
    if move is None or move.refused is not None or old is None or new is None or blueprint is None:
        return []
    said = announced(move, effective(old, blueprint), effective(new, blueprint))
    if move.kind == "apply":
        # Between two moves anything may be created and updated; a consent taken back protects again, no more.
        if move.block:
            return breaches("raise", run.outcome.steps, state, after, said)
        return breaches("rearm", run.outcome.steps, state, after, said) if said.rearmed else []
    kind: MoveKind = move.kind
    return breaches(kind, run.outcome.steps, state, after, said)
