"""An estimate beside its source: the range, the breakdown in the source's own words, what stays null."""

from __future__ import annotations

import pytest

from phaseup.price.book import installed
from phaseup.price.compare import breakdown, categories_of, within
from phaseup.price.lines import Category, Estimate, Line


def made(**usd: float) -> Estimate:
    price = installed().price("kms:key", "us-east-1")
    assert price is not None
    names: dict[str, Category] = {
        "compute": "compute",
        "database": "database",
        "cache": "cache",
        "search": "search",
        "edge": "edge",
        "network": "network",
        "storage": "storage",
        "other": "other",
    }
    return Estimate(tuple(Line(name, "b", names[name], "w", amount, price) for name, amount in usd.items()))


@pytest.mark.parametrize(
    ("total", "low", "high", "expected"),
    [
        (75, 50, 100, True),
        (50, 50, 100, True),
        (100, 50, 100, True),
        (100.01, 50, 100, False),
        (49.99, 50, 100, False),
        (75, None, 100, True),
        (101, None, 100, False),
        (75, 50, None, True),
        (49, 50, None, False),
        (75, None, None, None),
    ],
)
def test_within_the_range_ends_included(
    total: float, low: float | None, high: float | None, expected: bool | None
) -> None:
    assert within(total, low, high) is expected


def test_what_a_source_does_not_name_is_in_its_rest() -> None:
    """meal's plan: compute, database, cache, edge, other."""
    source = {"compute": 150.0, "database": 100.0, "cache": 50.0, "edge": 50.0, "other": 50.0}
    shares = breakdown(
        made(compute=10, database=20, cache=30, search=5, edge=40, network=6, storage=7, other=8), source
    )
    assert shares is not None
    assert {name: (share.source, share.estimate) for name, share in shares.items()} == {
        "compute": (150.0, 10),
        "database": (100.0, 20),
        "cache": (50.0, 30),
        "edge": (50.0, 40),
        "other": (50.0, 26),
    }


def test_several_of_ours_under_one_of_the_source_s() -> None:
    """wholesale's plan: compute, database, cache, search, and the rest in one."""
    source = {"compute": 35000.0, "database": 25000.0, "cache": 8000.0, "search": 5000.0, "storage_cdn_other": 7000.0}
    shares = breakdown(made(compute=1, database=2, cache=3, search=4, edge=5, network=6, storage=7, other=8), source)
    assert shares is not None
    assert shares["search"].estimate == 4
    assert shares["storage_cdn_other"].estimate == 5 + 7 + 8 + (
        6 if "network" in shares["storage_cdn_other"].categories else 0
    )
    assert set(shares["storage_cdn_other"].categories) == {"storage", "edge", "other", "network"}


def test_no_breakdown_is_null_and_an_unknown_word_has_no_estimate() -> None:
    assert breakdown(made(compute=1), None) is None
    shares = breakdown(made(compute=1), {"marketing": 100.0})
    assert shares is not None
    assert shares["marketing"] == (100.0, None, ())
    assert categories_of("Redis & CDN") == ("cache", "edge")
    assert categories_of("networking") == ("network",)
