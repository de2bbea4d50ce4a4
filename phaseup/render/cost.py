"""A month's costs in the terminal: by category beside the source's figures, by block and resource, what is missing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from phaseup.graph.resource import urn_name
from phaseup.price.lines import HOURS, Estimate, Line
from phaseup.price.report import Report
from phaseup.render.text import plain

FOLD: Final = 3
"""From how many on, resources that pay for the same are told by their number."""
_ESTIMATE: Final = "~"
"""Before a price that is another region's, or another thing's."""


def dollars(amount: float | None) -> str:
    """`$1,234.50`; a dash where there is none."""
    return "–" if amount is None else f"${amount:,.2f}"


def cost(report: Report, *, whole: bool = False) -> RenderableType:
    """The whole report; with `whole` every line of it, else one row a resource of each block."""
    parts: list[RenderableType] = [_head(report), "", _categories(report), ""]
    parts.append(_lines(report.estimate, whole=whole))
    parts += ["", *_missing(report.estimate)]
    parts += [*_unused(report.estimate), *_assumed(report)]
    return Group(*parts)


def change(before: float, after: float) -> Text:
    """`cost $194.00 → $998.00 a month (+$804.00)`."""
    more = after - before
    difference = f"{'+' if more > 0 else '−'}{dollars(abs(more))}" if round(more, 2) else "no change"
    return Text(f"cost {dollars(before)} → {dollars(after)} a month ({difference})", "dim")


def summary(report: Report) -> RenderableType:
    """What a month comes to, beside the source's range, and by category in one line."""
    sums = ", ".join(f"{name} {dollars(usd)}" for name, usd in report.estimate.categories().items() if usd)
    return Group(Text.assemble(("Cost  ", "bold underline"), _total(report)), Text(f"  {sums}", "dim"))


def _total(report: Report) -> Text:
    text = Text(f"{dollars(report.estimate.total)} a month", "bold")
    if report.within is not None:
        word, style = ("within", "green") if report.within else ("outside", "yellow")
        text.append(f", {word} the source's {span(report.low, report.high)}", style)
    if report.estimate.unpriced:
        text.append(f", {len(report.estimate.unpriced_urns)} unpriced", "yellow")
    return text


def span(low: float | None, high: float | None) -> str:
    """`$50.00 to $100.00`, with one end where there is one."""
    if low is None or high is None:
        return f"up to {dollars(high)}" if low is None else f"{dollars(low)} and more"
    return f"{dollars(low)} to {dollars(high)}"


def _head(report: Report) -> Text:
    config = report.config
    text = Text.assemble(
        (f"{config.system} · {config.phase}", "bold"),
        f"  {config.environment}, {report.assumptions.home}\n",
        _total(report),
    )
    text.append(f"\n{HOURS:g} hours a month; prices as of {report.estimate.as_of or '–'} or later", "dim")
    return text


def _categories(report: Report) -> Table:
    table = Table.grid(padding=(0, 2))
    for justify in ("left", "right", "right"):
        table.add_column(justify=justify, no_wrap=True)  # type: ignore[arg-type]
    table.add_row(Text("By category", "bold underline"), "", Text("source", "dim"))
    shares = report.shares or {}
    covered = {category: name for name, share in shares.items() for category in share.categories}
    told: set[str] = set()
    for category, usd in report.estimate.categories().items():
        name = covered.get(category)
        beside = ""
        if name is not None and name not in told and len(shares[name].categories) == 1:
            beside, _ = dollars(shares[name].source), told.add(name)
        if usd or beside:
            table.add_row(f"  {category}", dollars(usd), Text(beside, "dim"))
    for name, share in shares.items():
        if name not in told:
            of = " + ".join(share.categories) or "none of these"
            table.add_row(
                Text(f"  {plain(name)} = {of}", "dim"), dollars(share.estimate), Text(dollars(share.source), "dim")
            )
    return table


