# ruff: noqa: E501 - a message stands on one line, as it is printed
"""A person's change of the file as a step, and what a change that is none has to do first."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from stacks.models import BadInput, Blueprint, StackConfig, changed, load_blueprint, load_stack, set_value
from stacks.moves import steps, transition
from tests.stacks.sample import blueprint, config, edited, moving

BOTH = {"cache": "replicated", "queue": "replicated"}
CONSENT = {"reason": "gone", "until": "2099-01-31"}


@pytest.fixture(scope="module")
def bp(tmp_path_factory: pytest.TempPathFactory) -> Blueprint:
    return blueprint(tmp_path_factory.mktemp("blueprints"))


def scaling(traffic: int, **data: str) -> StackConfig:
    return config(phase="scale", moving={"from": "growth", "traffic": traffic, "data": data})


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (config(), moving(), ("expand", None, None)),
        (moving(), moving(0, {"cache": "replicated"}), ("rung", "cache", "replicated")),
        (moving(0, BOTH), moving(100, BOTH), ("shift", None, None)),
        (moving(100, BOTH), moving(0, BOTH), ("shift", None, None)),
        (moving(), moving(retire={"lb": CONSENT}), ("arm", "lb", None)),
        (moving(retire={"lb": CONSENT}), moving(), ("apply", None, None)),
        (moving(100, BOTH), config(phase="growth"), ("contract", None, None)),
        (moving(retire={"lb": CONSENT, "exports": CONSENT}), config(), ("abort", None, None)),
        (config(), config(overrides={"db": {"storage": 80}}), ("apply", None, None)),
        (moving(), moving(owner="sre"), ("apply", None, None)),
        (config(), config(), ("apply", None, None)),
    ],
)
def test_steps_by_hand(bp: Blueprint, before: StackConfig, after: StackConfig, expected: tuple[Any, ...]) -> None:
    step = transition(before, after, bp)
    assert (step.kind, step.block, step.stage) == expected
    assert step.config is after
    assert bool(step.check) == (step.kind == "rung")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (
            config(phase="growth"),
            config(),
            "phaseup:moving: found nothing; allowed: {from: growth, traffic: 0}; lb, exports would leave in the same apply",
        ),
        (
            config(),
            config(phase="growth"),
            "phaseup:moving: found nothing; allowed: {from: mvp, traffic: 0}; cache, queue would change mode in the same "
            "apply",
        ),
        (
            config(),
            config(phase="scale"),
            "phaseup:phase: found scale; allowed: mvp, growth; a move joins two neighbours",
        ),
        (config(), moving(100), "phaseup:moving.traffic: found 100; allowed: 0: a move begins with expand"),
        (
            config(),
            moving(0, {"cache": "replicated"}),
            "phaseup:moving.data.cache: found replicated; allowed: no rung yet: a move begins with expand",
        ),
        (
            config(),
            moving(retire={"lb": CONSENT}),
            "phaseup:retire: found lb; allowed: nothing yet: a move begins with expand",
        ),
        (
            config(phase="growth"),
            moving(),
            "phaseup:moving.from: found mvp; allowed: growth, where the stack is",
        ),
        (
            moving(),
            scaling(0),
            "phaseup:phase: found growth to scale; allowed: mvp to growth; a second move waits for the first",
        ),
        (
            moving(),
            moving(100, {"cache": "replicated"}),
            "phaseup:moving: found changes of cache, traffic in one apply; allowed: one step an apply",
        ),
        (
            moving(),
            moving(0, BOTH),
            "phaseup:moving: found changes of cache, queue in one apply; allowed: one step an apply",
        ),
        (
            moving(),
            moving(retire={"lb": CONSENT, "exports": CONSENT}),
            "phaseup:moving: found changes of lb, exports in one apply; allowed: one step an apply",
        ),
        (
            scaling(0),
            scaling(0, cache="enabled"),
            "phaseup:moving.data.cache: found enabled; allowed: compatible; one rung an apply, and none back",
        ),
        (
            scaling(0, cache="enabled"),
            scaling(0, cache="compatible"),
            "phaseup:moving.data.cache: found compatible; allowed: enabled, shards; one rung an apply, and none back",
        ),
        (
            scaling(0, cache="compatible"),
            scaling(0),
            "phaseup:moving.data.cache: found nothing; allowed: compatible, enabled; one rung an apply, and none back",
        ),
        (
            scaling(50, core="promote"),
            scaling(10, core="promote"),
            "phaseup:moving: found a way back; allowed: traffic 50 or more, then contract; core has taken the rung "
            "promote, which cannot be gone back over",
        ),
        (
            moving(0, BOTH),
            config(phase="growth"),
            "phaseup:moving.traffic: found contract at traffic 0; allowed: shift to 100 first: what goes still takes "
            "requests",
        ),
        (
            moving(100, BOTH),
            config(),
            "phaseup:moving.traffic: found abort at traffic 100; allowed: shift to 0 first: what goes still takes requests",
        ),
        (
            moving(100, {"cache": "replicated"}),
            config(phase="growth"),
            "phaseup:moving.data.queue: found contract on no rung; allowed: replicated first",
        ),
        (
            moving(),
            config(),
            "phaseup:retire.lb: found abort before it is armed; allowed: arm it first; it holds data or serves, so its "
            "protection is lifted by an apply of its own",
        ),
        (
            moving(),
            config(phase="scale"),
            "phaseup:phase: found scale; allowed: growth, mvp; a second move waits for the first",
        ),
    ],
)
def test_no_step(bp: Blueprint, before: StackConfig, after: StackConfig, expected: str) -> None:
    with pytest.raises(BadInput) as caught:
        transition(before, after, bp)
    assert str(caught.value) == f"stacks/Pulumi.meal-prod.yaml: {expected}"


def test_phases_that_differ_in_figures_alone_need_no_move(tmp_path: Path) -> None:
    text = edited(
        ("      cache: {nodes: 3}\n", ""), ("      queue: {nodes: 2}\n", ""), ("      lb: {kind: balancer}\n", ""),
        ("zone: {plan: pro, hosts: {www: {to: lb}, static: {to: lb}}}", "zone: {plan: pro}"),
        ("      exports: {kind: bucket}\n", ""),
    )  # fmt: skip
    bp = blueprint(tmp_path, text)
    for before, after in (("mvp", "growth"), ("growth", "mvp")):
        assert transition(config(phase=before), config(phase=after), bp).kind == "apply"


def test_every_generated_step_is_a_step(bp: Blueprint) -> None:
    here = config()
    for phase in ("growth", "scale", "growth", "mvp", "growth"):
        for step in steps(here, bp, phase):
            if step.refused:
                continue
            again = transition(here, step.config, bp)
            assert (again.kind, again.block, again.stage, again.allows) == (
                step.kind, step.block, step.stage, step.allows,
            )  # fmt: skip
            assert (again.from_, again.to, again.direction) == (step.from_, step.to, step.direction)
            assert sorted(map(repr, again.changes)) == sorted(map(repr, step.changes))
            here = step.config


def test_a_step_set_by_hand(bp: Blueprint) -> None:
    expand = set_value(set_value(config(), "phase=growth"), "phaseup:moving={from: mvp, traffic: 0}")
    assert transition(config(), expand, bp).kind == "expand"
    rung = set_value(expand, "data.cache=replicated")
    assert transition(expand, rung, bp).stage == "replicated"
    arm = set_value(rung, "retire.lb={reason: no more, until: 2099-01-31}")
    assert transition(rung, arm, bp).block == "lb"


LIVE = {"cache": {"use": "queue"}}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (config(), config(overrides=LIVE)),
        (config(overrides=LIVE), config()),
        (config(), moving(overrides=LIVE)),
        (moving(), moving(0, {"cache": "replicated"}, overrides=LIVE)),
        (moving(100, BOTH), config(phase="growth", overrides=LIVE)),
    ],
)
def test_what_stands_keeps_what_it_was_born_with(bp: Blueprint, before: StackConfig, after: StackConfig) -> None:
    """An override of a live block's fixed field would tell hosts of what is not there, or replace what holds data."""
    with pytest.raises(BadInput) as caught:
        transition(before, after, bp)
    born, said = ("cache", "queue") if after.overrides else ("queue", "cache")
    assert str(caught.value) == (
        f"stacks/Pulumi.meal-prod.yaml: phaseup:overrides.cache.use: found {said}; allowed: {born}, which it was born "
        "with: the field is fixed"
    )


