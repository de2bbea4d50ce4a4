"""What a ladder costs a month, step by step, as a picture; the scale is logarithmic where phases are far apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from phaseup.page.ladder import title

if TYPE_CHECKING:
    from phaseup.climb.report import ClimbStep

HEIGHT: Final = 250
LEFT: Final = 66
RIGHT: Final = 18
TOP: Final = 16
BOTTOM: Final = 40
PITCH: Final = 34
LEAST_WIDTH: Final = 520
WIDE_SPAN: Final = 8.0
"""Most that the dearest may be of the cheapest on an even scale."""


@dataclass(frozen=True, slots=True)
class Point:
    """What a month costs after one step."""

    step: ClimbStep
    label: str
    cost: float
    x: float
    y: float


@dataclass(slots=True)
class Chart:
    """One system's way up or down."""

    width: float
    height: float = HEIGHT
    path: str = ""
    points: list[Point] = field(default_factory=list)
    ticks: list[tuple[float, float]] = field(default_factory=list)
    """(dollars, y)."""
    phases: list[tuple[str, float]] = field(default_factory=list)
    """(phase, x) where the step that reaches it stands."""
    logarithmic: bool = False


def chart(steps: Sequence[ClimbStep]) -> Chart | None:
    """Of the steps on the way itself, as far as their cost is known; None where fewer than two are."""
    own = [(step, step.cost[1]) for step in steps if not step.backing_out and step.verdict != "refused"]
    told = [(step, cost) for step, cost in own if cost is not None]
    if len(told) < 2:
        return None
    costs = [cost for _, cost in told]
    low, high = min(costs), max(costs)
    logarithmic = low > 0 and high / low > WIDE_SPAN
    ticks = _decades(low, high) if logarithmic else _even(high)
    width = max(LEAST_WIDTH, LEFT + RIGHT + PITCH * len(told))
    found = Chart(width, logarithmic=logarithmic)
    across = (width - LEFT - RIGHT) / max(1, len(told) - 1)

    def height_of(cost: float) -> float:
        bottom, top = ticks[0], ticks[-1]
        scale = math.log if logarithmic else float
        share = (scale(cost) - scale(bottom)) / (scale(top) - scale(bottom))
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)

    found.ticks = [(tick, height_of(tick)) for tick in ticks]
    found.points = [
        Point(step, title(step), cost, round(LEFT + number * across, 1), height_of(cost))
        for number, (step, cost) in enumerate(told)
    ]
    found.path = _path(found.points)
    for here, after in zip(found.points, [*found.points[1:], None], strict=True):
        if after is None or after.step.to_phase != here.step.to_phase:
            found.phases.append((here.step.to_phase, here.x))
    return found


def _path(points: Sequence[Point]) -> str:
    """Level until the next step, then up or down at once: between two applies nothing changes."""
    parts = [f"M{points[0].x} {points[0].y}"]
    parts += [f"H{point.x}V{point.y}" for point in points[1:]]
    return "".join(parts)


def _decades(low: float, high: float) -> list[float]:
    """1, 3, 10, … from just beneath `low` to just above `high`."""
    steps = [part * 10.0**power for power in range(-3, 12) for part in (1, 3)]
    first = max(i for i, step in enumerate(steps) if step <= low)
    last = min(i for i, step in enumerate(steps) if step >= high)
    return steps[first : last + 1]


def _even(high: float) -> list[float]:
    """From nothing, in four or five round steps."""
    if high <= 0:
        return [0.0, 1.0]
    rough = high / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(part * power for part in (1, 2, 2.5, 5, 10) if part * power >= rough)
    return [step * number for number in range(math.ceil(high / step) + 1)]
