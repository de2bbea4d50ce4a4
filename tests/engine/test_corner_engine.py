"""The corner cases under the genuine engine, compared with the rehearsal from config and from the engine's state."""

from __future__ import annotations

import json

import pytest

from phaseup.engine.agreement import PROPERTY, measured
from phaseup.engine.compare import (
    compare,
    engine_ops,
    engine_replace_keys,
    plan_ops,
    plan_replace_keys,
)
from phaseup.engine.run import CommandError
from phaseup.record.checkpoint import load
from tests.engine.corners import GROUPS, LEFTOVERS, WHOLE, cases, load_golden, short, stable
from tests.engine.rehearsed import first, planned, recorded, urns
from tests.engine.states import differences

pytestmark = pytest.mark.xdist_group("engine-corners")
QUIET = {("same",), ("read",)}


def record_cases(record_property, group, source, steps):
    """Note the agreement case by case, for docs/agreement.md."""
    engine, plan = engine_ops(group.preview), plan_ops(steps)
    for case in cases(group.name):
        mine = set(urns(group.name, case))
        found = compare(
            {urn: ops for urn, ops in engine.items() if urn in mine},
            {urn: ops for urn, ops in plan.items() if urn in mine},
        )
        record_property(PROPERTY, measured("corner", f"{group.name}: {case}", source, found))


@pytest.fixture(params=GROUPS)
def group(request, corners):
    return corners(request.param)


def test_the_preview_of_the_empty_stack_is_the_plan_from_nothing(group):
    ours = plan_ops(planned(group.name, 1, old=None).outcome.steps)
    assert compare(engine_ops(group.empty), ours).disagreements == ()


def test_the_recorded_state_is_the_engines(group):
    assert differences(load(group.first), first(group.name)) == []


def test_a_second_preview_changes_nothing(group):
    assert set(engine_ops(group.again).values()) <= QUIET


def test_a_second_plan_from_the_engines_state_changes_nothing(group):
    again = plan_ops(planned(group.name, 1, old=load(group.first)).outcome.steps)
    assert compare(engine_ops(group.again), again).disagreements == ()


def test_the_golden_file_is_what_the_engine_does(group):
    golden = {urn: ops for found in load_golden()["ops"][group.name].values() for urn, ops in found.items()}
    assert short(engine_ops(group.preview)) == golden


def test_the_plan_from_config_agrees(group, record_property):
    plan = planned(group.name, 2, old=first(group.name)).outcome
    record_cases(record_property, group, "config", plan.steps)
    assert compare(engine_ops(group.preview), plan_ops(plan.steps)).disagreements == ()
    assert plan_replace_keys(plan.steps) == engine_replace_keys(group.preview)


def test_the_plan_from_the_engines_state_agrees(group, record_property):
    plan = planned(group.name, 2, old=load(group.first)).outcome
    record_cases(record_property, group, "state", plan.steps)
    assert compare(engine_ops(group.preview), plan_ops(plan.steps)).disagreements == ()
    assert plan_replace_keys(plan.steps) == engine_replace_keys(group.preview)


def test_the_state_after_the_step_is_the_engines(group):
    ours = recorded(group.name, 2, old=first(group.name)).outcome.snapshot
    assert differences(load(group.second), ours) == []


def test_after_the_step_nothing_is_left_to_do(group):
    _ = group.second
    group.at(2)
    assert set(engine_ops(group.engine.preview(*WHOLE)).values()) <= QUIET
    group.engine.refresh("--expect-no-changes")


def test_retained_resources_are_not_deleted_and_the_option_comes_too_late_in_the_same_step(corners):
    group = corners("options")
    _ = group.second
    log = group.engine.project.root / "calls.jsonl"
    calls = [json.loads(line) for line in log.read_text().splitlines()]
    deleted = {call["name"] for call in calls if call["call"] == "delete" and call["stack"] == "options"}
    assert {"retain-leaves", "retain-replaced"} & deleted == set()
    assert "retain-late" in deleted


@pytest.mark.parametrize("case", cases("failing"))
def test_the_engine_refuses_as_the_golden_file_says(corners, case, record_property):
    record_property(PROPERTY, {"kind": "refusal", "name": case, "source": "config", "urns": 1, "disagreements": []})
    said = corners("failing").refused[case]
    assert sorted(stable(message) for message in said) == load_golden()["refusals"][case]


def test_leftovers_of_an_interrupted_update_are_planned_as_the_engine_does(corners, record_property):
    group = corners(LEFTOVERS)
    plan = planned(LEFTOVERS, 2, old=load(group.damaged)).outcome
    record_cases(record_property, group, "state", plan.steps)
    assert compare(engine_ops(group.preview), plan_ops(plan.steps)).disagreements == ()
    assert plan_replace_keys(plan.steps) == engine_replace_keys(group.preview)
    golden = {urn: ops for found in load_golden()["ops"][LEFTOVERS].values() for urn, ops in found.items()}
    assert short(engine_ops(group.preview)) == golden


def remaining(group):
    return {resource["urn"] for resource in group.engine.export_stack()["deployment"].get("resources", [])}


def test_destroy_refuses_protected_resources_and_deletes_nothing(corners):
    group = corners("failing")
    before = {resource["urn"] for resource in group.first["deployment"]["resources"]}
    group.at(1)
    with pytest.raises(CommandError) as caught:
        group.engine.destroy()
    assert "cannot be deleted because it is protected" in " ".join(caught.value.text.split())
    assert remaining(group) == before


def test_destroy_without_its_preview_spares_only_what_is_protected_and_what_that_needs(corners):
    group = corners("failing")
    group.at(1)
    with pytest.raises(CommandError):
        group.engine.destroy("--skip-preview")
    names = {urn.rsplit("::", 1)[-1] for urn in remaining(group)}
    assert {"protected-leaves", "protected-cascade-leaf", "protected-cascade-root", "protected-child"} <= names
    assert "twice" not in names


def test_destroy_takes_everything_that_is_not_protected(corners):
    group = corners("values")
    _ = group.second
    group.engine.destroy()
    assert remaining(group) == set()
