"""The promises in dev and staging: every step of the whole way, up and down, each on the state that the last one left.
Prod's own way, with every way back, is what each system's climb rehearses."""

from __future__ import annotations

import pytest
from walks import OUTSIDE_PROD, SYSTEMS, together, way

from phaseup.climb.path import Walked, between
from phaseup.climb.phases import stack_of
from phaseup.climb.verdict import Judged, judge_apply
from phaseup.plan.steps import net_ops
from stacks.models import load_blueprint

WAYS = [
    pytest.param(system, environment, marks=together(system, environment))
    for system in SYSTEMS
    for environment in OUTSIDE_PROD
]


def judged(system: str, step: Walked) -> Judged:
    return judge_apply(
        step.run,
        step.before,
        configs=(step.leg.before, step.leg.after),
        move=step.leg.move,
        first=step.leg.move is None,
        blueprint=load_blueprint(system),
    )


@pytest.mark.parametrize(("system", "environment"), WAYS)
def test_every_step_is_safe_and_nothing_is_at_risk(system: str, environment: str) -> None:
    for step in way(system, environment):
        found = judged(system, step)
        kind = step.leg.move.kind if step.leg.move else "apply"
        where = (step.leg.direction, step.leg.after.phase, kind, found.reasons)
        assert found.verdict == "safe" or (found.verdict, kind) == ("needs-approval", "arm"), where
        assert found.planner.at_risk == (), where
        if kind in ("expand", "rung", "shift", "arm"):
            assert "delete" not in net_ops(step.run.outcome.steps).values(), where


@pytest.mark.parametrize(("system", "environment"), WAYS)
def test_climbed_or_born_a_phase_is_the_same_graph(system: str, environment: str) -> None:
    blueprint, stack = load_blueprint(system), stack_of(system, environment)
    reached = [
        step for step in way(system, environment) if step.leg.direction == "up" and step.leg.after.moving is None
    ]
    assert [step.leg.after.phase for step in reached] == blueprint.names
    assert {step.leg.after.phase: between(stack, step.run.outcome.snapshot, step.leg.after) for step in reached} == {
        phase: [] for phase in blueprint.names
    }
