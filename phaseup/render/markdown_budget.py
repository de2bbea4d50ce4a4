"""A long document within a budget: parts give up rows, the least pressing first, and none is ever cut inside.

Sizes are UTF-8 bytes. There are never fewer of them than characters, so a limit that bytes hold, characters hold too.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, repeat
from typing import Final

SURE: Final = 10
"""Rows of a part that come before another's eleventh: thousands of one sort do not push out all others."""

_NOTE_ROOM: Final = 48


@dataclass(slots=True, eq=False)
class Fold:
    """What is around several parts, there if one of them is."""

    opening: str
    closing: str
    open: bool = False


@dataclass(slots=True, eq=False)
class Part:
    """Rows between a head and a foot, e.g. those of a table. All texts end with a newline."""

    tier: int
    """How pressing it is: 0 comes first."""
    rows: Sequence[str]
    head: str = ""
    foot: str = ""
    section: int = 0
    """Parts of a section stand or fall with its first one."""
    noun: str = "row"
    fold: Fold | None = None
    sure: int = SURE
    kept: int = field(default=0, init=False)

    @property
    def left_out(self) -> int:
        """How many rows there was no room for."""
        return len(self.rows) - self.kept


def fit(parts: Sequence[Part], room: int) -> int:
    """Keep as many rows as `room` has bytes for, and answer how many are left out.

    Tier by tier, what is folded last, and in a tier by turns, a row from each section; where one does not fit, its
    section has had its share of the tier. Every row is looked at once."""
    leading: dict[int, Part] = {}
    for part in parts:
        leading.setdefault(part.section, part)
    queues: dict[tuple[bool, bool, int], dict[int, list[Part]]] = {}
    for part in parts:
        for again in (False, True):
            turn = queues.setdefault((part.fold is not None, again, part.tier), {})
            turn.setdefault(part.section, []).append(part)
    full: set[tuple[int, int]] = set()
    for folded, again, tier in sorted(queues):
        turns = deque((section, _rows(own, again=again)) for section, own in queues[folded, again, tier].items())
        while turns:
            section, rows = turns.popleft()
            part = next(rows, None)
            if part is None or (section, tier) in full:
                continue
            lead, cost = leading[section], _cost(part)
            if cost > room or (part is not lead and not lead.kept):
                full.add((section, tier))
                continue
            room -= cost
            part.kept += 1
            if part.fold is not None:
                part.fold.open = True
            turns.append((section, rows))
    return sum(part.left_out for part in parts)


def text(parts: Iterable[Part]) -> str:
    """What has been kept, in the order of `parts`, with a blank line between."""
    pieces: list[str] = []
    for fold, group in groupby(parts, key=lambda part: part.fold):
        inner = [_text(part) for part in group if part.kept]
        if inner and fold is not None:
            inner = [fold.opening, *inner, fold.closing]
        pieces += inner
    return "\n".join(pieces)


def size(written: str) -> int:
    """Bytes in UTF-8."""
    return len(written.encode())


def _rows(parts: Iterable[Part], *, again: bool) -> Iterator[Part]:
    """The part of each row in turn: first of those that are sure, then of the others."""
    for part in parts:
        sure = min(part.sure, len(part.rows))
        yield from repeat(part, len(part.rows) - sure if again else sure)


def _cost(part: Part) -> int:
    """What its next row takes: the first one brings the frame, the last one makes a note of more needless."""
    cost = size(part.rows[part.kept])
    if not part.kept:
        cost += size(part.head) + size(part.foot) + 1 + _NOTE_ROOM
        if part.fold is not None and not part.fold.open:
            cost += size(part.fold.opening) + size(part.fold.closing) + 2
    return cost - _NOTE_ROOM if part.kept + 1 == len(part.rows) else cost


def _text(part: Part) -> str:
    whole = f"{part.head}{''.join(part.rows[: part.kept])}{part.foot}"
    return (
        f"{whole}\n… {part.left_out:,} more {part.noun}{'s' if part.left_out > 1 else ''}\n" if part.left_out else whole
    )
