"""A system's whole ladder as a list of rungs to rehearse: apply, each step up, each way back, and the way down."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from phaseup.climb.phases import born

if TYPE_CHECKING:
    from stacks.models import Blueprint, StackConfig
    from stacks.moves import MoveStep


@dataclass(frozen=True, slots=True)
class Leg:
    """One apply to rehearse. `before` is None for the first; `move` is None for it too, and for nothing else."""

    after: StackConfig
    direction: str
    before: StackConfig | None = None
    move: MoveStep | None = None
    backing_out: bool = False
    """Whether it belongs to a way back from the move that the legs around it make."""


def legs(config: StackConfig, blueprint: Blueprint, *, down: bool, aborts: bool) -> list[Leg]:
    """Everything to rehearse, in the order in which it is shown; a leg that two ways share stands once."""
    first = born(config, blueprint.names[0])
    found = [Leg(first, "up")]
    seen: set[tuple[str, str]] = set()
    settled = first
    for to in blueprint.names[1:]:
        settled = _move(settled, blueprint, to, "up", aborts, seen, found)
    if down:
        for to in reversed(blueprint.names[:-1]):
            settled = _move(settled, blueprint, to, "down", aborts, seen, found)
    return found


def key_of(config: StackConfig) -> str:
    """Equal for configs that give the same graph."""
    return json.dumps(config.values, sort_keys=True, default=str)


def _move(
    config: StackConfig,
    blueprint: Blueprint,
    to: str,
    direction: str,
    aborts: bool,
    seen: set[tuple[str, str]],
    found: list[Leg],
) -> StackConfig:
    """Append one move and the ways back from each state inside it; answers the config that it ends with."""
    from stacks.moves import steps

    start = config
    for step in steps(config, blueprint, to):
        found.append(Leg(step.config, direction, config, step))
        seen.add((key_of(config), key_of(step.config)))
        if step.refused is not None:
            continue
        config = step.config
        if aborts and config.moving is not None:
            found.extend(_back(config, blueprint, start.phase, direction, seen))
    return config


def _back(
    config: StackConfig, blueprint: Blueprint, to: str, direction: str, seen: set[tuple[str, str]]
) -> Iterator[Leg]:
    from stacks.moves import steps

    for step in steps(config, blueprint, to):
        pair = (key_of(config), key_of(step.config))
        if pair not in seen or step.refused is not None:
            seen.add(pair)
            yield Leg(step.config, direction, config, step, backing_out=True)
        if step.refused is None:
            config = step.config
