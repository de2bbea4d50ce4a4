"""Every component keeps the contract; and each check of it catches a component that does not."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import contract
import networkx as nx
import pulumi
import pulumi_aws as aws
import pytest
from recording import Recording, record
from whole import WHOLE

import components
from components.site import Site, child_options
from components.spec import Join, Spec, joined

# Stateless, and written over under its own name: what is created first would be what is deleted then.
REPLACED_BY_NAME = {
    "aws:cloudwatch/compositeAlarm:CompositeAlarm",
    # A key has one plan of a stage at a time.
    "aws:apigateway/usagePlanKey:UsagePlanKey",
}
CLASSES = sorted(contract.component_classes())
SPECS = contract.spec_classes()


def test_no_two_modules_import_each_other() -> None:
    """An import for types alone would hide a circle."""
    root = Path(components.__file__).parent
    graph = nx.DiGraph(
        [
            (".".join(path.relative_to(root.parent).with_suffix("").parts).removesuffix(".__init__"), other)
            for path in root.rglob("*.py")
            for other in re.findall(r"^\s*from (components\.[\w.]+) import", path.read_text(), re.MULTILINE)
        ]
    )
    assert ("components.bucket.component", "components.bucket.s3") in graph.edges
    assert list(nx.simple_cycles(graph)) == []


@pytest.fixture
def bare(site: Site) -> Site:
    """A site that protects nothing, as in development."""
    return replace(site, protect_data=False, protect_anchors=False)


def test_no_component_is_left_out() -> None:
    assert set(CLASSES) == set(WHOLE)


def test_every_kind_has_its_spec_args_and_component() -> None:
    from stacks.compose import KINDS
    from stacks.models.kinds import NAMES

    assert set(NAMES) == KINDS
    for kind in NAMES:
        module = __import__(f"components.{kind}", fromlist=["x"])
        for suffix in ("", "Args", "Spec"):
            assert hasattr(module, f"{kind.title()}{suffix}"), f"{kind}: no {kind.title()}{suffix}"


@pytest.mark.parametrize("cls", CLASSES)
def test_contract(cls: str, site: Site) -> None:
    recording = record(lambda: WHOLE[cls](site))
    assert contract.children(recording, cls)
    assert contract.tokens(recording, cls) == []
    assert contract.parents(recording) == []
    assert contract.tags(recording, cls, site) == []
    assert contract.regions(recording, cls, site) == []
    assert contract.physical_names(recording, cls, site) == []
    assert contract.ignored_paths(recording, cls) == []
    assert contract.protection(recording, cls, guarded=True) == []
    assert {each.type for each in recording.resources if each.delete_before_replace} <= REPLACED_BY_NAME


@pytest.mark.parametrize("cls", CLASSES)
def test_outputs_are_registered_once_for_each_component(cls: str, site: Site) -> None:
    recording = record(lambda: WHOLE[cls](site))
    made = sorted(each.urn for each in recording.resources if not each.custom)
    assert sorted(recording.outputs) == made
    assert {len(times) for times in recording.outputs.values()} == {1}
    assert contract.outputs_last(contract.component_classes()[cls]) == []


@pytest.mark.parametrize("cls", CLASSES)
def test_armed_or_unguarded_nothing_is_protected(cls: str, site: Site, bare: Site) -> None:
    for free in (bare, replace(site, retiring=True)):
        recording = record(lambda free=free: WHOLE[cls](free))
        assert contract.protection(recording, cls, guarded=False) == []


@pytest.mark.parametrize("cls", CLASSES)
def test_type_tokens_are_unique_to_their_class(cls: str, site: Site) -> None:
    types = {each.type for each in record(lambda: WHOLE[cls](site)).resources if not each.custom}
    assert types <= {f"phaseup:index:{each}" for each in CLASSES}


@pytest.mark.parametrize("name", sorted(SPECS))
def test_every_field_declares_its_join(name: str) -> None:
    assert contract.undeclared_joins(SPECS[name]) == []


@pytest.mark.parametrize("name", sorted(SPECS))
def test_every_max_of_words_has_an_order(name: str) -> None:
    import typing

    from components.spec import join_of, order_of

    for field, info in SPECS[name].model_fields.items():
        words = [w for w in typing.get_args(info.annotation) if isinstance(w, str)]
        if words and join_of(SPECS[name], field) is Join.MAX:
            assert sorted(order_of(SPECS[name], field)) == sorted(words), f"{name}.{field}"


# --- each check catches what it is for -------------------------------------------------------------------------------


class _Broken(pulumi.ComponentResource):
    """A component whose one child is made as a test says."""

    def __init__(
        self, name: str, make: Callable[[pulumi.Resource], object], token: str = "phaseup:index:Broken"
    ) -> None:
        super().__init__(token, name)
        make(self)
        self.register_outputs({})


def _broken(make: Callable[[pulumi.Resource], object], **more: str) -> Recording:
    return record(lambda: _Broken("x", make, **more))


def test_catches_a_token_of_another_form() -> None:
    assert contract.tokens(_broken(lambda _: None, token="phaseup:network:broken"), "Broken")


def test_catches_a_child_without_its_parent(site: Site) -> None:
    assert contract.parents(_broken(lambda _: aws.ec2.Vpc("x-vpc", region=site.region)))


def test_catches_a_child_that_is_not_named_after_its_parent(site: Site) -> None:
    assert contract.parents(_broken(lambda me: aws.ec2.Vpc("vpc", region=site.region, opts=child_options(me))))


def test_catches_missing_tags(site: Site) -> None:
    recording = _broken(lambda me: aws.ec2.Vpc("x-vpc", tags={"system": "meal"}, opts=child_options(me)))
    assert contract.tags(recording, "Broken", site)


def test_catches_tags_that_a_group_does_not_hand_on(site: Site) -> None:
    given = [{"key": key, "value": value, "propagate_at_launch": False} for key, value in site.tags.items()]
    recording = _broken(
        lambda me: aws.autoscaling.Group("x-g", min_size=1, max_size=1, tags=given, opts=child_options(me))
    )
    assert contract.tags(recording, "Broken", site)


def test_catches_an_unstated_region(site: Site) -> None:
    assert contract.regions(_broken(lambda me: aws.ec2.Vpc("x-vpc", opts=child_options(me))), "Broken", site)


def test_catches_a_name_without_prefix(site: Site) -> None:
    recording = _broken(lambda me: aws.lb.LoadBalancer("x-lb", name="edge", opts=child_options(me)))
    assert contract.physical_names(recording, "Broken", site)


def test_catches_unprotected_data_and_anchors() -> None:
    for make in (
        lambda me: aws.secretsmanager.Secret("x-secret", opts=child_options(me)),
        lambda me: aws.lb.LoadBalancer("x-lb", opts=child_options(me)),
    ):
        assert contract.protection(_broken(make), "Broken", guarded=True)


def test_catches_protection_that_a_retire_does_not_lift() -> None:
    recording = _broken(lambda me: aws.secretsmanager.Secret("x-secret", opts=child_options(me, protect=True)))
    assert contract.protection(recording, "Broken", guarded=False)
    recording = _broken(lambda me: aws.lb.LoadBalancer("x-lb", enable_deletion_protection=True, opts=child_options(me)))
    assert contract.protection(recording, "Broken", guarded=False)


@pytest.mark.parametrize("path", ["desired_capacities", "mixedInstancesPolicy.launch_template", "instanceRefresh.nope"])
def test_catches_an_inert_ignore_changes(path: str) -> None:
    recording = _broken(
        lambda me: aws.autoscaling.Group("x-g", min_size=1, max_size=1, opts=child_options(me, ignore_changes=[path]))
    )
    assert contract.ignored_paths(recording, "Broken")


@pytest.mark.parametrize("path", ["desired_capacity", "mixedInstancesPolicy.launchTemplate", "tags"])
def test_accepts_an_ignore_changes_that_names_something(path: str) -> None:
    recording = _broken(
        lambda me: aws.autoscaling.Group("x-g", min_size=1, max_size=1, opts=child_options(me, ignore_changes=[path]))
    )
    assert contract.ignored_paths(recording, "Broken") == []


def test_catches_an_assumed_join() -> None:
    class Careless(Spec):
        size: int = 1
        count: int = joined(Join.MAX, 1)

    assert contract.undeclared_joins(Careless) == ["size"]


class _Late(pulumi.ComponentResource):
    def __init__(self, name: str) -> None:
        super().__init__("phaseup:index:Late", name)
        self.register_outputs({})
        aws.ec2.Vpc(f"{name}-vpc", opts=child_options(self))


class _Never(pulumi.ComponentResource):
    def __init__(self, name: str, early: bool) -> None:
        super().__init__("phaseup:index:Never", name)
        if early:
            return
        self.register_outputs({})


class _Twice(pulumi.ComponentResource):
    def __init__(self, name: str) -> None:
        super().__init__("phaseup:index:Twice", name)
        self.register_outputs({})
        self.register_outputs({})


@pytest.mark.parametrize("cls", [_Late, _Never, _Twice])
def test_catches_outputs_that_are_not_last(cls: type[pulumi.ComponentResource]) -> None:
    assert contract.outputs_last(cls)
