"""Path independence: a phase that was climbed to, step by step on one state, is the graph that is born there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from phaseup.climb.clock import Clock
from phaseup.climb.ladder import legs
from phaseup.climb.phases import born, program_of
from phaseup.climb.rehearse import Wanted, run_all
from phaseup.plan.steps import is_counted, net_ops

if TYPE_CHECKING:
    from phaseup.graph.resource import Snapshot
    from stacks.models import Blueprint, StackConfig


def climbed(config: StackConfig, blueprint: Blueprint) -> Iterator[tuple[Snapshot, StackConfig]]:
    """Each phase as applying every step from the first phase up to it leaves it, state and config: the long way, each
    step on the state of the one before."""
    state: Snapshot | None = None
    for leg in legs(config, blueprint, down=False, aborts=False):
        if leg.move is not None and leg.move.refused is not None:
            continue
        (run,) = run_all([Wanted(program_of(leg.after), state)], Clock())
        state = run.outcome.snapshot
        if leg.after.moving is None:
            yield state, leg.after


def differences(config: StackConfig, blueprint: Blueprint) -> dict[str, list[tuple[str, str]]]:
    """By phase, (op, URN) of everything that is not `same` in the plan from climbed to born."""
    return {reached.phase: _between(config, state, reached) for state, reached in climbed(config, blueprint)}


def _between(config: StackConfig, state: Snapshot, reached: StackConfig) -> list[tuple[str, str]]:
    """Kept blocks stay as they are."""
    overrides = reached.values.get("phaseup:overrides")
    there = born(config, reached.phase)
    if overrides is not None:
        from stacks.models import changed

        there = changed(there, {"phaseup:overrides": overrides})
    (run,) = run_all([Wanted(program_of(there), state, preview=True)], Clock())
    return [(op, urn) for urn, op in net_ops(run.outcome.steps).items() if op != "same" and is_counted(urn)]
