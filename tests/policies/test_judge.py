"""The rehearsal's runner of the pack: what the engine would hand to a policy, and what it would make of the answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from phaseup.graph.resource import State
from phaseup.graph.values import UNKNOWN, Secret
from phaseup.policy.judge import Violation, judge, setting
from policies.guard.resource import Resource
from policies.guard.rule import ANY, NotApplicableError, Rule
from policies.guard.stack import Stack

STACK = "urn:pulumi:meal-prod::phaseup::"


def state(type_: str, name: str, inputs: dict[str, Any] | None = None, **more: Any) -> State:
    given = {"outputs": {**(inputs or {}), "made": True}, **more}
    return State(f"{STACK}{type_}::{name}", type_, True, inputs=inputs or {}, **given)


def rule(check: Any, *, types: tuple[str, ...] = ("aws:a:A",), needs_stack: bool = False) -> Rule:
    return Rule("data-test", "high", "It holds.", "Mend it.", types, check, needs_stack=needs_stack)


def seen(states: list[State], *, types: tuple[str, ...] = (ANY,), needs_stack: bool = False) -> list[Resource]:
    """What a rule is shown."""
    shown: list[Resource] = []

    def check(resource: Resource, stack: Stack | None = None) -> Iterator[str]:
        assert (stack is not None) is needs_stack
        shown.append(resource)
        yield from ()

    judge(states, {}, [rule(check, types=types, needs_stack=needs_stack)])
    return shown


def test_a_resource_rule_sees_inputs_and_a_stack_rule_states() -> None:
    states = [state("aws:a:A", "one", {"given": 1})]
    assert [dict(each.props) for each in seen(states)] == [{"given": 1}]
    assert [dict(each.props) for each in seen(states, needs_stack=True)] == [{"given": 1, "made": True}]


def test_what_is_on_its_way_out_is_seen_by_nobody() -> None:
    states = [state("aws:a:A", "old", delete=True), state("aws:a:A", "new")]
    assert [each.name for each in seen(states)] == ["new"]


def test_any_is_what_providers_manage() -> None:
    types = ("pulumi:pulumi:Stack", "pulumi:providers:aws", "phaseup:index:Postgres", "aws:a:A", "kubernetes:v1:Pod")
    assert [each.type for each in seen([state(type_, "x") for type_ in types])] == ["aws:a:A", "kubernetes:v1:Pod"]


def test_secrets_are_seen_plain_and_internal_keys_not_at_all() -> None:
    (only,) = seen([state("aws:a:A", "one", {"a": Secret({"b": [Secret("c")]}), "__defaults": ["a"]})])
    assert set(only.props) == {"a"}
    assert only.props["a"]["b"][0] == "c"


def test_an_unknown_that_is_read_is_counted_and_one_that_is_not_is_no_matter() -> None:
    def reads(key: str) -> Rule:
        def check(resource: Resource) -> Iterator[str]:
            if resource.props[key] != "well":
                yield "broken"

        return rule(check)

    states = [state("aws:a:A", "one", {"a": {"b": UNKNOWN}, "c": UNKNOWN, "d": "ill"})]
    found = judge(states, {}, [reads("c")])
    assert (found.violations, [(each.urn, each.path) for each in found.unjudged]) == ((), [(states[0].urn, "c")])
    found = judge(states, {}, [reads("d")])
    assert ([each.message for each in found.violations], found.unjudged) == (["broken"], ())


def test_a_breach_that_was_found_before_an_unknown_stands() -> None:
    def check(resource: Resource) -> Iterator[str]:
        yield "first"
        yield resource.props["a"]

    found = judge([state("aws:a:A", "one", {"a": UNKNOWN})], {}, [rule(check)])
    assert ([each.message for each in found.violations], found.unjudged) == (["first"], ())


def test_a_rule_that_lacks_what_it_judges_by_says_so_once() -> None:
    def check(_: Resource) -> Iterator[str]:
        raise NotApplicableError("no figures")
        yield

    found = judge([state("aws:a:A", "one"), state("aws:a:A", "two")], {}, [rule(check)])
    assert (found.violations, dict(found.not_applicable)) == ((), {"data-test": "no figures"})


def broken(_: Resource) -> Iterator[str]:
    yield "broken"


@pytest.mark.parametrize(
    ("config", "level"),
    [
        ({}, "mandatory"),
        ({"all": "advisory"}, "advisory"),
        ({"all": "advisory", "data-test": "mandatory"}, "mandatory"),
        ({"all": "advisory", "data-test": {"days": 3}}, "advisory"),
        ({"data-test": {"enforcementLevel": "advisory", "days": 3}}, "advisory"),
    ],
)
def test_levels(config: dict[str, Any], level: str) -> None:
    found = judge([state("aws:a:A", "one")], config, [rule(broken)])
    assert found.violations == (Violation("data-test", f"{STACK}aws:a:A::one", level, "high", "broken"),)  # type: ignore[arg-type]
    assert len(found.mandatory) == (level == "mandatory")


def test_a_rule_that_is_disabled_is_not_asked() -> None:
    found = judge([state("aws:a:A", "one")], {"data-test": "disabled"}, [rule(broken)])
    assert (found.violations, found.checks) == ((), 0)


def test_a_rule_is_told_its_own_config_alone() -> None:
    assert setting("data-test", {"all": "advisory", "data-test": {"days": 3}, "other": {"days": 4}}) == (
        "advisory",
        {"days": 3},
    )


def test_the_environment_is_how_the_stack_s_name_ends() -> None:
    def resource(stack: str) -> Resource:
        return Resource(f"urn:pulumi:{stack}::p::aws:a:A::x", "aws:a:A", "x", {})

    ends = {name: resource(name).environment for name in ("meal-dev", "meal-staging", "meal-prod", "meal", "prod-dev")}
    assert ends == {
        "meal-dev": "dev",
        "meal-staging": "staging",
        "meal-prod": "prod",
        "meal": "prod",
        "prod-dev": "dev",
    }
    assert [resource(name).guarded for name in ("a-dev", "a-staging", "a")] == [False, True, True]


def test_a_stack_finds_what_belongs_together() -> None:
    bucket = Resource("urn:b", "aws:s3:B", "b", {})
    block = Resource("urn:p", "aws:s3:P", "p", {}, parent="urn:c", depends_on={"bucket": ("urn:b",)})
    other = Resource("urn:o", "aws:s3:P", "o", {}, parent="urn:p", depends_on={"name": ("urn:b",)})
    stack = Stack([bucket, block, other])
    assert stack.referring(bucket, "bucket", "aws:s3:P") == [block]
    assert stack.referring(bucket, "bucket", "aws:s3:X") == []
    assert [each.name for each in stack.inside("urn:c")] == ["p", "o"]
    assert [each.name for each in stack.of("aws:s3:P", "aws:s3:B")] == ["p", "o", "b"]
    assert stack.get("urn:b") is bucket
    assert stack.get("urn:x") is None
