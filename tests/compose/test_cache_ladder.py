"""The cache's ladder: each rung is one apply that touches the cache alone and deletes nothing; what is kept down."""

from __future__ import annotations

from pathlib import Path

import pytest
from cache_ladder import AWAY, BLUEPRINT, TODAY, Planned, plan_from, walk

from stacks.models import BadInput, Blueprint, StackConfig, changed, load_blueprint
from stacks.moves import effective, steps, transition
from tests.stacks.sample import config


@pytest.fixture(scope="module")
def bp(tmp_path_factory: pytest.TempPathFactory) -> Blueprint:
    folder = tmp_path_factory.mktemp("blueprints")
    (folder / "meal.yaml").write_text(BLUEPRINT)
    return load_blueprint("meal", folder)


def moving(config: StackConfig, to: str, traffic: int = 0, **data: str) -> StackConfig:
    move = {"from": config.phase, "traffic": traffic, **({"data": data} if data else {})}
    return changed(config, {"phaseup:phase": to, "phaseup:moving": move})


def by_stage(planned: list[Planned]) -> dict[str, Planned]:
    return {each.stage: each for each in planned}


def group(each: Planned) -> tuple[int, str, int, bool, list[str]]:
    spec = each.spec
    return spec.nodes, spec.cluster, spec.shards, spec.global_datastore, list(spec.regions)


UP = {
    ("mvp", "growth"): [
        ("expand", (1, "disabled", 1, False, [])),
        ("rung replicated", (3, "disabled", 1, False, [])),
        ("rung replicated", (3, "disabled", 1, False, [])),
        ("shift", (3, "disabled", 1, False, [])),
        ("contract", (3, "disabled", 1, False, [])),
    ],
    ("growth", "scale"): [
        ("expand", (3, "disabled", 1, False, [])),
        ("rung compatible", (3, "compatible", 1, False, [])),
        ("rung enabled", (3, "enabled", 1, False, [])),
        ("rung shards", (3, "enabled", 3, False, [])),
        ("shift", (3, "enabled", 3, False, [])),
        ("contract", (2, "enabled", 3, False, [])),
    ],
    ("scale", "enterprise"): [
        ("expand", (2, "enabled", 3, False, [])),
        ("rung global", (2, "enabled", 3, True, [])),
        ("rung regions", (2, "enabled", 3, True, [AWAY])),
        ("shift", (2, "enabled", 3, True, [AWAY])),
        ("contract", (2, "enabled", 3, True, [AWAY])),
    ],
}


@pytest.mark.parametrize(("old", "new"), UP)
def test_up_rung_by_rung(tmp_path: Path, bp: Blueprint, old: str, new: str) -> None:
    planned = list(walk(tmp_path, config(phase=old), bp, new))
    assert [(each.stage, group(each)) for each in planned] == UP[old, new]
    for each in planned:
        assert each.judged.verdict == "safe", (each.stage, each.judged.reasons)
        assert each.breaches == []
        assert set(each.ops.values()) <= {"create", "update"}
        assert not any(each.move.kind == "rung" and name.startswith("queue") for name in each.ops) or old == "mvp"


def test_what_each_rung_does(tmp_path: Path, bp: Blueprint) -> None:
    scale = by_stage(list(walk(tmp_path, config(phase="growth"), bp, "scale")))
    assert scale["expand"].ops == {"cache-group": "update"}  # the larger class
    for rung in ("compatible", "enabled", "shards"):
        assert scale[f"rung {rung}"].ops == {"cache-group": "update"}
    assert scale["contract"].ops == {"cache-group": "update"}  # six nodes of nine
    far = by_stage(list(walk(tmp_path, config(phase="scale"), bp, "enterprise")))
    assert far["rung global"].ops == {"cache-datastore": "create"}
    made = far["rung regions"].ops
    assert set(made.values()) == {"create"}
    assert {name for name in made if not name.startswith(f"cache-{AWAY}")} == set()
    assert f"cache-{AWAY}-group" in made


