"""A costs page says of a figure that nobody stated where it is missing: home, or one of the other regions."""

from __future__ import annotations

from typing import Any

from phaseup.docs.costs import costs_page
from phaseup.price.assumptions import Assumptions
from phaseup.price.lines import Estimate, Unstated
from phaseup.price.report import Report
from stacks.models.load_blueprint import load_blueprint
from tests.stacks.sample import config


def page(*unstated: Unstated) -> str:
    blueprint = load_blueprint("listing")
    first: Any = blueprint.names[0]
    made = Report(config(environment="prod"), Estimate(unstated=unstated), Assumptions(), None, None, None)
    return costs_page(blueprint, {first: made})


def test_a_missing_figure_is_told_with_its_region() -> None:
    text = page(Unstated("net", "", "nat_gb"), Unstated("net", "us-west-2", "nat_gb"))
    assert "not stated: `net` nat_gb, `net` nat_gb in us-west-2." in text


def test_a_page_without_missing_figures_says_nothing_of_them() -> None:
    assert "not stated" not in page()
