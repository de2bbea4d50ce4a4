"""Every update, replace and delete says which property, old and new, which fact, which root cause, where declared."""

from __future__ import annotations

import pytest
from plan_kit import FACT, UNKNOWN, Secret, nothing, stack, step

from phaseup.graph.values import SIGNATURE
from phaseup.plan.reasons import TEXT_LIMIT, declared_at, shown


def names(reason):
    return [urn.rpartition("::")[2] for urn in reason.chain]


def test_update_says_property_values_effect_and_source():
    outcome = stack(lambda s: s.res("a", size=1, tags={"x": 1}, gone=5)).plan(
        lambda s: s.res("a", size=2, tags={"x": 2}, new=6)
    )
    assert [(r.path, r.old, r.new, r.effect, r.source) for r in step(outcome, "a").reasons] == [
        ("gone", 5, None, "update", FACT),
        ("new", None, 6, "update", FACT),
        ("size", 1, 2, "update", FACT),
        ("tags", {"x": 1}, {"x": 2}, "update", FACT),
    ]


def test_delete_says_so():
    (reason,) = step(stack(lambda s: s.res("a")).plan(nothing), "a").reasons
    assert (reason.path, reason.effect, reason.source) == ("", "delete", "no longer in the program")


def test_all_parts_of_a_replacement_carry_its_reasons():
    outcome = stack(lambda s: s.res("a", key=1)).plan(lambda s: s.res("a", key=2))
    parts = [item for item in outcome.steps if item.urn.endswith("::a")]
    assert {item.op for item in parts} == {"create-replacement", "replace", "delete-replaced"}
    assert len({item.reasons for item in parts}) == 1


def test_unknown_values_name_the_chain_to_the_root():
    def program(key):
        def run(s):
            a = s.res("a", key=key)
            b = s.res("b", key=a["arn"])
            c = s.res("c", key=b["arn"])
            s.res("d", size=[c["arn"], "fixed"])

        return run

    outcome = stack(program(1)).plan(program(2))
    assert names(step(outcome, "a", "replace").reasons[0]) == []
    assert names(step(outcome, "b", "replace").reasons[0]) == ["a"]
    assert names(step(outcome, "c", "replace").reasons[0]) == ["b", "a"]
    (reason,) = step(outcome, "d").reasons
    assert names(reason) == ["c", "b", "a"]
    assert (reason.old, reason.new) == (["arn:c-id3", "fixed"], ["[unknown]", "fixed"])


def test_a_replacement_outweighs_a_creation_as_cause():
    def before(s):
        a = s.res("a", key=1)
        s.res("z", size=[a["arn"]])

    def after(s):
        fresh = s.res("fresh")
        a = s.res("a", key=2)
        s.res("z", size=[fresh["arn"], a["arn"]])

    assert names(step(stack(before).plan(after), "z").reasons[0]) == ["a"]


def test_a_creation_alone_is_the_cause():
    outcome = stack(lambda s: s.res("z", size=1)).plan(lambda s: s.res("z", size=s.res("fresh")["arn"]))
    assert names(step(outcome, "z").reasons[0]) == ["fresh"]


def test_an_own_change_ends_the_chain():
    def program(key):
        def run(s):
            a = s.res("a", key=key)
            b = s.res("b", key=key, size=a["arn"])
            s.res("c", key=b["arn"])

        return run

    outcome = stack(program(1)).plan(program(2))
    assert names(step(outcome, "c", "replace").reasons[0]) == ["b"]


def test_component_inputs_are_listed_by_name():
    outcome = stack(lambda s: s.component("c", x=1, y=Secret("a"))).plan(lambda s: s.component("c", x=2, y=Secret("b")))
    assert [(r.path, r.old, r.new, r.source) for r in step(outcome, "c").reasons] == [
        ("x", 1, 2, "input of a component"),
        ("y", "[secret]", "[secret]", "input of a component"),
    ]


def test_same_steps_have_no_reasons():
    outcome = stack(lambda s: s.res("a", size=1)).plan(lambda s: s.res("a", size=1))
    assert step(outcome, "a").reasons == ()


def test_where_it_is_declared():
    position = "project:///components/db.py#41,5"
    world = stack(lambda s: s.res("a", source_position=position))
    assert step(world.plan(nothing), "a").declared_at == "components/db.py:41"
    moved = "project:///components/db.py#50,5"
    assert step(world.plan(lambda s: s.res("a", source_position=moved)), "a").declared_at == "components/db.py:50"


@pytest.mark.parametrize(
    ("position", "text"),
    [
        ("", ""),
        ("project:///a.py#3,1", "a.py:3"),
        ("project:///a.py#3", "a.py:3"),
        ("project:///a.py", "a.py"),
        ("file:///lib/x.py#9,2", "/lib/x.py:9"),
    ],
)
def test_positions(position, text):
    assert declared_at(position) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, 1),
        (None, None),
        (True, True),
        (Secret("x"), "[secret]"),
        (UNKNOWN, "[unknown]"),
        ({"a": [UNKNOWN, Secret(1)]}, {"a": ["[unknown]", "[secret]"]}),
        ("x" * TEXT_LIMIT, "x" * TEXT_LIMIT),
        ("x" * (TEXT_LIMIT + 1), "x" * (TEXT_LIMIT - 1) + "…"),
    ],
)
def test_shown_values(value, text):
    assert shown(value) == text


def test_long_structures_are_cut_and_still_hide_secrets():
    text = shown({"list": ["item"] * 100, "password": Secret("s3cret")})
    assert len(text) == TEXT_LIMIT
    assert "s3cret" not in shown({"password": Secret("s3cret"), "list": ["item"] * 100})


def test_assets_are_shown_by_their_keys():
    asset = {SIGNATURE: "c44067f5952c0a294b673a41bacd8c17", "hash": "abc", "path": "x.zip"}
    assert shown(asset)["hash"] == "abc"


def test_stateful_resources_are_marked_by_the_old_state():
    outcome = stack(lambda s: s.res("a", "pkg:m:Data", key=1)).plan(lambda s: s.res("a", "pkg:m:Data", key=2))
    assert {item.stateful for item in outcome.steps if item.urn.endswith("::a")} == {True}
    assert not step(outcome, "default").stateful
