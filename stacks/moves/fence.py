"""Fences: while data is on its way from one store to another, nobody who uses the role works."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stacks.models import Block
from stacks.moves.ladders import Ladder, ladder_of

FENCE = "fence"


def fenced_roles(old: Mapping[str, Block], new: Mapping[str, Block], data: Mapping[str, str]) -> frozenset[str]:
    """The roles whose users stand still: what takes one over has taken the rung `fence`, and does not fill it yet."""
    fenced = set()
    for name, block in new.items():
        ladder = ladder_of(block) if block.takes_over and name not in old else None
        if ladder and _stands(ladder, data.get(name)):
            assert block.takes_over is not None
            fenced.add(block.takes_over)
    return frozenset(fenced)


def _stands(ladder: Ladder, rung: str | None) -> bool:
    return (
        FENCE in ladder.names
        and bool(ladder.fills_at)
        and ladder.reached(rung, FENCE)
        and not ladder.reached(rung, ladder.fills_at)
    )


def lifted(block: Block, wanted: Sequence[str], rung: str | None) -> str | None:
    """The rung to go back to from behind a fence, so that who uses the role works again where it was: the last before
    the fence. None where nobody stands still, or something irrevocable has been done."""
    ladder = ladder_of(block)
    if ladder is None or not _stands(ladder, rung) or rung not in wanted or FENCE not in wanted[1:]:
        return None
    if any(ladder.rung(name).irrevocable for name in wanted[: wanted.index(rung) + 1]):
        return None
    return wanted[wanted.index(FENCE) - 1]


def beside(name: str, old: Mapping[str, Block], new: Mapping[str, Block]) -> frozenset[str]:
    """What a rung of a block that takes a role over may change beside the block: where the role is, what filled it
    until then, and its users."""
    block = new.get(name)
    if block is None or not block.takes_over:
        return frozenset()
    role = block.takes_over
    users = {user for user, each in {**old, **new}.items() if role in (getattr(each.spec, "uses", None) or ())}
    fillers = {filler for filler, each in old.items() if each.takes_over == role}
    return frozenset({role, *fillers, *users})
