"""Rehearses ladders: records the state before each leg once, plans each leg, and judges it as the move that it is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from phaseup.climb.clock import Clock, cores
from phaseup.climb.ladder import Leg, key_of, legs
from phaseup.climb.phases import check_system, program_of, stack_of
from phaseup.climb.rehearse import Wanted, run_here, share
from phaseup.climb.report import AtRisk, ClimbReport, ClimbStep, Kept
from phaseup.climb.verdict import judge_apply, stop
from phaseup.policy.config import pack_config
from phaseup.policy.judge import judge
from phaseup.price.report import total
from phaseup.render.words import OPS, count_ops

if TYPE_CHECKING:
    from phaseup.graph.resource import Snapshot
    from phaseup.policy.judge import Violation
    from phaseup.record.run import Run
    from stacks.models import Blueprint, StackConfig

Advance = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Climbed:
    """One leg as it was rehearsed: judged, with the run that planned it (none where it is refused)."""

    leg: Leg
    step: ClimbStep
    run: Run | None


@dataclass(frozen=True, slots=True)
class Climb:
    """A whole climb: what is reported of it, and the graphs behind the report."""

    report: ClimbReport
    climbed: tuple[Climbed, ...]
    """In the order of the report's steps."""
    states: Mapping[str, Snapshot]
    """By `key_of` the config: every state that a leg starts from."""


@dataclass(frozen=True, slots=True)
class _Start:
    """One state, and what is planned from it: (index of the step, leg). From nothing where `before` is None."""

    system: str
    before: StackConfig | None
    legs: tuple[tuple[int, Leg], ...]

    @property
    def runs(self) -> int:
        return len(self.legs) + (self.before is not None)


@dataclass(frozen=True, slots=True)
class _Rehearsed:
    """What comes of a start: steps, and where they are wanted runs, by index; the state."""

    registrations: int
    steps: dict[int, ClimbStep]
    runs: dict[int, Run]
    state: Snapshot | None
    violations: tuple[Violation, ...] | None
    """What the policy pack says of the state; None where nothing stands yet."""


def climb(
    systems: Sequence[str],
    *,
    environment: str = "prod",
    down: bool = False,
    aborts: bool = True,
    announce: Callable[[int], Advance] = lambda _total: lambda _runs: None,
    clock: Clock | None = None,
) -> ClimbReport:
    """Rehearse the ladders of `systems` (none: all there are). `announce` is told the number of runs to come, and
    answers what is told how many are done each time. Raises `BadInput` and `RecordError`."""
    return _climb(systems, environment, down, aborts, announce, clock or Clock(), whole=False).report


def climb_whole(
    systems: Sequence[str],
    *,
    environment: str = "prod",
    down: bool = False,
    aborts: bool = True,
    announce: Callable[[int], Advance] = lambda _total: lambda _runs: None,
    clock: Clock | None = None,
) -> Climb:
    """The same with every leg's run and the states in between, for whoever tells more of a step than its counts."""
    return _climb(systems, environment, down, aborts, announce, clock or Clock(), whole=True)


def _climb(
    systems: Sequence[str],
    environment: str,
    down: bool,
    aborts: bool,
    announce: Callable[[int], Advance],
    clock: Clock,
    *,
    whole: bool,
) -> Climb:
    from stacks.models.load_blueprint import load_blueprint
    from stacks.models.load_blueprint import systems as all_systems

    names = list(dict.fromkeys(systems)) or all_systems()
    for system in names:
        check_system(system)
    blueprints = {system: load_blueprint(system) for system in names}
    ladders = [
        (system, leg)
        for system in names
        for leg in legs(stack_of(system, environment), blueprints[system], down=down, aborts=aborts)
    ]
    starts = _starts(ladders)
    advance = announce(sum(start.runs for start in starts))
    last = _ends(starts)
    done = share(lambda start: _rehearse(start, blueprints, last, whole), starts, lambda start: advance(start.runs))
    clock.registrations += sum(each.registrations for each in done)
    steps = {index: step for each in done for index, step in each.steps.items()}
    runs = {index: run for each in done for index, run in each.runs.items()}
    there = {key_of(start.before): steps[start.legs[0][0]] for start in starts if start.before is not None}
    broken = {
        (start.system, key_of(start.before)): each.violations
        for start, each in zip(starts, done, strict=True)
        if start.before is not None and each.violations is not None
    }
    climbed = tuple(
        Climbed(
            leg, _with_policy(steps.get(index) or _refused(index, system, leg, there), leg, broken), runs.get(index)
        )
        for index, (system, leg) in enumerate(ladders, start=1)
    )
    states = {
        key_of(start.before): each.state
        for start, each in zip(starts, done, strict=True)
        if start.before is not None and each.state is not None
    }
    report = ClimbReport(
        tuple(each.step for each in climbed),
        clock.seconds,
        clock.import_seconds,
        clock.registrations,
        cores(),
        environment,
        tuple(names),
    )
    return Climb(report, climbed, states)


