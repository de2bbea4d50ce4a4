"""Account quotas in the pages: what a phase needs, and what grows while a stack moves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from phaseup.cli.quotas import Quota, quotas

if TYPE_CHECKING:
    from phaseup.graph.resource import Snapshot


@dataclass(frozen=True)
class Growing:
    """One quota of which a move needs more than the phase it starts from."""

    quota: Quota
    """At the most of the move."""
    before: int


def growing(start: Snapshot, during: Iterable[Snapshot]) -> list[Growing]:
    """The quotas that rise above the start's at any time of a move, with their highest need."""
    now = {quota.code: quota.needed for quota in quotas(start)}
    most: dict[str, Quota] = {}
    for state in during:
        for quota in quotas(state):
            if quota.needed > most.get(quota.code, quota).needed or quota.code not in most:
                most[quota.code] = quota
    return [Growing(quota, now.get(code, 0)) for code, quota in most.items() if quota.needed > now.get(code, 0)]
