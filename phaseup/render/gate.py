"""A gated preview in the terminal: its steps, where it differs from the rehearsal, the verdict and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from phaseup.graph.resource import urn_name
from phaseup.render import plan
from phaseup.render.text import plain
from phaseup.render.words import VERDICT_LOOKS, amount

if TYPE_CHECKING:
    from phaseup.gate.difference import Difference
    from phaseup.gate.judge import Gated


def gated(found: Gated) -> Iterator[RenderableType]:
    """Dangerous things first; an unreadable preview has nothing but its verdict."""
    if not found.unreadable:
        yield plan.plan(found.steps, at_risk=[(r.urn, r.op, r.reason) for r in found.judgement.at_risk])
        if found.differences is not None:
            yield from _differences(found.differences)
        yield Text()
    look = VERDICT_LOOKS[found.verdict]
    yield Text(f"{look.sign} {found.verdict}", look.style)
    for reason in found.brief:
        yield Padding(Text(plain(reason), overflow="fold"), (0, 0, 0, 2))
    for note in found.notes:
        yield Padding(Text(plain(note), "dim", overflow="fold"), (0, 0, 0, 2))


def _differences(found: tuple[Difference, ...]) -> Iterator[RenderableType]:
    yield Text()
    if not found:
        yield Text("The rehearsal says the same of every resource", "green")
        return
    yield Text(f"Unlike the rehearsal: {amount(len(found), 'resource')}", "bold")
    for each in found:
        line = Text.assemble((plain(urn_name(each.urn)), "bold"), f"  engine {each.engine}, rehearsal {each.rehearsal}")
        line.stylize("bold red" if each.worse else "yellow")
        yield Padding(line, (0, 0, 0, 2))
