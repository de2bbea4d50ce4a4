"""What is not simply managed: imports, reads, remote components, other stacks, and states that a failure left."""

from __future__ import annotations

from dataclasses import replace

import pytest
from plan_kit import UNKNOWN, World, errors, live, nothing, ops, sequence, stack, step

from phaseup.graph.resource import Goal
from phaseup.graph.values import Secret
from phaseup.plan.steps import StepError
from phaseup.simulate.provider import UnansweredCall

# --- Import


def test_import_of_what_is_as_the_program_says():
    world = World()
    world.providers.existing["i-1"] = {"size": 7}
    outcome = world.up(lambda s: s.res("a", size=7, import_id="i-1"))
    assert sequence(outcome) == ["import a"]
    state = live(outcome, "a")
    assert (state.id, state.import_id, state.inputs) == ("i-1", "i-1", {"size": 7})
    assert ops(world.plan(lambda s: s.res("a", size=7, import_id="i-1"))) == {"a": "same"}


def test_import_of_what_differs_is_followed_by_an_update():
    world = World()
    world.providers.existing["i-1"] = {"size": 7}
    outcome = world.up(lambda s: s.res("a", size=8, import_id="i-1"))
    assert sequence(outcome) == ["import a", "update a"]
    assert [state.name for state in outcome.snapshot] == ["default", "a"]
    assert live(outcome, "a").inputs == {"size": 8}


def test_import_with_ignored_difference_is_only_an_import():
    world = World()
    world.providers.existing["i-1"] = {"size": 7}
    outcome = world.plan(lambda s: s.res("a", size=8, import_id="i-1", ignore_changes=["size"]))
    assert sequence(outcome) == ["import a"]


def test_import_that_would_need_a_replacement():
    world = World()
    world.providers.existing["i-1"] = {"key": 7}

    def program(s):
        s.res("a", key=8, import_id="i-1")

    outcome = world.plan(program)
    assert sequence(outcome)[:3] == ["import a", "create-replacement a", "replace a"]
    assert outcome.diagnostics[0].severity == "warning"
    assert outcome.diagnostics[0].message == (
        "previously-imported resources that still specify an ID may not be replaced; please remove the `import` "
        "declaration from your program;\nkey: {7} => {8}"
    )
    with pytest.raises(StepError, match="previously-imported resources"):
        world.run(program, preview=False)


def test_import_over_an_existing_resource():
    world = stack(lambda s: s.res("a", size=1))
    outcome = world.up(lambda s: s.res("a", size=1, import_id="i-2"))
    assert sequence(outcome) == ["import-replacement a", "replace a", "delete-replaced a"]
    assert world.providers.called("delete") == [("a", "a-id1")]
    assert [state.id for state in outcome.snapshot][1:] == ["i-2"]


def test_import_id_of_what_is_there_already_is_no_import():
    world = stack(lambda s: s.res("a", size=1))
    assert ops(world.plan(lambda s: s.res("a", size=1, import_id="a-id1"))) == {"a": "same"}


def test_import_id_of_another_form_than_the_id():
    world = World()
    program = lambda s: s.res("a", size=1, import_id="moved-1")  # noqa: E731
    outcome = world.up(program)
    assert (live(outcome, "a").id, live(outcome, "a").import_id) == ("moved-1-found", "moved-1")
    assert ops(world.plan(program)) == {"a": "same"}


def test_dropping_the_import_id_is_the_same():
    world = World()
    world.up(lambda s: s.res("a", size=1, import_id="i-1"))
    assert ops(world.plan(lambda s: s.res("a", size=1))) == {"a": "same"}


@pytest.mark.parametrize(
    ("id", "message"),
    [
        ("missing-1", "resource 'missing-1' does not exist"),
        (
            "unimportable-1",
            "provider does not support importing resources; please try updating the 'pkg' plugin",
        ),
    ],
)
def test_imports_that_fail(id, message):
    with pytest.raises(StepError, match=message):
        World().plan(lambda s: s.res("a", import_id=id))


# --- Read


def test_read_lifecycle():
    world = World()
    program = lambda s: s.read("a", "i-1", inputs={"x": 1})  # noqa: E731
    outcome = world.up(program)
    assert sequence(outcome) == ["read a"]
    state = live(outcome, "a")
    assert (state.id, state.external, state.inputs, state.outputs["arn"]) == ("i-1", True, {"x": 1}, "arn:i-1")
    assert ops(world.plan(program)) == {"a": "read"}
    gone = world.up(nothing)
    assert sequence(gone) == ["discard a"]
    assert world.providers.called("delete") == []


def test_another_id_is_simply_read():
    world = World()
    world.up(lambda s: s.read("a", "i-1"))
    assert sequence(world.up(lambda s: s.read("a", "i-2"))) == ["read a"]
    assert [state.id for state in world.state][1:] == ["i-2"]


def test_read_of_an_id_that_is_not_known_yet():
    world = World()
    answers = []

    def program(s):
        a = s.res("a")
        answers.append(s.read("b", a.id))

    outcome = world.plan(program)
    assert ops(outcome) == {"a": "create", "b": "read"}
    assert world.providers.called("read") == []
    assert answers[0].answer.id == ""


