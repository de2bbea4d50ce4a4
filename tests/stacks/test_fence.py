"""Fences: from the rung of that name until the new store is live, whoever uses the role stands still."""

from __future__ import annotations

from pathlib import Path

import pytest

from stacks.models import Blueprint
from stacks.moves import effective, next_step
from tests.stacks.sample import blueprint, config


@pytest.fixture(scope="module")
def bp(tmp_path_factory: pytest.TempPathFactory) -> Blueprint:
    folder: Path = tmp_path_factory.mktemp("fence")
    return blueprint(folder)


@pytest.mark.parametrize(
    ("rung", "fenced"),
    [(None, set()), ("follow", set()), ("fence", {"db"}), ("promote", {"db"}), ("live", set())],
)
def test_between_fence_and_live(bp: Blueprint, rung: str | None, fenced: set[str]) -> None:
    moving = {"from": "growth", "traffic": 0, "data": {"core": rung} if rung else {}}
    assert effective(config(phase="scale", moving=moving), bp).fenced == fenced


def test_settled_nothing_is_fenced(bp: Blueprint) -> None:
    assert effective(config(phase="scale"), bp).fenced == set()


def test_the_rung_may_reach_the_role_and_its_users_and_no_other(bp: Blueprint) -> None:
    moving = {"from": "growth", "traffic": 0, "data": {"core": "follow", "cache": "shards"}}
    step = next_step(config(phase="scale", moving=moving), bp)
    assert step is not None
    assert (step.block, step.stage) == ("core", "fence")
    assert step.allows.only == {"core", "db", "api", "jobs"}
    moving = {"from": "growth", "traffic": 0}
    step = next_step(config(phase="scale", moving=moving), bp)
    assert step is not None
    assert (step.block, step.allows.only) == ("cache", {"cache"})
