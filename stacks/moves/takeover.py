"""How far a block is that takes a role over: whether it stands yet, what of it still follows, what takes no writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stacks.models import Block
from stacks.moves.blocks import EffectiveBlock
from stacks.moves.fence import FENCE
from stacks.moves.ladders import Ladder, ladder_of, part_rung

FOLLOW = "follow"
PROMOTE = "promote"


@dataclass(frozen=True)
class Following:
    """`shards` are those that still follow; one without shards is called by its `first`."""

    stands: bool
    shards: frozenset[str] = frozenset()


def following(block: EffectiveBlock) -> Following:
    """What a block that follows another does at its rung; one that does not, or no longer, stands by itself."""
    ladder = _ladder(block)
    if ladder is None:
        return Following(stands=True)
    if not ladder.reached(block.rung, FOLLOW):
        return Following(stands=False)
    named: Mapping[str, object] = getattr(block.spec, "shards", None) or {}
    rungs = {shard: part_rung(PROMOTE, shard) for shard in named} or {getattr(block.spec, "first", ""): PROMOTE}
    return Following(
        stands=True, shards=frozenset(s for s, rung in rungs.items() if not ladder.reached(block.rung, rung))
    )


def predecessor(block: EffectiveBlock, blocks: Mapping[str, EffectiveBlock]) -> EffectiveBlock | None:
    """What a block takes its role over from: what took it over before, or stands in for that since a restore, else the
    block of the role's name. None where it takes nothing over, or stands alone."""
    if block.takes_over is None:
        return None
    there = [each for name, each in blocks.items() if name != block.name and each.side != "arriving"]
    took = [each for each in there if each.takes_over == block.takes_over]
    return next(iter([*took, *(each for each in there if each.name == block.takes_over)]), None)


def taken_from(name: str, blocks: Mapping[str, EffectiveBlock]) -> bool:
    """Whether a block takes no writes any more, as another that arrives for its role has fenced it off. Nor does it
    once the other is live: who still knows its old address would write where nobody reads."""
    return any(
        block.side == "arriving"
        and (before := predecessor(block, blocks)) is not None
        and before.name == name
        and (ladder := ladder_of(_plain(block))) is not None
        and FENCE in ladder.names
        and ladder.reached(block.rung, FENCE)
        for block in blocks.values()
    )


def _ladder(block: EffectiveBlock) -> Ladder | None:
    if block.takes_over is None or block.side != "arriving":
        return None
    ladder = ladder_of(_plain(block))
    return ladder if ladder is not None and FOLLOW in ladder.names else None


def _plain(block: EffectiveBlock) -> Block:
    return Block(block.name, block.kind, block.spec, block.takes_over)
