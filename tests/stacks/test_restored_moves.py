"""A block that was restored goes on as the one that it stands in for: every move of every system, with and without."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from phaseup.climb.phases import born, stack_of
from stacks.models import BadInput, Blueprint, StackConfig, changed, load_blueprint, systems
from stacks.models.restores import FIELD
from stacks.moves import MoveStep, effective, steps, transition

SNAPSHOTS = {"hosted": "snap-0123456789abcdef0"}
TODAY = date(2026, 11, 22)


def restorable(blueprint: Blueprint, phase: str) -> Iterator[str]:
    for name, keys in blueprint.merged[phase].items():
        if FIELD in blueprint.kinds.spec(keys["kind"]).model_fields:
            yield name


CASES = [
    pytest.param(system, phase, block, id=f"{system}-{phase}-{block}")
    for system in systems()
    for blueprint in [load_blueprint(system)]
    for phase in blueprint.names
    for block in restorable(blueprint, phase)
]


def with_restored(config: StackConfig, blueprint: Blueprint, block: str) -> StackConfig:
    kind = blueprint.kind_of(block) or ""
    entry = {"of": block, "snapshot": SNAPSHOTS.get(kind, "taken-by-hand")}
    return changed(config, {"phaseup:restore": {f"{block}-two": entry}})


def walk(config: StackConfig, blueprint: Blueprint, *to: str) -> list[MoveStep]:
    found: list[MoveStep] = []
    for phase in to:
        found += steps(config, blueprint, phase, today=TODAY)
        config = found[-1].config
    return found


@pytest.mark.parametrize(("system", "phase", "block"), CASES)
def test_a_restored_block_moves_as_the_one_that_it_stands_in_for(system: str, phase: str, block: str) -> None:
    blueprint = load_blueprint(system)
    plain = born(stack_of(system, "prod"), phase)
    restored = with_restored(plain, blueprint, block)
    new = f"{block}-two"

    def old_name(name: str | None) -> str | None:
        return block if name == new else name

    for to in blueprint.neighbours(phase):
        usual, found = walk(plain, blueprint, to, phase), walk(restored, blueprint, to, phase)
        told = [(each.kind, each.stage, each.traffic, each.refused is None) for each in usual]
        assert [(each.kind, each.stage, each.traffic, each.refused is None) for each in found] == told
        before = restored
        for one, other in zip(usual, found, strict=True):
            assert old_name(other.block) == one.block
            assert {old_name(name) for name in other.allows.deletes} == one.allows.deletes
            if other.refused is None:
                again = transition(before, other.config, blueprint)
                assert (again.kind, again.block, again.stage) == (other.kind, other.block, other.stage)
            before = other.config
            known, here = (effective(each.config, blueprint, today=TODAY) for each in (one, other))
            # A role's own name is one of a block; that of a restored block is nobody's but its own.
            roles = {role: old_name(fills) for role, fills in here.roles.items() if role != new}
            assert roles == {role: fills for role, fills in known.roles.items() if role in roles}
            assert {old_name(name) for name in here.blocks} == set(known.blocks)
            assert here.fenced == known.fenced
            entry = new in other.config.restore
            assert entry == (new in here.blocks), "an entry goes with its block"


def test_what_is_no_block_of_the_phase_was_not_restored_there() -> None:
    blueprint = load_blueprint("wholesale")
    config = born(stack_of("wholesale", "prod"), "enterprise")
    with pytest.raises(BadInput) as caught:
        effective(with_restored(config, blueprint, "db"), blueprint)
    assert "phaseup:restore.db-two.of: found db, which enterprise does not have; allowed: " in str(caught.value)
    assert "aurora" in str(caught.value)


def test_what_comes_down_again_is_not_the_snapshot() -> None:
    """Up, where Aurora takes the restored database over, and down: the role stays with Aurora, whose rows are newer."""
    blueprint = load_blueprint("wholesale")
    restored = with_restored(born(stack_of("wholesale", "prod"), "scale"), blueprint, "db")
    way = walk(restored, blueprint, "enterprise", "scale")
    filled = [effective(each.config, blueprint, today=TODAY).roles["db"] for each in way]
    assert set(filled) == {"db-two", "aurora"}
    assert filled == sorted(filled, key=["db-two", "aurora"].index)
    assert way[-1].config.restore == {}


def test_a_restored_one_that_is_kept_stays_and_stays_restored() -> None:
    blueprint = load_blueprint("listing")
    restored = with_restored(born(stack_of("listing", "prod"), "startup"), blueprint, "rds")
    down = walk(restored, blueprint, "mvp")
    last = down[-1]
    assert "rds-two" not in last.allows.deletes
    now = effective(last.config, blueprint, today=TODAY)
    assert now.roles["db"] == "rds-two"
    assert last.config.overrides["rds-two"]["kind"] == "postgres"
    again = walk(last.config, blueprint, "startup")[-1].config
    assert effective(again, blueprint, today=TODAY).roles["db"] == "rds-two"
    assert "rds-two" in again.restore


def config_of(system: str, phase: str, **entries: str) -> StackConfig:
    blueprint = load_blueprint(system)
    config = born(stack_of(system, "prod"), phase)
    kinds = {name: blueprint.kind_of(of) or "" for name, of in entries.items()}
    restore = {
        name.replace("_", "-"): {"of": of, "snapshot": SNAPSHOTS.get(kinds[name], "taken-by-hand")}
        for name, of in entries.items()
    }
    return changed(config, {"phaseup:restore": restore}) if restore else config


def restoring(config: StackConfig, name: str, of: str, snapshot: str = "taken-by-hand") -> StackConfig:
    entry = {**config.values.get("phaseup:restore", {}), name: {"of": of, "snapshot": snapshot}}
    moving = {"from": config.phase, "traffic": 0, "restore": name}
    return changed(config, {"phaseup:restore": entry, "phaseup:moving": moving})


def test_what_does_not_fill_its_role_is_not_restored() -> None:
    """Once settled, whoever really has the role would have it back, and with it what was written since."""
    blueprint = load_blueprint("listing")
    down = walk(config_of("listing", "startup"), blueprint, "mvp")[-1].config
    assert effective(down, blueprint, today=TODAY).roles["db"] == "rds"
    coming = restoring(down, "db-two", "db", SNAPSHOTS["hosted"])
    for ask in (
        lambda: effective(coming, blueprint, today=TODAY),
        lambda: transition(down, coming, blueprint),
        lambda: steps(coming, blueprint, "mvp", today=TODAY),
    ):
        with pytest.raises(BadInput, match=r"db-two\.of: found db, whose role rds fills; allowed: rds"):
            ask()


def test_a_stand_in_that_is_kept_leaves_the_role_to_what_took_it_over() -> None:
    blueprint = load_blueprint("listing")
    way = walk(config_of("listing", "mvp", db_two="db"), blueprint, "startup")
    before = way[-2].config
    kept = changed(
        way[-1].config,
        {
            "phaseup:overrides": {**way[-1].config.overrides, "db-two": {"kind": "hosted"}},
            "phaseup:restore": before.values["phaseup:restore"],
        },
    )
    assert effective(kept, blueprint, today=TODAY).roles["db"] == "rds"
    down = walk(kept, blueprint, "mvp")
    assert all("rds" not in step.allows.deletes for step in down)
    assert effective(down[-1].config, blueprint, today=TODAY).roles["db"] == "rds"


def test_a_live_successor_is_not_deleted_on_the_way_back_to_a_restored_block() -> None:
    blueprint = load_blueprint("listing")
    up = walk(config_of("listing", "mvp", queue_two="queue"), blueprint, "startup")[0].config
    moving = {**up.values["phaseup:moving"], "data": {"broker": "live"}}
    live = changed(up, {"phaseup:moving": {**moving, "traffic": 100}})
    assert all("broker" not in step.allows.deletes for step in steps(live, blueprint, "mvp", today=TODAY))


def test_requests_do_not_move_before_the_data() -> None:
    blueprint = load_blueprint("listing")
    up = walk(config_of("listing", "mvp"), blueprint, "startup")[0].config
    rashly = changed(up, {"phaseup:moving": {**up.values["phaseup:moving"], "traffic": 100}})
    with pytest.raises(BadInput, match="found 100 before rds has the rung live; allowed: 0: its rungs come first"):
        transition(up, rashly, blueprint)
    # Where somebody applied it all the same, the way back leaves the role where its data is.
    for step in steps(rashly, blueprint, "mvp", today=TODAY):
        assert effective(step.config, blueprint, today=TODAY).roles["db"] == "db"


def test_what_was_said_of_a_stand_in_is_said_of_its_own() -> None:
    blueprint = load_blueprint("meal")
    given = {"db-two": {"storage": 250, "max_storage": 600, "backup_days": 30}}
    config = changed(config_of("meal", "growth", db_two="db"), {"phaseup:overrides": given})
    again = restoring(config, "db-three", "db-two")
    for state in (again, steps(again, blueprint, "growth", today=TODAY)[-1].config):
        spec = effective(state, blueprint, today=TODAY).blocks["db-three"].spec
        assert (spec.storage, spec.backup_days) == (250, 30)  # type: ignore[attr-defined]


def test_what_is_said_under_the_blueprint_s_name_stays_with_what_is_kept() -> None:
    blueprint = load_blueprint("listing")
    config = changed(
        config_of("listing", "startup", rds_two="rds"), {"phaseup:overrides": {"rds": {"backup_days": 20}}}
    )
    last = walk(config, blueprint, "mvp")[-1].config
    assert effective(last, blueprint, today=TODAY).blocks["rds-two"].spec.backup_days == 20  # type: ignore[attr-defined]


def test_a_restored_block_s_version_is_raised_by_its_own_name() -> None:
    blueprint = load_blueprint("meal")
    config = config_of("meal", "growth", db_two="db")
    raised = changed(config, {"phaseup:versions": {"db-two": "18"}})
    step = transition(config, raised, blueprint)
    assert (step.kind, step.block) == ("apply", "db-two")
    assert effective(raised, blueprint, today=TODAY).blocks["db-two"].spec.version == "18"  # type: ignore[attr-defined]


def test_a_version_goes_with_its_block() -> None:
    blueprint = load_blueprint("wholesale")
    config = changed(config_of("wholesale", "scale"), {"phaseup:versions": {"db": "17"}})
    way = walk(config, blueprint, "enterprise")
    assert "phaseup:versions" not in way[-1].config.values
    assert transition(way[-2].config, way[-1].config, blueprint).kind == "contract"
    effective(way[-1].config, blueprint, today=TODAY)


def test_a_snapshot_is_said_in_one_place() -> None:
    blueprint = load_blueprint("meal")
    given = {"phaseup:overrides": {"db-two": {"restore": "other"}}}
    config = changed(config_of("meal", "growth", db_two="db"), given)
    with pytest.raises(BadInput, match=r"overrides\.db-two\.restore: found other; allowed: an entry of"):
        effective(config, blueprint, today=TODAY)


def test_what_stands_in_for_a_server_s_store_has_a_port_of_its_own() -> None:
    blueprint = load_blueprint("listing")
    blocks = effective(config_of("listing", "mvp", cache_two="cache"), blueprint, today=TODAY).blocks
    ports = [each.spec.listens for each in blocks.values() if each.kind == "hosted"]  # type: ignore[attr-defined]
    assert sorted(ports) == [5432, 6380, 6479]
