"""One step of a move in the terminal: what to write into the stack file, and what must hold before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from phaseup.render.text import plain, value

if TYPE_CHECKING:
    from stacks.moves import MoveStep


def step_header(move: MoveStep) -> RenderableType:
    """The step's kind, its change of the file key by key, its precondition and how to check it, and what is kept."""
    parts: list[RenderableType] = [
        Text.assemble((move.kind, "bold"), f"  {plain(move.from_)} → {plain(move.to)}, {plain(move.allows.text)}")
    ]
    for change in move.changes:
        if change.new is None:
            line = Text(f"- {plain(change.key)}", "red")
        else:
            line = Text(f"{'~' if change.old is not None else '+'} {plain(change.key)}: ", "green")
            line.append(value(change.new, 400))
        parts.append(Padding(line, (0, 0, 0, 2)))
    for label, text in (("first", move.precondition), ("check", move.check)):
        if text:
            parts.append(Padding(Text.assemble((f"{label}  ", "cyan"), plain(text)), (0, 0, 0, 2)))
    for kept in move.kept:
        parts.append(
            Padding(Text.assemble(("kept  ", "cyan"), f"{plain(kept.block)}: {plain(kept.why)}"), (0, 0, 0, 2))
        )
    if move.refused is not None:
        parts.append(Padding(Text(f"refused: {plain(move.refused.reason)}", "bold red"), (0, 0, 0, 2)))
        parts.append(Padding(Text.assemble(("by hand  ", "cyan"), plain(move.refused.manual)), (0, 0, 0, 2)))
    return Group(*parts)
