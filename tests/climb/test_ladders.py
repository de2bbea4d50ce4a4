"""Every system's ladder by its file: what a phase has and serves never falls, nothing immutable varies, every class is
sold where it is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from walks import ENVIRONMENTS, SYSTEMS, settled, together

from phaseup.capacity import Capacity, capacity, fallen
from phaseup.climb.path import differences as path_differences
from phaseup.climb.phases import born, stack_of
from phaseup.facts import facts_for, stateful
from phaseup.graph.resource import State
from phaseup.graph.values import unwrap
from phaseup.price.report import total as price
from phaseup.simulate.differ import differences, ignored
from stacks.models import load_blueprint
from stacks.models.classes import is_offered
from stacks.models.serving import ASKED, PEOPLE
from stacks.models.serving import fallen as served_less
from tests.climbs import shared, whole

EVERY = [pytest.param(system, marks=shared(system)) for system in SYSTEMS]
EVERYWHERE = [pytest.param(system, env, marks=together(system, env)) for system in SYSTEMS for env in ENVIRONMENTS]
COSTLIER = 3
"""From one phase to the next, by so many times, a note says why."""


def less(before: Mapping[str, Capacity], after: Mapping[str, Capacity]) -> set[str]:
    return {figure for figure, _, _ in fallen(before, after)}


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_phase_says_what_it_serves_or_that_its_source_does_not(system: str) -> None:
    for name, phase in load_blueprint(system).phases.items():
        assert [figure for figure in ASKED if figure not in phase.serves] == [], name
        assert any(phase.serves.get(figure) is not None for figure in PEOPLE), name


@pytest.mark.parametrize("system", EVERY)
def test_nothing_falls_from_phase_to_phase_but_what_the_blueprint_explains(system: str) -> None:
    """In prod, whose sizes are the phases'; what no longer falls may not stay explained."""
    blueprint, states = load_blueprint(system), settled(system, "prod")
    for old, new in blueprint.pairs():
        before, after = blueprint.phases[old], blueprint.phases[new]
        falls = less(capacity(states[old]), capacity(states[new])) | set(served_less(before.serves, after.serves))
        assert falls == after.falls.keys(), (old, new)
        assert all(after.falls.values()), new
    assert blueprint.phases[blueprint.names[0]].falls == {}


@pytest.mark.parametrize("system", EVERY)
def test_every_state_of_the_climb_passes_the_policy_pack(system: str) -> None:
    """The phases and all that stands between them, with each way back."""
    report = whole(system).report
    assert {(each.policy, each.urn, each.message) for step in report.steps for each in step.violations} == set()


@pytest.mark.parametrize(("system", "environment"), EVERYWHERE)
def test_no_immutable_property_of_what_holds_data_varies_by_phase(system: str, environment: str) -> None:
    states = settled(system, environment)
    for lower, upper in combinations(load_blueprint(system).names, 2):
        assert list(varying(states[lower], states[upper])) == [], (lower, upper)


def varying(lower: Iterable[State], upper: Iterable[State]) -> Iterator[tuple[str, str, str]]:
    """(name, property, effect) of what cannot be changed in place on a resource with data of both graphs."""
    above = {state.urn: state for state in upper}
    for state in lower:
        other = above.get(state.urn)
        if other is None or not state.custom or stateful(state.type, state.inputs) is None:
            continue
        for change in differences(facts_for(state.type), state.inputs, state.outputs, other.inputs):
            hidden = ignored(change.path, tuple(other.ignore_changes))
            if not hidden and change.effect in ("replace", "unknown"):
                yield state.name, change.path, change.effect


@pytest.mark.parametrize(("system", "environment"), EVERYWHERE)
def test_every_class_is_offered_in_its_region(system: str, environment: str) -> None:
    asked = {found for state in settled(system, environment).values() for found in classes(state)}
    assert asked
    assert [each for each in sorted(asked) if is_offered(*each) is not True] == []


CLASSES = {
    "aws:ec2/launchTemplate:LaunchTemplate": ("ec2", ("instanceType",)),
    "aws:eks/nodeGroup:NodeGroup": ("ec2", ("instanceTypes",)),
    "aws:rds/instance:Instance": ("rds-postgres", ("instanceClass",)),
    "aws:rds/clusterInstance:ClusterInstance": ("rds-aurora", ("instanceClass",)),
    "aws:elasticache/replicationGroup:ReplicationGroup": ("elasticache", ("nodeType",)),
    "aws:opensearch/domain:Domain": (
        "opensearch",
        ("clusterConfig.instanceType", "clusterConfig.dedicatedMasterType"),
    ),
}
"""By type: which list of classes, and where the class stands."""


