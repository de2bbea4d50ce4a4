"""What prices each resource type: a handler, or a reason why it is free (`data/free.csv`); else it is unpriced."""

from __future__ import annotations

import csv
from functools import lru_cache
from typing import Final

from phaseup.price.book import DATA
from phaseup.price.handlers import (
    aurora,
    balancers,
    brokers,
    caches,
    cloudfront,
    compute,
    databases,
    edge,
    keeping,
    network,
    pods,
    searches,
    serverless,
    stores,
    vaults,
    volumes,
    watching,
)
from phaseup.price.sheet import Handler

_MODULES: Final = (
    compute,
    volumes,
    network,
    balancers,
    databases,
    aurora,
    caches,
    searches,
    brokers,
    stores,
    vaults,
    serverless,
    watching,
    keeping,
    edge,
    cloudfront,
    pods,
)
HANDLERS: Final[dict[str, Handler]] = {
    type_: handler for module in _MODULES for type_, handler in module.HANDLERS.items()
}


@lru_cache(maxsize=1)
def _free() -> tuple[dict[str, str], tuple[tuple[str, str], ...]]:
    """Whole types, and beginnings of types, each with its reason."""
    with (DATA / "free.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["type"], row["reason"]) for row in csv.DictReader(file)]
    starts = tuple((type_[:-1], reason) for type_, reason in rows if type_.endswith("*"))
    return {type_: reason for type_, reason in rows if not type_.endswith("*")}, starts


def why_free(type_: str) -> str:
    """Why a type costs nothing; empty where nobody says that it does."""
    whole, starts = _free()
    if type_ in whole:
        return whole[type_]
    return next((reason for start, reason in starts if type_.startswith(start)), "")