def test_the_way_down_keeps_shards_and_gives_up_regions(tmp_path: Path, bp: Blueprint) -> None:
    """A region is armed and left; the datastore that bound it stays, and so does whatever has no way back."""
    todo = list(walk(tmp_path, config(phase="enterprise"), bp, "scale"))
    assert [each.stage for each in todo] == ["expand", "shift", f"arm {AWAY}", "contract"]
    (kept,) = todo[0].move.kept
    assert kept.block == "cache"
    assert kept.why.startswith(
        "global_datastore: true, instance: cache.r7g.large, nodes: 2: the datastore is protected"
    )
    arm, contract = todo[-2:]
    assert arm.judged.verdict == "needs-approval"
    assert set(arm.ops.values()) <= {"update"}
    assert contract.breaches == []
    assert contract.judged.verdict != "blocked", contract.judged.reasons
    gone = {name for name, op in contract.ops.items() if op == "delete"}
    assert f"cache-{AWAY}-group" in gone
    assert all(name.startswith(f"cache-{AWAY}") for name in gone)
    assert group(contract) == (2, "enabled", 3, True, [])

    settled = contract.move.config
    assert settled.overrides == {"cache": {"global_datastore": True, "instance": "cache.r7g.large", "nodes": 2}}
    todo = list(walk(tmp_path, settled, bp, "growth"))
    contract = todo[-1]
    assert group(contract) == (2, "enabled", 3, True, [])
    assert contract.spec.instance == "cache.r7g.large"
    assert contract.ops == {}
    assert all(each.breaches == [] and each.judged.verdict == "safe" for each in todo)


def test_down_from_shards_says_why_and_how_by_hand(bp: Blueprint) -> None:
    todo = steps(config(phase="scale"), bp, "growth", today=TODAY)
    (refused,) = [each for each in todo if each.refused]
    assert (refused.kind, refused.block, refused.stage) == ("rung", "cache", "enabled")
    assert refused.refused is not None
    assert refused.refused.reason == (
        "the rungs compatible, enabled, shards of the ladder “cache” cannot be gone back over"
    )
    # ElastiCache restores no backup of a group in cluster mode into one without.
    assert refused.refused.manual.startswith("copy the keys into a new group with cluster mode disabled")
    assert "snapshot" not in refused.refused.manual
    expand = next(each for each in todo if each.kind == "expand")
    assert expand.config.overrides == {"cache": {"nodes": 2, "cluster": "enabled", "shards": 3}}


def test_taken_back_before_it_was_live_a_region_is_armed_and_goes(tmp_path: Path, bp: Blueprint) -> None:
    up = list(walk(tmp_path, config(phase="scale"), bp, "enterprise"))
    at = by_stage(up)["rung regions"].move.config
    todo = list(walk(tmp_path, at, bp, "scale"))
    assert [each.stage for each in todo] == [f"arm {AWAY}", "abort"]
    assert todo[-1].breaches == []
    assert {name for name, op in todo[-1].ops.items() if op == "delete"} >= {f"cache-{AWAY}-group"}
    assert group(todo[-1]) == (2, "enabled", 3, True, [])


def test_no_way_back_once_compatible(bp: Blueprint) -> None:
    at = moving(config(phase="growth"), "scale", cache="compatible")
    (refused,) = steps(at, bp, "growth", today=TODAY)
    assert refused.kind == "abort"
    assert refused.refused is not None
    assert refused.refused.reason == "cache has taken the rung compatible, which cannot be gone back over"


def test_climbed_or_born_a_phase_is_the_same(tmp_path: Path, bp: Blueprint) -> None:
    stack = config(phase="mvp")
    for phase in ("growth", "scale", "enterprise"):
        stack = steps(stack, bp, phase, today=TODAY)[-1].config
        climbed, born = (effective(each, bp, today=TODAY) for each in (stack, config(phase=phase)))
        assert plan_from(tmp_path, climbed, born) == {}


@pytest.mark.parametrize(
    ("old", "new", "before", "after", "told"),
    [
        ("growth", "scale", {}, {"cache": "enabled"}, "cache: found enabled; allowed: compatible"),
        ("growth", "scale", {"cache": "compatible"}, {"cache": "shards"},
         "cache: found shards; allowed: compatible, enabled"),
        ("growth", "scale", {"cache": "enabled"}, {"cache": "compatible"},
         "cache: found compatible; allowed: enabled, shards"),
        ("scale", "enterprise", {}, {"cache": "regions"}, "cache: found regions; allowed: global"),
        ("scale", "enterprise", {"cache": "regions"}, {"cache": "global"}, "cache: found global; allowed: regions"),
        ("growth", "scale", {}, {"cache": "global"}, "cache: found global; allowed: compatible; one rung"),
    ],
)  # fmt: skip
def test_a_rung_out_of_order_is_bad_input(
    bp: Blueprint, old: str, new: str, before: dict[str, str], after: dict[str, str], told: str
) -> None:
    start = config(phase=old)
    was, now = moving(start, new, **before), moving(start, new, **after)
    with pytest.raises(BadInput) as caught:
        transition(was, now, bp)
    assert told in str(caught.value)


def test_a_queue_climbs_no_rung_of_the_cache_s(bp: Blueprint) -> None:
    now = moving(config(phase="growth"), "scale", queue="compatible")
    with pytest.raises(BadInput, match=r"phaseup:moving\.data\.queue: found queue; allowed: cache"):
        effective(now, bp, today=TODAY)
