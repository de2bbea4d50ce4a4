"""A climb of many systems for a page: each rehearsed after the other, for all their graphs together are gigabytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from phaseup.climb.climb import Climb, climb_whole
from phaseup.climb.clock import Clock, cores
from phaseup.climb.phases import stack_of
from phaseup.climb.report import ClimbReport, ClimbStep
from phaseup.page.climb_data import climb_data

if TYPE_CHECKING:
    from phaseup.climb.climb import Advance

Bar = Callable[[str, int], "AbstractContextManager[Advance]"]
"""Begins to tell how much is done of what: words, and how many there are."""


def rehearsed(
    systems: Sequence[str], *, environment: str, down: bool, aborts: bool, clock: Clock, bar: Bar
) -> tuple[ClimbReport, dict[str, Any]]:
    """The report on the ladders of `systems` (none: all there are), and the data of its page. Raises as `climb`."""
    from stacks.models.load_blueprint import systems as all_systems

    names = list(dict.fromkeys(systems)) or all_systems()
    for name in names:
        stack_of(name, environment)
    steps: list[ClimbStep] = []

    def each() -> Iterator[Climb]:
        for name in names:
            yield _numbered(_climbed(name, environment, down, aborts, clock, bar), len(steps), steps)

    data = climb_data(each())
    report = ClimbReport(
        tuple(steps), clock.seconds, clock.import_seconds, clock.registrations, cores(), environment, tuple(names)
    )
    return report, data


def _climbed(name: str, environment: str, down: bool, aborts: bool, clock: Clock, bar: Bar) -> Climb:
    with ExitStack() as open_:

        def announce(total: int) -> Advance:
            return open_.enter_context(bar(f"rehearsing {name}", total))

        return climb_whole([name], environment=environment, down=down, aborts=aborts, announce=announce, clock=clock)


def _numbered(climb: Climb, before: int, steps: list[ClimbStep]) -> Climb:
    """The climb with its steps counted on from those `before`, and added to `steps`."""
    climbed = tuple(
        replace(each, step=replace(each.step, index=before + number)) for number, each in enumerate(climb.climbed, 1)
    )
    steps.extend(each.step for each in climbed)
    return replace(climb, climbed=climbed)
