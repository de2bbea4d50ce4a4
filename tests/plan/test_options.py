"""Resource options: what the engine does with each, and what it only remembers."""

from __future__ import annotations

import pytest
from plan_kit import UNKNOWN, World, changes, errors, live, nothing, ops, sequence, stack, step

from phaseup.graph.values import Secret
from phaseup.plan.steps import StepError

# --- ignore_changes


@pytest.mark.parametrize(
    ("ignored", "before", "after", "op", "kept"),
    [
        (["size"], {"size": 1}, {"size": 2}, "same", {"size": 1}),
        (["size"], {"size": 1}, {}, "same", {"size": 1}),
        (["size"], {}, {"size": 2}, "same", {}),
        (["size"], {"size": 1, "turn": 1}, {"size": 2, "turn": 2}, "update", {"size": 1, "turn": 2}),
        (["size"], {"key": 1, "size": 1}, {"key": 2, "size": 2}, "replace", {"key": 2, "size": 2}),
        (["tags.b"], {"tags": {"a": 1, "b": 1}}, {"tags": {"a": 1, "b": 2}}, "same", {"tags": {"a": 1, "b": 1}}),
        (["tags.b"], {"tags": {"a": 1}}, {"tags": {"a": 1, "b": 2}}, "same", {"tags": {"a": 1}}),
        (["tags.b"], {"tags": {"a": 1, "b": 1}}, {"tags": {"a": 2}}, "update", {"tags": {"a": 2, "b": 1}}),
        (['tags["b.c"]'], {"tags": {"b.c": 1}}, {"tags": {"b.c": 2}}, "same", {"tags": {"b.c": 1}}),
        (["list[1]"], {"list": [1, 2]}, {"list": [1, 3]}, "same", {"list": [1, 2]}),
        (["list[1].x"], {"list": [1, {"x": 2}]}, {"list": [1, {"x": 3}]}, "same", {"list": [1, {"x": 2}]}),
        (
            ["list[*].x"],
            {"list": [{"x": 1}, {"x": 2}]},
            {"list": [{"x": 5}, {"x": 6}]},
            "same",
            {"list": [{"x": 1}, {"x": 2}]},
        ),
        (["*"], {"size": 1, "turn": 1}, {"size": 2, "new": 3}, "same", {"size": 1, "turn": 1}),
        (["tags.*"], {"tags": {"a": 1}}, {"tags": {"a": 2, "b": 3}}, "same", {"tags": {"a": 1}}),
        (["never"], {"size": 1}, {"size": 1}, "same", {"size": 1}),
        (["never.deep"], {"size": 1}, {"size": 2}, "update", {"size": 2}),
        (["size"], {"size": Secret(1)}, {"size": 2}, "same", {"size": Secret(1)}),
        (["tags.a"], {"tags": Secret({"a": 1})}, {"tags": {"a": 2}}, "update", {"tags": {"a": Secret(1)}}),
        ([".bad"], {"size": 1}, {"size": 2}, "update", {"size": 2}),
    ],
)
def test_ignore_changes(ignored, before, after, op, kept):
    world = stack(lambda s: s.res("a", **before))

    def program(s):
        s.res("a", **after, ignore_changes=ignored)

    if before.get("tags") == Secret({"a": 1}):
        op = "same"  # The tiny cloud sees through secrets, as bridged providers do.
    planned = world.plan(program)
    assert ops(planned) == {"a": op}
    assert live(world.up(program), "a").inputs == kept


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("list[1]", {"list": [1]}, {"list": [1, 2]}),
        ("list[0].x", {"list": [{"x": 1}]}, {"list": []}),
        ("list[*]", {"list": [1]}, {"list": [1, 2]}),
        ("tags.a.b", {"tags": {"a": {"b": 1}}}, {"tags": {}}),
        ("tags.a", {"tags": {"a": 1}}, {"tags": "text"}),
        ("list[-1]", {"list": [1]}, {"list": [2]}),
    ],
)
def test_paths_that_cannot_be_ignored_are_said(path, before, after):
    outcome = stack(lambda s: s.res("a", **before)).plan(lambda s: s.res("a", **after, ignore_changes=[path]))
    assert [(item.severity, item.message) for item in outcome.diagnostics] == [
        ("info", f'cannot ignore changes in added or removed elements of the path: "{path}"')
    ]


