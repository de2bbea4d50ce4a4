"""Small graphs by hand, and what their lines come to."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from phaseup.graph.resource import State, make_urn
from phaseup.price.assumptions import Assumptions
from phaseup.price.book import Book, Price, Source
from phaseup.price.estimate import estimate
from phaseup.price.lines import Estimate

HERE = Source("here", "2026-11-01", "this test")
STACK, PROJECT = "shop-prod", "shop"


def block(name: str, kind: str = "Server") -> State:
    """A block's component."""
    return State(make_urn(STACK, PROJECT, "", f"phaseup:index:{kind}", name), f"phaseup:index:{kind}", custom=False)


def resource(type_: str, name: str, inputs: dict[str, Any], parent: State | None = None, **needs: list[State]) -> State:
    """A resource; `needs` are states by the property that came from them."""
    above = parent.urn if parent is not None else ""
    return State(
        make_urn(STACK, PROJECT, above, type_, name),
        type_,
        custom=True,
        id=f"id-of-{name}",
        inputs={"region": "us-east-1", **inputs},
        parent=above,
        property_dependencies={key: [state.urn for state in states] for key, states in needs.items()},
    )


def book(prices: Mapping[str, float], region: str = "us-east-1") -> Book:
    """Prices of one region, each with a unit of `h`."""
    return Book([Price(key, region, "h", usd, HERE) for key, usd in prices.items()])


def priced(
    *states: State,
    usage: Mapping[str, Mapping[str, Any]] | None = None,
    purchase: Mapping[str, Mapping[str, float]] | None = None,
    known: Book | None = None,
    home: str = "us-east-1",
) -> Estimate:
    return estimate(list(states), Assumptions(usage or {}, purchase or {}, home), known)


def sums(made: Estimate) -> dict[str, float]:
    """Key → dollars, to the hundredth of a cent."""
    found: dict[str, list[float]] = {}
    for line in made.lines:
        found.setdefault(line.price.key, []).append(line.usd)
    return {key: round(math.fsum(parts), 4) for key, parts in found.items()}
