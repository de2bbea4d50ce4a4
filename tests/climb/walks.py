"""Whole ways in dev, each walked once a worker, and the settled states of every system in every environment."""

from __future__ import annotations

from functools import cache

import pytest

from phaseup.climb.ladder import key_of
from phaseup.climb.path import Walked, walked
from phaseup.climb.phases import born, stack_of
from phaseup.climb.rehearse import record_all
from phaseup.graph.resource import Snapshot
from stacks.models.load_blueprint import load_blueprint, systems
from tests.climbs import shared, whole

WALKED = "dev"
ENVIRONMENTS = (WALKED, "staging", "prod")
SYSTEMS = systems()


@cache
def way(system: str) -> tuple[Walked, ...]:
    """Up and down in dev, step by step on one state."""
    return tuple(walked(stack_of(system, WALKED), load_blueprint(system), down=True))


@cache
def settled(system: str, environment: str) -> dict[str, Snapshot]:
    """Each phase's state as it is born, in prod from the system's climb; in dev as it was walked to, which is the same
    graph (test_outside_prod.py)."""
    if environment == WALKED:
        steps = [step for step in way(system) if step.leg.direction == "up"]
        return {step.leg.after.phase: step.run.outcome.snapshot for step in steps if step.leg.after.moving is None}
    blueprint, stack = load_blueprint(system), stack_of(system, environment)
    there = whole(system).states if environment == "prod" else {}
    configs = {phase: born(stack, phase) for phase in blueprint.names}
    missing = {key_of(config): config for config in configs.values() if key_of(config) not in there}
    recorded = dict(zip(missing, record_all(list(missing.values())), strict=True))
    states = {**there, **{key: run.outcome.snapshot for key, run in recorded.items()}}
    return {phase: states[key_of(config)] for phase, config in configs.items()}


def together(system: str, environment: str) -> pytest.MarkDecorator:
    """The mark of tests that look at one way, or at one climb: one worker runs them all."""
    return shared(system) if environment == "prod" else pytest.mark.xdist_group(f"{system}-outside-prod")