def test_ignore_changes_does_not_hold_back_an_unknown():
    def program(key, ignored):
        def run(s):
            a = s.res("a", key=key)
            s.res("b", key=a["arn"], ignore_changes=ignored)

        return run

    world = stack(program(1, []))
    assert ops(world.plan(program(2, ["key"]))) == {"a": "replace", "b": "same"}
    assert ops(world.plan(program(2, []))) == {"a": "replace", "b": "replace"}


# --- replace_on_changes, replacement_trigger, replace_with, taint


@pytest.mark.parametrize(
    ("paths", "op"),
    [(["size"], "replace"), (["other"], "update"), (["*"], "replace"), ([], "update"), (["size.deeper"], "update")],
)
def test_replace_on_changes(paths, op):
    found = changes(lambda s: s.res("a", size=1), lambda s: s.res("a", size=2, replace_on_changes=paths))
    assert found == {"a": op}


def test_replace_on_changes_without_a_change():
    assert changes(lambda s: s.res("a", size=1), lambda s: s.res("a", size=1, replace_on_changes=["*"])) == {
        "a": "same"
    }


def test_replace_on_changes_says_so_in_the_reason():
    world = stack(lambda s: s.res("a", size=1))
    outcome = world.plan(lambda s: s.res("a", size=2, replace_on_changes=["size"]))
    (reason,) = step(outcome, "a", "replace").reasons
    assert (reason.effect, reason.source) == ("replace", "fact of the tiny cloud; replace_on_changes")
    assert step(outcome, "a", "replace").properties[0].kind == "update-replace"
    assert step(outcome, "a", "replace").replace_keys == ("size",)


@pytest.mark.parametrize(
    ("old", "new", "op"),
    [
        (None, None, "same"),
        (None, "v1", "same"),
        ("v1", None, "same"),
        ("v1", "v1", "same"),
        ("v1", "v2", "replace"),
        ("v1", Secret("v1"), "same"),
        ("v1", Secret("v2"), "replace"),
        ([1, Secret(2)], [1, 2], "same"),
        ({"a": 1}, {"a": 2}, "replace"),
    ],
)
def test_replacement_trigger(old, new, op):
    found = changes(lambda s: s.res("a", replacement_trigger=old), lambda s: s.res("a", replacement_trigger=new))
    assert found == {"a": op}


def test_unknown_replacement_trigger_replaces_in_a_preview_and_fails_an_update():
    def program(key):
        def run(s):
            a = s.res("a", key=key)
            s.res("b", replacement_trigger=a["arn"], dependencies=[a.urn])

        return run

    world = stack(program(1))
    outcome = world.plan(program(2))
    assert ops(outcome) == {"a": "replace", "b": "replace"}
    (reason,) = step(outcome, "b", "replace").reasons
    assert reason.path == "<replacementTrigger>"
    assert reason.chain == (step(outcome, "a", "replace").urn,)
    with pytest.raises(StepError, match="replacement trigger contains unknowns for"):
        world.run(lambda s: s.res("b", replacement_trigger=UNKNOWN), preview=False)


def test_replace_with_follows_a_replacement_and_nothing_else():
    def program(**inputs):
        def run(s):
            a = s.res("a", **inputs)
            b = s.res("b", replace_with=[a])
            s.res("c", replace_with=[b])

        return run

    assert changes(program(key=1), program(key=2)) == {"a": "replace", "b": "replace", "c": "replace"}
    assert changes(program(size=1), program(size=2)) == {"a": "update", "b": "same", "c": "same"}


