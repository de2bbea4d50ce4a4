"""Aliases, renames, parents: a resource is found under its former name, and its children with it."""

from __future__ import annotations

import pytest
from plan_kit import changes, errors, live, ops, stack, step

from phaseup.graph.resource import AliasSpec
from phaseup.plan.steps import StepError
from phaseup.plan.urns import Aliases, create_urn, default_provider_name, parse_ref

BASE = "urn:pulumi:dev::proj::"


@pytest.mark.parametrize(
    "alias",
    [
        AliasSpec(urn=BASE + "pkg:m:Thing::a"),
        AliasSpec(name="a"),
        AliasSpec(name="a", type="pkg:m:Thing"),
        AliasSpec(name="a", stack="dev", project="proj"),
        AliasSpec(name="a", no_parent=True),
    ],
)
def test_rename_with_an_alias_is_the_same(alias):
    assert changes(lambda s: s.res("a", size=1), lambda s: s.res("b", size=1, aliases=[alias])) == {"b": "same"}


@pytest.mark.parametrize(
    ("alias", "found"),
    [
        (AliasSpec(name="x"), {"b": "create", "a": "delete"}),
        (AliasSpec(name="a", stack="other"), {"b": "create", "a": "delete"}),
        (AliasSpec(name="a", project="other"), {"b": "create", "a": "delete"}),
        (AliasSpec(name="a", type="pkg:m:Other"), {"b": "create", "a": "delete"}),
    ],
)
def test_an_alias_that_does_not_match(alias, found):
    assert changes(lambda s: s.res("a"), lambda s: s.res("b", aliases=[alias])) == found


def test_rename_without_an_alias_is_create_and_delete():
    assert changes(lambda s: s.res("a"), lambda s: s.res("b")) == {"b": "create", "a": "delete"}


def test_rename_with_a_change_is_judged_by_the_change():
    alias = [AliasSpec(name="a")]
    assert changes(lambda s: s.res("a", size=1), lambda s: s.res("b", size=2, aliases=alias)) == {"b": "update"}
    assert changes(lambda s: s.res("a", key=1), lambda s: s.res("b", key=2, aliases=alias)) == {
        "b": "replace",
        "a": "delete-replaced",
    }


def test_type_change_with_an_alias():
    aliases = [AliasSpec(type="pkg:m:Thing")]
    assert changes(lambda s: s.res("a"), lambda s: s.res("a", "pkg:m:Newer", aliases=aliases)) == {"a": "same"}


def test_new_parent_with_an_alias_of_the_old_place():
    def after(s):
        group = s.component("g")
        s.res("a", parent=group, aliases=[AliasSpec(no_parent=True)])

    assert changes(lambda s: s.res("a"), after) == {"g": "create", "a": "same"}


def test_moved_out_of_a_parent():
    def before(s):
        s.res("a", parent=s.component("g"))

    def after(s):
        group = s.component("g")
        s.res("a", aliases=[AliasSpec(parent_urn=group.urn)])

    assert changes(before, after) == {"g": "same", "a": "same"}


def test_moved_from_one_parent_to_another():
    def before(s):
        s.res("a", parent=s.component("g"))

    def after(s):
        h = s.component("h")
        s.res("a", parent=h, aliases=[AliasSpec(parent_urn=BASE + "my:index:Group::g")])

    # The same type of parent gives the same URN: only `g` itself goes.
    assert changes(before, after) == {"h": "create", "a": "same", "g": "delete"}


def test_renamed_component_takes_children_along_that_are_named_after_it():
    def program(name, aliases=()):
        def run(s):
            group = s.component(name, type=f"my:index:{name.title()}", aliases=list(aliases))
            inner = s.component(f"{name}-inner", parent=group)
            s.res(f"{name}-inner-role", parent=inner)
            s.res("fixed", parent=group)

        return run

    aliases = [AliasSpec(name="app", type="my:index:App")]
    assert changes(program("app"), program("web", aliases)) == {
        "web": "same",
        "web-inner": "same",
        "web-inner-role": "same",
        "fixed": "same",
    }


def test_child_of_a_renamed_parent_with_an_alias_of_its_own():
    def before(s):
        group = s.component("app", type="my:index:App")
        s.res("old", parent=group)

    def after(s):
        group = s.component("web", type="my:index:Web", aliases=[AliasSpec(name="app", type="my:index:App")])
        s.res("new", parent=group, aliases=[AliasSpec(name="old")])

    assert changes(before, after) == {"web": "same", "new": "same"}


def test_alias_with_a_parent_that_was_renamed_itself():
    def before(s):
        group = s.component("app", type="my:index:App")
        s.res("a", parent=group)

    def after(s):
        group = s.component("web", type="my:index:Web", aliases=[AliasSpec(name="app", type="my:index:App")])
        s.res("a", aliases=[AliasSpec(parent_urn=group.urn)])

    assert changes(before, after) == {"web": "same", "a": "same"}


def test_its_own_urn_comes_before_an_alias():
    def before(s):
        s.res("a", size=1)
        s.res("b", size=2)

    # b still exists by its own name: it does not become a, which then is simply gone.
    assert changes(before, lambda s: s.res("b", size=2, aliases=[AliasSpec(name="a")])) == {"b": "same", "a": "delete"}


