"""Same, create, update, replace, delete: the plain cases, in preview and update alike."""

from __future__ import annotations

import pytest
from plan_kit import UNKNOWN, World, changes, live, nothing, ops, sequence, stack, step

from phaseup.graph.values import Secret
from phaseup.plan.steps import StepError


@pytest.mark.parametrize(
    ("before", "after", "op"),
    [
        ({"size": 1}, {"size": 1}, "same"),
        ({"size": 1}, {"size": 2}, "update"),
        ({"size": 1}, {}, "update"),
        ({}, {"size": 1}, "update"),
        ({"size": 1}, {"size": True}, "update"),
        ({"size": 1}, {"size": 1.0}, "same"),
        ({"size": None}, {}, "same"),
        ({}, {"size": None}, "same"),
        ({"size": [1, 2]}, {"size": [2, 1]}, "update"),
        ({"size": {"a": 1, "b": 2}}, {"size": {"b": 2, "a": 1}}, "same"),
        ({"size": {"a": 1}}, {"size": {"a": 1, "b": None}}, "same"),
        ({"key": "a"}, {"key": "b"}, "replace"),
        ({"pin": "a"}, {"pin": "b"}, "replace"),
        ({"key": "a", "size": 1}, {"key": "b", "size": 2}, "replace"),
        ({"note": "a"}, {"note": "b"}, "same"),
        ({"note": "a", "size": 1}, {"note": "b", "size": 2}, "update"),
        ({"size": "x"}, {"size": Secret("x")}, "same"),
        ({"size": Secret("x")}, {"size": Secret("y")}, "update"),
    ],
)
def test_one_resource(before, after, op):
    found = changes(lambda s: s.res("a", **before), lambda s: s.res("a", **after))
    assert found == {"a": op}


@pytest.mark.parametrize(
    ("before", "after", "op"),
    [
        ({"size": 1}, {"size": 1}, "same"),
        ({"size": 1}, {"size": 2}, "update"),
        ({"key": 1}, {"key": 2}, "update"),
        ({"size": "x"}, {"size": Secret("x")}, "update"),
        ({"size": None}, {}, "same"),
    ],
)
def test_component_is_judged_by_its_inputs_alone(before, after, op):
    found = changes(lambda s: s.component("c", **before), lambda s: s.component("c", **after))
    assert found == {"c": op}


def test_create_and_delete():
    assert changes(nothing, lambda s: s.res("a")) == {"a": "create"}
    assert changes(lambda s: s.res("a"), nothing) == {"a": "delete"}


def test_steps_of_a_replacement_create_before_delete():
    world = stack(lambda s: s.res("a", key=1))
    outcome = world.plan(lambda s: s.res("a", key=2))
    assert sequence(outcome) == ["create-replacement a", "replace a", "delete-replaced a"]


def test_steps_of_a_replacement_delete_first():
    world = stack(lambda s: s.res("a", pin=1))
    outcome = world.plan(lambda s: s.res("a", pin=2))
    assert sequence(outcome) == ["delete-replaced a", "replace a", "create-replacement a"]
    assert all(item.delete_before_replace for item in outcome.steps if item.urn.endswith("::a"))


def test_preview_creates_nothing_and_deletes_nothing():
    world = stack(lambda s: s.res("gone"))
    world.plan(lambda s: s.res("a", key=2))
    assert world.providers.called("create") == [("a", True)]
    assert world.providers.called("delete") == []


def test_preview_of_a_create_knows_no_id_and_no_computed_output():
    world = World()
    answers = []
    world.plan(lambda s: answers.append(s.res("a", size=1)))
    assert answers[0].answer.id == ""
    assert answers[0].answer.outputs["arn"] is UNKNOWN
    assert answers[0].answer.outputs["size"] == 1


def test_preview_of_an_update_keeps_id_and_stable_outputs():
    world = stack(lambda s: s.res("a", size=1))
    answers = []
    world.plan(lambda s: answers.append(s.res("a", size=2)))
    assert answers[0].answer.id == "a-id1"
    assert answers[0].answer.outputs["arn"] == "arn:a-id1"


def test_a_replaced_resource_makes_its_dependents_unknown_and_replaces_them():
    def program(key):
        def run(s):
            a = s.res("a", key=key)
            b = s.res("b", key=a["arn"])
            s.res("c", size=b["arn"])
            s.res("d", note=b["arn"])
            s.res("e", depends=(a,))

        return run

    found = changes(program(1), program(2))
    assert found == {"a": "replace", "b": "replace", "c": "update", "d": "same", "e": "same"}


