"""Alarms between two phases: one that watches something else than that of its name stands beside it."""

from __future__ import annotations

from typing import Any

from components.alarms.spec import AlarmsSpec
from stacks.models import Block, changed, load_blueprint, load_stack
from stacks.models.watching import beside
from stacks.moves import effective, steps
from stacks.moves.joins import Between, join_specs

SILENT = {"block": "db", "metric": "samples", "below": 1, "severity": "critical"}
METRICS = {"sessions": {"blocks": ["api"], "pattern": "{ $.n = * }", "value": "$.n"}}


def block(**spec: Any) -> Block:
    return Block("alarms", "alarms", AlarmsSpec.model_validate(spec))


def joined(old: Block, new: Block) -> AlarmsSpec:
    out = join_specs(old.spec, beside(old, new).spec, Between(0))
    assert isinstance(out, AlarmsSpec)
    return out


def watched(spec: AlarmsSpec) -> dict[str, tuple[str | None, str]]:
    return {name: (alarm.block, alarm.metric) for name, alarm in spec.alarms.items()}


def test_both_stand_until_contract() -> None:
    old = block(alarms={"silent": SILENT, "same": SILENT}, events={"told": {"block": "db", "event": "database",
                "severity": "high"}})  # fmt: skip
    new = block(alarms={"silent": {**SILENT, "block": "rds", "below": 2}, "same": {**SILENT, "below": 3}},
                events={"told": {"block": "rds", "event": "database", "severity": "low"}})  # fmt: skip
    both = joined(old, new)
    assert watched(both) == {
        "silent": ("db", "samples"),
        "same": ("db", "samples"),
        "silent-rds": ("rds", "samples"),
    }
    assert (both.alarms["silent"].below, both.alarms["silent-rds"].below) == (1, 2)
    assert both.alarms["same"].below == 3  # of the same, the new figures at once
    assert {name: (each.block, each.severity) for name, each in both.events.items()} == {
        "told": ("db", "high"),
        "told-rds": ("rds", "low"),
    }


def test_another_metric_of_the_same_or_of_none_is_named_by_it() -> None:
    busy = {"block": "db", "metric": "cpu", "above": 1}
    old = block(alarms={"busy": busy, "many": {"metric": "sessions", "above": 1}}, metrics=METRICS)
    pooled = {"block": "db", "metric": "pooler_connections", "above": 1}
    new = block(alarms={"busy": {**busy, "metric": "replica_cpu"}, "many": pooled})
    assert watched(joined(old, new)) == {
        "busy": ("db", "cpu"),
        "many": (None, "sessions"),
        "busy-replica-cpu": ("db", "replica_cpu"),
        "many-db": ("db", "pooler_connections"),
    }
    assert "many-sessions" in watched(joined(new, old))


def test_a_composite_asks_both() -> None:
    both = {"any_of": ["silent", "busy"], "severity": "critical"}
    busy = {"block": "app", "metric": "cpu", "above": 80}
    old = block(alarms={"silent": SILENT, "busy": busy}, composites={"away": both})
    new = block(alarms={"silent": {**SILENT, "block": "rds"}, "busy": busy}, composites={"away": both})
    assert joined(old, new).composites["away"].any_of == ["silent", "silent-rds", "busy"]


def test_one_that_stands_there_already_is_not_made_again() -> None:
    """An override of a way down, when the stack climbs again; another one of that name keeps it."""
    theirs = {**SILENT, "block": "rds"}
    old = block(alarms={"silent": SILENT, "silent-rds": theirs})
    new = block(alarms={"silent": theirs, "silent-rds": theirs})
    assert watched(joined(old, new)) == {"silent": ("db", "samples"), "silent-rds": ("rds", "samples")}
    other = {**theirs, "metric": "cpu"}
    old, new = block(alarms={"silent": SILENT, "silent-rds": other}), block(alarms={"silent": theirs})
    assert watched(joined(old, new))["silent-rds-2"] == ("rds", "samples")


def test_a_restore_takes_no_alarm_off_what_serves() -> None:
    entry = {"db-two": {"of": "db", "snapshot": "rds:meal-prod-db-2026-11-21-01-31"}}
    way = {"phaseup:restore": entry, "phaseup:moving": {"from": "mvp", "traffic": 0, "restore": "db-two"}}
    bp = load_blueprint("meal")
    before = effective(load_stack("meal-prod"), bp).blocks["alarms"].spec
    coming = changed(load_stack("meal-prod"), way)
    during = [coming, *(step.config for step in steps(coming, bp, "mvp"))]
    after = effective(during.pop(), bp).blocks["alarms"].spec
    assert isinstance(before, AlarmsSpec)
    assert isinstance(after, AlarmsSpec)
    for config in during:
        now = effective(config, bp).blocks["alarms"].spec
        assert isinstance(now, AlarmsSpec)
        assert before.alarms.items() <= now.alarms.items()
        assert now.alarms["db-silent-db-two"].block == "db-two"
        assert {name: each.block for name, each in now.events.items()} == {
            "database": "db",
            "database-db-two": "db-two",
        }
        assert now.composites["db-unreachable"].any_of == ["db-check", "db-silent", "db-silent-db-two"]
    assert after.alarms.keys() == before.alarms.keys()
    assert {each.block for each in after.alarms.values() if each.block} == {
        {"db": "db-two"}.get(each.block, each.block) for each in before.alarms.values() if each.block
    }
