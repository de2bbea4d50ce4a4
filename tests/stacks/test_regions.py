"""Regions beside home: a region is reached and left as a block is, and `retire` names it."""

from __future__ import annotations

from datetime import date

import pytest

from components.spec import Join, RegionName, Spec, joined
from stacks.models import BadInput, Blueprint, GivenKinds, StackConfig, load_blueprint
from stacks.moves import MoveStep, effective, steps, transition
from tests.stacks.sample import KINDS, config

TODAY = date(2026, 11, 22)
AWAY = "eu-central-1"


class RegionSpec(Spec):
    pass


class NetworkSpec(Spec):
    regions: dict[RegionName, RegionSpec] = joined(Join.UNION, dict)


class BalancerSpec(Spec):
    regions: dict[RegionName, RegionSpec] = joined(Join.UNION, dict)


BLUEPRINT = """\
system: meal
title: Meal Automation
phases:
  near:
    blocks:
      net: {kind: network}
      lb: {kind: balancer}
  far:
    blocks:
      net: {regions: {eu-central-1: {}}}
      lb: {regions: {eu-central-1: {}}}
"""


@pytest.fixture(scope="module")
def bp(tmp_path_factory: pytest.TempPathFactory) -> Blueprint:
    folder = tmp_path_factory.mktemp("blueprints")
    (folder / "meal.yaml").write_text(BLUEPRINT)
    kinds = {name: KINDS.spec(name) for name in KINDS.names}
    return load_blueprint("meal", folder, GivenKinds({**kinds, "network": NetworkSpec, "balancer": BalancerSpec}))


def told(todo: list[MoveStep]) -> list[tuple[object, ...]]:
    return [(s.kind, *filter(None, (s.block,)), *([s.traffic] if s.traffic is not None else [])) for s in todo]


def retiring(bp: Blueprint, config: StackConfig) -> dict[str, list[str]]:
    return {name: sorted(each.retiring_regions) for name, each in effective(config, bp, today=TODAY).blocks.items()}


def test_a_region_arrives_with_the_expand(bp: Blueprint) -> None:
    todo = steps(config(phase="near"), bp, "far", today=TODAY)
    assert told(todo)[0] == ("expand", 0)
    assert list(effective(todo[0].config, bp).cidrs) == ["eu-west-1", AWAY]
    assert not {"arm", "apply"} & {each.kind for each in todo}


def test_a_region_is_armed_before_it_is_left(bp: Blueprint) -> None:
    todo = steps(config(phase="far"), bp, "near", today=TODAY)
    arm, contract = todo[-2:]
    assert (arm.kind, arm.block, arm.traffic) == ("arm", AWAY, 100)
    assert arm.allows.only == {"net", "lb"}
    assert retiring(bp, arm.config) == {"net": [AWAY], "lb": [AWAY]}
    assert not any(each.retiring for each in effective(arm.config, bp, today=TODAY).blocks.values())
    assert contract.kind == "contract"
    assert contract.allows.deletes == frozenset()
    assert contract.allows.narrows == {"net", "lb"}
    assert list(effective(contract.config, bp).cidrs) == ["eu-west-1"]
    assert "phaseup:retire" not in contract.config.values


def test_taking_a_region_back_arms_it_too(bp: Blueprint) -> None:
    expanded = steps(config(phase="near"), bp, "far", today=TODAY)[0].config
    todo = steps(expanded, bp, "near", today=TODAY)
    assert told(todo) == [("arm", AWAY, 0), ("abort",)]
    assert retiring(bp, todo[0].config) == {"net": [AWAY], "lb": [AWAY]}


def test_going_on_takes_the_consent_back(bp: Blueprint) -> None:
    expanded = steps(config(phase="near"), bp, "far", today=TODAY)[0].config
    armed = steps(expanded, bp, "near", today=TODAY)[0].config
    onward = steps(armed, bp, "far", today=TODAY)
    assert onward[0].kind == "apply"
    assert onward[0].allows.only == {"net", "lb"}
    assert retiring(bp, onward[0].config) == {"net": [], "lb": []}


def test_every_generated_step_is_the_step_that_a_person_would_write(bp: Blueprint) -> None:
    for start, end in (("near", "far"), ("far", "near")):
        before = config(phase=start)
        for step in steps(before, bp, end, today=TODAY):
            assert transition(before, step.config, bp).kind == step.kind
            before = step.config


def test_a_region_left_without_an_arm_is_bad_input(bp: Blueprint) -> None:
    todo = steps(config(phase="far"), bp, "near", today=TODAY)
    shifted = todo[-3].config
    with pytest.raises(BadInput) as caught:
        transition(shifted, todo[-1].config, bp)
    assert caught.value.key == f"phaseup:retire.{AWAY}"


def test_a_region_left_without_a_move_is_bad_input(bp: Blueprint) -> None:
    with pytest.raises(BadInput) as caught:
        transition(config(phase="far"), config(phase="near"), bp)
    assert caught.value.key == "phaseup:moving"


@pytest.mark.parametrize("traffic", [0, 100])
def test_a_region_that_stays_cannot_be_retired(bp: Blueprint, traffic: int) -> None:
    consent = {AWAY: {"reason": "none", "until": "2027-01-01"}}
    with pytest.raises(BadInput) as caught:
        effective(config(phase="far", retire=consent), bp, today=TODAY)
    assert caught.value.key == f"phaseup:retire.{AWAY}"
    wrong = {"from": "near", "traffic": 100} if traffic else {"from": "far", "traffic": 0}
    with pytest.raises(BadInput):
        effective(config(phase="far" if traffic else "near", moving=wrong, retire=consent), bp, today=TODAY)


def test_a_region_without_registered_addresses_is_bad_input(bp: Blueprint) -> None:
    overrides = {"net": {"regions": {"us-east-1": {}}}}
    with pytest.raises(BadInput, match="us-east-1"):
        effective(config(phase="near", overrides=overrides), bp, today=TODAY)


def test_a_word_that_is_no_region_is_bad_input(bp: Blueprint) -> None:
    with pytest.raises(BadInput, match="frankfurt"):
        effective(config(phase="near", overrides={"net": {"regions": {"frankfurt": {}}}}), bp, today=TODAY)
