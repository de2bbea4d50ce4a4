"""The price book of the package: every row has a region, a unit, a source and a day; no guess is silent."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from phaseup.price.book import GLOBAL, Book, Price, installed, load
from tests.price.making import HERE

UNITS = {
    "h", "GB", "GB-month", "LCU-h", "ACU-h", "RCU-h", "WCU-h", "vCPU-h", "vCPU-month", "IOPS-month", "MBps-month",
    "month", "metric-month", "alarm-month", "seat-month", "run", "1M", "1M ms", "GB-s", "x",
}  # fmt: skip


def test_every_price_says_where_when_and_of_what() -> None:
    for price in installed():
        assert price.unit in UNITS, price
        assert price.source.what, price
        assert date(2020, 1, 1) < date.fromisoformat(price.source.date) < date(2026, 11, 23), price
        assert price.region == GLOBAL or price.region.count("-") == 2, price


def test_only_what_is_given_away_costs_nothing() -> None:
    assert [price.key for price in installed() if price.usd == 0] == ["cloudflare:plan:free"]


def test_valkey_costs_a_fifth_less_than_redis_wherever_both_are_known() -> None:
    book, both = installed(), 0
    for key in sorted(book.keys()):
        if key.startswith("elasticache:valkey:"):
            redis = book.own(key.replace("valkey", "redis"), "us-east-1")
            valkey = book.own(key, "us-east-1")
            if redis is not None and valkey is not None:
                both += 1
                assert valkey.usd == pytest.approx(redis.usd * 0.8, rel=0.01), key
    assert both >= 10


def test_multi_az_has_prices_of_its_own_about_twice_the_single() -> None:
    book = installed()
    of = [price for price in book if price.key.startswith("rds:postgres:multi-az:")]
    assert len(of) >= 4
    for price in of:
        single = book.price(price.key.replace("multi-az:", ""), price.region)
        assert single is not None
        if single.region == price.region:
            assert price.usd == pytest.approx(2 * single.usd, rel=0.02, abs=0.0011), price.key  # lists round to 0.001


def test_sizes_of_a_family_double_or_a_row_is_of_another_type() -> None:
    book = installed()
    for family in ("m7g", "m7i", "r7g", "c7g"):
        large, twice = book.own(f"ec2:{family}.large", "eu-west-1"), book.own(f"ec2:{family}.xlarge", "eu-west-1")
        assert large is not None
        assert twice is not None
        assert twice.usd == pytest.approx(2 * large.usd, rel=0.005)


def test_a_region_without_its_own_price_shows_whose_it_is() -> None:
    book = installed()
    own, other = book.price("nat:hour", "eu-west-1"), book.price("nat:hour", "ca-central-1")
    assert own is not None
    assert (own.usd, own.estimate) == (0.048, "")
    assert other is not None
    assert (other.usd, other.estimate) == (0.045, "from us-east-1")
    elsewhere = Book([Price("a", "sa-east-1", "h", 1, HERE)]).price("a", "eu-west-1")
    assert elsewhere is not None
    assert elsewhere.estimate == "from sa-east-1"
    everywhere = book.price("cloudflare:plan:pro", "eu-west-1")
    assert everywhere is not None
    assert everywhere.estimate == ""


def test_what_stands_in_for_another_thing_says_so() -> None:
    price = installed().price("rds:postgres:db.r8g.large", "us-east-1")
    assert price is not None
    assert price.estimate == "as RDS for MySQL"


def test_a_size_that_is_not_listed_is_a_multiple_of_the_nearest_and_says_so() -> None:
    book = installed()
    price = book.price("rds:postgres:db.m7g.8xlarge", "us-east-1")
    assert price is not None
    assert (price.key, round(price.usd, 4), price.estimate) == (
        "rds:postgres:db.m7g.8xlarge",
        2.696,
        "as 4 × db.m7g.2xlarge",
    )
    search = book.price("opensearch:m7g.2xlarge.search", "ca-central-1")
    assert search is not None
    assert (search.usd, search.estimate) == (0.54, "from us-east-1; as 4 × m7g.large")
    small = book.price("elasticache:valkey:cache.t3.medium", "us-east-1")
    assert small is not None
    assert small.estimate == ""


def test_sizes_known_agree_with_the_rule_that_fills_the_gaps() -> None:
    book, held = installed(), 0
    for price in book:
        services = ("rds:postgres:db.m", "elasticache:valkey:cache.r", "aurora:postgres:db.r")
        if price.key.startswith(services) and price.key.endswith(".xlarge"):
            large = book.own(price.key.replace(".xlarge", ".large"), price.region)
            if large is not None:
                held += 1
                assert price.usd == pytest.approx(2 * large.usd, rel=0.01), price.key
    assert held >= 8


def test_an_unknown_key_has_no_price() -> None:
    assert installed().price("ec2:m99.huge", "us-east-1") is None
    assert installed().factor("reserved-3y", "opensearch") is None


def test_reading_a_book_that_lacks_a_source_or_says_a_thing_twice(tmp_path: Path) -> None:
    (tmp_path / "sources.csv").write_text("id,date,what\nhere,2026-11-01,a test\n")
    (tmp_path / "options.csv").write_text("option,service,factor,source\n")
    (tmp_path / "allowances.csv").write_text("key,quantity,source\n")
    prices = tmp_path / "prices.csv"
    head = "key,region,unit,usd,source,stands_in\n"
    prices.write_text(head + "a,us-east-1,h,1,nowhere,\n")
    with pytest.raises(ValueError, match=r"source nowhere is not in sources\.csv"):
        load(tmp_path)
    prices.write_text(head + "a,us-east-1,h,1,here,\na,us-east-1,h,2,here,\n")
    with pytest.raises(ValueError, match="a: two prices in us-east-1"):
        load(tmp_path)
    prices.write_text(head + "a,us-east-1,h,-1,here,\n")
    with pytest.raises(ValueError, match="-1 is no price"):
        load(tmp_path)
