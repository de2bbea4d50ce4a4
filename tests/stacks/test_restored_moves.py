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