def test_managed_becomes_read():
    world = stack(lambda s: s.res("a"))
    outcome = world.up(lambda s: s.read("a", "i-9"))
    assert sequence(outcome) == ["read-replacement a", "replace a", "delete-replaced a"]
    assert world.providers.called("delete") == [("a", "a-id1")]
    assert [(state.id, state.external) for state in outcome.snapshot][1:] == [("i-9", True)]


def test_managed_becomes_read_by_its_own_id():
    world = stack(lambda s: s.res("a"))
    outcome = world.up(lambda s: s.read("a", "a-id1"))
    assert sequence(outcome) == ["read a"]
    assert world.providers.called("delete") == []


def test_read_becomes_managed():
    world = World()
    world.up(lambda s: s.read("a", "i-1"))
    outcome = world.up(lambda s: s.res("a"))
    assert sequence(outcome) == ["create-replacement a", "replace a", "discard-replaced a"]
    assert [(state.id, state.external) for state in outcome.snapshot][1:] == [("a-id1", False)]


def test_read_becomes_imported():
    world = World()
    world.up(lambda s: s.read("a", "i-1"))
    outcome = world.up(lambda s: s.res("a", size=1, import_id="i-1"))
    assert sequence(outcome) == ["import-replacement a", "replace a", "discard-replaced a"]


@pytest.mark.parametrize(("id", "message"), [("", "Expected an ID for"), ("missing-1", "'missing-1' does not exist")])
def test_reads_that_fail(id, message):
    with pytest.raises(StepError, match=message):
        World().plan(lambda s: s.read("a", id))


# --- StackReference and the other builtins

REFERENCE = "pulumi:pulumi:StackReference"


def test_stack_reference():
    world = World()
    world.options["stack_outputs"] = {"org/net/prod": {"vpc": "vpc-1", "token": Secret("t")}}.__getitem__
    answers = []

    def program(s):
        answers.append(s.read("org/net/prod", "org/net/prod", REFERENCE, inputs={"name": "org/net/prod"}))

    outcome = world.up(program)
    assert answers[0].answer.outputs == {
        "name": "org/net/prod",
        "outputs": {"vpc": "vpc-1", "token": Secret("t")},
        "secretOutputNames": ["token"],
    }
    assert outcome.snapshot.resources[0].urn == "urn:pulumi:dev::proj::pulumi:providers:pulumi::default"
    assert ops(world.plan(program)) == {"org/net/prod": "read"}


def test_stack_reference_that_nothing_answers():
    with pytest.raises(UnansweredCall) as raised:
        World().plan(lambda s: s.read("x", "x", REFERENCE, inputs={"name": "x"}))
    assert (raised.value.token, raised.value.args_given) == (REFERENCE, {"name": "x"})


def test_stack_reference_needs_a_name():
    with pytest.raises(StepError, match="stack reference can not be imported"):
        World().plan(lambda s: s.read("x", "x", REFERENCE))


def test_stash_keeps_its_first_value():
    world = World()
    stash = "pulumi:index:Stash"
    world.up(lambda s: s.res("a", stash, input=1))
    outcome = world.up(lambda s: s.res("a", stash, input=2))
    assert ops(outcome) == {"a": "update"}
    assert live(outcome, "a").outputs == {"input": 2, "output": 1}


def test_get_resource_finds_what_this_run_has_made():
    world = World()
    found = []

    def program(s):
        a = s.res("a", size=1)
        found.append(s.deployment.invoke("pulumi:pulumi:getResource", {"urn": a.urn}))
        with pytest.raises(StepError, match="unknown resource urn:x"):
            s.deployment.invoke("pulumi:pulumi:getResource", {"urn": "urn:x"})

    world.plan(program)
    assert found[0]["id"] is UNKNOWN
    assert found[0]["state"]["size"] == 1


# --- Remote components


def remote(s, **inputs):
    return s.component("r", type="rem:index:Site", remote=True, **inputs)


def test_remote_component_brings_its_default_provider():
    outcome = World().plan(lambda s: remote(s, size=1))
    assert [item.urn.rpartition("::")[2] for item in outcome.steps] == ["default", "r"]


def test_what_a_remote_component_has_made_is_kept():
    def inside(s):
        group = s.component("r", type="rem:index:Site", size=1)
        deep = s.component("deep", parent=group)
        s.res("leaf", parent=deep)

    world = stack(inside)
    outcome = world.up(lambda s: remote(s, size=1))
    assert ops(outcome) == {"r": "same", "deep": "same", "leaf": "same"}
    assert [state.urn.rpartition("::")[2] for state in outcome.snapshot] == ["default", "r", "deep", "default", "leaf"]
    assert ops(world.up(nothing)) == {"r": "delete", "deep": "delete", "leaf": "delete"}


# --- What failures leave


