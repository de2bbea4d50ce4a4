"""The two sides of a move as blocks by name; and what comes back to the role that its successor leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from stacks.models import Block, Blueprint, StackConfig, resolve
from stacks.models.restores import without_restore
from stacks.moves.blocks import EffectiveBlock, role_of
from stacks.moves.ladders import ladder_of


def sides_of(blueprint: Blueprint, config: StackConfig) -> tuple[dict[str, Block], dict[str, Block]]:
    """Where a stack comes from and where it goes; settled, both are the phase it is in."""
    new = resolve(blueprint, config.phase, config)
    if config.moving is None:
        return new, new
    old = resolve(blueprint, config.moving.from_, without_restore(config))
    return old, with_returning(old, new)


def with_returning(old: Mapping[str, Block], new: Mapping[str, Block]) -> dict[str, Block]:
    """`new`, in which a block that arrives under the name of a role that one of `old` took over and leaves climbs the
    same ladder to have it back, where that ladder can be gone both ways: a single broker after a cluster, say."""
    return {
        name: replace(block, takes_over=name) if name not in old and returns(block, old, new) else block
        for name, block in new.items()
    }


def returns(block: Block, old: Mapping[str, Block], new: Mapping[str, Block]) -> bool:
    """Whether what took over the role of this block's name leaves it again."""
    return not block.takes_over and any(
        name not in new and other.kind == block.kind and other.takes_over == block.name and is_reversible(other)
        for name, other in old.items()
    )


def is_reversible(block: Block) -> bool:
    """Whether the role that a block took over can be handed back rung by rung."""
    ladder = ladder_of(block) if block.takes_over else None
    return ladder is not None and ladder.reversible


def filled(name: str, block: Block | EffectiveBlock, roles: Mapping[str, str]) -> bool:
    """Whether a block fills the role that it is there for."""
    return roles.get(role_of(block)) == name


def is_released(block: EffectiveBlock, roles: Mapping[str, str]) -> bool:
    """Whether something else fills the role; what arrives to take it over runs beside that, and is looked at first."""
    comes = block.side == "arriving" and block.takes_over is not None
    return not comes and not filled(block.name, block, roles)


def is_idle(block: EffectiveBlock, blocks: Mapping[str, EffectiveBlock], roles: Mapping[str, str]) -> bool:
    """Whether nobody runs what a server would keep itself: its role has gone to what stands elsewhere, and is kept. Its
    volume is blank or let go of, and hosts that serve are neither narrowed to one nor exchanged for it. While what took
    the role over still arrives, it is in use: the way back leads there."""
    if block.kind != "hosted" or not is_released(block, roles):
        return False
    filler = blocks.get(roles.get(role_of(block), ""))
    return filler is not None and filler.side != "arriving"
