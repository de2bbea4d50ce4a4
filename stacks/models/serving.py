"""What phases serve, compared: more users and requests, less time, and never less from one phase to the next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

TIMES: Final = ("ms", "s", "h")
"""Units at the end of a figure's name that make it a time, e.g. `p95_ms`."""
PEOPLE: Final = ("users", "mau")
"""Figures of how many it serves, of which every phase says one."""
ASKED: Final = ("rps", "p95_ms", "availability")
"""What every phase says, if only that its source does not (null)."""

Served = Mapping[str, float | str | None]


def unit_of_time(figure: str) -> str:
    """`ms` of `p95_ms`; empty for what is no time."""
    what, _, unit = figure.rpartition("_")
    return unit if what and unit in TIMES else ""


def fallen(before: Served, after: Served) -> Iterator[str]:
    """The figures of which the later phase serves less than the earlier, or of which it no longer says anything."""
    for figure, was in before.items():
        now = after.get(figure)
        if isinstance(was, str) or was is None:
            continue
        if not isinstance(now, int | float) or (now > was if unit_of_time(figure) else now < was):
            yield figure
