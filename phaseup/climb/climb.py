"""Rehearses ladders: records the state before each leg once, plans each leg, and judges it as the move that it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from phaseup.climb.ladder import Leg, key_of, legs
from phaseup.climb.phases import check_system, program_of, stack_of
from phaseup.climb.rehearse import Clock, Wanted, cores, run_all
from phaseup.climb.report import AtRisk, ClimbReport, ClimbStep, Kept
from phaseup.climb.verdict import judge_apply
from phaseup.render.words import OPS, Verdict, count_ops

if TYPE_CHECKING:
    from phaseup.graph.resource import Snapshot
    from phaseup.record.run import Run
    from stacks.models import Blueprint, StackConfig

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


def _record(needed: Mapping[str, StackConfig], clock: Clock, advance: Advance) -> dict[str, Snapshot]:
    wanted = [Wanted(program_of(config)) for config in needed.values()]
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
    counts = dict.fromkeys(OPS, 0)
    verdict: Verdict = "safe"
    at_risk: tuple[AtRisk, ...] = ()
    retired: tuple[str, ...] = ()
    if run is None:
        assert move is not None
        assert move.refused is not None
        verdict, reason, manual = "refused", move.refused.reason, move.refused.manual
    else:
        counts = count_ops(run.outcome.steps)
        configs = (leg.before, leg.after)
        judged = judge_apply(run, before, configs=configs, move=move, first=move is None, blueprint=blueprint)
        verdict, reason = judged.verdict, "; ".join(judged.reasons)
        at_risk = tuple(AtRisk(risk.urn, risk.op, risk.reason) for risk in judged.planner.at_risk)
        retired = judged.planner.retired
        manual = "; check: ".join(part for part in (move.precondition, move.check) if part) if move is not None else ""
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
        resources=sum(counts.values()) - counts["delete"],
        verdict=verdict,
        reason=reason,
        traffic=move.traffic if move is not None else None,
        block=move.block if move is not None else None,
        stage=move.stage if move is not None else None,
        at_risk=at_risk,
        retired=retired,
        kept=tuple(Kept(kept.block, kept.why) for kept in move.kept) if move is not None else (),
        manual=manual,
        backing_out=leg.backing_out,
    )
