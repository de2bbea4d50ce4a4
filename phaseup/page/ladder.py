"""A ladder as a picture: phases as landings, steps as treads between them, ways back hanging beneath their step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Final

from phaseup.page.strings import line
from phaseup.render.climb import name

if TYPE_CHECKING:
    from phaseup.climb.report import ClimbStep

MARGIN: Final = 22
TREAD: Final = 38
TREAD_HEIGHT: Final = 26
PITCH: Final = 44
"""From one tread's left to the next one's."""
RISE: Final = 66
"""From one landing to the next."""
LANDING_HEIGHT: Final = 46
LETTER: Final = 8.0
"""Widest that a letter of a landing's name may be."""
BACK: Final = 10
"""Radius of a step on a way back."""
BACK_PITCH: Final = 25
STRAIGHT: Final = 4
"""Longest way back that hangs in one column."""


@dataclass(slots=True)
class Tread:
    """One step in its place: the middle of it."""

    step: ClimbStep
    label: str
    x: float
    y: float
    back: bool


@dataclass(slots=True)
class Landing:
    """A phase in its place: its left and top."""

    phase: str
    x: float
    y: float
    width: float
    resources: int | None
    cost: float | None


@dataclass(slots=True)
class Ladder:
    """One system's way up or down."""

    direction: str
    width: float = 0.0
    height: float = 0.0
    landings: list[Landing] = field(default_factory=list)
    treads: list[Tread] = field(default_factory=list)
    lines: list[tuple[float, float, float, float]] = field(default_factory=list)
    """From a step to the way back beneath it."""


def title(step: ClimbStep) -> str:
    """A step in a few words, e.g. `expand mvp → growth`."""
    return line(name(step).plain.strip()).removeprefix("or ")


def ladder(steps: Sequence[ClimbStep]) -> Ladder:
    """The picture of one system's steps in one direction, in their order."""
    up = steps[0].direction == "up"
    found = _Drawing(Ladder(steps[0].direction), -1 if up else 1)
    for move in _moves(steps):
        found.move(move)
    return found.done()


def _moves(steps: Sequence[ClimbStep]) -> list[list[ClimbStep]]:
    """Steps by the move they belong to: it begins where the phases of a step on the way itself are new."""
    moves: list[list[ClimbStep]] = []
    key: tuple[str, str] | None = None
    for step in steps:
        if not moves or (not step.backing_out and (step.from_phase, step.to_phase) != key):
            moves.append([])
        if not step.backing_out:
            key = (step.from_phase, step.to_phase)
        moves[-1].append(step)
    return moves


class _Chains:
    """Numbers each step on the way itself, and gives the ways back after it the same number."""

    def __init__(self) -> None:
        self._number = 0

    def __call__(self, step: ClimbStep) -> int:
        self._number += not step.backing_out
        return self._number


class _Drawing:
    def __init__(self, ladder: Ladder, sign: int) -> None:
        self.ladder = ladder
        self.sign = sign
        self.x = float(MARGIN)
        self.y = 0.0

    def move(self, steps: Sequence[ClimbStep]) -> None:
        own = [step for step in steps if not step.backing_out]
        if own and own[0].from_phase and not self.ladder.landings:
            self._landing(own[0].from_phase, own[0].cost[0], None)
        rise = self.sign * RISE / (len(own) + 1)
        for _, group in groupby(steps, key=_Chains()):
            step, *back = group
            if step.backing_out:
                step, back = None, [step, *back]
            elif own[0].from_phase:
                self.y += rise
            x, y = self.x + TREAD / 2, self.y
            if step is not None:
                self.ladder.treads.append(Tread(step, title(step), x, y, False))
            self._hang(back, x, y)
            self.x += PITCH
        if own and own[-1].verdict != "refused":
            self.y += rise if own[0].from_phase else 0.0
            self._landing(own[-1].to_phase, own[-1].cost[1], own[-1].resources)

    def _hang(self, steps: Sequence[ClimbStep], x: float, y: float) -> None:
        """A way back: straight down, or where it is long to and fro in two columns."""
        aside = BACK + 1 if len(steps) > STRAIGHT else 0
        last = (x, y + TREAD_HEIGHT / 2 - BACK)
        for number, step in enumerate(steps):
            row, column = divmod(number, 2) if aside else (number, 0)
            left = (column == 0) == (row % 2 == 0)
            here = (x + (-aside if left else aside), y + TREAD_HEIGHT / 2 + 8 + BACK_PITCH * (row + 0.5))
            self.ladder.lines.append((*last, *here))
            self.ladder.treads.append(Tread(step, title(step), *here, True))
            last = here

    def _landing(self, phase: str, cost: float | None, resources: int | None) -> None:
        text = line(phase)
        width = max(104.0, LETTER * min(len(text), 28) + 30)
        self.ladder.landings.append(Landing(text, self.x, self.y - LANDING_HEIGHT / 2, width, resources, cost))
        self.x += width + PITCH - TREAD

    def done(self) -> Ladder:
        """Everything moved so that it begins at the margin."""
        picture = self.ladder
        tops = [each.y for each in picture.landings] + [each.y - TREAD_HEIGHT / 2 for each in picture.treads]
        ends = [each.y + LANDING_HEIGHT for each in picture.landings]
        ends += [each.y + (BACK if each.back else TREAD_HEIGHT / 2) for each in picture.treads]
        shift = MARGIN - min(tops)
        for landing in picture.landings:
            landing.y += shift
        for tread in picture.treads:
            tread.y += shift
        picture.lines = [(x1, y1 + shift, x2, y2 + shift) for x1, y1, x2, y2 in picture.lines]
        picture.width = self.x - (PITCH - TREAD) + MARGIN
        picture.height = max(ends) + shift + MARGIN
        return picture
