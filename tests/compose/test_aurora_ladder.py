"""From an instance to Aurora and over regions: every rung is one apply, nothing with data is lost, and what was climbed
to is what could have been born."""

from __future__ import annotations

from pathlib import Path

import pytest
from aurora_ladder import AT_ONCE, AWAY, BLUEPRINT, Applied, Way, born

from stacks.compose import compose
from stacks.models import BadInput, Blueprint, StackConfig, changed, load_blueprint
from stacks.moves import effective, steps, transition

Climbed = dict[str, Applied]
GUARDS_OF_A_CLUSTER = {"deletionProtection", "skipFinalSnapshot", "masterPassword", "replicationSourceIdentifier"}


@pytest.fixture(scope="module")
def bp(tmp_path_factory: pytest.TempPathFactory) -> Blueprint:
    folder = tmp_path_factory.mktemp("read")
    (folder / "meal.yaml").write_text(BLUEPRINT)
    return load_blueprint("meal", folder)


@pytest.fixture(scope="module")
def way(tmp_path_factory: pytest.TempPathFactory) -> tuple[Way, dict[str, list[Applied]], dict[str, dict[str, str]]]:
    """Up two moves and one down: the steps, and what a stack born in each phase would differ in."""
    made = Way(tmp_path_factory.mktemp("climbed"))
    found, differs = {}, {}
    for to in ("scale", "enterprise", "scale"):
        name = f"{made.config.phase} to {to}"
        found[name] = made.go(to)
        kept = made.config.values.get("phaseup:overrides")
        differs[name] = made.plan(born(to, {"phaseup:overrides": kept} if kept else None))
    return made, found, differs


@pytest.fixture(scope="module")
def up(way: tuple[Way, dict[str, list[Applied]], dict[str, dict[str, str]]]) -> Climbed:
    return {each.stage: each for each in way[1]["growth to scale"]}


@pytest.fixture(scope="module")
def over(way: tuple[Way, dict[str, list[Applied]], dict[str, dict[str, str]]]) -> Climbed:
    return {each.stage: each for each in way[1]["scale to enterprise"]}


@pytest.fixture(scope="module")
def down(way: tuple[Way, dict[str, list[Applied]], dict[str, dict[str, str]]]) -> Climbed:
    return {each.stage: each for each in way[1]["enterprise to scale"]}


def moving(phase: str, to: str, traffic: int = 0, **data: str) -> StackConfig:
    move = {"from": phase, "traffic": traffic, **({"data": data} if data else {})}
    return changed(born(phase), {"phaseup:phase": to, "phaseup:moving": move})


def test_the_way_up(up: Climbed) -> None:
    assert list(up) == [
        "expand", "rung follow", "rung fence", "rung promote", "rung live", "shift 100", "arm db", "contract",
    ]  # fmt: skip
    assert {stage: each.judged.verdict for stage, each in up.items()} == {
        **dict.fromkeys(up, "safe"),
        "arm db": "needs-approval",
    }
    for stage, each in up.items():
        assert not each.ops("replace"), stage
        assert stage == "contract" or not each.ops("delete"), stage


def test_expand_makes_the_ground_and_follow_the_cluster(up: Climbed) -> None:
    ground = up["expand"].ops("create")
    assert {"core-key", "core-sg", "core-subnets", "core-secret", "core-apg17", "core-apg17-cluster"} <= ground
    assert not {name for name in ground if "cluster" in name} - {"core-apg17-cluster"}
    assert not {name for name in ground if name.startswith("watch")}
    made = up["rung follow"]
    assert {"core-cluster", "core-instance-a", "core-instance-b", "core-proxy", "watch-core-cpu"} <= made.ops("create")
    assert made.ops("update") == {"watch-dashboard"}
    cluster = made.step("core-cluster").new
    assert cluster is not None
    inputs = cluster.inputs
    assert inputs["replicationSourceIdentifier"] == "arn:aws:rds:eu-west-1:111111111111:db:meal-prod-db"
    assert not inputs.keys() & {"masterUsername", "masterPassword", "databaseName", "snapshotIdentifier"}
    assert (inputs["deletionProtection"], inputs["skipFinalSnapshot"], cluster.protect) == (False, True, False)


def test_the_fence_stops_who_uses_the_role_and_the_instance_takes_no_writes(up: Climbed) -> None:
    fence = up["rung fence"]
    assert fence.ops("create") == set()
    assert fence.ops("update") == {"db-parameter", f"db-{AWAY}-parameter", "db-pg17"}
    group = fence.step("db-pg17").new
    assert group is not None
    held = {each["name"]: each["value"] for each in group.inputs["parameters"]}
    assert held["default_transaction_read_only"] == "1"
    # It never takes any again.
    for stage in ("rung promote", "rung live", "shift 100", "arm db"):
        assert "db-pg17" not in up[stage].ops("update"), stage


