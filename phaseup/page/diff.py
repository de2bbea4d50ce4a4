"""A branch's page: a tab for each stack with what its config changes, and what that does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from phaseup.page.diff_data import diff_data
from phaseup.page.document import document
from phaseup.page.strings import VALUE_WIDTH, line
from phaseup.render.text import value as shown
from phaseup.render.words import VERDICT_LOOKS, Verdict

if TYPE_CHECKING:
    from phaseup.diff.report import DiffReport, StackDiff

SCRIPTS: Final = ("dom.js", "graph.js", "diff.js")

MEANING: Final[dict[Verdict, str]] = {
    "safe": "Nothing that holds data or serves is replaced or deleted.",
    "needs-approval": "Somebody has to agree to what stands below.",
    "blocked": "This must not be applied as it is.",
    "refused": "This step cannot be taken: it is done by hand, or not at all.",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """A key of an effective block, as text; empty where it is not there."""

    block: str
    key: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One stack, with what a template cannot make of it."""

    diff: StackDiff
    settings: tuple[Setting, ...]
    counts: tuple[tuple[str, int], ...]
    unpriced: tuple[str, ...]


def diff_page(report: DiffReport) -> str:
    """The whole HTML file."""
    return document(
        "diff.html.j2",
        SCRIPTS,
        diff_data(report),
        title=f"{line(report.base)} → {line(report.head)}: {report.verdict}",
        report=report,
        meaning=MEANING[report.verdict],
        panels=[_panel(stack) for stack in report.stacks],
        tally=[(word, sum(stack.verdict == word for stack in report.stacks)) for word in VERDICT_LOOKS],
    )


def _panel(stack: StackDiff) -> Panel:
    settings = tuple(Setting(each.block, each.key, _text(each.old), _text(each.new)) for each in stack.settings)
    counts = tuple((op, number) for op, number in stack.counts.items() if number)
    return Panel(stack, settings, counts, stack.cost.unpriced if stack.cost is not None else ())


def _text(value: Any) -> str:
    return "" if value is None else shown(value, VALUE_WIDTH)
