"""Effective blocks → components: the only place that knows both."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from components.site import Site
from stacks.compose.check import check
from stacks.compose.context import Context
from stacks.compose.order import BUILDERS, KINDS
from stacks.compose.outputs import outputs_of
from stacks.compose.places import Place
from stacks.models import Blueprint, StackConfig
from stacks.moves import Effective

__all__ = ["KINDS", "budget_of", "compose", "site_of"]


def compose(effective: Effective, config: StackConfig, *, budget: float | None = None) -> dict[str, Any]:
    """Build everything, and return the stack's outputs. Raises `BadInput` before anything is registered where blocks
    do not fit together in a way that no single block shows; `budget` is USD a month."""
    site = site_of(config)
    places = {
        region: Place(region=region, home=region == config.region, site=replace(site, region=region), cidr=cidr)
        for region, cidr in effective.cidrs.items()
    }
    context = Context(config=config, effective=effective, site=site, budget=budget, places=places)
    check(context)
    for build in BUILDERS:
        build(context)
    return outputs_of(context)


def site_of(config: StackConfig) -> Site:
    """The site of a stack; blocks get theirs by `Site.for_block`."""
    return Site(
        prefix=config.prefix,
        region=config.region,
        tags={"system": config.system, "environment": config.environment, "owner": config.owner},
        protect_data=config.guarded,
        protect_anchors=config.guarded,
    )


def budget_of(effective: Effective, blueprint: Blueprint) -> float | None:
    """The upper end of the phase's budget; of two phases the larger, as both stand side by side."""
    phases = [effective.phase, *([effective.moving_from] if effective.moving_from else [])]
    given = [high for phase in phases if (high := blueprint.phases[phase].budget.high) is not None]
    return max(given, default=None)
