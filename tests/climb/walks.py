"""Whole ways outside prod, each walked once a worker, and the settled states of every system in every environment."""

from __future__ import annotations

from functools import cache

from phaseup.climb.ladder import key_of
from phaseup.climb.path import Walked, walked
from phaseup.climb.phases import born, stack_of
from phaseup.climb.rehearse import record_all
from phaseup.graph.resource import Snapshot
from stacks.models.load_blueprint import load_blueprint, systems
from tests.climbs import whole

OUTSIDE_PROD = ("dev", "staging")
ENVIRONMENTS = (*OUTSIDE_PROD, "prod")
SYSTEMS = systems()


@cache
def way(system: str, environment: str) -> tuple[Walked, ...]:
    """Up and down, step by step on one state."""
    return tuple(walked(stack_of(system, environment), load_blueprint(system), down=True))


@cache
def settled(system: str, environment: str) -> dict[str, Snapshot]:
    """Each phase's state as it is born, from the system's climb where that is prod's; else recorded now."""
    blueprint, stack = load_blueprint(system), stack_of(system, environment)
    configs = {phase: born(stack, phase) for phase in blueprint.names}
    there = whole(system).states if environment == "prod" else {}
    missing = [config for config in configs.values() if key_of(config) not in there]
    runs = dict(zip(map(key_of, missing), record_all(missing), strict=True))
    return {
        phase: there[key] if (key := key_of(config)) in there else runs[key].outcome.snapshot
        for phase, config in configs.items()
    }
