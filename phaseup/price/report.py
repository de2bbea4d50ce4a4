"""What a stack's phase costs, beside its budget: the one report that the commands and pages tell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from phaseup.price.assumptions import Assumptions, of_stack
from phaseup.price.compare import Share, breakdown, rounded, within
from phaseup.price.estimate import estimate
from phaseup.price.lines import HOURS, Estimate

if TYPE_CHECKING:
    from phaseup.graph.resource import Snapshot, State
    from stacks.models import Blueprint, StackConfig


@dataclass(frozen=True, slots=True)
class Report:
    """An estimate with what it was made from and what it stands beside."""

    config: StackConfig
    estimate: Estimate
    assumptions: Assumptions
    low: float | None
    high: float | None
    shares: dict[str, Share] | None
    """The source's breakdown; None where it gives none, and outside prod, which sources price alone."""

    @property
    def within(self) -> bool | None:
        """Whether the total is in the source's range; None where there is none, and outside prod."""
        return within(self.estimate.total, self.low, self.high) if self.config.environment == "prod" else None

    def to_json(self) -> dict[str, Any]:
        """The whole of `cost --json`."""
        made = self.estimate
        return {
            "system": self.config.system,
            "phase": self.config.phase,
            "environment": self.config.environment,
            "region": self.assumptions.home,
            "hours": HOURS,
            "total": round(made.total, 2),
            "categories": rounded(made),
            "blocks": {block: round(usd, 2) for block, usd in made.by_block().items()},
            "unpriced": list(made.unpriced_urns),
            "budget": {"low": self.low, "high": self.high},
            "within": self.within,
            "breakdown": None
            if self.shares is None
            else {
                name: {
                    "source": share.source,
                    "estimate": None if share.estimate is None else round(share.estimate, 2),
                    "categories": list(share.categories),
                }
                for name, share in self.shares.items()
            },
            "prices_as_of": made.as_of,
            "why_unpriced": [{"urn": each.urn, "why": each.why} for each in made.unpriced],
            "unstated": [{"block": e.block, "region": e.region or None, "figure": e.figure} for e in made.unstated],
            "unused": [{"block": e.block, "region": e.region or None, "figure": e.figure} for e in made.unused],
            "usage": dict(self.assumptions.usage),
            "purchase": {block: dict(shares) for block, shares in self.assumptions.purchase.items()},
            "lines": [line.to_json() for line in made.lines],
        }


def report(config: StackConfig, blueprint: Blueprint, states: Snapshot | Iterable[State]) -> Report:
    """The report on a stack as configured, from the graph that it records."""
    assumptions = of_stack(config, blueprint)
    made = estimate(states, assumptions)
    budget = blueprint.phases[config.phase].budget
    shares = breakdown(made, budget.breakdown) if config.environment == "prod" else None
    return Report(config, made, assumptions, budget.low, budget.high, shares)


def total(config: StackConfig, blueprint: Blueprint, states: Snapshot | Iterable[State]) -> float:
    """Dollars a month of a stack as configured, to the cent."""
    return round(estimate(states, of_stack(config, blueprint)).total, 2)
