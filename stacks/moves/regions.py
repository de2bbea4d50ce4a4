"""Regions beside a stack's own, and which of them blocks leave or reach in a move.

A region goes like a block does: `retire` names it, which arms what leaves blocks have there, and nothing at home.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from components.spec import Spec
from stacks.models import Block


def regions_of(spec: Spec) -> Collection[str]:
    """The regions beside home in which a block stands."""
    return getattr(spec, "regions", ()) if "regions" in type(spec).model_fields else ()


def seat_of(spec: Spec) -> str | None:
    """The region in which a block stands instead of home; None is home."""
    return getattr(spec, "region", None) if "region" in type(spec).model_fields else None


def lost_regions(old: Mapping[str, Block], new: Mapping[str, Block]) -> dict[str, list[str]]:
    """Region → the blocks that both sides have and that stand there in `old` only."""
    lost: dict[str, list[str]] = {}
    for name, block in old.items():
        stays = set(regions_of(new[name].spec)) if name in new else set(regions_of(block.spec))
        for region in sorted(set(regions_of(block.spec)) - stays):
            lost.setdefault(region, []).append(name)
    return lost
