"""What AWS Backup copies: of a block of RDS every instance that is written to, whatever its shard, and no replica."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from walks import SYSTEMS, settled

from phaseup.graph.resource import State
from phaseup.graph.values import unwrap
from stacks.models import load_blueprint
from tests.climbs import shared

SELECTION = "aws:backup/selection:Selection"
INSTANCE = "aws:rds/instance:Instance"
EVERY = [pytest.param(system, marks=shared(system)) for system in SYSTEMS]


def selected(states: Iterable[State]) -> Iterator[State]:
    """What the selections of a stack find: in their region, and with every tag that they ask for."""
    there = [(state, unwrap(state.inputs)) for state in states if state.custom]
    for _, wanted in ((state, inputs) for state, inputs in there if state.type == SELECTION):
        tags = {
            each["key"].removeprefix("aws:ResourceTag/"): each["value"]
            for condition in wanted["conditions"]
            for each in condition["stringEquals"]
        }
        for state, inputs in there:
            carried: Any = inputs.get("tags")  # a scaling group's is a list, and no vault takes one
            if not isinstance(carried, dict):
                continue
            if inputs.get("region") == wanted["region"] and tags.items() <= carried.items():
                yield state


@pytest.mark.parametrize("system", EVERY)
def test_every_primary_of_a_block_that_is_backed_up_is_selected(system: str) -> None:
    blueprint, states = load_blueprint(system), settled(system, "prod")
    phases = [phase for phase in blueprint.names if any(state.type == SELECTION for state in states[phase])]
    assert phases, "no phase has a backup: this would hold of anything"
    for phase in phases:
        covered = {
            name for block in blueprint.merged[phase].values() if block["kind"] == "backup" for name in block["blocks"]
        }
        instances = {
            state.urn: unwrap(state.inputs)
            for state in states[phase]
            if state.type == INSTANCE and unwrap(state.inputs)["tags"]["block"] in covered
        }
        primaries = {urn for urn, inputs in instances.items() if "replicateSourceDb" not in inputs}
        assert {state.urn for state in selected(states[phase]) if state.type == INSTANCE} == primaries, phase