def test_replace_with_names_the_root():
    def program(key):
        def run(s):
            a = s.res("a", key=key)
            s.res("c", replace_with=[s.res("b", replace_with=[a])])

        return run

    outcome = stack(program(1)).plan(program(2))
    (reason,) = step(outcome, "c", "replace").reasons
    assert [urn.rpartition("::")[2] for urn in reason.chain] == ["b", "a"]
    assert reason.source == "replaced with b"


def test_taint_replaces_and_is_gone_afterwards():
    world = stack(lambda s: s.res("a", "pkg:m:Named", size=1))
    world.state.resources[-1].taint = True
    outcome = world.up(lambda s: s.res("a", "pkg:m:Named", size=1))
    assert ops(outcome) == {"a": "replace"}
    assert step(outcome, "a", "replace").replace_keys == ("id",)
    assert not live(outcome, "a").taint
    # Checked once, with nothing of the old: a new name.
    assert world.providers.called("check") == [("a", {}, {"size": 1})]


# --- deleted_with, retain_on_delete


def test_deleted_with_is_replaced_along():
    def program(key):
        def run(s):
            s.res("b", deleted_with=s.res("a", key=key))

        return run

    assert changes(program(1), program(2)) == {"a": "replace", "b": "replace"}


def test_deleted_with_skips_its_own_delete():
    world = stack(lambda s: s.res("b", deleted_with=s.res("a")))
    outcome = world.up(nothing)
    assert sequence(outcome) == ["delete b", "delete a"]
    assert world.providers.called("delete") == [("a", "a-id1")]
    assert outcome.snapshot.resources == []


def test_deleted_with_something_that_stays_is_deleted_by_itself():
    world = stack(lambda s: s.res("b", deleted_with=s.res("a")))
    world.up(lambda s: s.res("a"))
    assert world.providers.called("delete") == [("b", "b-id2")]


def test_deleted_with_and_the_other_options_are_inherited_from_the_parent():
    def program(s):
        a = s.res("a")
        group = s.component("g", deleted_with=a, protect=True, retain_on_delete=True)
        s.res("child", parent=group)
        s.res("free", parent=group, protect=False, retain_on_delete=False)
        s.res("deep", parent=s.component("inner", parent=group))

    world = stack(program)
    states = {state.name: state for state in world.state}
    a = states["a"].urn
    assert [
        (n, states[n].deleted_with, states[n].protect, states[n].retain_on_delete) for n in ("child", "free", "deep")
    ] == [("child", a, True, True), ("free", a, False, False), ("deep", a, True, True)]


def test_retain_on_delete_is_judged_by_the_old_state():
    world = stack(lambda s: s.res("a", retain_on_delete=True))
    outcome = world.up(nothing)
    assert ops(outcome) == {"a": "delete"}
    assert world.providers.called("delete") == []
    assert "stays in the cloud" in step(outcome, "a").reasons[0].source

    world = stack(lambda s: s.res("a", key=1))
    world.up(lambda s: s.res("a", key=2, retain_on_delete=True))
    assert world.providers.called("delete") == [("a", "a-id1")]


# --- protect


def test_deleting_what_is_protected_fails_and_spares_what_it_needs():
    def before(s):
        base = s.res("base")
        mid = s.res("mid", size=base["arn"], protect=True)
        s.res("leaf", size=mid["arn"])
        s.res("other")

    world = stack(before)
    outcome = world.plan(nothing)
    assert outcome.failed
    assert errors(outcome) == [
        'resource "urn:pulumi:dev::proj::pkg:m:Thing::mid" cannot be deleted\nbecause it is protected. To unprotect '
        "the resource, either remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`, "
        "or use the command:\n`pulumi state unprotect 'urn:pulumi:dev::proj::pkg:m:Thing::mid'`"
    ]
    assert ops(outcome) == {"leaf": "delete", "mid": "delete", "other": "delete"}
    done = world.up(nothing)
    assert [state.name for state in done.snapshot] == ["default", "base", "mid"]


