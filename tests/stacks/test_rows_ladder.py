"""The rung `rows`: which shard holds which rows changes in an apply of its own, and never goes back by itself."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from components.postgres import PostgresSpec
from stacks.models import Block
from stacks.moves import LADDERS, Between, join_specs
from stacks.moves.kept import keep
from stacks.moves.ladders import ladder_of, needed_rungs

SHARDS = {"one": {}, "two": {}, "three": {}}
KEYS = st.sampled_from(["mercadona", "lidl", "dia", "consum"])
HOLDS = st.dictionaries(KEYS, st.sampled_from(sorted(SHARDS)), max_size=4)


def spec(holds: dict[str, str], shards: dict[str, dict[str, object]] | None = None) -> PostgresSpec:
    given = SHARDS if shards is None else shards
    return PostgresSpec.model_validate({"instance": "db.m7g.large", "storage": 100, "shards": given, "holds": holds})


def block(of: PostgresSpec, takes_over: str | None = None) -> Block:
    return Block("db", "postgres", of, takes_over)


def joined(old: PostgresSpec, new: PostgresSpec, rung: str | None, traffic: int = 100) -> PostgresSpec:
    found = join_specs(old, new, Between(traffic, rung, ladder_of(block(new))))
    assert isinstance(found, PostgresSpec)
    return found


def test_shards_come_with_expand_and_rows_with_their_rung_whatever_the_traffic() -> None:
    old, new = spec({}, {}), spec({"mercadona": "one", "lidl": "two"})
    assert needed_rungs(block(old), block(new)) == ["rows"]
    for traffic in (0, 50, 100):
        assert set(joined(old, new, None, traffic).shards) == set(SHARDS)
        assert joined(old, new, None, traffic).holds == {}
        assert joined(old, new, "rows", traffic).holds == new.holds


def test_a_key_that_moves_from_one_shard_to_another_needs_the_rung_too() -> None:
    old, new = spec({"lidl": "two", "dia": "one"}), spec({"lidl": "three", "dia": "one"})
    assert needed_rungs(block(old), block(new)) == ["rows"]
    assert joined(old, new, None).holds == old.holds
    assert joined(old, new, "rows").holds == new.holds


def test_shards_without_rows_need_no_rung() -> None:
    assert needed_rungs(block(spec({}, {})), block(spec({}))) == []


@given(old=HOLDS, new=HOLDS)
def test_the_map_is_the_old_one_below_the_rung_and_the_new_one_above(old: dict[str, str], new: dict[str, str]) -> None:
    below, above = joined(spec(old), spec(new), None).holds, joined(spec(old), spec(new), "rows").holds
    assert below == old
    assert above == {**old, **new}, "what only the old side names stays until contract"
    rises = any(old.get(key) != shard for key, shard in new.items())
    assert needed_rungs(block(spec(old)), block(spec(new))) == (["rows"] if rises else [])


def test_a_block_that_took_a_role_over_grows_shards_by_the_same_rung() -> None:
    old, new = spec({}, {}), spec({"lidl": "two"})
    assert needed_rungs(block(old, "files"), block(new, "files")) == ["rows"]
    assert needed_rungs(None, block(new, "files")) == ["empty", "fence", "load", "live"]
    ladder = ladder_of(block(new, "files"))
    assert ladder is not None
    assert join_specs(old, new, Between(0, "live", ladder)).model_dump()["holds"] == {}
    assert join_specs(old, new, Between(0, "rows", ladder)).model_dump()["holds"] == {"lidl": "two"}


def test_on_the_way_down_shards_and_their_map_are_kept_and_the_manual_way_is_told() -> None:
    keeping = keep({"db": block(spec({"lidl": "two"}))}, {"db": block(spec({}, {}))})
    assert keeping.overrides == {"db": {"shards": SHARDS, "holds": {"lidl": "two"}}}
    ((name, rung, refusal),) = keeping.refused
    assert (name, rung) == ("db", "rows")
    assert "cannot be gone back over" in refusal.reason
    assert "copy the rows" in refusal.manual
    assert any("shards do not merge" in kept.why for kept in keeping.kept)


def test_a_move_taken_back_before_the_rung_keeps_the_empty_shards_and_no_map() -> None:
    keeping = keep({"db": block(spec({}))}, {"db": block(spec({}, {}))})
    assert keeping.overrides == {"db": {"shards": SHARDS}}
    assert not keeping.refused


def test_rows_is_one_way_but_the_move_may_be_taken_back_around_it() -> None:
    rungs = [ladder.rung("rows") for ladder in LADDERS if "rows" in ladder.names]
    assert len(rungs) == 3
    assert all(rung.one_way and not rung.irrevocable for rung in rungs)
