"""A climb's page: the ladder to walk along, each step with its resources, what it costs, and the policy pack's word."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from phaseup.page.chart import Chart, chart
from phaseup.page.climb_data import climb_data
from phaseup.page.document import document
from phaseup.page.ladder import Ladder, ladder, title
from phaseup.render.words import VERDICT_LOOKS

if TYPE_CHECKING:
    from phaseup.climb.climb import Climb
    from phaseup.climb.report import ClimbReport, ClimbStep
    from phaseup.policy.judge import Violation

SCRIPTS: Final = ("dom.js", "graph.js", "climb.js")
_LEVELS: Final = ("mandatory", "advisory", "disabled")


@dataclass(frozen=True, slots=True)
class Way:
    """One direction of one system's ladder, drawn."""

    ladder: Ladder
    chart: Chart | None
    steps: tuple[tuple[ClimbStep, str], ...]
    """With their titles."""


@dataclass(frozen=True, slots=True)
class Row:
    """A breach of the policy pack, the first step after which it is there, and after how many it is."""

    violation: Violation
    first: int
    states: int


@dataclass(frozen=True, slots=True)
class System:
    """What of a system's part of the page is drawn before any script runs."""

    name: str
    ways: tuple[Way, ...]
    breaches: tuple[Row, ...]


def climb_page(climb: Climb) -> str:
    """The whole HTML file."""
    return page_of(climb.report, climb_data([climb]))


def page_of(report: ClimbReport, data: dict[str, Any]) -> str:
    """The same from data that was made before, so that nobody has to keep the graphs of many systems at once."""
    tally = [(verdict, sum(step.verdict == verdict for step in report.steps)) for verdict in VERDICT_LOOKS]
    systems = [_system(name, list(group)) for name, group in groupby(report.steps, key=lambda step: step.system)]
    return document(
        "climb.html.j2",
        SCRIPTS,
        data,
        title=f"{', '.join(system.name for system in systems) or 'nothing'} {report.environment}: the ladder",
        report=report,
        systems=systems,
        ways=sum(len(system.ways) for system in systems),
        tally=[(verdict, count) for verdict, count in tally if count],
        lost=len({risk.urn for step in report.steps for risk in step.at_risk}),
        retired=len({urn for step in report.steps for urn in step.retired}),
    )


def _system(name: str, steps: list[ClimbStep]) -> System:
    ways = [list(way) for _, way in groupby(steps, key=lambda step: step.direction)]
    return System(
        name,
        tuple(Way(ladder(way), chart(way), tuple((step, title(step)) for step in way)) for way in ways),
        _rows(steps),
    )


def _rows(steps: list[ClimbStep]) -> tuple[Row, ...]:
    """Every breach once; what stops an apply first, then what lasts longest."""
    first: dict[Violation, int] = {}
    states: dict[Violation, int] = {}
    for step in steps:
        for violation in dict.fromkeys(step.violations):
            first.setdefault(violation, step.index)
            states[violation] = states.get(violation, 0) + 1
    rows = [Row(violation, index, states[violation]) for violation, index in first.items()]
    return tuple(sorted(rows, key=lambda row: (_LEVELS.index(row.violation.level), -row.states, row.first)))
