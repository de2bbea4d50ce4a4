"""What a phase has less of than the phase before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields

from phaseup.capacity.count import Capacity, total


def fallen(before: Mapping[str, Capacity], after: Mapping[str, Capacity]) -> Iterator[tuple[str, float, float]]:
    """(figure, was, is) of everything that fell: sums as `vcpu`, those of blocks of both phases as `vcpu.app`. A block
    that leaves is missed in the sums alone: what it did, others do."""
    for figure in (field.name for field in fields(Capacity)):
        pairs = [(figure, total(before), total(after))]
        pairs += [(f"{figure}.{block}", had, after[block]) for block, had in sorted(before.items()) if block in after]
        for name, had, has in pairs:
            was, now = getattr(had, figure), getattr(has, figure)
            if now < was:
                yield name, was, now