def classes(states: Iterable[State]) -> Iterator[tuple[str, str, str]]:
    """(list, class, region)"""
    for state in states:
        service, paths = CLASSES.get(state.type, ("", ()))
        inputs: dict[str, Any] = unwrap(state.inputs)
        for path in paths:
            value: Any = inputs
            for part in path.split("."):
                value = value.get(part) if isinstance(value, dict) else None
            for name in value if isinstance(value, list) else [value]:
                if name and name != "db.serverless":
                    yield service, name, inputs["region"]


@pytest.mark.parametrize("system", EVERY)
def test_a_cost_that_rises_much_has_a_note(system: str) -> None:
    blueprint, states = load_blueprint(system), settled(system, "prod")
    stack = stack_of(system, "prod")
    costs = {phase: price(born(stack, phase), blueprint, states[phase]) for phase in blueprint.names}
    for old, new in blueprint.pairs():
        if costs[new] > COSTLIER * costs[old]:
            assert blueprint.phases[new].notes.get("budget"), f"{new}: {costs[old]:,.0f} → {costs[new]:,.0f} dollars"


@pytest.mark.parametrize("system", EVERY)
def test_the_promises_hold_in_prod_with_every_way_back(system: str) -> None:
    report = whole(system).report
    told = [(step.index, step.direction, step.to_phase, step.step, step.reason) for step in report.steps]
    bad = {
        step.index
        for step in report.steps
        if step.verdict == "blocked" or (step.verdict == "needs-approval" and step.step != "arm") or step.at_risk
    }
    assert [each for each in told if each[0] in bad] == []
    assert report.exit_code == 0
    assert {step.direction for step in report.steps} == {"up", "down"}
    assert any(step.backing_out for step in report.steps)
    deleting = [step for step in report.steps if step.counts["delete"]]
    # A fence that is lifted takes the errand away that was to load what stands behind it.
    lifting = [step for step in deleting if step.step == "rung" and step.backing_out and step.stage == "empty"]
    assert {step.step for step in deleting if step not in lifting} <= {"contract", "abort", "raise"}


@pytest.mark.parametrize("system", [each for each in EVERY if each.values[0] != "meal"])
def test_climbed_or_born_a_phase_is_the_same_graph_in_prod(system: str) -> None:
    """Meal's is held by its own tests."""
    blueprint = load_blueprint(system)
    assert path_differences(stack_of(system, "prod"), blueprint) == {phase: [] for phase in blueprint.names}


# That these tests can fail


def test_serving_less_is_seen_and_a_time_may_fall() -> None:
    before = {"users": 1000, "p95_ms": 200, "rps": None, "region": "Europe", "availability": 99.9}
    assert list(served_less(before, before)) == []
    assert list(served_less(before, {"users": 999, "p95_ms": 150, "availability": 99.95})) == ["users"]
    assert list(served_less(before, {"users": 2000, "p95_ms": 201, "availability": None})) == ["p95_ms", "availability"]


def one(type_: str, name: str, **inputs: Any) -> State:
    return State(f"urn:pulumi:s::p::{type_}::{name}", type_, True, id=f"id-{name}", inputs=inputs, outputs=inputs)


def test_an_immutable_difference_is_seen() -> None:
    instance = one(
        "aws:rds/instance:Instance", "db", engine="postgres", storageEncrypted=True, instanceClass="db.t4g.micro"
    )
    wanted = {**instance.inputs, "storageEncrypted": False, "instanceClass": "db.m7g.large"}
    other = replace(instance, inputs=wanted, outputs=wanted)
    assert [found[:2] for found in varying([instance], [other])] == [("db", "storageEncrypted")]
    quiet = replace(other, ignore_changes=["storageEncrypted"])
    assert list(varying([instance], [quiet])) == []


def test_a_class_that_is_not_sold_there_is_seen() -> None:
    group = one("aws:elasticache/replicationGroup:ReplicationGroup", "c", nodeType="cache.t4g.huge", region="eu-west-1")
    nodes = one("aws:eks/nodeGroup:NodeGroup", "n", instanceTypes=["m7g.large", "c7g.large"], region="eu-west-1")
    asked = list(classes([group, nodes]))
    assert [is_offered(*each) for each in asked] == [False, True, True]
