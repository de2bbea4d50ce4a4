"""Exceptions that follow from a stack's own config: what it may lose, and what only one side of its move has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from phaseup.climb.phases import born

if TYPE_CHECKING:
    from stacks.models import Blueprint, StackConfig
    from stacks.moves import Effective

PROTECTION: Final = (
    "data-protected",
    "data-deletion-protection",
    "data-force-destroy",
    "kubernetes-cluster-protected",
    "network-balancer-protected",
)
"""Rules that a block whose loss is consented to breaks on purpose: its protection is lifted before it goes."""
SURROUNDINGS: Final = ("network-no-public-address",)
"""Rules that ask what stands around a block: between two phases a network is as wide as both want it, and a block of
one of them was built for that one's."""
MOVING: Final = "9999-12-31"
"""The last day of what holds for as long as the stack's file says that it moves."""


def let_off(config: StackConfig, blueprint: Blueprint, resolved: Effective) -> Iterator[tuple[str, dict[str, Any]]]:
    """Rule and exception. Names of resources begin with their block's, and so may another block's."""
    for name, consent in config.retire.items():
        told = {"reason": f"retire: {consent.reason}", "until": consent.until.isoformat()}
        for rule in PROTECTION:
            yield rule, {**_whom(name, resolved), **told}
    if config.moving is None:
        return
    told = {"reason": f"of one side of the move {config.moving.from_} → {config.phase}", "until": MOVING}
    for name in _of_one_side(config, blueprint):
        for rule in SURROUNDINGS:
            yield rule, {**_whom(name, resolved), **told}


def _whom(name: str, resolved: Effective) -> dict[str, Any]:
    """What a block has; of a region, what stands in it."""
    if name not in resolved.blocks:
        return {"urn": f"*::*-{name}*"}
    longer = [f"*::{other}-*" for other in sorted(resolved.blocks) if other.startswith(f"{name}-")]
    return {"urn": f"*::{name}-*", **({"unless": longer} if longer else {})}


def _of_one_side(config: StackConfig, blueprint: Blueprint) -> list[str]:
    from stacks.moves import effective

    assert config.moving is not None
    old, new = (effective(born(config, each), blueprint).blocks for each in (config.moving.from_, config.phase))
    return sorted(old.keys() ^ new.keys())