def test_former_names_are_gone_from_the_new_state():
    def before(s):
        a = s.res("a")
        s.res("user", size=a["arn"])

    def after(s):
        b = s.res("b", aliases=[AliasSpec(name="a")])
        s.res("user", size=b["arn"])

    world = stack(before)
    outcome = world.up(after)
    assert all("::a" not in repr(state) for state in outcome.snapshot)
    assert live(outcome, "b").aliases == []


def test_aliased_resource_says_so():
    world = stack(lambda s: s.res("a"))
    reasons = step(world.plan(lambda s: s.res("b", aliases=[AliasSpec(name="a")])), "b").reasons
    assert [(r.path, r.old, r.new) for r in reasons] == [("<urn>", BASE + "pkg:m:Thing::a", BASE + "pkg:m:Thing::b")]


def test_alias_of_something_that_is_still_registered():
    world = stack(lambda s: s.res("a"))

    def program(s):
        s.res("a")
        with pytest.raises(StepError, match="Duplicate resource alias"):
            s.res("b", aliases=[AliasSpec(name="a")])

    assert errors(world.plan(program)) == [
        f"Duplicate resource alias '{BASE}pkg:m:Thing::a' applied to resource with URN '{BASE}pkg:m:Thing::b' "
        f"conflicting with resource with URN '{BASE}pkg:m:Thing::b'"
    ]


def test_registering_what_an_alias_has_taken():
    world = stack(lambda s: s.res("a"))

    def program(s):
        s.res("b", aliases=[AliasSpec(name="a")])
        with pytest.raises(StepError, match="conflicting with alias"):
            s.res("a")

    assert errors(world.plan(program)) == [
        f"Duplicate resource URN '{BASE}pkg:m:Thing::a' conflicting with alias on resource with URN "
        f"'{BASE}pkg:m:Thing::b'"
    ]


def test_two_resources_with_the_same_alias():
    world = stack(lambda s: s.res("a"))

    def program(s):
        s.res("b", aliases=[AliasSpec(name="a")])
        with pytest.raises(StepError):
            s.res("c", aliases=[AliasSpec(name="a")])

    assert errors(world.plan(program)) == [
        f"Duplicate resource alias '{BASE}pkg:m:Thing::a' applied to resource with URN '{BASE}pkg:m:Thing::c' "
        f"conflicting with resource with URN '{BASE}pkg:m:Thing::b'"
    ]


def test_component_becomes_a_custom_resource_and_back():
    def custom(s):
        s.res("a", "my:index:Group")

    def component(s):
        s.component("a")

    assert changes(component, custom) == {"a": "replace"}
    assert changes(custom, component) == {"a": "replace"}


def test_children_of_the_stack_carry_no_parent_type():
    def program(s):
        root = s.component("proj-dev", type="pulumi:pulumi:Stack")
        s.res("a", parent=root)

    world = stack(program)
    assert world.state.resources[-1].urn == BASE + "pkg:m:Thing::a"


def test_parent_that_is_not_registered():
    world = stack(lambda s: s.component("g"))

    def program(s):
        with pytest.raises(StepError, match=f"could not find parent resource {BASE}my:index:Group::g"):
            s.res("a", parent=BASE + "my:index:Group::g")

    assert ops(world.plan(program)) == {}


@pytest.mark.parametrize(
    ("version", "url", "name"),
    [
        ("", "", "default"),
        ("7.51.1", "", "default_7_51_1"),
        ("1.2.3-alpha.4", "", "default_1_2_3_alpha_4"),
        ("1.2.3+build.5", "", "default_1_2_3_build_5"),
        ("1.0.0", "https://example.com/a b", "default_1_0_0_https_/example.com/a_b"),
        ("", "github://api.github.com/me", "default_github_/api.github.com/me"),
    ],
)
def test_names_of_default_providers(version, url, name):
    assert default_provider_name(version, url) == name


@pytest.mark.parametrize("version", ["1", "1.2", "v1.2.3", "01.2.3", "latest"])
def test_versions_that_are_none(version):
    with pytest.raises(ValueError, match="semantic version"):
        default_provider_name(version, "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nothing", "expected '::' in provider reference 'nothing'"),
        ("a::b", "a is not a valid URN"),
        (BASE + "pkg:m:Thing::a::id", "invalid module in type: expected 'pulumi:providers', got 'pkg:m'"),
    ],
)
def test_bad_provider_references(text, message):
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        parse_ref(text)


def test_alias_urn_of_a_parent_keeps_the_parents_stack():
    parent = "urn:pulumi:other::else::my:index:Group::g"
    assert create_urn("a", "t:t:T", parent, "proj", "dev") == "urn:pulumi:other::else::my:index:Group$t:t:T::a"


def test_names_that_contain_the_separator():
    aliases = Aliases("dev", "proj")
    assert aliases.candidates("x::y", "t:t:T", "", [AliasSpec(name="a::b")]) == [BASE + "t:t:T::a::b"]
