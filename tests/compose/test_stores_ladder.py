"""Stores in a region that a stack reaches, leaves, or takes back, with everything that compose builds around them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rehearsing import Rehearsed, climbed

from stacks.models import load_blueprint

AWAY = "eu-central-1"
LADDER = {
    "near": {
        "net": {"kind": "network", "azs": 3},
        "cache": {"kind": "cache", "use": "cache", "instance": "cache.m7g.large", "nodes": 2},
        "find": {"kind": "search", "instance": "m7g.large.search", "nodes": 3, "zones": 3, "storage": 100},
    },
    "far": {
        "net": {"regions": {AWAY: {}}},
        "cache": {"cluster": "enabled", "shards": 3, "global_datastore": True, "regions": {AWAY: {}}},
        "find": {"nodes": 9, "masters": {"instance": "m7g.large.search"}, "regions": {AWAY: {"nodes": 3}}},
    },
}


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> list[Rehearsed]:
    folder: Path = tmp_path_factory.mktemp("far")
    document = {"system": "meal", "title": "Meal", "phases": {name: {"blocks": of} for name, of in LADDER.items()}}
    (folder / "meal.yaml").write_text(json.dumps(document))
    return climbed(load_blueprint("meal", folder), folder, {"phaseup:phase": "near"})


def told(each: Rehearsed) -> str:
    move = each.leg.move
    return f"{move.direction} {move.kind} {move.stage or move.block or ''}".strip() if move else "apply"


def test_no_step_does_more_than_its_kind_may(walked: list[Rehearsed]) -> None:
    seen = [told(each) for each in walked]
    assert {f"up rung {name}" for name in ("compatible", "enabled", "shards", "global", "regions")} <= set(seen)
    assert f"down arm {AWAY}" in seen
    for each in walked:
        assert each.judged.verdict in ("safe", "needs-approval"), (told(each), each.judged.reasons)


def test_the_rung_regions_builds_what_follows_and_points_readers_there(walked: list[Rehearsed]) -> None:
    rung = next(each for each in walked if told(each) == "up rung regions")
    assert f"cache-{AWAY}-group" in rung.ops("create")
    assert all(name.startswith(f"cache-{AWAY}") for name in rung.ops("create"))
    assert all(name.startswith(f"cache-{AWAY}") for name in rung.ops("update"))
    assert rung.ops("delete") == set()


def test_search_grows_in_place_and_follows_with_the_expand(walked: list[Rehearsed]) -> None:
    expand = next(each for each in walked if told(each) == "up expand")
    assert expand.changes()["find-domain"] <= {
        "accessPolicies", "clusterConfig.dedicatedMasterCount", "clusterConfig.dedicatedMasterEnabled",
        "clusterConfig.dedicatedMasterType", "clusterConfig.instanceCount",
    }  # fmt: skip
    assert {f"find-{AWAY}-domain", f"find-{AWAY}-connection", f"find-{AWAY}-acceptance"} <= expand.ops("create")


def test_leaving_a_region_takes_all_of_it_and_nothing_at_home(walked: list[Rehearsed]) -> None:
    contract = next(each for each in walked if told(each) == "down contract")
    gone = contract.ops("delete")
    assert {f"cache-{AWAY}-group", f"find-{AWAY}-domain", f"find-{AWAY}-connection"} <= gone
    homely = {name for name in gone if AWAY not in name}
    assert homely == set()
    assert not {"cache-group", "cache-datastore", "find-domain"} & gone