def test_every_protected_delete_is_reported():
    world = stack(lambda s: (s.res("a", protect=True), s.res("b", protect=True)))
    assert len(errors(world.plan(nothing))) == 2


@pytest.mark.parametrize(("old", "new", "refused"), [(True, True, True), (True, False, False), (False, True, False)])
def test_replacing_what_is_protected_needs_both_sides(old, new, refused):
    world = stack(lambda s: s.res("a", key=1, protect=old))
    outcome = world.plan(lambda s: s.res("a", key=2, protect=new))
    assert outcome.failed is refused
    # A preview goes on, so that one sees what would be replaced.
    assert ops(outcome) == {"a": "replace"}


def test_an_update_stops_at_a_protected_replacement():
    world = stack(lambda s: (s.res("a", key=1, protect=True), s.res("gone")))

    def program(s):
        with pytest.raises(StepError, match="unable to replace resource"):
            s.res("a", key=2, protect=True)

    outcome = world.up(program)
    assert sequence(outcome) == []
    assert [state.name for state in outcome.snapshot] == ["default", "a", "gone"]


@pytest.mark.parametrize(("old", "new"), [(True, False), (False, True)])
def test_protection_alone_is_the_same_and_said(old, new):
    world = stack(lambda s: s.res("a", protect=old))
    outcome = world.up(lambda s: s.res("a", protect=new))
    assert ops(outcome) == {"a": "same"}
    (reason,) = step(outcome, "a").reasons
    assert (reason.path, reason.old, reason.new, reason.effect) == ("<protect>", old or None, new or None, "option")
    assert live(outcome, "a").protect is new


# --- secrets


def test_secret_input_makes_the_output_of_its_name_secret():
    world = World()
    handles = []
    world.up(lambda s: handles.append(s.res("a", size=Secret("s3cret"), additional_secret_outputs=["stamp", "none"])))
    assert handles[0].answer.outputs["size"] == Secret("s3cret")
    assert handles[0].answer.outputs["stamp"] == Secret("stamp1")
    assert "none" not in handles[0].answer.outputs


def test_id_cannot_be_secret():
    world = World()
    outcome = world.plan(lambda s: s.res("a", additional_secret_outputs=["id"]))
    assert [item.severity for item in outcome.diagnostics] == ["warning"]


def test_secrets_never_reach_a_reason():
    def program(value):
        def run(s):
            s.res("a", size=Secret(value), tags={"nested": Secret(value)}, key=value, additional_secret_outputs=["key"])

        return run

    outcome = stack(program("s3cret-old")).plan(program("s3cret-new"))
    assert "s3cret" not in repr([item.reasons for item in outcome.steps])
    reasons = {reason.path: (reason.old, reason.new) for reason in step(outcome, "a", "replace").reasons}
    assert reasons == {
        "key": ("[secret]", "[secret]"),
        "size": ("[secret]", "[secret]"),
        "tags": ({"nested": "[secret]"}, {"nested": "[secret]"}),
    }


def test_a_value_that_stops_being_secret_is_still_not_shown():
    outcome = stack(lambda s: s.res("a", size=Secret("s3cret"))).plan(lambda s: s.res("a", size="s3cret2"))
    assert "s3cret" not in repr([item.reasons for item in outcome.steps])


def test_hide_diffs_hides_values_and_changes_no_step():
    world = stack(lambda s: s.res("a", size=1, turn=1))
    outcome = world.up(lambda s: s.res("a", size=2, turn=2, hide_diffs=["size"]))
    assert ops(outcome) == {"a": "update"}
    assert [(r.path, r.old, r.new) for r in step(outcome, "a").reasons] == [
        ("size", "[hidden]", "[hidden]"),
        ("turn", 1, 2),
    ]
    assert live(outcome, "a").hide_diffs == ["size"]
