"""The promises outside prod. In dev every step of the whole way, up and down, is applied to the state that the last one
left. Staging is held to dev: the same resources with the same options in every phase, so that the same steps differ in
values alone, and those touch no fixed field (a blueprint does not load otherwise). Prod's own way, with every way back,
is what each system's climb rehearses."""

from __future__ import annotations

import pytest
from walks import SYSTEMS, WALKED, settled, together, way

from phaseup.climb.path import Walked, between
from phaseup.climb.phases import stack_of
from phaseup.climb.verdict import Judged, judge_apply
from phaseup.graph.resource import Snapshot, State
from phaseup.plan.steps import net_ops
from phaseup.policy.config import pack_config
from phaseup.policy.judge import judge
from stacks.models import load_blueprint

STACK = "pulumi:pulumi:Stack"
"""Called by the environment itself."""
EVERY = [pytest.param(system, marks=together(system, WALKED)) for system in SYSTEMS]


def judged(system: str, step: Walked) -> Judged:
    return judge_apply(
        step.run,
        step.before,
        configs=(step.leg.before, step.leg.after),
        move=step.leg.move,
        first=step.leg.move is None,
        blueprint=load_blueprint(system),
    )


@pytest.mark.parametrize("system", EVERY)
def test_every_step_is_safe_and_nothing_is_at_risk(system: str) -> None:
    for step in way(system):
        found = judged(system, step)
        kind = step.leg.move.kind if step.leg.move else "apply"
        where = (step.leg.direction, step.leg.after.phase, kind, found.reasons)
        assert found.verdict == "safe" or (found.verdict, kind) == ("needs-approval", "arm"), where
        assert found.planner.at_risk == (), where
        if kind in ("expand", "rung", "shift", "arm"):
            assert "delete" not in net_ops(step.run.outcome.steps).values(), where


@pytest.mark.parametrize("system", EVERY)
def test_every_state_on_the_way_passes_the_policy_pack(system: str) -> None:
    blueprint = load_blueprint(system)
    for step in way(system):
        found = judge(step.run.outcome.snapshot, pack_config(step.leg.after, blueprint))
        where = (step.leg.direction, step.leg.after.phase, step.leg.move.kind if step.leg.move else "apply")
        assert [(each.policy, each.urn, each.message) for each in found.violations] == [], where


@pytest.mark.parametrize("system", EVERY)
def test_climbed_or_born_a_phase_is_the_same_graph(system: str) -> None:
    blueprint, stack = load_blueprint(system), stack_of(system, WALKED)
    reached = [step for step in way(system) if step.leg.direction == "up" and step.leg.after.moving is None]
    assert [step.leg.after.phase for step in reached] == blueprint.names
    assert {step.leg.after.phase: between(stack, step.run.outcome.snapshot, step.leg.after) for step in reached} == {
        phase: [] for phase in blueprint.names
    }


@pytest.mark.parametrize("system", EVERY)
def test_staging_is_dev_with_other_values(system: str) -> None:
    for phase in load_blueprint(system).names:
        dev, staging = (options(settled(system, each)[phase], each) for each in (WALKED, "staging"))
        assert dev.keys() == staging.keys(), phase
        assert {urn: (made, staging[urn]) for urn, made in dev.items() if made != staging[urn]} == {}, phase


def options(states: Snapshot, environment: str) -> dict[str, tuple[object, ...]]:
    """What decides what a step does to a resource, beside its values."""
    return {
        state.urn.replace(f"-{environment}::", "::", 1): (
            state.protect,
            state.retain_on_delete,
            tuple(state.ignore_changes),
            tuple(state.replace_on_changes),
            bool(state.delete_before_replace),
            len(state.dependencies),
        )
        for state in states
        if state.type != STACK
    }


def test_an_option_that_differs_is_seen() -> None:
    type_ = "aws:rds/instance:Instance"
    free = State(f"urn:pulumi:shop-dev::p::{type_}::db", type_, True, id="db")
    held = State(f"urn:pulumi:shop-staging::p::{type_}::db", type_, True, id="db", protect=True)
    told = options(Snapshot("shop-dev", "p", [free]), "dev"), options(Snapshot("shop-staging", "p", [held]), "staging")
    assert told[0].keys() == told[1].keys()
    assert told[0] != told[1]
