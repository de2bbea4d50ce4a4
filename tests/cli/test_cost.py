"""`phaseup cost`, on meal's first phase: the shape that checks rely on, and what a person reads."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cli.programs import parsed, phaseup, refused


@pytest.fixture(scope="module")
def document() -> Any:
    return parsed(phaseup("cost", "meal", "mvp", "--json"))


def test_the_promised_keys(document: Any) -> None:
    assert {"total", "categories", "unpriced", "budget", "within", "prices_as_of"} <= document.keys()
    assert document["budget"] == {"low": 50, "high": 100}
    assert document["within"] is (50 <= document["total"] <= 100)
    assert list(document["categories"]) == [
        "compute", "database", "cache", "search", "edge", "network", "storage", "other",
    ]  # fmt: skip
    assert document["hours"] == 730
    assert document["prices_as_of"].startswith("202")


def test_the_total_is_what_its_lines_and_categories_make(document: Any) -> None:
    assert document["total"] == pytest.approx(sum(line["usd"] for line in document["lines"]), abs=0.01)
    assert document["total"] == pytest.approx(sum(document["categories"].values()), abs=0.05)
    assert document["total"] == pytest.approx(sum(document["blocks"].values()), abs=0.2)
    assert all(line["source"] and line["unit"] for line in document["lines"])


def test_the_database_by_hand(document: Any) -> None:
    db = {line["what"]: line for line in document["lines"] if line["category"] == "database"}
    # eu-west-1: 0.069 an hour, 0.127 for each of 50 GB.
    assert round(db["db.t4g.medium"]["usd"], 2) == 50.37
    assert round(db["50 GB gp3"]["usd"], 2) == 6.35
    assert db["db.t4g.medium"]["estimate"] is None


def test_the_breakdown_is_the_source_s(document: Any) -> None:
    assert {name: share["source"] for name, share in document["breakdown"].items()} == {
        "compute": 30,
        "database": 15,
        "cache": 10,
        "edge": 0,
        "other": 20,
    }
    assert document["usage"]["images"]["storage_gb"] == 50


def test_what_a_person_reads() -> None:
    result = phaseup("cost", "meal", "mvp", "--environment", "dev")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].startswith("meal · mvp  dev, eu-west-1")
    assert "a month" in lines[1]
    assert "the source's" not in lines[1], "a source prices prod alone"
    assert "db.t4g.micro" in result.stdout
    assert "Usage assumed, a month" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"), [(("meal-moon",), "meal-moon"), (("nosuch", "mvp"), "nosuch"), (("meal", "moon"), "moon")]
)
def test_unknown_stacks_systems_and_phases(arguments: tuple[str, ...], said: str) -> None:
    assert said in refused("cost", *arguments)
