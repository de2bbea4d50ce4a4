"""A store takes a role over, and is kept on the way down: what serves is watched at every step, which may be taken."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rehearsing import Rehearsed, climbed

from phaseup.graph.values import leaves
from stacks.models import load_blueprint

IMAGE = {"phaseup:images": {"jobs": "ghcr.io/x/jobs@sha256:" + "0" * 64}, "phaseup:phase": "one"}
SILENT = {"metric": "samples", "below": 1, "minutes": 5, "missing": "breaching"}
LADDER: dict[str, dict[str, Any]] = {
    "one": {
        "net": {"kind": "network", "azs": 2},
        "app": {"kind": "server", "instance": "t4g.small", "count": {"min": 1, "max": 1}, "subnets": "public"},
        "db": {"kind": "hosted", "engine": "postgres", "on": "app", "size": 20},
        "jobs": {"kind": "service", "on": "app", "takes": "queue", "idempotent": True, "uses": ["db"]},
        "watch": {
            "kind": "alarms",
            "alarms": {
                "silent": {"block": "db", **SILENT},
                "busy": {"block": "app", "metric": "cpu", "above": 80},
            },
            "composites": {"away": {"any_of": ["silent", "busy"], "severity": "critical"}},
        },
    },
    "two": {
        "db": None,
        "rds": {"kind": "postgres", "takes_over": "db", "instance": "db.t4g.medium", "storage": 50},
        "watch": {
            "alarms": {"silent": {"block": "rds"}},
            "events": {"told": {"block": "rds", "event": "database", "severity": "high"}},
        },
    },
}


@pytest.fixture(scope="module")
def ladder(tmp_path_factory: pytest.TempPathFactory) -> list[Rehearsed]:
    folder = tmp_path_factory.mktemp("watched")
    phases = {name: {"blocks": of} for name, of in LADDER.items()}
    (folder / "meal.yaml").write_text(json.dumps({"system": "meal", "title": "Meal", "phases": phases}))
    return climbed(load_blueprint("meal", folder), folder, IMAGE)


def test_every_step_is_one_that_may_be_taken(ladder: list[Rehearsed]) -> None:
    wrong = {
        (each.kind, each.leg.move and (each.leg.move.stage, each.leg.move.to)): each.judged.reasons
        for each in ladder
        if each.judged.verdict not in ("safe", "needs-approval")
    }
    assert wrong == {}
    assert {each.kind for each in ladder} >= {"expand", "rung", "shift", "arm", "contract", "abort"}


def of(ladder: list[Rehearsed], kind: str, to: str) -> Rehearsed:
    return next(each for each in ladder if each.leg.move is not None and (each.kind, each.move.to) == (kind, to))


def reads(each: Rehearsed, alarm: str) -> set[str]:
    """The dimensions by which an alarm finds what it watches, after the step."""
    (state,) = [s for s in each.run.outcome.snapshot if s.urn.endswith(f"::{alarm}")]
    return {path for path, _ in leaves(state.inputs) if "imensions" in path}


def test_what_serves_is_watched_until_contract(ladder: list[Rehearsed]) -> None:
    expand, contract = of(ladder, "expand", "two"), of(ladder, "contract", "two")
    assert {"watch-silent-rds", "watch-on-told"} <= expand.ops("create")
    assert "watch-silent" not in expand.ops("update")
    assert "watch-away" in expand.ops("update")
    assert any("DBInstanceIdentifier" in path for path in reads(contract, "watch-silent"))
    assert "watch-silent" in contract.ops("update")
    assert "watch-silent-rds" in contract.ops("delete")


def test_what_is_kept_on_the_way_down_is_watched_on_and_what_nobody_runs_is_not(ladder: list[Rehearsed]) -> None:
    """The silence of an engine that no host runs would be taken for its death."""
    expand, contract = of(ladder, "expand", "one"), of(ladder, "contract", "one")
    assert "watch-silent-rds" in expand.ops("create")
    assert not {"watch-silent-db", "watch-silent"} & (expand.ops("create") | expand.ops("update"))
    assert "watch-silent" in contract.ops("delete")
    assert not {"watch-silent-rds", "watch-on-told"} & (contract.ops("delete") | contract.ops("update"))
    after = {s.urn.rsplit("::", 1)[1]: s for s in contract.run.outcome.snapshot}
    assert after["watch-silent-rds"].inputs["alarmActions"]
    assert "db-volume" in after
    assert not {name for name in after if name.startswith("watch-silent")} - {"watch-silent-rds"}
