"""Path independence: a phase that was climbed to, step by step on one state, is the graph that is born there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phaseup.climb.clock import Clock
from phaseup.climb.ladder import legs
from phaseup.climb.phases import born, program_of
from phaseup.climb.rehearse import Wanted, run_all
from phaseup.plan.steps import is_counted, net_ops

if TYPE_CHECKING:
    from phaseup.graph.resource import Snapshot
    from stacks.models import Blueprint, StackConfig


def climbed(config: StackConfig, blueprint: Blueprint, phase: str) -> tuple[Snapshot, StackConfig]:
    """The state that applying every step from the first phase up to `phase` leaves, and its config: the long way,
    each step on the state of the one before."""
    state: Snapshot | None = None
    reached = born(config, blueprint.names[0])
    for leg in legs(config, blueprint, down=False, aborts=False):
        if leg.before is not None and leg.before.moving is None and leg.before.phase == phase:
            break
        if leg.move is not None and leg.move.refused is not None:
            continue
        (run,) = run_all([Wanted(program_of(leg.after), state)], Clock())
        state, reached = run.outcome.snapshot, leg.after
    assert state is not None
    return state, reached


def differences(config: StackConfig, blueprint: Blueprint, phase: str) -> list[tuple[str, str]]:
    """(op, URN) of everything that is not `same` in the plan from climbed to born; kept blocks stay as they are."""
    state, reached = climbed(config, blueprint, phase)
    overrides = reached.values.get("phaseup:overrides")
    there = born(config, phase)
    if overrides is not None:
        from stacks.models import changed

        there = changed(there, {"phaseup:overrides": overrides})
    (run,) = run_all([Wanted(program_of(there), state, preview=True)], Clock())
    return [(op, urn) for urn, op in net_ops(run.outcome.steps).items() if op != "same" and is_counted(urn)]