def test_pending_delete_is_done_at_the_end():
    world = stack(lambda s: s.res("a", size=1))
    leftover = replace(world.state.resources[-1], id="old-id", delete=True)
    world.state.resources.append(leftover)
    outcome = world.up(lambda s: s.res("a", size=1))
    assert sequence(outcome) == ["delete-replaced a"]
    assert world.providers.called("delete") == [("a", "old-id")]
    assert [state.id for state in outcome.snapshot][1:] == ["a-id1"]
    assert "left over" in step(outcome, "a", "delete-replaced").reasons[0].source


def test_several_pending_deletes_of_one_urn():
    world = stack(lambda s: s.res("a"))
    base = world.state.resources[-1]
    world.state.resources += [replace(base, id=f"old-{n}", delete=True) for n in range(3)]
    assert sequence(world.plan(nothing)) == ["delete-replaced a"] * 3 + ["delete a"]


def test_pending_replacement_is_created_without_a_second_delete():
    world = stack(lambda s: s.res("a", size=1))
    world.state.resources[-1].pending_replacement = True
    outcome = world.up(lambda s: s.res("a", size=1, delete_before_replace=True))
    assert sequence(outcome) == ["replace a", "create-replacement a"]
    assert world.providers.called("delete") == []
    assert [state.pending_replacement for state in outcome.snapshot] == [False, False]


def test_pending_replacement_that_is_no_longer_wanted_is_forgotten():
    world = stack(lambda s: s.res("a"))
    world.state.resources[-1].pending_replacement = True
    outcome = world.up(nothing)
    assert sequence(outcome) == ["remove-pending-replace a"]
    assert world.providers.called("delete") == []
    assert outcome.snapshot.resources == []


def test_init_errors_make_an_empty_update():
    world = stack(lambda s: s.res("a", size=1))
    world.state.resources[-1].init_errors = ["not ready"]
    outcome = world.up(lambda s: s.res("a", size=1))
    assert ops(outcome) == {"a": "update"}
    assert [reason.path for reason in step(outcome, "a").reasons] == ["#initerror"]
    assert live(outcome, "a").init_errors == []


def test_init_errors_can_be_made_to_replace():
    world = stack(lambda s: s.res("a", size=1))
    world.state.resources[-1].init_errors = ["not ready"]
    outcome = world.plan(lambda s: s.res("a", size=1, replace_on_changes=["#initerror"]))
    assert ops(outcome) == {"a": "replace"}
    assert step(outcome, "a", "replace").replace_keys == ("#initerror",)


def test_delete_that_the_cloud_refuses_ends_the_run_and_stays_in_the_state():
    world = stack(lambda s: s.res("b", size=s.res("a")["arn"]))
    world.providers.refusals["b"] = "deletion protection is on"
    outcome = world.up(nothing)
    assert errors(outcome) == ["deleting urn:pulumi:dev::proj::pkg:m:Thing::b: deletion protection is on"]
    assert [state.name for state in outcome.snapshot] == ["default", "a", "b"]
    assert sequence(outcome) == ["delete b"]


def test_failed_replacement_leaves_the_old_one_pending_delete():
    world = stack(lambda s: s.res("a", key=1))
    world.providers.refusals["a"] = "in use"
    outcome = world.up(lambda s: s.res("a", key=2))
    assert [(state.id, state.delete) for state in outcome.snapshot][1:] == [("a-id2", False), ("a-id1", True)]
    world.providers.refusals.clear()
    assert sequence(world.up(lambda s: s.res("a", key=2))) == ["delete-replaced a"]


# --- Outputs of components


def test_outputs_of_a_component_are_replaced_whole_and_not_given_back():
    world = World()
    answers = []

    def program(**outputs):
        def run(s):
            handle = s.component("c")
            answers.append(handle.answer.outputs)
            s.deployment.register_outputs(handle.urn, outputs)

        return run

    world.up(program(a=1, b=2))
    outcome = world.up(program(b=3))
    assert ops(outcome) == {"c": "same"}
    assert live(outcome, "c").outputs == {"b": 3}
    assert answers == [{}, {}]


def test_outputs_can_be_registered_once_only():
    def program(s):
        handle = s.component("c")
        s.deployment.register_outputs(handle.urn, {})
        with pytest.raises(StepError, match=r"cannot complete a resource '.*::c' whose registration isn't pending"):
            s.deployment.register_outputs(handle.urn, {})

    World().plan(program)


def test_stack_outputs_survive_a_failure():
    def program(fail, **outputs):
        def run(s):
            root = s.component("proj-dev", type="pulumi:pulumi:Stack")
            s.deployment.register_outputs(root.urn, outputs)
            if not fail:
                s.res("a", protect=True)

        return run

    world = stack(program(False, x=1, y=2))
    outcome = world.up(program(True, y=3))
    assert outcome.failed
    assert live(outcome, "proj-dev").outputs == {"x": 1, "y": 3}
    world = stack(program(False, x=1, y=2))
    assert live(world.up(program(False, y=3)), "proj-dev").outputs == {"y": 3}


def test_finish_twice_is_the_same_and_ends_the_run():
    world = World()
    kept = []
    outcome = world.plan(lambda s: kept.append(s.deployment))
    assert kept[0].finish() is outcome
    with pytest.raises(StepError, match="the run has finished"):
        kept[0].register(Goal("pkg:m:Thing", "late", True, {}))
