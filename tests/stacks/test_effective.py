"""A stack resolved: sides, roles, work, traffic and its carrier, kept blocks."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from components.balancer import BalancerSpec
from components.zone import ZoneSpec
from stacks.models import BadInput, Block, Blueprint, load_addresses, resolve
from stacks.moves import effective
from stacks.moves.shares import Origin, carriers_of, shares_of
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
    assert (now.settled, now.moving_from, now.traffic, now.carriers, now.live) == (True, None, None, (), "new")
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


def test_the_carrier_is_what_both_sides_share_and_has_something_to_weigh(bp: Blueprint, tmp_path: Path) -> None:
    stack = config()
    home = stack.region

    def carriers(plan: Blueprint, old: str, new: str) -> tuple[str, ...]:
        return carriers_of(resolve(plan, old, stack), resolve(plan, new, stack), home)

    assert carriers(bp, "mvp", "growth") == ()
    assert carriers(bp, "growth", "scale") == ("lb",)
    # No service that changes its hosts, and no name that changes its origins.
    still = blueprint(tmp_path / "s", edited(("      jobs: {on: workers}\n", "")))
    assert carriers(still, "growth", "scale") == ()
    moved = blueprint(tmp_path / "m", edited(("jobs: {on: workers}", "jobs: {on: workers}\n      api: {on: workers}")))
    assert carriers(moved, "growth", "scale") == carriers(moved, "scale", "growth") == ("lb",)
    zoned = blueprint(tmp_path / "z", edited(("zone: {kind: zone,", "zone: {kind: zone, load_balancing: true,")))
    assert carriers(zoned, "mvp", "growth") == ("zone",)
    assert effective(moving(37), zoned).live == "both"
    # In the new phase alone, or in the old one alone, it stands all through the move.
    late = blueprint(tmp_path / "l", edited(("zone: {plan: pro,", "zone: {plan: pro, load_balancing: true,")))
    assert carriers(late, "mvp", "growth") == carriers(late, "growth", "mvp") == ("zone",)
    both = blueprint(
        tmp_path / "b",
        edited(
            ("zone: {kind: zone,", "zone: {kind: zone, load_balancing: true,"),
            (
                "jobs: {on: workers}",
                "jobs: {on: workers}\n      api: {on: workers}\n      zone: {hosts: {www: {to: app}}}",
            ),
        ),
    )
    assert carriers(both, "growth", "scale") == ("lb", "zone")


def test_between_the_ends_a_move_needs_a_carrier(bp: Blueprint) -> None:
    with pytest.raises(BadInput, match=r"phaseup:moving.traffic: found \"?50\"?; allowed: 0 or 100.*load_balancing"):
        effective(moving(50), bp)


def test_shares_go_from_the_old_distribution_to_the_new_one() -> None:
    def phase(to: str, regions: tuple[str, ...], **weights: int) -> dict[str, Block]:
        lb = BalancerSpec.model_validate({"regions": {key: {} for key in regions}})
        balancing = {"steering": "random", "weights": {key.replace("_", "-"): each for key, each in weights.items()}}
        hosts = {"api": {"to": to}, "app": {"to": to}}
        zone = ZoneSpec.model_validate({"plan": "business", "hosts": hosts, "load_balancing": balancing})
        return {"lb": Block("lb", "balancer", lb, None), "zone": Block("zone", "zone", zone, None)}

    home, away = "eu-west-1", "eu-central-1"
    one, two = phase("lb", ()), phase("lb", (away,))
    here, there = Origin("lb", home), Origin("lb", away)
    up = {t: shares_of(one, two, t, home)["api"] for t in (0, 10, 50, 100)}
    assert {t: dict(share.now) for t, share in up.items()} == {
        0: {here: 100, there: 0}, 10: {here: 95, there: 5}, 50: {here: 75, there: 25}, 100: {here: 50, there: 50},
    }  # fmt: skip
    assert all(share.moves and share.first == here for share in up.values())
    down = {t: dict(shares_of(two, one, t, home)["app"].now) for t in (0, 10, 100)}
    assert down == {0: {here: 50, there: 50}, 10: {here: 55, there: 45}, 100: {here: 100, there: 0}}
    settled = shares_of(two, two, None, home)["api"]
    assert (dict(settled.now), settled.moves) == ({here: 50, there: 50}, False)
    uneven = phase("lb", (away,), eu_west_1=2, eu_central_1=1)
    assert dict(shares_of(uneven, uneven, None, home)["api"].now) == {here: 67, there: 33}
    assert dict(shares_of(two, uneven, 50, home)["api"].now) == {here: 59, there: 41}
    elsewhere = phase("gw", ())
    gate = Origin("gw", home)
    over = {t: shares_of(one, elsewhere, t, home)["api"] for t in (0, 10, 100)}
    assert {t: dict(share.now) for t, share in over.items()} == {
        0: {here: 100, gate: 0}, 10: {here: 90, gate: 10}, 100: {here: 0, gate: 100},
    }  # fmt: skip
    assert [share.first for share in over.values()] == [here, here, gate]


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
