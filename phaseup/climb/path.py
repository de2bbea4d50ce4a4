"""Path independence: a phase that was climbed to, step by step on one state, is the graph that is born there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from phaseup.climb.clock import Clock
from phaseup.climb.ladder import Leg, legs
from phaseup.climb.phases import born, program_of
from phaseup.climb.rehearse import Wanted, run_all
from phaseup.plan.steps import is_counted, net_ops

if TYPE_CHECKING:
    from phaseup.graph.resource import Snapshot
    from phaseup.record.run import Run
    from stacks.models import Blueprint, StackConfig


@dataclass(frozen=True, slots=True)
class Walked:
    """One apply of a whole way, on the state that the one before it left."""

    leg: Leg
    before: Snapshot | None
    run: Run


def walked(config: StackConfig, blueprint: Blueprint, *, down: bool = False) -> Iterator[Walked]:
    """Every step from the first phase up, and `down` again, each applied to the state of the one before: the long way,
    without ways back, and without what is refused."""
    state: Snapshot | None = None
    for leg in legs(config, blueprint, down=down, aborts=False):
        if leg.move is not None and leg.move.refused is not None:
            continue
        (run,) = run_all([Wanted(program_of(leg.after), state)], Clock())
        yield Walked(leg, state, run)
        state = run.outcome.snapshot


def climbed(config: StackConfig, blueprint: Blueprint) -> Iterator[tuple[Snapshot, StackConfig]]:
    """Each phase as applying every step from the first phase up to it leaves it, state and config."""
    for each in walked(config, blueprint):
        if each.leg.after.moving is None:
            yield each.run.outcome.snapshot, each.leg.after


def differences(config: StackConfig, blueprint: Blueprint) -> dict[str, list[tuple[str, str]]]:
    """By phase, (op, URN) of everything that is not `same` in the plan from climbed to born."""
    return {reached.phase: between(config, state, reached) for state, reached in climbed(config, blueprint)}


def between(config: StackConfig, state: Snapshot, reached: StackConfig) -> list[tuple[str, str]]:
    """(op, URN) of all that is not `same` from a state to the stack as it would be born there; kept blocks stay as
    they are."""
    overrides = reached.values.get("phaseup:overrides")
    there = born(config, reached.phase)
    if overrides is not None:
        from stacks.models import changed

        there = changed(there, {"phaseup:overrides": overrides})
    (run,) = run_all([Wanted(program_of(there), state, preview=True)], Clock())
    return [(op, urn) for urn, op in net_ops(run.outcome.steps).items() if op != "same" and is_counted(urn)]
