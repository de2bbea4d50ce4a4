"""A stack resolved: sides, roles, work, traffic and its carrier, kept blocks."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from stacks.models import Blueprint, load_addresses, resolve
from stacks.moves import effective
from stacks.moves.effective import carrier_of
from tests.stacks.sample import blueprint, config, edited, moving

TODAY = date(2026, 11, 22)


@pytest.fixture
def bp(tmp_path: Path) -> Blueprint:
    return blueprint(tmp_path)


@pytest.mark.parametrize("phase", ["mvp", "growth", "scale"])
def test_settled_is_the_phase(bp: Blueprint, phase: str) -> None:
    stack = config(phase=phase)
    now = effective(stack, bp)
    assert {name: block.spec for name, block in now.blocks.items()} == {
        name: block.spec for name, block in resolve(bp, phase, stack).items()
    }
    assert {block.side for block in now.blocks.values()} == {"both"}
    assert (now.settled, now.moving_from, now.traffic, now.carrier, now.live) == (True, None, None, None, "new")
    assert now.cidrs == {"eu-west-1": load_addresses().cidr("meal", "prod", "eu-west-1")}


def test_moving_holds_both_sides(bp: Blueprint) -> None:
    now = effective(moving(), bp)
    sides = {name: block.side for name, block in now.blocks.items() if block.side != "both"}
    assert sides == {"lb": "arriving", "exports": "arriving"}
    back = effective(config(phase="mvp", moving={"from": "growth", "traffic": 0}), bp)
    assert {n: b.side for n, b in back.blocks.items() if b.side != "both"} == {"lb": "leaving", "exports": "leaving"}
    assert list(now.blocks) == ["net", "app", "api", "jobs", "db", "cache", "queue", "zone", "lb", "exports"]
    lb, db = now.blocks["lb"], now.blocks["db"]
    assert (lb.old, lb.new) == (None, lb.spec)
    assert db.old is not None
    assert db.new is not None
    assert (db.old.storage, db.new.storage, db.spec.storage) == (50, 200, 200)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("traffic", "to", "live"), [(0, "app", "old"), (100, "lb", "new")])
def test_requests_follow_traffic(bp: Blueprint, traffic: int, to: str, live: str) -> None:
    now = effective(moving(traffic), bp)
    assert now.live == live
    assert now.blocks["zone"].spec.hosts["www"].to == to  # type: ignore[attr-defined]


def test_the_carrier_is_what_both_sides_share(bp: Blueprint, tmp_path: Path) -> None:
    stack = config()
    phases = {phase: resolve(bp, phase, stack) for phase in bp.names}
    assert carrier_of(phases["mvp"], phases["growth"]) is None
    assert carrier_of(phases["growth"], phases["scale"]) == "lb"
    zoned = blueprint(tmp_path / "z", edited(("zone: {kind: zone,", "zone: {kind: zone, load_balancing: true,")))
    old, new = (resolve(zoned, phase, stack) for phase in ("mvp", "growth"))
    assert carrier_of(old, new) == "zone"
    assert effective(moving(37), zoned).live == "both"


def test_overrides_count_on_both_sides(bp: Blueprint) -> None:
    now = effective(moving(overrides={"db": {"storage": 300, "max_storage": 500}, "lb": {"idle_seconds": 30}}), bp)
    assert now.blocks["db"].spec.storage == 300  # type: ignore[attr-defined]
    assert now.blocks["lb"].spec.idle_seconds == 30  # type: ignore[attr-defined]


def test_the_environment_comes_after_the_phase(bp: Blueprint) -> None:
    dev = effective(config(phase="growth", environment="dev"), bp)
    assert dev.blocks["db"].spec.multi_az is False  # type: ignore[attr-defined]
    assert dev.blocks["app"].spec.count.model_dump() == {"min": 2, "max": 2}  # type: ignore[attr-defined]
    assert effective(config(phase="growth"), bp).blocks["db"].spec.multi_az is True  # type: ignore[attr-defined]


def test_a_kept_block_has_the_keys_of_the_phase_above(bp: Blueprint) -> None:
    kept = {"core": {"kind": "aurora", "takes_over": "db"}, "exports": {"kind": "bucket"}}
    now = effective(config(overrides=kept), bp)
    assert now.blocks["core"].spec.instance == "db.r7g.large"  # type: ignore[attr-defined]
    assert now.roles["db"] == "core"
    assert now.blocks["exports"].kind == "bucket"


@pytest.mark.parametrize(
    ("rung", "filled_by"),
    [(None, "db"), ("follow", "db"), ("fence", "db"), ("promote", "db"), ("live", "core")],
)
def test_a_role_is_taken_over_when_its_ladder_says_live(bp: Blueprint, rung: str | None, filled_by: str) -> None:
    data = {"core": rung} if rung else {}
    now = effective(config(phase="scale", moving={"from": "growth", "traffic": 0, "data": data}), bp)
    assert now.roles["db"] == filled_by
    assert effective(config(phase="scale"), bp).roles["db"] == "core"


def test_on_the_way_down_the_role_stays_where_the_data_is(bp: Blueprint) -> None:
    now = effective(config(phase="growth", moving={"from": "scale", "traffic": 100}), bp)
    assert now.roles["db"] == "core"


def retiring(stack: Any, bp: Blueprint) -> list[str]:
    return [name for name, block in effective(stack, bp, today=TODAY).blocks.items() if block.retiring]


def test_arming_is_by_name(bp: Blueprint) -> None:
    consent = {"reason": "gone", "until": TODAY.isoformat()}
    assert retiring(moving(0, retire={"exports": consent}), bp) == ["exports"]
    down = {"from": "growth", "traffic": 100}
    assert retiring(config(phase="mvp", moving=down, retire={"lb": consent}), bp) == ["lb"]
    up = {"from": "growth", "traffic": 100, "data": {"core": "live"}}
    assert retiring(config(phase="scale", moving=up, retire={"db": consent}), bp) == ["db"]


@pytest.mark.parametrize(
    ("takes", "traffic", "runs"),
    [
        ("requests", 0, (True, True)), ("requests", 50, (True, True)), ("requests", 100, (True, True)),
        ("queue", 0, (True, False)), ("queue", 50, (True, False)), ("queue", 100, (False, True)),
        ("queue, idempotent: true", 0, (True, False)), ("queue, idempotent: true", 50, (True, True)),
        ("queue, idempotent: true", 100, (False, True)),
        ("schedule", 0, (True, False)), ("schedule", 99, (True, False)), ("schedule", 100, (False, True)),
    ],
)  # fmt: skip
def test_work_moves_with_its_kind(tmp_path: Path, takes: str, traffic: int, runs: tuple[bool, bool]) -> None:
    text = edited(("on: app, takes: queue,", f"on: app, takes: {takes},"))
    way = {"from": "growth", "traffic": traffic}
    work = effective(config(phase="scale", moving=way), blueprint(tmp_path, text)).work["jobs"]
    assert (work.runs["app"], work.runs["workers"]) == runs
    requests = takes == "requests"
    assert work.weights == ({"app": 100 - traffic, "workers": traffic} if requests else {})


@pytest.mark.parametrize("traffic", [0, 1, 33, 50, 100])
def test_weights_add_up(tmp_path: Path, traffic: int) -> None:
    text = edited(("on: app, takes: queue,", "on: [app],"), ("jobs: {on: workers}", "jobs: {on: {workers: {}}}"))
    way = {"from": "growth", "traffic": traffic}
    work = effective(config(phase="scale", moving=way), blueprint(tmp_path, text)).work["jobs"]
    assert sum(work.weights.values()) == 100


def test_a_service_whose_host_stays_works_at_any_traffic(bp: Blueprint) -> None:
    for traffic in (0, 100):
        work = effective(moving(traffic), bp).work
        assert {name: dict(each.runs) for name, each in work.items()} == {"api": {"app": True}, "jobs": {"app": True}}
        assert work["api"].weights == {"app": 100}
    settled = effective(config(phase="scale"), bp).work
    assert settled["jobs"].runs == {"workers": True}