def _lines(estimate: Estimate, *, whole: bool) -> Table:
    table = Table.grid(padding=(0, 2))
    for justify, fold in (("left", "fold"), ("left", "fold"), ("left", "fold"), ("right", "fold")):
        table.add_column(justify=justify, overflow=fold)  # type: ignore[arg-type]
    table.add_row(Text("By block and resource", "bold underline"), "", "", "")
    blocks: dict[str, list[Line]] = {}
    for line in estimate.lines:
        blocks.setdefault(line.block, []).append(line)
    for block in sorted(blocks, key=lambda name: -sum(line.usd for line in blocks[name])):
        own = blocks[block]
        table.add_row(Text(f"  {plain(block) or 'no block'}", "bold"), "", "", dollars(sum(line.usd for line in own)))
        if whole:
            for line in own:
                table.add_row("", Text(plain(urn_name(line.urn))), Text(plain(_whole(line)), "dim"), dollars(line.usd))
            continue
        for names, what, usd in _rows(own):
            shown = ", ".join(map(plain, names)) if len(names) < FOLD else f"{len(names)} resources"
            table.add_row("", Text(shown), Text(plain(what), "dim"), dollars(usd))
    return table


def _rows(lines: Iterable[Line]) -> Iterable[tuple[list[str], str, float]]:
    """(names, what is paid, dollars) by resource, those that pay for the same in one, the dearest first."""
    resources: dict[str, list[Line]] = {}
    for line in lines:
        resources.setdefault(line.urn, []).append(line)
    alike: dict[str, list[str]] = {}
    for urn, own in resources.items():
        alike.setdefault(", ".join(dict.fromkeys(map(_told, own))), []).append(urn)
    rows = [
        ([urn_name(urn) for urn in urns], what, sum(line.usd for urn in urns for line in resources[urn]))
        for what, urns in alike.items()
    ]
    return sorted((row for row in rows if row[2] >= 0.005), key=lambda row: -row[2])


def _told(line: Line) -> str:
    option = "" if line.option in ("on-demand", "spot") else f" ({line.option})"
    return f"{_ESTIMATE if line.estimate else ''}{line.what}{option}"


def _whole(line: Line) -> str:
    rate = f"{line.quantity:,.6g} {line.price.unit} at ${line.price.usd * line.factor:.6g}"
    included = f", {line.included:,.6g} included" if line.included else ""
    estimate = f"; {line.estimate}" if line.estimate else ""
    return f"{_told(line)}: {rate}{included}; {line.price.source.id}{estimate}"


def _missing(estimate: Estimate) -> Iterable[RenderableType]:
    if estimate.unpriced:
        yield Text("Unpriced, so not in the total", "bold underline yellow")
        reasons: dict[str, list[str]] = {}
        for each in estimate.unpriced:
            reasons.setdefault(each.why, []).append(urn_name(each.urn))
        for why, names in reasons.items():
            shown = ", ".join(plain(name) for name in names[:6]) + (f" and {len(names) - 6} more" if names[6:] else "")
            yield Text(f"  {plain(why)}: {shown}", "yellow")
    if estimate.unstated:
        yield Text("Paid by use, and the phase states none", "bold underline")
        figures: dict[str, list[str]] = {}
        for each in estimate.unstated:
            block = each.block or "no block"
            figures.setdefault(each.figure, []).append(f"{block} in {each.region}" if each.region else block)
        for figure, blocks in figures.items():
            yield Text(f"  {figure}: {', '.join(map(plain, blocks))}", "dim")


def _unused(estimate: Estimate) -> Iterable[RenderableType]:
    if estimate.unused:
        yield Text("Stated, and nothing is priced with it", "bold underline yellow")
        for each in estimate.unused:
            yield Text(f"  {plain(each.block)}: {each.figure}{f' in {each.region}' if each.region else ''}", "yellow")


def _assumed(report: Report) -> Iterable[RenderableType]:
    assumed = report.assumptions
    if assumed.usage:
        yield Text("Usage assumed, a month", "bold underline")
        for block, figures in assumed.usage.items():
            yield Text(f"  {plain(block)}: {plain(_figures(figures))}", "dim")
    if assumed.purchase:
        yield Text("Bought", "bold underline")
        for block, shares in assumed.purchase.items():
            told = ", ".join(f"{share:.0%} {option}" for option, share in shares.items())
            yield Text(f"  {plain(block)}: {told}", "dim")
    if any(line.estimate for line in report.estimate.lines):
        yield Text(f"{_ESTIMATE} another region's or another thing's price, or spot's usual one: an estimate", "dim")


def _figures(figures: object) -> str:
    if not isinstance(figures, dict):
        return f"{figures:,.6g}" if isinstance(figures, int | float) else str(figures)
    return ", ".join(
        f"{name} {{{_figures(value)}}}" if isinstance(value, dict) else f"{name} {_figures(value)}"
        for name, value in figures.items()
    )
