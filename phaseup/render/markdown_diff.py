"""A diff as the comment of a pull request: the verdict first, what is dangerous next, the rest folded, never cut."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from phaseup.render import words
from phaseup.render.markdown_budget import Part, fit, size, text
from phaseup.render.markdown_stack import HEAD, VERDICTS, counted, delta, parts, phases
from phaseup.render.markdown_text import code, names, place

if TYPE_CHECKING:
    from phaseup.diff.report import DiffReport

MARKER: Final = "<!-- phaseup:diff -->"
"""By which the comment is found again and updated in place."""

LIMIT: Final = 60_000
"""GitHub takes 65,536 characters; what a job adds around the comment has room too."""

LEAST: Final = 6_000
"""Below it, verdict and counts of a stack whose names are all long might not fit."""


def comment(report: DiffReport, *, limit: int = LIMIT, artifact: str = "") -> str:
    """The comment, of at most `limit` characters and UTF-8 bytes. `artifact` says where the whole is: an address, or a
    name; it is told where something had to be left out."""
    if limit < LEAST:
        raise ValueError(f"a comment needs a limit of at least {LEAST:,}, not {limit:,}")
    between = f"{code(report.base, width=60)} → {code(report.head, width=60)}"
    if not report.stacks:
        return f"{MARKER}\n✅ **Nothing changes** in {words.amount(len(report.unchanged), 'stack')}: {between}.\n"
    head = f"{MARKER}\n## {VERDICTS[report.verdict]}\n{_tally(report)}"
    foot = f"---\n{_unchanged(report)}Compared: {between}{_prices(report)}\n"
    rows = [*_overview(report), *_stacks(report)]
    # The sentence's room, with the largest number that it may have to tell.
    most = sum(len(part.rows) for part in rows)
    left_out = fit(rows, limit - size(head) - size(foot) - size(_left_out(most, limit, artifact)) - 3)
    pieces = [head, _left_out(left_out, limit, artifact) if left_out else "", text(rows), foot]
    return "\n".join(piece for piece in pieces if piece)


def _tally(report: DiffReport) -> str:
    """Beneath the verdict: how many stacks have which, and how much data is at risk."""
    told: list[str] = []
    if len(report.stacks) > 1:
        verdicts = [stack.verdict for stack in report.stacks]
        each = ", ".join(
            f"{verdicts.count(verdict):,} {word}" for verdict, word in _WORDS.items() if verdict in verdicts
        )
        told.append(f"{len(verdicts):,} stacks change: {each}.")
    at_risk = sum(len(stack.at_risk) for stack in report.stacks)
    if at_risk:
        told.append(f"**Data or service at risk: {words.amount(at_risk, 'resource')}.**")
    return f"\n{' '.join(told)}\n" if told else ""


_WORDS: Final[dict[words.Verdict, str]] = {
    "refused": "refused",
    "blocked": "blocked",
    "needs-approval": "to be approved",
    "safe": "safe",
}


def _overview(report: DiffReport) -> Iterator[Part]:
    """Of several stacks a line each."""
    if len(report.stacks) < 2:
        return
    rows = [
        f"| {code(stack.stack, table=True, width=80)} | {VERDICTS[stack.verdict]} | {phases(stack, table=True)} "
        f"| {counted(stack, table=True)} | {delta(stack.cost)} |\n"
        for stack in report.stacks
    ]
    header = "| stack | verdict | phase | resources | cost a month |\n|" + " --- |" * 5 + "\n"
    yield Part(HEAD - 1, rows, header, section=-1, noun="stack", sure=len(rows))


def _stacks(report: DiffReport) -> Iterable[Part]:
    for section, stack in enumerate(report.stacks):
        yield from parts(stack, section)


def _left_out(number: int, limit: int, artifact: str) -> str:
    whole = f"The whole is in {place(artifact)}." if artifact else "Run `phaseup diff` for the whole."
    are = "row is" if number == 1 else "rows are"
    return f"✂️ **{number:,} {are} left out**, the least pressing ones, to stay within {limit:,} characters. {whole}\n"


def _unchanged(report: DiffReport) -> str:
    if not report.unchanged:
        return ""
    return f"Unchanged: {names(report.unchanged, width=40)}.\n\n"


def _prices(report: DiffReport) -> str:
    dates = sorted({stack.cost.prices_as_of for stack in report.stacks if stack.cost and stack.cost.prices_as_of})
    return f" · prices of {names(dates, width=40)}" if dates else ""