def _starts(ladders: Sequence[tuple[str, Leg]]) -> list[_Start]:
    """Every state that something is planned from, once, with all that is; refused legs need none."""
    found: dict[tuple[str, str], _Start] = {}
    for index, (system, leg) in enumerate(ladders, start=1):
        if leg.move is not None and leg.move.refused is not None:
            continue
        key = (system, key_of(leg.before) if leg.before is not None else "")
        former = found.get(key)
        found[key] = _Start(system, leg.before, (*(former.legs if former is not None else ()), (index, leg)))
    return list(found.values())


def _ends(starts: Sequence[_Start]) -> frozenset[str]:
    """By `key_of` the config: where a leg leads that no leg starts from."""
    left = {key_of(start.before) for start in starts if start.before is not None}
    return frozenset(key_of(leg.after) for start in starts for _, leg in start.legs) - left


def _rehearse(start: _Start, blueprints: Mapping[str, Blueprint], last: Collection[str], whole: bool) -> _Rehearsed:
    """Record the state, plan every leg from it, judge each; only what is wanted goes back to the parent. The pack is
    asked of the state, and of what is planned where that is nobody's start (`last`)."""
    before = run_here(Wanted(program_of(start.before))) if start.before is not None else None
    state = before.outcome.snapshot if before is not None else None
    registrations = before.registrations if before is not None else 0
    blueprint = blueprints[start.system]
    # Nothing stands before the first apply, and nothing costs nothing.
    spent = total(start.before, blueprint, state) if start.before is not None and state is not None else 0.0
    violations = None
    if start.before is not None and state is not None:
        violations = judge(state, pack_config(start.before, blueprint)).violations
    steps: dict[int, ClimbStep] = {}
    runs: dict[int, Run] = {}
    for index, leg in start.legs:
        run = run_here(Wanted(program_of(leg.after), state, preview=True))
        registrations += run.registrations
        step = _planned(index, start.system, leg, run, state, blueprint)
        steps[index] = replace(step, cost=(spent, total(leg.after, blueprint, run.outcome.snapshot)))
        if key_of(leg.after) in last:
            found = judge(run.outcome.snapshot, pack_config(leg.after, blueprint)).violations
            steps[index] = replace(steps[index], violations=found)
        if whole:
            runs[index] = run
    return _Rehearsed(registrations, steps, runs, state if whole else None, violations)


def _with_policy(step: ClimbStep, leg: Leg, broken: Mapping[tuple[str, str], tuple[Violation, ...]]) -> ClimbStep:
    """The step with what the policy pack says of where it leads: a refused one leads nowhere."""
    where = leg.before if step.verdict == "refused" else leg.after
    found = broken.get((step.system, key_of(where)), step.violations) if where is not None else step.violations
    why = stop(found)
    if not why or step.verdict == "refused":
        return replace(step, violations=found)
    told = "; ".join(part for part in (step.reason, why) if part)
    brief = "; ".join(part for part in (step.brief, why) if part)
    return replace(step, violations=found, verdict="blocked", reason=told, brief=brief)


def _planned(index: int, system: str, leg: Leg, run: Run, before: Snapshot | None, blueprint: Blueprint) -> ClimbStep:
    move = leg.move
    counts = count_ops(run.outcome.steps)
    configs = (leg.before, leg.after)
    judged = judge_apply(run, before, configs=configs, move=move, first=move is None, blueprint=blueprint)
    return replace(
        _told(index, system, leg),
        counts=counts,
        resources=sum(counts.values()) - counts["delete"],
        verdict=judged.verdict,
        reason="; ".join(judged.reasons),
        brief="; ".join(judged.brief),
        at_risk=tuple(AtRisk(risk.urn, risk.op, risk.reason) for risk in judged.planner.at_risk),
        retired=judged.planner.retired,
        manual="; check: ".join(part for part in (move.precondition, move.check) if part) if move is not None else "",
    )


def _refused(index: int, system: str, leg: Leg, there: Mapping[str, ClimbStep]) -> ClimbStep:
    """A leg that is not applied: the stack keeps what another leg from the same state, `there`, finds."""
    assert leg.before is not None
    assert leg.move is not None
    assert leg.move.refused is not None
    other = there[key_of(leg.before)]
    return replace(
        _told(index, system, leg),
        resources=_resources_before(other),
        cost=(other.cost[0], other.cost[0]),
        verdict="refused",
        reason=leg.move.refused.reason,
        manual=leg.move.refused.manual,
    )


def _resources_before(step: ClimbStep) -> int:
    return sum(step.counts.values()) - step.counts["create"]


def _told(index: int, system: str, leg: Leg) -> ClimbStep:
    """What is known of a step before it is planned."""
    move = leg.move
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
        counts=dict.fromkeys(OPS, 0),
        resources=0,
        verdict="safe",
        traffic=move.traffic if move is not None else None,
        block=move.block if move is not None else None,
        stage=move.stage if move is not None else None,
        kept=tuple(Kept(kept.block, kept.why) for kept in move.kept) if move is not None else (),
        backing_out=leg.backing_out,
    )
