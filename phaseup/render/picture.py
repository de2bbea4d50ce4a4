"""The picture of one stack as it stands: its effective blocks and who names whom, as a `Diagram`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from phaseup.render.diagram import Diagram, diagram

if TYPE_CHECKING:
    from stacks.models import Blueprint, StackConfig
    from stacks.moves import Effective


def block_view(block: Any) -> dict[str, Any]:
    """A block's kind and effective fields, as JSON has them."""
    return {"kind": block.kind, **block.spec.model_dump(mode="json")}


def side(block: Any) -> str:
    """`arriving` or `leaving` while the stack moves, else empty."""
    found = str(getattr(block, "side", "") or "")
    return found if found in {"arriving", "leaving"} else ""


def references_of(block: Any) -> list[tuple[str, str]]:
    """(label, name) of every block or role that a block names; what it uses is labelled by the role."""
    from stacks.models.spec_walk import references

    return [(name if mark.to == "role" else str(path[0]), name) for path, name, mark in references(block.spec)]


def picture(config: StackConfig, blueprint: Blueprint, now: Effective) -> Diagram:
    """Titled with the phase, what it serves and may cost."""
    phase = blueprint.phases[config.phase]
    where = "settled" if config.moving is None else f"moving from {config.moving.from_} at {config.moving.traffic} %"
    low, high = phase.budget.low, phase.budget.high
    budget = [f"${low:,.0f}–{high:,.0f} a month"] if low is not None and high is not None else []
    return diagram(
        f"{config.system} · {config.phase}",
        " · ".join([config.environment, where, *serves(phase.serves), *budget]),
        {name: block_view(block) for name, block in now.blocks.items()},
        {
            name: [(field, now.roles.get(target, target)) for field, target in references_of(block)]
            for name, block in now.blocks.items()
        },
        {name: side(block) for name, block in now.blocks.items()},
        home=config.region,
    )


def serves(figures: Any) -> list[str]:
    """What a phase is sized for, in words: `10,000 users`, `p95 200 ms`, `99.9 % availability`. What the source leaves
    out is left out."""
    return [_served(key, value) for key, value in figures.items() if value is not None]


def _served(key: str, value: float | str) -> str:
    from stacks.models.serving import unit_of_time

    if isinstance(value, str):
        return f"{value} {words(key)}"
    if unit := unit_of_time(key):
        return f"{words(key.removesuffix(f'_{unit}'))} {value:,.12g} {unit}"
    return f"{value:,.12g} % {words(key)}" if key == "availability" else f"{value:,.12g} {words(key)}"


def words(key: str) -> str:
    """A key as a person reads it."""
    return key.replace("_", " ")
