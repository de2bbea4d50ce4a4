"""What an estimate consists of: priced lines, what has no price, what nobody stated."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from phaseup.price.book import Price

HOURS: Final = 730.0
"""Hours of a month, as AWS's calculator and Infracost count them."""

Category = Literal["compute", "database", "cache", "search", "edge", "network", "storage", "other"]
CATEGORIES: Final[tuple[Category, ...]] = (
    "compute",
    "database",
    "cache",
    "search",
    "edge",
    "network",
    "storage",
    "other",
)
ON_DEMAND: Final = "on-demand"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is paid for: so much of one price."""

    urn: str
    block: str
    category: Category
    what: str
    """For people, e.g. `2 × m7g.xlarge`."""
    quantity: float
    """In the price's unit, for a month."""
    price: Price
    option: str = ON_DEMAND
    factor: float = 1.0
    """What the option leaves of the price."""
    included: float = 0.0
    """How much of the quantity the account has free each month."""

    @property
    def usd(self) -> float:
        """US dollars a month."""
        return max(self.quantity - self.included, 0.0) * self.price.usd * self.factor

    @property
    def estimate(self) -> str:
        """Why the line is no more than an estimate; empty where it is the price."""
        spot = "spot: half of on demand" if self.option == "spot" else ""
        return "; ".join(part for part in (self.price.estimate, spot) if part)

    def to_json(self) -> dict[str, Any]:
        """One entry of `cost --json`'s `lines`."""
        return {
            "urn": self.urn,
            "block": self.block,
            "category": self.category,
            "what": self.what,
            "quantity": round(self.quantity, 6),
            "included": round(self.included, 6),
            "unit": self.price.unit,
            "price": self.price.usd,
            "option": self.option,
            "factor": self.factor,
            "usd": round(self.usd, 4),
            "region": self.price.asked or self.price.region,
            "source": f"{self.price.source.id} {self.price.source.date}",
            "estimate": self.estimate or None,
        }


@dataclass(frozen=True, slots=True, order=True)
class Unpriced:
    """A resource, or a part of one, that costs something the book does not know."""

    urn: str
    why: str


@dataclass(frozen=True, slots=True, order=True)
class Unstated:
    """A figure of `usage` of a block in a place: one that would be priced and is not stated, or the other way round."""

    block: str
    region: str
    """Empty at home."""
    figure: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """A month of one graph."""

    lines: tuple[Line, ...] = ()
    unpriced: tuple[Unpriced, ...] = ()
    unstated: tuple[Unstated, ...] = ()
    unused: tuple[Unstated, ...] = ()
    """Figures that are stated, and that nothing is priced with."""
    free: Mapping[str, str] = field(default_factory=dict)
    """URN → why it costs nothing, of what costs nothing."""

    @property
    def total(self) -> float:
        """US dollars a month, of what is priced."""
        return math.fsum(line.usd for line in self.lines)

    def categories(self) -> dict[Category, float]:
        """Dollars by category, each of them, in their order."""
        return {
            category: math.fsum(line.usd for line in self.lines if line.category == category) for category in CATEGORIES
        }

    def by_urn(self) -> dict[str, float]:
        """Dollars by resource."""
        found: dict[str, list[float]] = {}
        for line in self.lines:
            found.setdefault(line.urn, []).append(line.usd)
        return {urn: math.fsum(parts) for urn, parts in found.items()}

    def by_block(self) -> dict[str, float]:
        """Dollars by block, in the order of its first line."""
        found: dict[str, list[float]] = {}
        for line in self.lines:
            found.setdefault(line.block, []).append(line.usd)
        return {block: math.fsum(parts) for block, parts in found.items()}

    @property
    def unpriced_urns(self) -> tuple[str, ...]:
        """Each URN once."""
        return tuple(dict.fromkeys(each.urn for each in self.unpriced))

    @property
    def as_of(self) -> str | None:
        """The day of the oldest price in use: none is older."""
        return min((line.price.source.date for line in self.lines), default=None)
