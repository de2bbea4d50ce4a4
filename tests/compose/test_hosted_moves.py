"""A database that a lone server keeps, on its way to RDS: rung by rung, taken back before it is live, and down."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from rehearsing import Rehearsed, between, climbed

from stacks.compose import compose
from stacks.models import BadInput, Blueprint, changed, load_blueprint
from stacks.moves import effective, steps, transition

IMAGE = {"phaseup:images": {"jobs": "ghcr.io/x/jobs@sha256:" + "0" * 64}, "phaseup:phase": "alone"}
LADDER: dict[str, dict[str, Any]] = {
    "alone": {
        "net": {"kind": "network", "azs": 2},
        "app": {"kind": "server", "instance": "t4g.small", "count": {"min": 1, "max": 1}, "subnets": "public"},
        "db": {"kind": "hosted", "engine": "postgres", "on": "app", "size": 20},
        "jobs": {"kind": "service", "on": "app", "takes": "queue", "idempotent": True, "uses": ["db"]},
    },
    "apart": {
        "app": {"count": {"min": 2, "max": 4}},
        "db": None,
        "rds": {"kind": "postgres", "instance": "db.t4g.medium", "storage": 50, "takes_over": "db"},
    },
}


def written(folder: Path, ladder: dict[str, dict[str, Any]]) -> Blueprint:
    document = {"system": "meal", "title": "Meal", "phases": {name: {"blocks": of} for name, of in ladder.items()}}
    (folder / "meal.yaml").write_text(json.dumps(document))
    return load_blueprint("meal", folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hosted")


@pytest.fixture(scope="module")
def bp(folder: Path) -> Blueprint:
    return written(folder, LADDER)


@pytest.fixture(scope="module")
def walked(bp: Blueprint, folder: Path) -> list[Rehearsed]:
    return climbed(bp, folder, IMAGE)


def told(each: Rehearsed) -> str:
    move = each.leg.move
    return f"{move.direction} {move.kind} {move.stage or move.block or ''}".strip() if move else "apply"


def one(walked: list[Rehearsed], text: str) -> Rehearsed:
    return next(each for each in walked if told(each) == text)


def test_no_step_does_more_than_its_kind_may(walked: list[Rehearsed]) -> None:
    seen = [told(each) for each in walked]
    up = [text.removeprefix("up ") for text in dict.fromkeys(seen) if text.startswith("up ")]
    assert [text for text in up if not text.startswith(("arm rds", "abort"))] == [
        "expand", "rung empty", "rung fence", "rung load", "rung live", "shift", "arm db", "contract",
    ]  # fmt: skip
    for each in walked:
        assert each.judged.verdict in ("safe", "needs-approval"), (told(each), each.judged.reasons)
    assert {told(each) for each in walked if each.judged.verdict == "needs-approval"} == {
        "up arm rds", "up arm db", "down arm db",
    }  # fmt: skip


def test_each_rung_is_one_thing(walked: list[Rehearsed]) -> None:
    fence, load, live = (one(walked, f"up rung {name}") for name in ("fence", "load", "live"))
    assert fence.changes() == {"db-parameter": {"insecureValue"}}
    assert load.ops("create") - {"rds"} == {"rds-load", "rds-load-once"}
    assert load.changes() == {}
    assert live.changes().keys() == {"db-for-app", "db-name", "db-parameter", "db-read-name-primary", "db-settings"}
    assert all(each.ops("delete") == each.ops("replace") == set() for each in (fence, load, live))


def test_a_fence_is_said_to_hosts_and_lifted_when_the_new_store_is_live(walked: list[Rehearsed]) -> None:
    def fenced(step: str, name: str) -> bool:
        state = next(
            each.new for each in one(walked, step).run.outcome.steps if each.urn.endswith(f"::{name}") and each.new
        )
        return "fenced" in json.loads(str(state.inputs["insecureValue"])) if state else False

    assert [fenced(f"up rung {rung}", "db-parameter") for rung in ("empty", "fence", "load", "live")] == [
        False, True, True, False,
    ]  # fmt: skip
    # The old engine serves the load, and stops for good once nothing reads it.
    assert [fenced(f"up rung {rung}", "db-settings") for rung in ("load", "live")] == [False, True]


def test_expand_lets_the_host_reach_what_it_will_load_into(walked: list[Rehearsed]) -> None:
    expand = one(walked, "up expand")
    assert {"rds-primary", "rds-from-app", "rds-for-app"} <= expand.ops("create")
    assert expand.ops("update") <= {"app-group", "app-template"}


def test_the_volume_goes_at_contract_with_a_last_snapshot_and_the_group_may_grow_then(
    walked: list[Rehearsed],
) -> None:
    contract = one(walked, "up contract")
    gone = contract.ops("delete")
    assert {"db-volume", "db-secret", "db-host-name", "app-may-db", "rds-load", "rds-load-once"} <= gone
    assert "rds-primary" not in gone
    volume = contract.steps()["db-volume"].old
    assert volume is not None
    assert volume.inputs["finalSnapshot"] is True
    assert not volume.protect
    changes = contract.changes()["app-group"]
    assert {"minSize", "maxSize"} <= changes
    before = one(walked, "up arm db").steps()["app-group"].new
    assert before is not None
    assert (before.inputs["minSize"], before.inputs["maxSize"]) == (1, 1)


def test_before_it_is_live_it_is_taken_back_with_all_that_arrived(walked: list[Rehearsed]) -> None:
    aborts = [each for each in walked if told(each) == "up abort"]
    # After expand, and from the rung empty, to which fence and load go back first.
    assert len(aborts) == 2
    for each in aborts:
        assert "rds-primary" in each.ops("delete")
        assert not {"db-volume", "db-settings", "db-parameter"} & (each.ops("delete") | each.ops("update"))


@pytest.mark.parametrize(("rung", "gone"), [("fence", set()), ("load", {"rds", "rds-load", "rds-load-once"})])
def test_the_way_back_lets_everybody_work_first(
    bp: Blueprint, walked: list[Rehearsed], rung: str, gone: set[str]
) -> None:
    behind = one(walked, f"up rung {rung}").leg.after
    assert effective(behind, bp).fenced == {"db"}
    back = steps(behind, bp, "alone")
    assert [(each.kind, each.stage or each.block) for each in back] == [
        ("rung", "empty"), ("arm", "rds"), ("abort", None),
    ]  # fmt: skip
    assert effective(back[0].config, bp).fenced == frozenset()
    assert transition(behind, back[0].config, bp).kind == "rung"
    lifted = next(each for each in walked if each.leg.before == behind and each.leg.backing_out)
    assert lifted.changes() == {"db-parameter": {"insecureValue"}}
    assert lifted.ops("delete") == gone
    assert lifted.judged.verdict == "safe"


def test_no_other_rung_is_gone_back_over(bp: Blueprint, walked: list[Rehearsed]) -> None:
    behind = one(walked, "up rung load").leg.after
    for rung in ("fence", None):
        back = changed(
            behind, {"phaseup:moving": {"from": "alone", "traffic": 0, "data": {"rds": rung} if rung else {}}}
        )
        with pytest.raises(BadInput, match="allowed: empty, load, live"):
            transition(behind, back, bp)


def test_once_live_there_is_no_way_back_but_by_hand(bp: Blueprint, walked: list[Rehearsed]) -> None:
    at = one(walked, "up rung live").leg.after
    (refused,) = steps(at, bp, "alone")
    assert refused.refused is not None
    assert refused.refused.reason == "rds has taken the rung live, which cannot be gone back over"
    assert "block of kind hosted" in refused.refused.manual


def test_down_nobody_runs_the_blank_engine_and_no_host_is_exchanged_for_it(walked: list[Rehearsed]) -> None:
    """All requests are still with the phase above: its hosts stay as many, in all zones, two at a time."""
    expand, contract = one(walked, "down expand"), one(walked, "down contract")
    assert "db-volume" in expand.ops("create")
    group = expand.steps()["app-group"].new
    assert group is not None
    assert (group.inputs["minSize"], group.inputs["maxSize"]) == (2, 4)
    assert len(group.inputs["vpcZoneIdentifiers"]) == 2
    after = contract.steps()["app-group"].new
    assert after is not None
    assert (after.inputs["minSize"], after.inputs["maxSize"]) == (1, 1)
    assert after.inputs["instanceMaintenancePolicy"]["minHealthyPercentage"] == 100
    template = contract.steps()["app-template"].new
    assert template is not None
    assert "postgres" not in base64.b64decode(str(template.inputs["userData"])).decode("latin-1")


def test_down_the_instance_is_kept_and_still_fills_the_role(bp: Blueprint, walked: list[Rehearsed]) -> None:
    settled = one(walked, "down contract").leg.after
    now = effective(settled, bp)
    assert now.roles["db"] == "rds"
    assert now.settled
    assert settled.overrides["rds"]["kind"] == "postgres"
    assert not {"rds-primary"} & set().union(*(each.ops("delete") for each in walked if told(each) == "down contract"))


def test_climbed_or_born_it_is_the_same(folder: Path, walked: list[Rehearsed]) -> None:
    climbed_to = one(walked, "up contract").leg.after
    born = changed(walked[0].leg.after, {"phaseup:phase": "apart"})
    ops = {each.op for each in between(folder, climbed_to, born).outcome.steps}
    assert ops == {"same"}


# --- what may not be -------------------------------------------------------------------------------------------------


def _with(**blocks: Any) -> dict[str, dict[str, Any]]:
    alone = {name: {**LADDER["alone"].get(name, {}), **of} for name, of in blocks.items()}
    return {"alone": {**LADDER["alone"], **alone}}


@pytest.mark.parametrize(
    ("ladder", "said"),
    [
        (_with(app={"count": {"min": 1, "max": 3}}),
         "app.count.max: found 3, and db on it; allowed: 1, as a volume has one host"),
        (_with(app={"spot": {}}), "app.spot: found spot, and db on it; allowed: null: it may be taken away"),
        (_with(db={"on": "net"}), "db.on: found net; allowed: a block of kind server: app"),
        (_with(db={"zone": 3}), "db.zone: found 3; allowed: one of the 2 zones in use (azs)"),
        (_with(two={"kind": "hosted", "engine": "postgres", "on": "app", "size": 5}),
         "two.port: found 5432, which db has; allowed: a port of its own there"),
        (_with(two={"kind": "hosted", "engine": "valkey", "use": "cache", "on": "app", "size": 5, "zone": 2}),
         "two.zone: found 2; allowed: 1, as db on the same server"),
        (_with(db={"dumps": "jobs"}), "db.dumps: found jobs; allowed: a block of kind bucket: none here"),
    ],
)  # fmt: skip
def test_bad_input(tmp_path: Path, ladder: dict[str, dict[str, Any]], said: str) -> None:
    from building import stack

    bp = written(tmp_path, ladder)
    config = stack(IMAGE)
    with pytest.raises(BadInput) as caught:
        compose(effective(config, bp), config)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ({"kind": "cache", "use": "cache", "instance": "cache.t4g.small"},
         "new.takes_over: found db, postgres on a server, by a block of kind cache; allowed: a block of kind postgres"),
        ({"kind": "postgres", "instance": "db.t4g.medium", "storage": 20, "version": "16"},
         "new.version: found 16; allowed: 17 or above: a dump is loaded by its own major or a later one"),
    ],
)  # fmt: skip
def test_what_cannot_have_its_data(tmp_path: Path, block: dict[str, Any], said: str) -> None:
    from building import stack

    bp = written(tmp_path, {"alone": LADDER["alone"], "apart": {"db": None, "new": {**block, "takes_over": "db"}}})
    config = stack({**IMAGE, "phaseup:phase": "apart", "phaseup:moving": {"from": "alone", "traffic": 0}})
    resolved = effective(config, bp)
    with pytest.raises(BadInput) as caught:
        compose(resolved, config)
    assert said in str(caught.value)


REDIS: dict[str, Any] = {"kind": "hosted", "engine": "valkey", "use": "queue", "on": "app", "size": 4}
QUEUE: dict[str, Any] = {"kind": "cache", "use": "queue", "instance": "cache.t4g.small", "takes_over": "redis"}
DRAINED: dict[str, dict[str, Any]] = {
    "alone": {**LADDER["alone"], "redis": REDIS},
    "apart": {"redis": None, "queue": QUEUE},
    "more": {"queue": {"nodes": 2}},
}


def test_a_cache_is_refilled_and_a_queue_drained_before_either_takes_over(tmp_path: Path) -> None:
    from building import stack

    bp = written(tmp_path, DRAINED)
    todo = steps(stack(IMAGE), bp, "apart")
    rungs = [(each.block, each.stage) for each in todo if each.kind == "rung"]
    assert rungs == [("queue", "empty"), ("queue", "fence"), ("queue", "live")]
    settled = todo[-1].config
    assert [each.stage for each in steps(settled, bp, "more") if each.kind == "rung"] == ["replicated"]


@pytest.mark.parametrize("at", ["empty", "fence", "live", 100])
def test_a_queue_that_is_live_is_kept_when_the_move_is_taken_back(tmp_path: Path, at: str | int) -> None:
    """Jobs are written to it from then on; before, it holds nothing and goes."""
    from building import stack

    bp = written(tmp_path, DRAINED)
    here = next(each for each in steps(stack(IMAGE), bp, "apart") if at in (each.stage, each.traffic)).config
    back = steps(here, bp, "alone")
    for each in back:
        effective(each.config, bp)
    end = back[-1].config
    kept = {"queue": {"kind": "cache", "takes_over": "redis"}} if at in ("live", 100) else {}
    assert [(each.kind, each.stage or each.block) for each in back] == [
        *([("shift", None)] if at == 100 else []),
        *([("rung", "empty")] if at == "fence" else []),
        *([] if kept else [("arm", "queue")]),
        ("abort", None),
    ]
    assert end.moving is None
    assert end.overrides == kept
    assert effective(end, bp).roles["redis"] == ("queue" if kept else "redis")
    again = steps(end, bp, "apart")
    assert [each.stage for each in again if each.kind == "rung"] == ([] if kept else ["empty", "fence", "live"])


def test_no_step_of_a_queue_that_takes_over_does_more_than_its_kind_may(tmp_path: Path) -> None:
    walked = climbed(written(tmp_path, DRAINED), tmp_path, IMAGE)
    assert {told(each) for each in walked} >= {"up rung live", "up abort", "up contract", "down contract"}
    for each in walked:
        assert each.judged.verdict in ("safe", "needs-approval"), (told(each), each.judged.reasons)
        assert each.judged.planner.at_risk == (), told(each)
