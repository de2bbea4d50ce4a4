"""Who stands still after a step: while a role's data is on its way from one store to another, nobody who uses it works.
So nobody may stop there and go on another day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stacks.moves import Effective


@dataclass(frozen=True)
class Still:
    """What a step leaves standing."""

    roles: tuple[str, ...]
    """Whose data is on its way."""
    users: tuple[str, ...]
    """The blocks that use them."""
    until: str
    """The step that has them work again: its number and title, as its heading says. Empty where the move has none."""


def standing_still(now: Effective, later: Iterable[tuple[str, Effective]]) -> Still | None:
    """After a step that leaves the stack as `now`; None where everybody works. `later` are headings of the steps that
    follow, each with what it leaves."""
    if not now.fenced:
        return None
    users = (name for name, block in now.blocks.items() if now.fenced & {*(getattr(block.spec, "uses", None) or ())})
    until = next((heading for heading, then in later if not then.fenced & now.fenced), "")
    return Still(tuple(sorted(now.fenced)), tuple(users), until)
