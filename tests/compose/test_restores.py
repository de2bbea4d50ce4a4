"""A snapshot restored as a new block that takes its role over: each step planned, and the ways that are not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from building import stack
from rehearsing import between

from phaseup.climb.verdict import Judged, judge_apply
from phaseup.plan.steps import net_ops
from phaseup.record.run import Run
from stacks.models import BadInput, Blueprint, StackConfig, changed, load_blueprint
from stacks.moves import MoveStep, effective, steps, transition

IMAGE = {"phaseup:images": {"jobs": "ghcr.io/x/jobs@sha256:" + "0" * 64}, "phaseup:phase": "one"}
SNAPSHOT = {
    "db": "rds:meal-prod-db-2026-11-21-01-31",
    "cache": "automatic.meal-prod-cache-2026-11-21-01-31",
    "own": "snap-0123456789abcdef0",
    "lake": "rds:meal-prod-lake-2026-11-21-01-31",
}
LADDER: dict[str, dict[str, Any]] = {
    "one": {
        "net": {"kind": "network", "azs": 2},
        "app": {"kind": "server", "instance": "t4g.small", "count": {"min": 1, "max": 1}, "subnets": "public"},
        "db": {"kind": "postgres", "instance": "db.t4g.medium", "storage": 50},
        "cache": {"kind": "cache", "use": "cache", "instance": "cache.t4g.small"},
        "own": {"kind": "hosted", "engine": "postgres", "on": "app", "size": 20},
        "jobs": {
            "kind": "service",
            "on": "app",
            "takes": "queue",
            "idempotent": True,
            "uses": ["db", "cache", "own", "lake"],
        },
        "lake": {"kind": "aurora", "instance": "db.t4g.medium"},
        "watch": {"kind": "alarms", "alarms": {"busy": {"block": "db", "metric": "cpu", "above": 80, "minutes": 5}}},
        "safe": {"kind": "backup", "blocks": ["db"], "rules": {"daily": {}}},
    },
    "two": {"db": {"instance": "db.m7g.large"}},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("restores")


@pytest.fixture(scope="module")
def bp(folder: Path) -> Blueprint:
    document = {"system": "meal", "title": "Meal", "phases": {name: {"blocks": of} for name, of in LADDER.items()}}
    (folder / "meal.yaml").write_text(json.dumps(document))
    return load_blueprint("meal", folder)


def coming(config: StackConfig, of: str, name: str = "", snapshot: str = "") -> StackConfig:
    """As a person writes it: the entry, and the move within the phase."""
    name = name or f"{of}-two"
    entry = {name: {"of": of, "snapshot": snapshot or SNAPSHOT[of]}}
    return changed(
        config,
        {
            "phaseup:restore": {**config.values.get("phaseup:restore", {}), **entry},
            "phaseup:moving": {"from": config.phase, "traffic": 0, "restore": name},
        },
    )


def names(run: Run, *ops: str) -> set[str]:
    return {urn.rsplit("::", 1)[1] for urn, op in net_ops(run.outcome.steps).items() if op in ops}


def plan(folder: Path, bp: Blueprint, before: StackConfig, move: MoveStep) -> tuple[Run, Judged]:
    from rehearsing import _state

    run = between(folder, before, move.config)
    judged = judge_apply(run, _state(before, folder, {}), configs=(before, move.config), move=move, blueprint=bp)
    return run, judged


@pytest.mark.parametrize(
    ("of", "born", "goes"),
    [
        ("db", {"db-two-primary", "db-two-restored"}, {"db-primary", "db-key"}),
        ("cache", {"cache-two-group"}, {"cache-group", "cache-key"}),
        ("own", {"own-two-volume", "app-may-own-two"}, {"own-volume", "own-key"}),
        ("lake", {"lake-two-cluster", "lake-two-instance-a"}, {"lake-cluster", "lake-key"}),
    ],
)
def test_rung_by_rung(folder: Path, bp: Blueprint, of: str, born: set[str], goes: set[str]) -> None:
    config = stack(IMAGE)
    new = f"{of}-two"
    todo = [transition(config, coming(config, of), bp), *steps(coming(config, of), bp, "one")]
    assert [(each.kind, each.stage or each.block) for each in todo] == [
        ("expand", None), ("rung", "empty"), ("rung", "fence"), ("rung", "load"), ("rung", "live"), ("shift", None),
        ("arm", of), ("contract", None),
    ]  # fmt: skip
    planned: dict[str, Run] = {}
    for move in todo:
        run, judged = plan(folder, bp, config, move)
        planned[move.stage or move.kind] = run
        wanted = "needs-approval" if move.kind == "arm" else "safe"
        assert judged.verdict == wanted, (move.kind, move.stage, judged.reasons)
        if move.kind != "contract":
            assert names(run, "delete", "replace") == set()
        config = move.config
    assert born <= names(planned["expand"], "create")
    assert names(planned["empty"], "create", "update") == set()
    assert f"{of}-parameter" in names(planned["fence"], "update")
    assert names(planned["load"], "create", "update") == set()  # what is to be brought over is brought by hand
    assert f"{of}-name" in names(planned["live"], "update")
    gone = names(planned["contract"], "delete")
    assert goes <= gone
    assert not born & gone
    now = effective(config, bp)
    assert now.settled
    assert of not in now.blocks
    assert now.roles[of] == new
    assert config.values["phaseup:restore"] == {new: {"of": of, "snapshot": SNAPSHOT[of]}}
    # Born with this config, or come to it: the same.
    born_so = changed(stack(IMAGE), {"phaseup:restore": config.values["phaseup:restore"]})
    assert {each.op for each in between(folder, config, born_so).outcome.steps} == {"same"}


@pytest.mark.usefixtures("bp")
def test_it_is_born_from_a_copy_under_its_own_key_and_never_again(folder: Path) -> None:
    config = stack(IMAGE)
    run = between(folder, config, coming(config, "db"))
    made = {each.urn.rsplit("::", 1)[1]: each.new for each in run.outcome.steps if each.op == "create"}
    copy, instance = made["db-two-restored"], made["db-two-primary"]
    assert copy is not None
    assert instance is not None
    assert copy.inputs["sourceDbSnapshotIdentifier"] == SNAPSHOT["db"]
    assert copy.inputs["targetDbSnapshotIdentifier"] == "meal-prod-db-two-restored"
    assert copy.protect
    assert instance.inputs["snapshotIdentifier"] == "meal-prod-db-two-restored"
    assert "snapshotIdentifier" in instance.ignore_changes
    assert instance.inputs["instanceClass"] == "db.t4g.medium"


@pytest.mark.usefixtures("bp")
def test_a_cluster_is_restored_under_its_own_key_without_a_copy(folder: Path) -> None:
    config = stack(IMAGE)
    run = between(folder, config, coming(config, "lake"))
    made = {each.urn.rsplit("::", 1)[1]: each.new for each in run.outcome.steps if each.op == "create"}
    cluster, key = made["lake-two-cluster"], made["lake-two-key"]
    assert cluster is not None
    assert key is not None
    assert cluster.inputs["snapshotIdentifier"] == SNAPSHOT["lake"]
    assert "snapshotIdentifier" in cluster.ignore_changes
    assert cluster.inputs["kmsKeyId"] == key.outputs["arn"]
    assert cluster.inputs["masterPassword"]
    assert {"databaseName", "masterUsername"}.isdisjoint(cluster.inputs)
    assert "lake-two-restored" not in made


def test_what_watched_and_backed_up_the_old_one_does_so_with_the_new(bp: Blueprint) -> None:
    settled = changed(stack(IMAGE), {"phaseup:restore": {"db-two": {"of": "db", "snapshot": SNAPSHOT["db"]}}})
    blocks = effective(settled, bp).blocks
    assert blocks["watch"].spec.alarms["busy"].block == "db-two"  # type: ignore[attr-defined]
    assert list(blocks["safe"].spec.blocks) == ["db-two"]  # type: ignore[attr-defined]
    assert list(blocks)[:3] == ["net", "app", "db-two"]


def test_later_phases_and_overrides_of_the_old_one_reach_the_new(bp: Blueprint) -> None:
    restore = {"db-two": {"of": "db", "snapshot": SNAPSHOT["db"]}}
    given: Mapping[str, Any] = {"db": {"storage": 80}, "db-two": {"backup_days": 14}}
    config = changed(stack(IMAGE), {"phaseup:restore": restore, "phaseup:overrides": given, "phaseup:phase": "two"})
    spec: Any = effective(config, bp).blocks["db-two"].spec
    assert (spec.instance, spec.storage, spec.backup_days) == ("db.m7g.large", 80, 14)
    moving = {"from": "two", "traffic": 0, "restore": "db-two"}
    last = steps(changed(config, {"phaseup:moving": moving}), bp, "two")[-1].config
    assert last.overrides == given


def test_a_restored_one_is_fenced_off_when_it_is_restored_in_its_turn(folder: Path, bp: Blueprint) -> None:
    once = changed(stack(IMAGE), {"phaseup:restore": {"db-two": {"of": "db", "snapshot": SNAPSHOT["db"]}}})
    config = coming(once, "db-two", "db-three", "meal-prod-db-two-final")
    for move in steps(config, bp, "one"):
        run, judged = plan(folder, bp, config, move)
        assert judged.verdict == ("needs-approval" if move.kind == "arm" else "safe"), (move.kind, judged.reasons)
        if move.stage == "fence":
            (group,) = (each for each in run.outcome.steps if each.op == "update" and "db-two-pg" in each.urn)
            assert group.new is not None
            told = {each["name"]: each["value"] for each in group.new.inputs["parameters"]}
            assert told["default_transaction_read_only"] == "1"
        config = move.config


def test_a_restored_one_can_be_restored(bp: Blueprint) -> None:
    once = changed(stack(IMAGE), {"phaseup:restore": {"db-two": {"of": "db", "snapshot": SNAPSHOT["db"]}}})
    again = coming(once, "db-two", "db-three", "meal-prod-db-two-final")
    now = effective(again, bp)
    assert now.roles["db"] == "db-two"
    assert {"db-two", "db-three"} <= now.blocks.keys()
    assert now.blocks["db-three"].takes_over == "db"
    settled = steps(again, bp, "one")[-1].config
    assert effective(settled, bp).roles["db"] == "db-three"
    assert "db-two" not in effective(settled, bp).blocks


@pytest.mark.parametrize("rung", [None, "empty", "fence", "load"])
def test_before_it_is_live_it_is_taken_back(folder: Path, bp: Blueprint, rung: str | None) -> None:
    config = stack(IMAGE)
    at = coming(config, "db")
    if rung:
        at = changed(at, {"phaseup:moving": {**at.values["phaseup:moving"], "data": {"db-two": rung}}})
    todo = steps(at, bp, "db")
    fenced = rung in ("fence", "load")
    assert [(each.kind, each.stage or each.block) for each in todo] == [
        *([("rung", "empty")] if fenced else []), ("arm", "db-two"), ("abort", None),
    ]  # fmt: skip
    assert todo[-1].config.values == config.values
    if fenced:
        assert (effective(at, bp).fenced, effective(todo[0].config, bp).fenced) == ({"db"}, frozenset())
        _, judged = plan(folder, bp, at, todo[0])
        assert judged.verdict == "safe", judged.reasons
    run, judged = plan(folder, bp, todo[-2].config, todo[-1])
    assert judged.verdict == "safe", judged.reasons
    assert "db-two-primary" in names(run, "delete")
    assert "db-primary" not in names(run, "delete", "update", "replace")
    assert transition(todo[-2].config, todo[-1].config, bp).kind == "abort"


def test_once_live_nothing_leads_back(bp: Blueprint) -> None:
    at = coming(stack(IMAGE), "db")
    at = changed(at, {"phaseup:moving": {**at.values["phaseup:moving"], "data": {"db-two": "live"}}})
    (refused,) = steps(at, bp, "db")
    assert refused.refused is not None
    assert "restore the old block's final snapshot" in refused.refused.manual


def test_a_generated_step_is_a_step_that_a_person_may_make(bp: Blueprint) -> None:
    config = stack(IMAGE)
    at = coming(config, "db")
    before = at
    for move in steps(at, bp, "one"):
        again = transition(before, move.config, bp)
        assert (again.kind, again.stage, again.block) == (move.kind, move.stage, move.block)
        before = move.config


def _resolved(config: StackConfig, keys: dict[str, Any], bp: Blueprint) -> None:
    effective(changed(config, keys), bp)


@pytest.mark.parametrize(
    ("restore", "moving", "said"),
    [
        ({"db": {"of": "cache", "snapshot": "a"}}, None, "restore.db: found db; allowed: a name that no block of the"),
        ({"x": {"of": "net", "snapshot": "a"}}, None, "found net, of kind network; allowed: db, cache, own, lake"),
        ({"x": {"of": "dbb", "snapshot": "a"}}, None, "restore.x.of: found dbb; allowed: db, cache, own, lake"),
        ({"x": {"of": "x", "snapshot": "a"}}, None, "restore.x.of: found x; allowed: db, cache, own, lake"),
        ({"x": {"of": "db", "snapshot": "a"}, "y": {"of": "db", "snapshot": "a"}}, None,
         "restore.y.of: found db; allowed: x, which stands in for it already"),
        ({"x": {"of": "own", "snapshot": "meal-final"}}, None, "x.snapshot: found meal-final; allowed: a snapshot"),
        ({"x": {"of": "db", "snapshot": "snap_1"}}, None, "restore.x.snapshot: found snap_1; allowed: a snapshot"),
        ({"x": {"of": "db", "snapshot": "a"}}, {"restore": "y"}, "moving.restore: found y; allowed: x"),
        ({"x": {"of": "db", "snapshot": "a"}}, {"restore": "x", "from": "two"},
         "moving.from: found two; allowed: one; a restore is a move within a phase"),
        ({"x": {"of": "db", "snapshot": "a"}}, {"from": "one"}, "moving.from: found one; allowed: another phase"),
    ],
)  # fmt: skip
def test_bad_input(bp: Blueprint, restore: dict[str, Any], moving: dict[str, Any] | None, said: str) -> None:
    keys: dict[str, Any] = {"phaseup:restore": restore}
    if moving is not None:
        keys["phaseup:moving"] = {"from": "one", "traffic": 0, **moving}
    config = stack(IMAGE)
    with pytest.raises(BadInput) as caught:
        _resolved(config, keys, bp)
    assert said in str(caught.value)


def test_shards_are_not_one_store(bp: Blueprint) -> None:
    config = stack({**IMAGE, "phaseup:overrides": {"db": {"shards": {"one": {}, "two": {}}}}})
    at = coming(config, "db")
    with pytest.raises(BadInput) as caught:
        effective(at, bp)
    assert "phaseup:restore.db-two.of: found db, which has shards" in str(caught.value)


def test_it_comes_by_a_move_and_stays(bp: Blueprint) -> None:
    config = stack(IMAGE)
    entry = {"phaseup:restore": {"db-two": {"of": "db", "snapshot": SNAPSHOT["db"]}}}
    there = changed(config, entry)
    with pytest.raises(BadInput) as caught:
        transition(config, there, bp)
    assert "phaseup:restore.db-two: found a change outside of a move" in str(caught.value)
    assert "{from: one, traffic: 0, restore: db-two}" in str(caught.value)
    with pytest.raises(BadInput) as caught:
        transition(there, config, bp)
    assert "phaseup:restore.db-two: found nothing; allowed: what stands there" in str(caught.value)
