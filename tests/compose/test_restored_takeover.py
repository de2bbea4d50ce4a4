"""What another block takes over may itself have been restored: it is followed, loaded from and left by its own name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from building import stack
from rehearsing import _state, between

from phaseup.climb.verdict import judge_apply
from phaseup.graph.resource import State
from phaseup.plan.steps import net_ops
from phaseup.record.run import Run
from stacks.models import Blueprint, StackConfig, changed, load_blueprint
from stacks.moves import effective, steps

IMAGE = {"phaseup:images": {"jobs": "ghcr.io/x/jobs@sha256:" + "0" * 64}, "phaseup:phase": "one"}
LADDER: dict[str, dict[str, Any]] = {
    "one": {
        "net": {"kind": "network", "azs": 3},
        "app": {"kind": "server", "instance": "t4g.small", "count": {"min": 1, "max": 1}, "subnets": "public"},
        "db": {"kind": "postgres", "instance": "db.t4g.medium", "storage": 50, "version": "17.5"},
        "own": {"kind": "hosted", "engine": "postgres", "on": "app", "size": 20},
        "jobs": {"kind": "service", "on": "app", "takes": "queue", "idempotent": True, "uses": ["db", "own"]},
    },
    "two": {
        "db": None,
        "own": None,
        "lake": {"kind": "aurora", "takes_over": "db", "instance": "db.t4g.medium", "version": "17.5"},
        "rds": {"kind": "postgres", "takes_over": "own", "instance": "db.t4g.medium", "storage": 50},
    },
}
RESTORED = {
    "db-two": {"of": "db", "snapshot": "by-hand"},
    "own-two": {"of": "own", "snapshot": "snap-0123456789abcdef0"},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("takeovers")


@pytest.fixture(scope="module")
def bp(folder: Path) -> Blueprint:
    document = {"system": "meal", "title": "Meal", "phases": {name: {"blocks": of} for name, of in LADDER.items()}}
    (folder / "meal.yaml").write_text(json.dumps(document))
    return load_blueprint("meal", folder)


@pytest.fixture(scope="module")
def way(folder: Path, bp: Blueprint) -> dict[tuple[str, str], tuple[Run, StackConfig]]:
    """Every step up, by its kind and by the block and rung, or share: each judged as it was rehearsed."""
    config, found = changed(stack(IMAGE), {"phaseup:restore": RESTORED}), {}
    for move in steps(config, bp, "two"):
        run = between(folder, config, move.config)
        state = _state(config, folder, {})
        judged = judge_apply(run, state, configs=(config, move.config), move=move, blueprint=bp)
        wanted = "needs-approval" if move.kind == "arm" else "safe"
        assert judged.verdict == wanted, (move.kind, move.block, move.stage, judged.reasons)
        found[move.kind, f"{move.block} {move.stage}" if move.stage else move.block or ""] = (run, move.config)
        config = move.config
    return found


def changed_in(run: Run, *ops: str) -> set[str]:
    return {urn.rsplit("::", 1)[1] for urn, op in net_ops(run.outcome.steps).items() if op in ops}


def after(run: Run, name: str) -> State:
    (found,) = (state for state in run.outcome.snapshot if state.urn.endswith(f"::{name}"))
    return found


Way = dict[tuple[str, str], tuple[Run, StackConfig]]


def test_a_cluster_follows_the_restored_instance(way: Way) -> None:
    run, _ = way["rung", "lake follow"]
    source = after(run, "lake-cluster").inputs["replicationSourceIdentifier"]
    assert source == after(run, "db-two-primary").outputs["arn"]
    fenced, _ = way["rung", "lake fence"]
    told = {each["name"]: each["value"] for each in after(fenced, "db-two-pg17").inputs["parameters"]}
    assert told["default_transaction_read_only"] == "1"


def test_the_host_loads_from_the_restored_volume(way: Way) -> None:
    run, _ = way["rung", "rds load"]
    assert "/opt/phaseup/host load own-two rds" in after(run, "rds-load").inputs["content"]
    live, _ = way["rung", "rds live"]
    assert "own-parameter" in changed_in(live, "update")


def test_the_host_lets_go_of_the_volume_once_the_role_is_filled_elsewhere(way: Way) -> None:
    before, _ = way["rung", "rds load"]
    live, _ = way["rung", "rds live"]
    assert "own-two-settings" not in changed_in(before, "update")
    assert "own-two-settings" in changed_in(live, "update")


def test_what_was_restored_leaves_with_its_entry(way: Way, bp: Blueprint) -> None:
    run, config = way["contract", ""]
    assert {"db-two-primary", "own-two-volume", "db-two-restored"} <= changed_in(run, "delete")
    assert "phaseup:restore" not in config.values
    now = effective(config, bp)
    assert (now.roles["db"], now.roles["own"]) == ("lake", "rds")