def test_promote_clears_the_source_and_sets_our_password_and_live_moves_the_names(up: Climbed) -> None:
    promote, live = up["rung promote"], up["rung live"]
    assert promote.reasons() == {"core-cluster": GUARDS_OF_A_CLUSTER}
    cluster = promote.step("core-cluster").new
    assert cluster is not None
    assert "replicationSourceIdentifier" not in cluster.inputs
    assert cluster.protect
    assert live.ops("create") == set()
    there = {"db-name", "db-parameter", "db-read-name-primary", "db-read-name-replica-a"}
    away = {"db-name", "db-parameter", "db-read-name-primary", "db-read-name-copy-a"}
    assert live.ops("update") == {*there, "db-for-app", *(name.replace("db-", f"db-{AWAY}-", 1) for name in away)}
    weights = {
        name: live.step(name).new.inputs["weightedRoutingPolicies"][0]["weight"]  # ty: ignore[unresolved-attribute]
        for name in ("db-read-name-primary", "db-read-name-replica-a")
    }
    assert weights == {"db-read-name-primary": 1, "db-read-name-replica-a": 0}


def test_the_instance_goes_after_it_was_armed_with_its_copies_and_its_last_snapshot(up: Climbed) -> None:
    assert up["arm db"].ops("update") == {"db-primary", f"db-{AWAY}-a-copy"}
    gone = up["contract"].ops("delete")
    assert {"db-primary", "db-replica-a", f"db-{AWAY}-a-copy", "db-secret", "watch-db-cpu"} <= gone
    assert not {"db-name", "db-parameter", "db-read-name-primary"} & gone
    assert not {name for name in gone if name.startswith("core")}
    primary = up["arm db"].step("db-primary").new
    assert primary is not None
    assert (primary.inputs["skipFinalSnapshot"], primary.inputs["finalSnapshotIdentifier"]) == (
        False,
        "meal-prod-db-final",
    )


def test_over_regions(over: Climbed) -> None:
    assert list(over) == ["expand", "rung global", "rung regions", "shift 100", "contract"]
    assert {each.judged.verdict for each in over.values()} == {"safe"}
    assert over["rung global"].ops("create") == {"core-global"}
    assert over["rung global"].ops("update") == set()
    regions = over["rung regions"]
    made = regions.ops("create")
    assert {f"core-{AWAY}-cluster", f"core-{AWAY}-instance-a", f"db-{AWAY}-read-name-near"} <= made
    assert f"watch-core-behind-cluster-{AWAY}" in made
    assert "watch-core-behind" not in made
    assert regions.ops("update") == {"watch-dashboard"}
    follower = regions.step(f"core-{AWAY}-cluster").new
    assert follower is not None
    assert follower.inputs["enableGlobalWriteForwarding"] is True
    assert not follower.inputs.keys() & {"masterUsername", "masterPassword", "databaseName"}
    assert not over["contract"].ops("update") | over["contract"].ops("delete")


def test_down_a_region_is_given_up_and_the_global_database_stays(
    down: Climbed, way: tuple[Way, dict[str, list[Applied]], dict[str, dict[str, str]]]
) -> None:
    assert list(down) == ["expand", "shift 100", f"arm {AWAY}", "contract"]
    assert [each.judged.verdict for each in down.values()] == ["safe", "safe", "needs-approval", "safe"]
    gone = down["contract"].ops("delete")
    assert {f"core-{AWAY}-cluster", f"db-{AWAY}-name"} <= gone
    assert "core-global" not in gone
    assert way[0].config.overrides == {"core": {"global_database": True}}
    (kept,) = down["expand"].move.kept
    assert (kept.block, kept.why[:45]) == ("core", "global_database: true: the global database is"[:45])


def test_climbed_or_born_a_phase_is_the_same(
    way: tuple[Way, dict[str, list[Applied]], dict[str, dict[str, str]]],
) -> None:
    assert way[2] == {"growth to scale": {}, "scale to enterprise": {}, "enterprise to scale": {}}


def test_shards_are_promoted_one_by_one_and_a_global_database_waits_for_its_rung(tmp_path: Path) -> None:
    way = Way(tmp_path / "climbed", AT_ONCE)
    found = {each.stage: each for each in way.go("enterprise")}
    assert list(found) == [
        "expand", "rung follow", "rung fence", "rung promote-one", "rung promote-two", "rung live", "rung global",
        "rung regions", "shift 100", "arm db", "contract",
    ]  # fmt: skip
    assert {stage for stage, each in found.items() if each.judged.verdict != "safe"} == {"arm db"}
    assert found["rung promote-one"].ops("update") == {"core-cluster"}
    assert found["rung promote-two"].ops("update") == {"core-two-cluster"}
    assert found["rung global"].ops("create") == {"core-global", "core-two-global"}
    assert {"db-two-name", "db-two-read-name-primary"} <= found["rung live"].ops("update")
    sources = {
        name: found["rung follow"].step(name).new.inputs["replicationSourceIdentifier"]  # ty: ignore[unresolved-attribute]
        for name in ("core-cluster", "core-two-cluster")
    }
    assert [arn.rpartition(":")[2] for arn in sources.values()] == ["meal-prod-db", "meal-prod-db-two"]
    assert way.plan(born("enterprise")) == {}


