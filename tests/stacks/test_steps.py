"""Moves step by step: what comes when, what each step may do, and that no way skips a rung."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stacks.models import BadInput, Blueprint, StackConfig, resolve
from stacks.moves import MoveStep, effective, next_step, steps, transition
from stacks.moves.ladders import LADDERS, RESTORES, ladder_of
from tests.stacks.sample import blueprint, config, edited, moving

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def bp(tmp_path_factory: pytest.TempPathFactory) -> Blueprint:
    return blueprint(tmp_path_factory.mktemp("blueprints"))


def told(todo: list[MoveStep]) -> list[tuple[object, ...]]:
    return [(s.kind, *filter(None, (s.block, s.stage)), *([s.traffic] if s.traffic is not None else [])) for s in todo]


UP = [
    ("expand", 0),
    ("rung", "cache", "replicated", 0),
    ("rung", "queue", "replicated", 0),
    ("shift", 100),
    ("contract",),
]


def test_up(bp: Blueprint) -> None:
    todo = steps(config(), bp, "growth", today=TODAY)
    assert told(todo) == UP
    assert todo[-1].config == config(phase="growth").model_copy(update={"document": todo[-1].config.document})
    assert {s.direction for s in todo} == {"up"}


def test_down(bp: Blueprint) -> None:
    todo = steps(config(phase="growth"), bp, "mvp", today=TODAY)
    assert told(todo) == [("expand", 0), ("shift", 100), ("arm", "lb", 100), ("contract",)]
    expand, shift, arm, contract = todo
    assert expand.config.overrides == {
        "db": {"storage": 200, "max_storage": 400},
        "zone": {"plan": "pro"},
        "exports": {"kind": "bucket"},
    }
    assert [k.block for k in expand.kept] == ["db", "zone", "exports"]
    assert [k.block for s in todo[1:] for k in s.kept] == []
    assert expand.allows.deletes == shift.allows.deletes == arm.allows.deletes == frozenset()
    assert arm.allows.only == {"lb"}
    assert contract.allows.deletes == {"lb"}
    assert contract.allows.narrows == {"app", "cache", "db", "net", "queue", "zone"}
    assert contract.config.retire == {}
    assert contract.config.overrides == expand.config.overrides
    settled = effective(contract.config, bp)
    assert settled.blocks["db"].spec.storage == 200  # type: ignore[attr-defined]
    assert settled.blocks["db"].spec.instance == "db.t4g.medium"  # type: ignore[attr-defined]
    assert "exports" in settled.blocks


def test_a_ceiling_that_nobody_stated_stays_unstated(tmp_path: Path) -> None:
    bp = blueprint(tmp_path, edited((" max_storage: 100,", ""), (" max_storage: 400,", "")))
    expand = steps(config(phase="growth"), bp, "mvp")[0]
    assert expand.config.overrides["db"] == {"storage": 200}


def test_what_a_stack_overrides_already_needs_no_keeping(bp: Blueprint) -> None:
    stack = config(phase="growth", overrides={"db": {"storage": 300, "max_storage": 600}})
    expand = steps(stack, bp, "mvp")[0]
    assert expand.config.overrides["db"] == {"storage": 300, "max_storage": 600}
    assert [k.block for k in expand.kept] == ["zone", "exports"]


def test_a_plan_falls_only_after_its_rules_have_gone(bp: Blueprint) -> None:
    todo = steps(config(phase="growth"), bp, "mvp", today=TODAY)
    plans = [effective(step.config, bp).blocks["zone"].spec.plan for step in todo]  # type: ignore[attr-defined]
    assert plans == ["pro"] * len(todo)
    hosts = effective(todo[-1].config, bp).blocks["zone"].spec.hosts  # type: ignore[attr-defined]
    assert list(hosts) == ["www"]
    (why,) = [kept.why for kept in todo[0].kept if kept.block == "zone"]
    assert why.startswith("plan: pro: a plan falls after its rules have gone: once the move is over")
    # Then the override goes in an apply of its own, which changes nothing else.
    over = todo[-1].config
    without = {block: of for block, of in over.overrides.items() if block != "zone"}
    lowered = effective(config(overrides=without), bp).blocks
    assert lowered["zone"].spec == effective(over, bp).blocks["zone"].spec.model_copy(update={"plan": "free"})
    assert steps(over, bp, "growth", today=TODAY)[0].config.overrides["zone"] == {"plan": "pro"}


def test_a_plan_bought_by_an_aborted_move_is_kept(bp: Blueprint) -> None:
    abort = steps(moving(0), bp, "mvp", today=TODAY)[-1]
    assert abort.config.overrides["zone"] == {"plan": "pro"}
    assert "zone" in [kept.block for kept in abort.kept]


def test_overrides_of_a_block_that_left_go_with_it(bp: Blueprint) -> None:
    stack = config(phase="growth", overrides={"lb": {"idle_seconds": 30}})
    contract = steps(stack, bp, "mvp")[-1]
    assert "lb" not in contract.config.overrides
    effective(contract.config, bp)


def test_a_carrier_weighs(bp: Blueprint) -> None:
    todo = steps(config(phase="growth"), bp, "scale", today=TODAY)
    assert [s.traffic for s in todo if s.kind == "shift"] == [10, 50, 100]
    assert [(s.block, s.stage) for s in todo if s.kind == "rung"] == [
        ("cache", "compatible"), ("cache", "enabled"), ("cache", "shards"),
        ("core", "follow"), ("core", "fence"), ("core", "promote"), ("core", "live"),
    ]  # fmt: skip
    assert [s.block for s in todo if s.kind == "arm"] == ["db"]
    assert todo[-1].allows.deletes == {"db"}
    assert all(s.precondition and s.check for s in todo if s.kind in ("rung", "shift", "arm"))
    promote = next(s for s in todo if s.stage == "promote")
    assert promote.precondition.endswith("there is no way back")


def test_down_from_what_cannot_come_down(bp: Blueprint) -> None:
    todo = steps(config(phase="scale"), bp, "growth", today=TODAY)
    refused = [s for s in todo if s.refused]
    assert [(s.kind, s.block, s.stage) for s in refused] == [("rung", "cache", "enabled"), ("rung", "core", "promote")]
    assert all(s.refused and s.refused.reason and s.refused.manual for s in refused)
    assert all(s.config.phase == "scale" for s in refused)
    last = todo[-1].config
    assert last.overrides == {
        "cache": {"nodes": 3, "cluster": "enabled", "shards": 3},
        "core": {"kind": "aurora", "takes_over": "db"},
    }
    assert effective(last, bp).roles["db"] == "core"
    assert next_step(config(phase="scale"), bp, "growth").kind == "expand"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("traffic", "data", "expected"),
    [
        (0, {}, [("arm", "lb", 0), ("arm", "exports", 0), ("abort",)]),
        (0, {"cache": "replicated"}, [("arm", "lb", 0), ("arm", "exports", 0), ("abort",)]),
        (100, {"cache": "replicated", "queue": "replicated"}, [("shift", 0), ("arm", "lb", 0), ("abort",)]),
    ],
)
def test_abort(bp: Blueprint, traffic: int, data: dict[str, str], expected: list[tuple[object, ...]]) -> None:
    todo = steps(moving(traffic, data), bp, "mvp", today=TODAY)
    assert told(todo) == expected
    last = todo[-1]
    was_live = traffic > 0
    assert last.allows.deletes == ({"lb"} if was_live else {"lb", "exports"})
    assert ("exports" in last.config.overrides) is was_live
    # Storage grew when the move began, and stays.
    assert last.config.overrides["db"] == {"storage": 200, "max_storage": 400}
    assert effective(last.config, bp).blocks["cache"].spec.nodes == 1  # type: ignore[attr-defined]


def test_what_was_live_is_kept_even_when_the_list_is_asked_for_again(bp: Blueprint) -> None:
    first = next_step(moving(100, {"cache": "replicated", "queue": "replicated"}), bp, "mvp")
    assert first is not None
    assert first.config.moving is not None
    assert (first.kind, first.config.moving.traffic) == ("shift", 0)
    assert told(steps(first.config, bp, "mvp", today=TODAY)) == [("arm", "lb", 0), ("abort",)]


def test_what_was_armed_to_leave_is_protected_again_by_the_way_back(bp: Blueprint) -> None:
    stack = config(
        phase="mvp", moving={"from": "growth", "traffic": 100}, retire={"lb": {"reason": "gone", "until": "2026-12-01"}}
    )
    withdraw, shift, abort = steps(stack, bp, "growth", today=TODAY)
    assert (withdraw.kind, shift.kind, abort.kind) == ("apply", "shift", "abort")
    assert withdraw.config.retire == {}
    assert withdraw.allows.only == {"lb"}
    assert abort.allows.deletes == frozenset()


def test_an_abort_taken_back_protects_again_before_anything_else(bp: Blueprint) -> None:
    stack = moving(0, retire={"lb": {"reason": "no more", "until": "2026-12-01"}})
    assert told(steps(stack, bp, "growth", today=TODAY)) == [("apply", 0), *UP[1:]]


def test_no_abort_behind_an_irrevocable_rung(bp: Blueprint) -> None:
    stack = config(phase="scale", moving={"from": "growth", "traffic": 0, "data": {"core": "promote"}})
    (only,) = steps(stack, bp, "growth")
    assert only.refused is not None
    assert only.refused.reason == "core has taken the rung promote, which cannot be gone back over"
    assert only.config is stack


def test_an_abort_before_it_is_free(bp: Blueprint) -> None:
    stack = config(phase="scale", moving={"from": "growth", "traffic": 0, "data": {"core": "fence"}})
    assert told(steps(stack, bp, "growth")) == [
        ("rung", "core", "follow", 0), ("arm", "workers", 0), ("arm", "core", 0), ("abort",),
    ]  # fmt: skip


def test_nothing_to_do(bp: Blueprint) -> None:
    assert steps(config(), bp, "mvp") == []
    assert next_step(config(), bp) is None
    assert next_step(moving(), bp).stage == "replicated"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("stack", "to", "message"),
    [
        (config(), "scale", "found scale; allowed: growth; a move joins two neighbours, and the stack is in mvp"),
        (config(), "sale", "found sale; allowed: mvp, growth, scale (did you mean scale?)"),
        (moving(), "scale", "found scale; allowed: growth, mvp; a second move waits for the first"),
    ],
)
def test_where_a_move_cannot_go(bp: Blueprint, stack: StackConfig, to: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        steps(stack, bp, to)
    assert str(caught.value) == f"stacks/Pulumi.meal-prod.yaml: --to: {message}"


def test_a_step_changes_only_what_it_says(bp: Blueprint) -> None:
    before = config()
    for step in steps(before, bp, "growth"):
        keys = {*before.values, *step.config.values}
        differing = {key for key in keys if before.values.get(key) != step.config.values.get(key)}
        assert {change.key for change in step.changes} == differing
        before = step.config


def test_effective_at_contract_is_born_in_the_phase(bp: Blueprint) -> None:
    for to in ("growth", "scale"):
        climbed = config()
        for phase in bp.names[1 : bp.names.index(to) + 1]:
            climbed = steps(climbed, bp, phase)[-1].config
        assert climbed.values == config(phase=to).values
        assert effective(climbed, bp) == effective(config(phase=to), bp)


def walk(bp: Blueprint, choices: list[int]) -> list[tuple[StackConfig, MoveStep]]:
    """From mvp, step by step: on, back, or to another phase, as the choices say."""
    here, path = config(), []
    for choice in choices:
        ends = [here.phase, here.moving.from_] if here.moving else bp.neighbours(here.phase)
        step = next_step(here, bp, ends[choice % len(ends)], today=TODAY)
        if step is None:
            continue
        path.append((here, step))
        here = step.config
    return path


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 1), max_size=30))
def test_no_walk_skips_a_rung_or_loses_data(bp: Blueprint, choices: list[int]) -> None:
    armed: set[str] = set()
    for before, step in walk(bp, choices):
        effective(step.config, bp, today=TODAY)
        assert transition(before, step.config, bp).kind == step.kind
        for name, rung in (step.config.moving.data if step.config.moving else {}).items():
            ladder = ladder_of(resolve(bp, step.config.phase, step.config)[name])
            assert ladder is not None
            was = before.moving.data.get(name) if before.moving else None
            assert ladder.names.index(rung) - (ladder.names.index(was) if was else -1) <= 1 or was is None
        if step.kind == "arm" and step.block:
            armed.add(step.block)
        if step.kind in ("contract", "abort"):
            kinds = {name: bp.kind_of(name) for name in step.allows.deletes}
            losable = {n for n, kind in kinds.items() if kind in ("postgres", "aurora", "cache", "bucket", "balancer")}
            assert losable <= armed
            armed.clear()
            gone = set(effective(before, bp, today=TODAY).blocks) - set(effective(step.config, bp).blocks)
            assert gone == step.allows.deletes
        else:
            assert set(effective(before, bp, today=TODAY).blocks) <= set(effective(step.config, bp, today=TODAY).blocks)


def test_ladders_are_whole() -> None:
    for ladder in (*LADDERS, *RESTORES.values()):
        assert len(set(ladder.names)) == len(ladder.names)
        assert all(rung.precondition and rung.check for rung in ladder.rungs)
        assert all(rung.manual for rung in ladder.rungs if rung.final)
    by_name = {ladder.name: ladder for ladder in LADDERS}
    assert {name: ladder.names for name, ladder in by_name.items()} == {
        "aurora takes over postgres": ["follow", "fence", "promote", "live", "rows", "global", "regions"],
        "cache": ["replicated", "compatible", "enabled", "shards", "global", "regions"],
        "broker cluster takes over a broker": ["both", "produce", "drained"],
        "shards of postgres": ["rows"],
        "postgres takes over a server's data": ["empty", "fence", "load", "live", "rows"],
        "a cache takes over a server's data": [
            "empty",
            "fence",
            "live",
            "replicated",
            "compatible",
            "enabled",
            "shards",
            "global",
            "regions",
        ],
        "TLS in transit": ["preferred", "required"],
    }
    assert {kind: ladder.names[:4] for kind, ladder in RESTORES.items()} == {
        key: ["empty", "fence", "load", "live"] for key in ["postgres", "aurora", "cache", "hosted"]
    }
    irrevocable = {(ladder.name, rung.name) for ladder in LADDERS for rung in ladder.rungs if rung.irrevocable}
    assert irrevocable == {
        ("aurora takes over postgres", "promote"),
        ("cache", "compatible"),
        ("cache", "enabled"),
        ("a cache takes over a server's data", "compatible"),
        ("a cache takes over a server's data", "enabled"),
        ("postgres takes over a server's data", "live"),
    }
