"""An estimate beside what the source of its phase says: the range, and its own way of dividing it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from phaseup.price.lines import CATEGORIES, Category, Estimate

_WORDS: Final[Mapping[str, Category]] = {
    "cdn": "edge",
    "dns": "edge",
    "cloudflare": "edge",
    "hosting": "compute",
    "server": "compute",
    "servers": "compute",
    "app": "compute",
    "backend": "compute",
    "frontend": "edge",
    "workers": "compute",
    "kubernetes": "compute",
    "db": "database",
    "postgres": "database",
    "postgresql": "database",
    "redis": "cache",
    "elasticsearch": "search",
    "opensearch": "search",
    "s3": "storage",
    "bandwidth": "network",
    "networking": "network",
    "transfer": "network",
    "load": "network",
}
"""Words of sources for our categories."""
_TAKES_IN: Final[Mapping[Category, Category]] = {
    "storage": "other",
    "network": "other",
    "search": "other",
    "edge": "other",
}
"""Where a category goes that a source does not name: into its rest."""


class Share(NamedTuple):
    """One entry of a source's breakdown, with the categories that it covers."""

    source: float
    estimate: float | None
    """None where the source's word means none of our categories."""
    categories: tuple[Category, ...]


def within(total: float, low: float | None, high: float | None) -> bool | None:
    """Whether a total is in the source's range; None where there is none."""
    if low is None and high is None:
        return None
    return (low is None or total >= low) and (high is None or total <= high)


def breakdown(estimate: Estimate, source: Mapping[str, float] | None) -> dict[str, Share] | None:
    """The source's entries in its order, each beside what our categories under that name come to; what the source
    does not name is in its `other`, if it has one."""
    if source is None:
        return None
    named: dict[str, tuple[Category, ...]] = {name: categories_of(name) for name in source}
    covered = {category for categories in named.values() for category in categories}
    rest = [each for each, into in _TAKES_IN.items() if each not in covered and into in covered]
    sums = estimate.categories()
    out: dict[str, Share] = {}
    for name, usd in source.items():
        categories = named[name] + (tuple(rest) if "other" in named[name] else ())
        amount = math.fsum(sums[each] for each in categories) if categories else None
        out[name] = Share(usd, amount, categories)
    return out


def categories_of(name: str) -> tuple[Category, ...]:
    """Our categories under a source's name: `storage_cdn_other` is storage, edge and other."""
    found: dict[Category, None] = {}
    for word in re.split(r"[^a-z0-9]+", name.lower()):
        category = next((each for each in CATEGORIES if each == word), None) or _WORDS.get(word)
        if category is not None:
            found[category] = None
    return tuple(found)


def difference(before: Estimate, after: Estimate) -> dict[str, float]:
    """URN → dollars a month more (or less), for each resource whose price changes; each side is priced by itself."""
    old, new = before.by_urn(), after.by_urn()
    changes = {urn: new.get(urn, 0.0) - old.get(urn, 0.0) for urn in [*old, *(urn for urn in new if urn not in old)]}
    return {urn: usd for urn, usd in changes.items() if abs(usd) > 1e-9}


def rounded(estimate: Estimate) -> dict[str, Any]:
    """Categories to the cent."""
    return {category: round(usd, 2) for category, usd in estimate.categories().items()}