def test_what_comes_with_the_step_may_be_born_with_any(bp: Blueprint) -> None:
    assert transition(config(), moving(overrides={"exports": {"versions": False}}), bp).kind == "expand"
    with pytest.raises(BadInput, match=r"overrides\.exports\.versions: found false; allowed: true, which it was born"):
        transition(moving(), moving(overrides={"exports": {"versions": False}}), bp)


@pytest.mark.parametrize(
    ("overrides", "found"),
    [
        ({"db": {"database": "other"}}, "db.database: found other; allowed: app, which it was born with"),
        ({"alarms": {"checks": {"api": {"interval": 10}}}}, "alarms.checks.api.interval: found 10; allowed: 30, which"),
    ],
)
def test_so_are_fields_of_specs_within_specs(overrides: dict[str, Any], found: str) -> None:
    live = load_stack("meal-prod")
    with pytest.raises(BadInput, match=re.escape(f"phaseup:overrides.{found}")):
        transition(live, changed(live, {"phaseup:overrides": overrides}), load_blueprint("meal"))


def test_an_override_of_what_was_restored_is_named_as_it_is_written() -> None:
    restored = {"db-two": {"of": "db", "snapshot": "by-hand"}}
    live = changed(load_stack("meal-prod"), {"phaseup:restore": restored})
    for name in ("db", "db-two"):
        after = changed(live, {"phaseup:overrides": {name: {"admin": "boss"}}})
        with pytest.raises(BadInput, match=rf"phaseup:overrides\.{name}\.admin: found boss; allowed: dbadmin"):
            transition(live, after, load_blueprint("meal"))
