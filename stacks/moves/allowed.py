"""What each kind of step may do, worked out from the effective blocks before and after it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from stacks.models import Block, Blueprint, StackConfig, resolve
from stacks.moves.blocks import blocks_of
from stacks.moves.fence import beside
from stacks.moves.joins import Between, join_specs
from stacks.moves.ladders import ladder_of
from stacks.moves.regions import lost_regions
from stacks.moves.shares import carriers_of
from stacks.moves.sides import sides_of
from stacks.moves.step import Allows
from stacks.moves.work import work_of

CARRIES = frozenset({"balancer", "zone"})
"""Kinds of which a shift changes weights, and where a name points, and nothing else."""


def for_expand() -> Allows:
    """New things beside the old ones."""
    return Allows("creates and plain in-place updates", create=True)


def for_rung(block: str, old: Mapping[str, Block], new: Mapping[str, Block]) -> Allows:
    """One block's mode; of what takes a role over also where the role is, and whether its users work."""
    others = beside(block, old, new)
    text = f"{block} alone changes" if not others else f"{block} changes, and updates reach the users of its role"
    return Allows(text, create=True, only=frozenset({block, *others}))


def for_shift(
    config: StackConfig,
    share: int,
    old: Mapping[str, Block],
    new: Mapping[str, Block],
) -> Allows:
    """What carries requests, and what takes them."""
    assert config.moving is not None
    only = set(carriers_of(old, new, config.region))
    now = config.moving.traffic
    for name in old.keys() & new.keys():
        rung, ladder = config.moving.data.get(name), ladder_of(new[name])
        before, after = (join_specs(old[name].spec, new[name].spec, Between(t, rung, ladder)) for t in (now, share))
        if before != after:
            only.add(name)
    before_work, after_work = work_of(old, new, now), work_of(old, new, share)
    for name, work in after_work.items():
        if work != before_work[name]:
            only |= {name, *work.runs}
        if work.weights != before_work[name].weights:
            # An arriving balancer weighs too, for names that are pointed at it in the same step.
            only |= {each for each, block in {**old, **new}.items() if block.kind == "balancer"}
    return Allows("weights only", only=frozenset(only))


def for_arm(name: str, blocks: Iterable[str] = ()) -> Allows:
    """Protection off, final copy on: of a block, or of what `blocks` have in a region that they leave."""
    text = f"{name}: protection lifted, final copy configured"
    return Allows(text, replace_stateless=False, only=frozenset(blocks) or frozenset({name}))


def armed_blocks(names: Iterable[str], old: Mapping[str, Block], new: Mapping[str, Block]) -> list[str]:
    """The blocks that a `retire` of these names arms: themselves, or those that leave or reach that region."""
    regions = {**lost_regions(old, new), **lost_regions(new, old)}
    return [block for name in names for block in regions.get(name, [name])]


def for_withdrawal(blocks: Iterable[str]) -> Allows:
    """A consent taken back."""
    text = f"{', '.join(blocks)}: protection back on"
    return Allows(text, replace_stateless=False, only=frozenset(blocks))


def for_settling(before: StackConfig, after: StackConfig, blueprint: Blueprint) -> Allows:
    """Exactly the announced set: the other side's blocks, and in shared blocks what was held wide for it."""
    wide = standing(before, blueprint)
    settled = resolve(blueprint, after.phase, after)
    deletes = frozenset(name for name in wide if name not in settled)
    narrows = frozenset(name for name, block in wide.items() if name in settled and block.spec != settled[name].spec)
    narrows |= _left(wide, settled)
    gone = ", ".join(sorted(deletes)) or "no block"
    text = f"deletes exactly {gone}; narrows {', '.join(sorted(narrows)) or 'no block'}"
    return Allows(text, deletes=deletes, narrows=narrows)


def _left(wide: Mapping[str, Block], settled: Mapping[str, Block]) -> frozenset[str]:
    """The blocks that stay and lose a user: its way in and its rights there are theirs to take away."""
    roles = {
        role
        for name, block in wide.items()
        for role in _uses(block)
        if name not in settled or role not in _uses(settled[name])
    }
    return frozenset(name for name, block in settled.items() if name in roles or block.takes_over in roles)


def _uses(block: Block) -> frozenset[str]:
    return frozenset(getattr(block.spec, "uses", None) or ())


def standing(config: StackConfig, blueprint: Blueprint) -> dict[str, Block]:
    """The blocks as they stand under a config, joined where it is moving."""
    old, new = sides_of(blueprint, config)
    return {
        name: Block(name, each.kind, each.spec, each.takes_over) for name, each in blocks_of(config, old, new).items()
    }