def test_an_update_that_keeps_its_outputs_touches_nobody_else():
    def program(size):
        def run(s):
            a = s.res("a", size=size)
            s.res("b", key=a["arn"])

        return run

    assert changes(program(1), program(2)) == {"a": "update", "b": "same"}


def test_an_update_that_changes_an_output_replaces_whoever_cannot_take_it():
    def program(turn):
        def run(s):
            a = s.res("a", turn=turn)
            s.res("b", key=a["stamp"])

        return run

    assert changes(program(1), program(2)) == {"a": "update", "b": "replace"}


def test_a_new_autoname_is_drawn_when_replaced_and_kept_when_updated():
    named = "pkg:m:Named"
    world = stack(lambda s: s.res("a", named, key=1, size=1))
    first = world.state.resources[-1].inputs["name"]
    assert live(world.up(lambda s: s.res("a", named, key=1, size=2)), "a").inputs["name"] == first
    planned = step(world.plan(lambda s: s.res("a", named, key=2, size=2)), "a", "replace").new.inputs["name"]
    second = live(world.up(lambda s: s.res("a", named, key=2, size=2)), "a").inputs["name"]
    assert second != first
    assert second == planned
    third = live(world.up(lambda s: s.res("a", named, key=3, size=2)), "a").inputs["name"]
    assert len({first, second, third}) == 3


def test_state_after_update_is_what_the_engine_would_keep():
    world = stack(
        lambda s: s.res("a", "pkg:m:Named", size=Secret("x"), protect=True, additional_secret_outputs=["arn"])
    )
    state = world.state.resources[-1]
    assert state.inputs["__defaults"] == ["name"]
    assert state.inputs["size"] == Secret("x")
    assert state.outputs["size"] == Secret("x")
    assert state.outputs["arn"] == Secret("arn:a-id1")
    assert state.protect
    assert state.provider == f"{world.state.resources[0].urn}::{world.state.resources[0].id}"


def test_a_same_keeps_outputs_and_takes_new_options_and_inputs():
    world = stack(lambda s: s.res("a", note=1))
    outcome = world.up(lambda s: s.res("a", note=2, retain_on_delete=True))
    state = live(outcome, "a")
    assert ops(outcome) == {"a": "same"}
    assert state.inputs == {"note": 2}
    assert state.retain_on_delete
    assert state.id == "a-id1"


def test_old_snapshot_is_never_changed():
    world = stack(lambda s: (s.res("a", pin=1), s.res("b", key=1), s.res("c")))
    before = repr(world.state)
    world.plan(lambda s: (s.res("a", pin=2), s.res("b", key=2)))
    world.run(lambda s: (s.res("a", pin=2), s.res("b", key=2)), preview=False)
    assert repr(world.state) == before


def test_duplicate_urn_is_the_engines_error():
    world = World()
    with pytest.raises(StepError, match="Duplicate resource URN 'urn:pulumi:dev::proj::pkg:m:Thing::a'; try giving it"):
        world.plan(lambda s: (s.res("a"), s.res("a")))


def test_nothing_can_be_registered_after_an_error():
    def program(s):
        with pytest.raises(StepError):
            s.res("a", parent="urn:pulumi:dev::proj::my:index:Group::nowhere")
        with pytest.raises(StepError, match="the run has stopped: could not find parent resource"):
            s.res("b")

    world = stack(lambda s: s.res("old"))
    outcome = world.plan(program)
    assert outcome.failed
    assert ops(outcome) == {}


def test_check_failures_name_the_property():
    world = World()
    with pytest.raises(StepError, match=r"property bad value .* has a problem"):
        world.plan(lambda s: s.res("a", bad=Secret("hidden")))


def test_check_failure_says_what_and_hides_secrets():
    world = World()
    outcome = []

    def program(s):
        outcome.append(s.deployment)
        with pytest.raises(StepError):
            s.res("a", bad=Secret("hidden"))

    result = world.plan(program)
    assert [item.message for item in result.diagnostics] == [
        "pkg:m:Thing resource 'a': property bad value {[secret]} has a problem: may not be set"
    ]


def test_unchanged_resources_are_not_sent_to_diff():
    world = stack(lambda s: s.res("a", size=1))
    world.plan(lambda s: s.res("a", size=1))
    assert world.providers.called("diff") == []


def test_drifted_state_is_diffed_though_inputs_are_equal():
    world = stack(lambda s: s.res("a", size=1))
    world.state.resources[-1].outputs["size"] = 5
    world.plan(lambda s: s.res("a", size=1))
    assert world.providers.called("diff") == [("a",)]
