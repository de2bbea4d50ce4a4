"""A climb in the terminal: one table per system and direction, what each step needs beneath it, and a summary."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from phaseup.graph.resource import urn_name
from phaseup.render import words
from phaseup.render.text import plain

if TYPE_CHECKING:
    from phaseup.climb.report import ClimbReport, ClimbStep

COUNT_WIDTH: Final = 5
STEP_WIDTH: Final = 29
VERDICT_WIDTH: Final = 17


def climb(report: ClimbReport) -> RenderableType:
    """The whole report."""
    parts: list[RenderableType] = []
    told: set[tuple[str, str]] = set()
    for (system, direction), group in groupby(report.steps, key=lambda step: (step.system, step.direction)):
        parts.append(Text.assemble((plain(system), "bold"), f" {plain(report.environment)}, {direction}"))
        parts.append(_head())
        for step in group:
            parts.append(_row(step))
            parts.extend(Padding(line, (0, 0, 0, 6)) for line in _beneath(step))
            parts.extend(Padding(line, (0, 0, 0, 6)) for line in _policy(step, told))
        parts.append(Text())
    parts.extend(_summary(report.steps))
    parts.append(timing(report.seconds, report.import_seconds, report.registrations, report.cores))
    return Group(*parts)


def timing(seconds: float, import_seconds: float, registrations: int, cores: int, times: int = 1) -> Text:
    """How long it took, beside the limit that the design sets for this machine, or so many times that."""
    from phaseup.climb.report import allowed_seconds

    limit = times * allowed_seconds(import_seconds, registrations, cores)
    formula = f"{import_seconds:.1f} × (1 + {registrations:,} ÷ 1,000 ÷ {cores}) + 1"
    return Text(
        f"{seconds:.1f} s for {registrations:,} registrations; importing the SDKs {import_seconds:.1f} s; limit "
        f"{formula if times == 1 else f'{times} × ({formula})'} = {limit:.1f} s",
        "dim",
    )


def _grid() -> Table:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(justify="right", width=3, no_wrap=True)
    grid.add_column(width=STEP_WIDTH, overflow="fold")
    for _ in words.OPS:
        grid.add_column(justify="right", width=COUNT_WIDTH, no_wrap=True)
    grid.add_column(width=VERDICT_WIDTH, no_wrap=True)
    return grid


def _head() -> Table:
    grid = _grid()
    signs = [Text(words.OP_LOOKS[op].sign.strip() or "same", words.OP_LOOKS[op].style) for op in words.OPS]
    grid.add_row(Text("#", "dim"), Text("step", "dim"), *signs, Text("verdict", "dim"))
    return grid


def _row(step: ClimbStep) -> Table:
    grid = _grid()
    counts = [
        Text(f"{step.counts[op]:,}" if step.counts[op] else "·", words.OP_LOOKS[op].style if step.counts[op] else "dim")
        for op in words.OPS
    ]
    look = words.VERDICT_LOOKS[step.verdict]
    grid.add_row(Text(str(step.index), "dim"), name(step), *counts, Text(f"{look.sign} {step.verdict}", look.style))
    return grid


def name(step: ClimbStep) -> Text:
    """`expand mvp → growth`, `rung cache: replicated`, `shift to 100 %`, `abort at 0 % to mvp`."""
    text = Text("  or " if step.backing_out else "", "" if step.backing_out else "bold")
    match step.step:
        case "apply":
            text.append("protect again" if step.from_phase else f"apply {plain(step.to_phase)}")
        case "rung" | "arm" if step.block:
            text.append(f"{step.step} {plain(step.block)}" + (f": {plain(step.stage)}" if step.stage else ""))
        case "shift":
            text.append(f"{step.step}{' back' if step.backing_out else ''} to {step.traffic} %")
        case "abort":
            text.append(f"abort to {plain(step.to_phase)}")
        case _:
            text.append(f"{step.step} {plain(step.from_phase)} → {plain(step.to_phase)}")
    return text


def _beneath(step: ClimbStep) -> Iterable[Text]:
    look = words.VERDICT_LOOKS[step.verdict]
    if step.verdict != "safe" and step.reason:
        yield Text(plain(step.brief or step.reason), look.style)
    for risk in step.at_risk:
        yield Text.assemble(
            ("data at risk  ", "bold red"), f"{risk.op} {plain(urn_name(risk.urn))}: {plain(risk.reason)}"
        )
    for urn in step.retired:
        yield Text.assemble(("retired  ", "yellow"), plain(urn_name(urn)))
    for kept in step.kept:
        yield Text.assemble(("kept  ", "cyan"), f"{plain(kept.block)}: {plain(kept.why)}")
    if step.manual:
        yield Text.assemble(("first  " if step.verdict != "refused" else "by hand  ", "cyan"), plain(step.manual))


def _policy(step: ClimbStep, told: set[tuple[str, str]]) -> Iterable[Text]:
    """What the policy pack says of the state after the step, each breach at the first step that has it."""
    from phaseup.render.check import violations

    new = [each for each in step.violations if (each.policy, each.urn) not in told]
    told.update((each.policy, each.urn) for each in new)
    yield from violations(new)


def _summary(steps: Sequence[ClimbStep]) -> Iterable[Text]:
    line = Text(f"{words.amount(len(steps), 'step')}: ")
    tally = [(verdict, sum(step.verdict == verdict for step in steps)) for verdict in words.VERDICT_LOOKS]
    for number, (verdict, count) in enumerate((v, c) for v, c in tally if c):
        look = words.VERDICT_LOOKS[verdict]
        line.append(", " if number else "").append(f"{count} {verdict}", look.style)
    yield line
    broken = {(each.policy, each.urn, each.level) for step in steps for each in step.violations}
    stopping = sum(level == "mandatory" for _, _, level in broken)
    found = f"{words.amount(stopping, 'mandatory violation')}, {len(broken) - stopping} advisory"
    yield Text(f"Policy pack, in every state: {found}.", "bold red" if stopping else "green")
    lost = {risk.urn for step in steps for risk in step.at_risk}
    retired = {urn for step in steps for urn in step.retired}
    if lost:
        yield Text(f"At risk of being lost: {words.amount(len(lost), 'resource')} with data or in service.", "bold red")
    elif retired:
        yield Text(f"Of what holds data, only what was retired by name is lost: {len(retired)}.", "green")
    else:
        yield Text("Nothing that holds data or serves is replaced or deleted in any step.", "green")
