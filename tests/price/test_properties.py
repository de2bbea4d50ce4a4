"""What holds of any graph: a total is the sum of its lines, however they are grouped; more of a thing costs in
proportion; a change costs the opposite of its way back; an allowance is taken off once."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from phaseup.graph.resource import State
from phaseup.price.book import installed
from phaseup.price.compare import breakdown, difference
from phaseup.price.estimate import allowed
from phaseup.price.lines import CATEGORIES, Estimate, Line
from tests.price.making import block, book, priced, resource

CLASSES = st.sampled_from(["db.t4g.medium", "db.m7g.large", "db.m7g.xlarge", "db.r6g.2xlarge", "db.unknown.huge"])
PRICES = book({"ec2:m7g.large": 0.08, "transfer:internet": 0.09, "rds:postgres:db.m7g.large": 0.2, "rds:gp3": 0.1})


@st.composite
def graphs(draw: st.DrawFn) -> list[State]:
    states: list[State] = []
    for n in range(draw(st.integers(0, 4))):
        at = block(f"db{n}", "Postgres")
        inputs: dict[str, Any] = {
            "engine": "postgres",
            "instanceClass": draw(CLASSES),
            "allocatedStorage": draw(st.integers(20, 2000)),
            "storageType": draw(st.sampled_from(["gp2", "gp3"])),
            "multiAz": draw(st.booleans()),
        }
        states += [at, resource("aws:rds/instance:Instance", f"db{n}-primary", inputs, at)]
    for n in range(draw(st.integers(0, 4))):
        states.append(resource("aws:kms/key:Key", f"key{n}", {}))
    return states


def close(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)


@settings(deadline=None)
@given(graphs())
def test_a_total_is_the_sum_of_its_lines_categories_blocks_and_resources(states: list[State]) -> None:
    made = priced(*states)
    total = math.fsum(line.usd for line in made.lines)
    assert close(made.total, total)
    assert close(math.fsum(made.categories().values()), total)
    assert close(math.fsum(made.by_block().values()), total)
    assert close(math.fsum(made.by_urn().values()), total)
    assert all(line.usd >= 0 for line in made.lines)


@settings(deadline=None)
@given(graphs())
def test_every_resource_is_priced_free_or_told(states: list[State]) -> None:
    made = priced(*states)
    told = {line.urn for line in made.lines} | set(made.unpriced_urns) | set(made.free)
    assert {state.urn for state in states if state.custom} <= told


@settings(deadline=None)
@given(graphs(), graphs())
def test_a_change_costs_the_opposite_of_its_way_back(old: list[State], new: list[State]) -> None:
    there, back = difference(priced(*old), priced(*new)), difference(priced(*new), priced(*old))
    assert there.keys() == back.keys()
    assert all(close(there[urn], -back[urn]) for urn in there)
    assert close(math.fsum(there.values()), priced(*new).total - priced(*old).total)


@settings(deadline=None)
@given(graphs())
def test_no_change_costs_nothing(states: list[State]) -> None:
    assert difference(priced(*states), priced(*states)) == {}


@given(st.floats(0, 1e6), st.floats(0, 100))
def test_usage_costs_in_proportion(gigabytes: float, times: float) -> None:
    at = block("app")
    one = resource("aws:iam/role:Role", "any", {}, at)
    once = priced(at, one, usage={"app": {"egress_gb": gigabytes}}, known=PRICES).total
    assert close(once, gigabytes * 0.09)
    assert close(priced(at, one, usage={"app": {"egress_gb": gigabytes * times}}, known=PRICES).total, once * times)


@given(st.lists(st.floats(0, 1e5), max_size=6), st.sampled_from(["cloudwatch:logs", "lambda:request", "ecr:storage"]))
def test_an_allowance_is_taken_off_once_for_all_lines_of_a_key(quantities: list[float], key: str) -> None:
    known = installed()
    price = known.price(key, "us-east-1")
    assert price is not None
    free = known.allowances[key].quantity if key in known.allowances else 0.0
    lines = allowed([Line(f"u{n}", "b", "other", "w", each, price) for n, each in enumerate(quantities)], known)
    paid = math.fsum(line.usd for line in lines)
    assert math.isclose(paid, max(math.fsum(quantities) - free, 0) * price.usd, rel_tol=1e-9, abs_tol=1e-6)
    assert math.fsum(line.included for line in lines) <= free + 1e-6


@given(
    st.dictionaries(st.sampled_from([*CATEGORIES, "cdn", "storage_cdn_other", "snacks"]), st.floats(0, 1e5), min_size=1)
)
def test_a_breakdown_never_counts_a_category_that_is_named_elsewhere_into_the_rest(source: dict[str, float]) -> None:
    price = installed().price("kms:key", "us-east-1")
    assert price is not None
    lines = tuple(Line(f"u{n}", "b", category, "w", 1, price) for n, category in enumerate(CATEGORIES))
    made = breakdown(Estimate(lines), source)
    assert made is not None
    assert list(made) == list(source)
    for name, share in made.items():
        assert share.estimate is None if not share.categories else close(share.estimate or 0, len(share.categories))
        if name == "snacks":
            assert share.categories == ()
    if "other" in source and "network" in source:
        assert "network" not in made["other"].categories