def test_taken_back_before_it_is_promoted_the_cluster_goes_and_the_instance_writes_again(tmp_path: Path) -> None:
    way = Way(tmp_path / "climbed")
    assert [each.stage for each in way.until("scale", "fence")] == ["expand", "rung follow", "rung fence"]
    back = {each.stage: each for each in way.go("growth")}
    assert list(back) == ["rung follow", "arm core", "abort"]
    assert [each.judged.verdict for each in back.values()] == ["safe", "needs-approval", "safe"]
    assert {"core-cluster", "core-instance-a", "core-secret"} <= back["abort"].ops("delete")
    assert back["rung follow"].ops("update") >= {"db-pg17", "db-parameter"}
    assert back["rung follow"].ops("delete") == set()
    assert not {name for name in back["abort"].ops("delete") if name.startswith("db")}
    assert way.plan(born("growth")) == {}


def test_no_way_back_once_promoted(bp: Blueprint) -> None:
    (refused,) = steps(moving("growth", "scale", core="promote"), bp, "growth")
    assert refused.kind == "abort"
    assert refused.refused is not None
    assert refused.refused.reason == "core has taken the rung promote, which cannot be gone back over"
    assert "pg_dump" in refused.refused.manual
    with pytest.raises(BadInput, match="core has taken the rung promote, which cannot be gone back over"):
        transition(moving("growth", "scale", core="promote"), born("growth"), bp)


def test_down_from_aurora_it_is_kept_and_the_way_back_refused(bp: Blueprint) -> None:
    todo = steps(born("scale"), bp, "growth")
    refused = next(each for each in todo if each.refused)
    assert (refused.kind, refused.block, refused.stage) == ("rung", "core", "promote")
    assert refused.refused is not None
    assert refused.refused.reason == (
        "nothing leads the data of core back to db: the rung promote of the ladder “aurora takes over postgres” is "
        "irrevocable"
    )
    last = todo[-1]
    assert last.config.overrides == {
        "core": {"kind": "aurora", "takes_over": "db"},
        # What is kept is watched as before.
        "watch": {"alarms": {"core-cpu": {"block": "core", "metric": "cpu", "above": 80.0}}},
    }
    assert effective(last.config, bp).roles["db"] == "core"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({}, {"core": "fence"}, "core: found fence; allowed: follow; one rung"),
        ({"core": "follow"}, {"core": "promote"}, "core: found promote; allowed: follow, fence; one rung"),
        ({"core": "fence"}, {"core": "live"}, "core: found live; allowed: follow, fence, promote; one rung"),
        (
            {"core": "promote"},
            {"core": "fence"},
            "core: found fence; allowed: promote, live; one rung an apply, and none",
        ),
        (
            {"core": "live"},
            {"core": "global"},
            "core: found global; allowed: follow, fence, promote, live; the ladder is",
        ),
        ({}, {"db": "follow"}, "db: found db; allowed: core"),
    ],
)
def test_a_rung_out_of_order_is_bad_input(
    bp: Blueprint, before: dict[str, str], after: dict[str, str], told: str
) -> None:
    was, now = moving("growth", "scale", **before), moving("growth", "scale", **after)
    with pytest.raises(BadInput) as caught:
        _judged(was, now, bp)
    assert told in str(caught.value)


def _judged(was: StackConfig, now: StackConfig, bp: Blueprint) -> None:
    effective(now, bp)
    transition(was, now, bp)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("takes_over: db", "takes_over: app", "core.takes_over: found a server; allowed: a postgres"),
        ("instance: db.r7g.large, pooler", 'version: "16", instance: db.r7g.large, pooler', "core.version: found 16"),
        (
            "global_database: true,",
            "global_database: true, instance: db.t4g.large,",
            "found db.t4g.large; allowed: a mem",
        ),
    ],
)
def test_what_cannot_be_is_said_when_the_blueprint_is_read(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in BLUEPRINT
    (tmp_path / "meal.yaml").write_text(BLUEPRINT.replace(old, new, 1))
    with pytest.raises(BadInput) as caught:
        load_blueprint("meal", tmp_path)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("regions: {eu-central-1: {write", "regions: {us-west-2: {write", "core.regions.us-west-2: found us-west-2"),
        ("instance: db.r7g.large, pooler", "instance: db.r5b.large, pooler", "found db.r5b.large, which AWS does not"),
        ("uses: [db]", "uses: [db, core]", "found core"),
        ("core: {kind: aurora", "core-eu-central-1: {kind: aurora", "a name that does not end in a region"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_built(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = BLUEPRINT.replace(old, new, 1)
    assert text != BLUEPRINT
    if "core-eu" in new:
        text = text.replace("core:", "core-eu-central-1:").replace("block: core,", "block: core-eu-central-1,")
        text = text.replace("      db: null", "      db: null")
    (tmp_path / "meal.yaml").write_text(text)
    phase = "scale" if "r5b" in new or "core" in new else "enterprise"
    with pytest.raises(BadInput) as caught:
        _built(born(phase), load_blueprint("meal", tmp_path))
    assert told in str(caught.value)


def _built(config: StackConfig, bp: Blueprint) -> None:
    compose(effective(config, bp), config)
