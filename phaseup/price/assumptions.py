"""What a stack's phase assumes beside its resources: usage and purchase, for its environment (decision 37)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from phaseup.price.book import FALLBACK

if TYPE_CHECKING:
    from stacks.models import Blueprint, StackConfig

Figures = Mapping[str, Any]
"""Figure → number, or a mapping of them: `nodes`, `tiers`, `regions`."""

_FLEETS: Final = ("count", "nodes", "acu", "seats")
_RATES: Final = ("duration_ms", "cpu_ms", "hours")


@dataclass(frozen=True, slots=True)
class Assumptions:
    """Usage by block and purchase by block, as they hold in one environment, and the region that is home."""

    usage: Mapping[str, Figures] = field(default_factory=dict)
    purchase: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    home: str = FALLBACK

    def figures(self, block: str, place: str) -> Figures:
        """A block's figures at home, or in another of its regions."""
        found = self.usage.get(block, {})
        if not place:
            return found
        return (found.get("regions") or {}).get(place) or {}


def of_stack(config: StackConfig, blueprint: Blueprint) -> Assumptions:
    """What holds for a stack as configured. Between two phases, what the one it goes to states lies over what the one
    it comes from states; a share of usage stands in for environments beside prod."""
    phases = [config.phase] if config.moving is None else [config.moving.from_, config.phase]
    usage: dict[str, Figures] = {}
    purchase: dict[str, Mapping[str, float]] = {}
    for phase in phases:
        for block, part in blueprint.usage.get(phase, {}).items():
            usage[block] = _stated(part.model_dump(exclude_none=True))
        purchase.update(blueprint.purchase.get(phase, {}))
    if config.environment != "prod":
        share = blueprint.usage_share.get(config.environment, 1.0)
        usage = {block: reduced(figures, share) for block, figures in usage.items()}
        purchase = {}
    return Assumptions(usage, purchase, config.region)


def reduced(figures: Figures, share: float) -> dict[str, Any]:
    """An environment's part of a phase's figures: volumes by share, fleets left to their least, rates as they are."""
    out: dict[str, Any] = {}
    for figure, value in figures.items():
        if figure in _FLEETS:
            continue
        if figure == "regions":
            out[figure] = {region: reduced(below, share) for region, below in value.items()}
        elif figure == "tiers":
            out[figure] = {tier: gb * share for tier, gb in value.items()}
        else:
            out[figure] = value if figure in _RATES else value * share
    return out


def _stated(figures: dict[str, Any]) -> dict[str, Any]:
    """Without what a later phase took back inside a mapping."""
    return {
        key: {name: each for name, each in value.items() if each is not None} if isinstance(value, dict) else value
        for key, value in figures.items()
    }
