"""A stack's whole ladder under the genuine engine: every leg previewed from the state that the legs before it left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from phaseup.climb.ladder import Leg, key_of
from phaseup.engine.run import Engine, Preview

if TYPE_CHECKING:
    from stacks.models import StackConfig

WHOLE = ("--show-sames", "--show-replacement-steps", "--show-reads")
"""Preview options that leave no step out."""


@dataclass(frozen=True)
class Walked:
    """One leg as the engine previewed it. `before` is its own export of the state that it started from."""

    leg: Leg
    preview: Preview
    before: dict[str, Any] | None


class Ladder:
    """Goes through legs in their order, keeping the engine's export of every state that a later leg starts from."""

    def __init__(self, engine: Engine, legs: list[Leg]) -> None:
        self.engine = engine
        self.legs = legs
        self.states: dict[str, dict[str, Any]] = {}
        self._standing: str | None = None

    def walk(self) -> Iterator[Walked]:
        """Preview each leg; apply it where its state is needed again, and the last. Refused steps nobody applies."""
        self.engine.init()
        starts = {key_of(leg.before) for leg in self.legs if leg.before is not None}
        first = self.legs[0].before
        if first is not None:  # a part of the ladder: the stack is born where it begins
            self._apply(first)
        for leg in self.legs:
            if leg.move is not None and leg.move.refused is not None:
                continue
            before = self.states[key_of(leg.before)] if leg.before is not None else None
            if leg.before is not None:
                self.stand(leg.before)
            self.engine.configure(leg.after.values)
            yield Walked(leg, self.engine.preview(*WHOLE), before)
            key = key_of(leg.after)
            if (key in starts or leg is self.legs[-1]) and key not in self.states:
                if leg.before is not None:  # whoever read the leg may have put the stack elsewhere
                    self.stand(leg.before)
                self._apply(leg.after)

    def _apply(self, config: StackConfig) -> None:
        self.engine.configure(config.values)
        self.engine.up()
        self._standing = key_of(config)
        self.states[self._standing] = self.engine.export_stack()

    def stand(self, config: StackConfig) -> None:
        """Put the stack back to the state that it had with this config."""
        key = key_of(config)
        if self._standing != key:
            self.engine.import_stack(self.states[key])
            self._standing = key
        self.engine.configure(config.values)


def moves(legs: Iterable[Leg]) -> dict[str, list[Leg]]:
    """The legs of each move with its ways back, by name (`mvp-to-growth`), in the ladder's order. The first apply
    belongs to the first move. Each can be walked alone: where it begins, a stack can be born."""
    found: dict[str, list[Leg]] = {}
    first: list[Leg] = []
    for leg in legs:
        if leg.move is None:
            first.append(leg)
        else:
            name = f"{leg.move.from_}-to-{leg.move.to}"
            found.setdefault(name, first if not found else []).append(leg)
    return found


def title(leg: Leg) -> str:
    """A leg in a few words: `mvp → growth: rung cache replicated`."""
    move = leg.move
    if move is None:
        return f"apply {leg.after.phase}"
    words = [move.kind, move.block, move.stage, None if move.traffic is None else f"at {move.traffic} %"]
    back = ", backing out" if leg.backing_out else ""
    return f"{move.from_} → {move.to}: {' '.join(word for word in words if word)}{back}"
