"""The laws of the joins, over any two shapes of a block."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.spec import Join, Spec, joined
from stacks.models.classes import memory_gib
from stacks.moves import Between, join_specs
from stacks.moves.joins import larger
from stacks.moves.ladders import CACHE
from tests.stacks.sample import CacheSpec, PostgresSpec, ReplicaSpec, ServerSpec, ZoneSpec

NAMES = st.sampled_from("abcd")
CLASSES = st.sampled_from(["db.t4g.medium", "db.m7g.large", "db.m7g.xlarge", "db.r7g.large", "db.x1e.xlarge"])
POSTGRES = st.builds(
    PostgresSpec,
    instance=CLASSES,
    storage=st.integers(20, 500),
    max_storage=st.none() | st.integers(600, 900),
    multi_az=st.booleans(),
    replicas=st.dictionaries(NAMES, st.builds(ReplicaSpec, instance=st.none() | CLASSES)),
    parameters=st.dictionaries(NAMES, st.sampled_from("xy")),
)
CACHES = st.builds(
    CacheSpec,
    use=st.just("cache"),
    instance=st.just("cache.t4g.small"),
    nodes=st.integers(1, 6),
    cluster=st.sampled_from(["disabled", "compatible", "enabled"]),
    shards=st.integers(1, 4),
)
BETWEEN = st.builds(Between, st.sampled_from([0, 10, 100]), st.none() | st.sampled_from(CACHE.names), st.just(CACHE))


@given(POSTGRES | CACHES, BETWEEN)
def test_a_block_joined_with_itself_is_itself(spec: Spec, between: Between) -> None:
    assert join_specs(spec, spec, between) == spec


@given(POSTGRES, POSTGRES, BETWEEN)
def test_joining_again_with_either_side_changes_nothing(old: PostgresSpec, new: PostgresSpec, between: Between) -> None:
    wide = join_specs(old, new, between)
    assert join_specs(wide, new, between) == wide


@given(POSTGRES, POSTGRES, BETWEEN)
def test_max_is_at_least_both_and_union_holds_both(old: PostgresSpec, new: PostgresSpec, between: Between) -> None:
    wide = join_specs(old, new, between)
    assert isinstance(wide, PostgresSpec)
    assert wide.storage == max(old.storage, new.storage)
    assert wide.multi_az == (old.multi_az or new.multi_az)
    assert wide.replicas.keys() == old.replicas.keys() | new.replicas.keys()
    assert wide.parameters == new.parameters
    known = [memory_gib(each.instance) for each in (old, new)]
    if None not in known:
        assert memory_gib(wide.instance) == max(known)  # type: ignore[type-var]


@given(CACHES, CACHES, BETWEEN)
def test_a_ladder_field_never_falls_and_never_passes_its_rung(old: CacheSpec, new: CacheSpec, between: Between) -> None:
    wide = join_specs(old, new, between)
    assert isinstance(wide, CacheSpec)
    words = ["disabled", "compatible", "enabled"]
    assert words.index(wide.cluster) >= words.index(old.cluster)
    assert wide.nodes >= old.nodes
    assert wide.shards >= old.shards
    for value, rung in ((wide.cluster, wide.cluster), (wide.nodes, "replicated"), (wide.shards, "shards")):
        before = {"replicated": old.nodes, "shards": old.shards}.get(rung, old.cluster)
        if value != before:
            assert CACHE.reached(between.rung, rung)


@pytest.mark.parametrize("rung", [None, "replicated", "compatible", "enabled", "shards"])
def test_the_cache_rises_rung_by_rung(rung: str | None) -> None:
    old = CacheSpec(use="cache", instance="cache.t4g.small")
    new = CacheSpec(use="cache", instance="cache.r7g.large", nodes=3, cluster="enabled", shards=4)
    wide = join_specs(old, new, Between(0, rung, CACHE))
    expected = {
        None: (1, "disabled", 1),
        "replicated": (3, "disabled", 1),
        "compatible": (3, "compatible", 1),
        "enabled": (3, "enabled", 1),
        "shards": (3, "enabled", 4),
    }
    assert (wide.nodes, wide.cluster, wide.shards) == expected[rung]  # type: ignore[attr-defined]
    assert wide.instance == "cache.r7g.large"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("old", "new", "order", "expected"),
    [
        (1, 2, (), 2),
        (2, 1, (), 2),
        (False, True, (), True),
        (True, False, (), True),
        ("none", "per_az", ("none", "one", "per_az"), "per_az"),
        ("per_az", "one", ("none", "one", "per_az"), "per_az"),
        ("db.t4g.medium", "db.m7g.xlarge", (), "db.m7g.xlarge"),
        ("db.m7g.xlarge", "db.t4g.medium", (), "db.m7g.xlarge"),
        ("db.r7g.large", "db.m7g.xlarge", (), "db.r7g.large"),  # as much memory: no order, the old one
        ("db.x1e.xlarge", "db.m7g.24xlarge", (), "db.x1e.xlarge"),  # unknown: the old one
        ("cache.t4g.micro", "cache.t4g.small", (), "cache.t4g.small"),
        (None, 5, (), None),
        (5, None, (), 5),
        ("a", "b", (), "a"),
        ("a", "b", ("b",), "a"),
    ],
)
def test_larger(old: Any, new: Any, order: tuple[str, ...], expected: Any) -> None:
    assert larger(old, new, order) == expected


class Odd(Spec):
    now: str = joined(Join.NOW, "")
    late: bool = joined(Join.LATE, False)
    items: list[str] = joined(Join.UNION, list)
    pair: tuple[str, ...] = joined(Join.UNION, ())
    some: frozenset[str] = joined(Join.UNION, frozenset)
    flag: bool = joined(Join.UNION, False)
    maybe: str | None = joined(Join.UNION, None)
    side: str = joined(Join.TRAFFIC, "")
    sides: dict[str, str] = joined(Join.TRAFFIC, dict)
    plain: dict[str, str] = joined(Join.NOW, dict)
    kept: dict[str, str] = joined(Join.LATE, dict)
    sizes: dict[str, int] = joined(Join.MAX, dict)
    ladder: int = joined(Join.LADDER, 1)


OLD = Odd(
    now="o", late=True, items=["a", "b"], pair=("x",), some=frozenset("p"), maybe="m", side="o", sides={"k": "o"},
    plain={"k": "o", "gone": "o"}, kept={"k": "o"}, sizes={"k": 2, "o": 1},
)  # fmt: skip
NEW = Odd(
    now="n", late=False, items=["b", "c"], pair=("y",), some=frozenset("q"), flag=True, side="n", sides={"k": "n"},
    plain={"k": "n", "new": "n"}, kept={"k": "n", "new": "n"}, sizes={"k": 1, "n": 3}, ladder=4,
)  # fmt: skip


@pytest.mark.parametrize(("traffic", "side"), [(0, "o"), (99, "o"), (100, "n")])
def test_every_join_by_example(traffic: int, side: str) -> None:
    assert join_specs(OLD, NEW, Between(traffic)) == Odd(
        now="n",
        late=True,
        items=["a", "b", "c"],
        pair=("x", "y"),
        some=frozenset("pq"),
        flag=True,
        maybe="m",
        side=side,
        sides={"k": side},
        plain={"k": "n", "new": "n"},
        kept={"k": "o"},
        sizes={"k": 2, "o": 1, "n": 3},
        ladder=1,
    )


def test_nested_specs_are_joined_field_by_field() -> None:
    old = ServerSpec(instance="t4g.medium", count={"min": 2, "max": 2}, spot=False)  # type: ignore[arg-type]
    new = ServerSpec(instance="t4g.small", count={"min": 1, "max": 5}, spot=True)  # type: ignore[arg-type]
    wide = join_specs(old, new, Between(100))
    assert wide.model_dump() == {
        "instance": "t4g.medium",
        "count": {"min": 2, "max": 5},
        "spot": False,
        "data": False,
    }


def test_a_map_of_specs_joins_what_both_have() -> None:
    old = ZoneSpec(hosts={"www": {"to": "app"}, "old": {"to": "app"}})  # type: ignore[arg-type]
    new = ZoneSpec(hosts={"www": {"to": "lb"}, "new": {"to": "lb"}})  # type: ignore[arg-type]
    for traffic, www in ((0, "app"), (100, "lb")):
        wide = join_specs(old, new, Between(traffic))
        assert {k: v.to for k, v in wide.hosts.items()} == {"www": www, "old": "app", "new": "lb"}  # type: ignore[attr-defined]


def test_two_kinds_do_not_join() -> None:
    with pytest.raises(TypeError, match="two kinds"):
        join_specs(OLD, ZoneSpec(), Between(0))


@pytest.mark.parametrize(
    ("name", "gib"),
    [
        ("t4g.nano", 0.5), ("t3.2xlarge", 32), ("db.t4g.medium", 4), ("cache.m7g.large", 8), ("m7g.medium", 4),
        ("r7g.16xlarge", 512), ("c7gn.xlarge", 8), ("x2gd.medium", 16), ("db.serverless", None), ("m7g.metal", None),
        ("m3.large", None), ("x1e.xlarge", None), ("", None), ("growth", None),
    ],
)  # fmt: skip
def test_memory(name: str, gib: float | None) -> None:
    assert memory_gib(name) == gib
