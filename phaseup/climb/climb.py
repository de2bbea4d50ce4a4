"""Rehearses ladders: records the state before each leg once, plans each leg, and judges it as the move that it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from phaseup.climb.announce import announced
from phaseup.climb.judge import breaches
from phaseup.climb.ladder import Leg, key_of, legs
from phaseup.climb.phases import check_system, program_of, stack_of
from phaseup.climb.rehearse import Clock, Wanted, cores, run_all
from phaseup.climb.report import AtRisk, ClimbReport, ClimbStep, Kept
from phaseup.graph.resource import Snapshot, urn_name
from phaseup.render.words import OPS, Verdict, count_ops

if TYPE_CHECKING:
    from phaseup.plan.verdict import Judgement
    from phaseup.record.run import Run
    from stacks.models import Blueprint

Advance = Callable[[str], None]


def climb(
    systems: Sequence[str],
    *,
    environment: str = "prod",
    down: bool = False,
    aborts: bool = True,
    announce: Callable[[int], Advance] = lambda _total: lambda _what: None,
) -> ClimbReport:
    """Rehearse the ladders of `systems` (none: all there are). `announce` is told the number of runs to come, and
    answers what is told each one that is done. Raises `BadInput` and `RecordError`."""
    from stacks.models.load_blueprint import load_blueprint
    from stacks.models.load_blueprint import systems as all_systems

    clock = Clock()
    names = list(dict.fromkeys(systems)) or all_systems()
    for system in names:
        check_system(system)
    blueprints = {system: load_blueprint(system) for system in names}
    ladders = [
        (system, leg)
        for system in names
        for leg in legs(stack_of(system, environment), blueprints[system], down=down, aborts=aborts)
    ]
    planned = [leg for _, leg in ladders if leg.move is None or leg.move.refused is None]
    needed = {key_of(leg.before): leg.before for leg in planned if leg.before is not None}
    advance = announce(len(needed) + len(planned))
    states = _record(needed, clock, advance)
    runs = _plan(planned, states, clock, advance)
    found: list[ClimbStep] = []
    for index, (system, leg) in enumerate(ladders, start=1):
        run = runs.get(id(leg))
        before = states[key_of(leg.before)] if leg.before is not None and run is not None else None
        found.append(_step(index, system, leg, run, before, blueprints[system]))
    return ClimbReport(
        tuple(found), clock.seconds, clock.import_seconds, clock.registrations, cores(), environment, tuple(names)
    )


def _record(needed: Mapping[str, object], clock: Clock, advance: Advance) -> dict[str, Snapshot]:
    wanted = [Wanted(program_of(config)) for config in needed.values()]  # type: ignore[arg-type]
    runs = run_all(wanted, clock, lambda _: advance("recording states"))
    return {key: run.outcome.snapshot for key, run in zip(needed, runs, strict=True)}


def _plan(planned: Sequence[Leg], states: Mapping[str, Snapshot], clock: Clock, advance: Advance) -> dict[int, Run]:
    wanted = [
        Wanted(program_of(leg.after), states[key_of(leg.before)] if leg.before is not None else None, preview=True)
        for leg in planned
    ]
    runs = run_all(wanted, clock, lambda _: advance("planning steps"))
    return {id(leg): run for leg, run in zip(planned, runs, strict=True)}


def _step(
    index: int, system: str, leg: Leg, run: Run | None, before: Snapshot | None, blueprint: Blueprint
) -> ClimbStep:
    move = leg.move
    verdict: Verdict = "safe"
    reason, manual = "", ""
    at_risk: list[AtRisk] = []
    retired: list[str] = []
    counts = dict.fromkeys(OPS, 0)
    resources = 0
    if run is None:
        assert move is not None
        assert move.refused is not None
        verdict, reason, manual = "refused", move.refused.reason, move.refused.manual
    else:
        counts = count_ops(run.outcome.steps)
        resources = sum(counts.values()) - counts["delete"]
        judgement, verdict, reason = _judged(leg, run, before, blueprint)
        at_risk = [AtRisk(risk.urn, risk.op, risk.reason) for risk in judgement.at_risk]
        retired = list(judgement.retired)
        if move is not None:
            manual = "; check: ".join(part for part in (move.precondition, move.check) if part)
    from_phase, to_phase = "", leg.after.phase
    if move is not None:
        from_phase, to_phase = (move.to, move.from_) if leg.backing_out else (move.from_, move.to)
    return ClimbStep(
        index=index,
        system=system,
        direction=leg.direction,
        from_phase=from_phase,
        to_phase=to_phase,
        step="apply" if move is None else move.kind,
        counts=counts,
        resources=resources,
        verdict=verdict,
        reason=reason,
        traffic=move.traffic if move is not None else None,
        block=move.block if move is not None else None,
        stage=move.stage if move is not None else None,
        at_risk=tuple(at_risk),
        retired=tuple(retired),
        kept=tuple(Kept(kept.block, kept.why) for kept in move.kept) if move is not None else (),
        manual=manual,
        backing_out=leg.backing_out,
    )


def _judged(leg: Leg, run: Run, before: Snapshot | None, blueprint: Blueprint) -> tuple[Judgement, Verdict, str]:
    """The planner's judgement, and with it what goes beyond the step's kind."""
    from phaseup.plan.verdict import judge

    judgement = judge(run.outcome.steps, retired=_retired(leg), diagnostics=run.outcome.diagnostics)
    verdict: Verdict = judgement.verdict
    reasons = list(judgement.reasons)
    for urn, op, why in _breaches(leg, run, before, blueprint):
        verdict = "blocked"
        reasons.append(f"{op} {urn_name(urn)}: {why}")
    return judgement, verdict, "; ".join(reasons)


def _retired(leg: Leg) -> set[str]:
    """Blocks that may go: those that the stack file names, before the step or with it."""
    return {*(leg.before.retire if leg.before is not None else ()), *leg.after.retire}


def _breaches(leg: Leg, run: Run, before: Snapshot | None, blueprint: Blueprint) -> list[tuple[str, str, str]]:
    from stacks.moves import effective

    after = run.outcome.snapshot
    empty = Snapshot(after.stack, after.project)
    if leg.move is None or leg.before is None:
        from phaseup.climb.judge import Announced

        found = breaches("apply", run.outcome.steps, before or empty, after, Announced())
    else:
        said = announced(leg.move, effective(leg.before, blueprint), effective(leg.after, blueprint))
        found = breaches(leg.move.kind, run.outcome.steps, before or empty, after, said)
    return [(breach.urn, breach.op, breach.why) for breach in found]
