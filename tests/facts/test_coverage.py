"""Facts for every property that a component of ours sets, on the recorded graph of every phase."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from phaseup.facts import facts_for
from phaseup.graph.resource import PROVIDER_PREFIX, State
from phaseup.graph.values import leaves
from phaseup.record.program import load_program
from phaseup.record.run import run

ROOT = Path(__file__).parents[2]
# Said as unknown on purpose: the provider's schema calls the change an update, and it would address another bucket.
KNOWN_UNKNOWN = {("cloudflare:index/r2Bucket:R2Bucket", "jurisdiction")}


@cache
def graph(stack: str, phase: str) -> tuple[State, ...]:
    return tuple(run(load_program(ROOT, stack, settings={"phaseup:phase": phase})).outcome.snapshot)


@pytest.mark.parametrize("phase", ["mvp", "growth"])
def test_every_property_that_is_set_has_a_fact(phase: str) -> None:
    states = [
        state for state in graph("meal-prod", phase) if state.custom and not state.type.startswith(PROVIDER_PREFIX)
    ]
    assert len(states) > 100
    without: set[tuple[str, str]] = set()
    for state in states:
        facts = facts_for(state.type)
        stated = {key: value for key, value in state.inputs.items() if not key.startswith("__")}
        for path, _ in leaves(stated):
            fact = facts.property(path) if facts is not None else None
            if fact is None or fact.effect == "unknown":
                without.add((state.type, path))
    assert without <= KNOWN_UNKNOWN


@pytest.mark.parametrize("phase", ["mvp", "growth"])
def test_no_two_resources_share_an_id(phase: str) -> None:
    by_id: dict[tuple[str, str], list[str]] = {}
    for state in graph("meal-prod", phase):
        if state.custom:
            by_id.setdefault((state.type, state.id), []).append(state.urn)
    one_of_a_kind = {key: urns for key, urns in by_id.items() if len(urns) > 1}
    # The cloud knows these by a name within another resource, and a password by nothing at all.
    allowed = {
        "aws:autoscaling/lifecycleHook:LifecycleHook",
        "aws:autoscaling/policy:Policy",
        "random:index/randomPassword:RandomPassword",
        # A public name in each region, and each API's stage without a name.
        "aws:apigatewayv2/domainName:DomainName",
        "aws:apigatewayv2/stage:Stage",
    }
    assert {key: urns for key, urns in one_of_a_kind.items() if key[0] not in allowed} == {}
