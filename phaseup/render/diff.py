"""A diff in the terminal: stack by stack the verdict, what the branch writes, what is dangerous, and what it costs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from phaseup.diff.document import LIMIT
from phaseup.render import words
from phaseup.render.climb import timing
from phaseup.render.cost import change as cost_change
from phaseup.render.danger import NOTES, ORDER, RETAINED, Danger, op_of, split, urn_name, weighed
from phaseup.render.text import plain, value

if TYPE_CHECKING:
    from phaseup.diff.report import Breach, Change, DiffReport, Move, Reason, SettingChange, Speaks, StackDiff

LINE_STYLES: Final = {"+": "green", "-": "red", " ": "dim"}
LEVEL_LOOKS: Final = {"mandatory": ("✗", "bold red"), "advisory": ("!", "yellow")}


def diff(report: DiffReport) -> RenderableType:
    """The whole report; one line where nothing changes."""
    between = f"{plain(report.base)} → {plain(report.head)}"
    if not report.stacks:
        return Text(f"Nothing changes in {words.amount(len(report.unchanged), 'stack')}: {between}", "green")
    parts: list[RenderableType] = [Text(between, "dim"), Text()]
    for stack in report.stacks:
        parts.extend((*_stack(stack), Text()))
    if report.unchanged:
        parts.append(Text(f"Unchanged: {', '.join(map(plain, report.unchanged))}", "dim", overflow="fold"))
    parts.append(_verdict(report.verdict, f"  {words.amount(len(report.stacks), 'stack')} changed"))
    if report.seconds:
        parts.append(timing(report.seconds, report.import_seconds, report.registrations, report.cores, LIMIT))
    return Group(*parts)


def _verdict(verdict: words.Verdict, more: str = "") -> Text:
    look = words.VERDICT_LOOKS[verdict]
    return Text.assemble((f"{look.sign} {verdict}", look.style), more)


def _stack(stack: StackDiff) -> Iterator[RenderableType]:
    yield Text.assemble((plain(stack.stack), "bold underline"), "  ", _verdict(stack.verdict))
    yield _in(_about(stack))
    if stack.error:
        where = f"the {stack.error_side} cannot be read: " if stack.error_side else ""
        yield _in(Text(where + "\n".join(map(plain, stack.error.splitlines())), "red", overflow="fold"))
    for reason in stack.reasons:
        yield _in(Text(plain(reason), words.VERDICT_LOOKS[stack.verdict].style, overflow="fold"))
    yield from _titled(
        "Config", (Text(plain(line.sign + line.text), LINE_STYLES[line.sign], overflow="fold") for line in stack.config)
    )
    if stack.settings:
        yield from _titled("Effective settings", [_settings(stack.settings)])
    dangers, rest = split(stack)
    yield from _titled("Look at these first", map(_danger, dangers), "bold red")
    yield from _titled("Retired by name", _retired(stack), "bold yellow")
    yield from _titled("All other changes" if dangers else "Changes", _by_block(rest))
    yield Text()
    yield _in(_counts(stack))
    if stack.cost is not None:
        yield _in(cost_change(stack.cost.before, stack.cost.after))
        if stack.cost.unpriced:
            told = ", ".join(plain(urn_name(urn)) for urn in stack.cost.unpriced)
            yield _in(Text(f"unpriced  {told}", "yellow", overflow="fold"))
    yield from _titled(
        "Policy", map(_breach, sorted(stack.breaches, key=lambda each: (not each.new, each.level != "mandatory")))
    )
    yield from _titled("Triggers that speak for it", map(_speaks, stack.triggers))
    if stack.move is not None:
        yield from _around(stack.move)
    for note in stack.notes:
        yield _in(Text(plain(note), "dim", overflow="fold"))
    if stack.plan_hash:
        yield _in(Text(f"plan {plain(stack.plan_hash)}", "dim", overflow="fold"))


def _in(part: RenderableType, by: int = 2) -> RenderableType:
    return Padding(part, (0, 0, 0, by))


def _titled(title: str, rows: Iterable[RenderableType], style: str = "bold") -> Iterator[RenderableType]:
    whole = list(rows)
    if whole:
        yield Text()
        yield _in(Text(title, style))
        yield from (_in(row, 4) for row in whole)


def _about(stack: StackDiff) -> Text:
    """The phase before and after, the step, and what of the stack the branch changes."""
    text = Text(overflow="fold")
    before, after = map(plain, stack.phase)
    if before or after:
        text.append(after if before == after else f"{before or '–'} → {after or '–'}", "bold")
    if stack.move is not None and stack.move.title:
        text.append(", " if text else "").append(plain(stack.move.title))
    if stack.causes:
        text.append(f"{'; ' if text else ''}changed by: {', '.join(stack.causes)}", "dim")
    return text


def _settings(settings: Iterable[SettingChange]) -> Table:
    table = Table.grid(padding=(0, 2))
    for _ in range(2):
        table.add_column(overflow="fold")
    for each in settings:
        table.add_row(Text(f"{plain(each.block)}.{plain(each.key)}", "bold"), _old_new(each.old, each.new))
    return table


def _old_new(old: object, new: object) -> Text:
    return Text.assemble((value(old), "red"), " → ", (value(new), "green"), overflow="fold")


def _head(op: str, urn: str, type_: str) -> Text:
    look = words.OP_LOOKS[op_of(op)]
    head = Text(overflow="fold")
    head.append(f"{look.sign:<2} {plain(op):<8}", look.style)
    head.append(plain(urn_name(urn)), "bold")
    return head.append(f"  {plain(words.short_type(type_))}", "cyan") if type_ else head


def _danger(danger: Danger) -> RenderableType:
    change = danger.change
    lines: list[RenderableType] = [_head(danger.op, danger.urn, change.type if change else "")]
    for said in danger.said:
        told = Text.assemble((said.label, "bold red"), f"  {plain(said.text)}" if said.text else "", overflow="fold")
        lines.append(_in(told, 4))
    lines += _details(change) if change is not None else []
    return Group(*lines)


def _change(change: Change) -> RenderableType:
    return Group(_head(change.op, change.urn, change.type), *_details(change))


def _details(change: Change) -> list[RenderableType]:
    reasons = weighed(change.reasons)
    lines = [_in(_reason(reason), 4) for reason in reasons]
    for source in dict.fromkeys(reason.source for reason in reasons if reason.source):
        lines.append(_in(Text(plain(source), "dim", overflow="fold"), 6))
    if change.declared_at and reasons:
        lines.append(_in(Text(f"declared at {plain(change.declared_at)}", "dim", overflow="fold"), 4))
    return lines


def _reason(reason: Reason) -> Text:
    line = Text(overflow="fold")
    line.append(plain(reason.path) or "(resource)", "bold")
    if reason.old is not None or reason.new is not None:
        line.append("  ").append_text(_old_new(reason.old, reason.new))
    note = NOTES.get(reason.effect)
    if note:
        line.append(f"  {note}", "yellow" if reason.effect in {"deferred", "update_reboot"} else "bold magenta")
    if reason.because:
        line.append(f"  follows from {plain(urn_name(reason.because[-1]))}", "dim")
    return line


def _retired(stack: StackDiff) -> Iterator[Text]:
    left = {change.urn for change in stack.changes if change.retained}
    for urn in stack.retired:
        yield Text(f"{plain(urn_name(urn))}{f'  {RETAINED}' if urn in left else ''}", overflow="fold")


def _by_block(changes: Iterable[Change]) -> Iterator[RenderableType]:
    """Block by block in plan order, and in each by operation."""
    blocks: dict[str, list[Change]] = {}
    for change in changes:
        blocks.setdefault(change.block, []).append(change)
    for block, group in blocks.items():
        if len(blocks) > 1 or block:
            yield Text(plain(block) or "in no block", "underline", overflow="fold")
        yield from map(_change, sorted(group, key=lambda change: ORDER.index(op_of(change.op))))


def _counts(stack: StackDiff) -> Text:
    line = Text(overflow="fold")
    if stack.error and not stack.counts:
        return line.append("steps not known", "dim")
    for op, number in stack.counts.items():
        if op != "same" and number:
            look = words.OP_LOOKS[op_of(op)]
            line.append(f"{look.sign} {number:,} to {plain(op)}".strip(), look.style).append("   ")
    return line.append(f"{stack.counts.get('same', 0):,} unchanged", "dim")


def _breach(breach: Breach) -> RenderableType:
    sign, style = LEVEL_LOOKS.get(breach.level, ("·", "dim"))
    head = Text.assemble(
        (f"{sign} {plain(breach.policy)}", style),
        f"  {plain(urn_name(breach.urn))}: {plain(breach.message)}",
        ("" if breach.new else "  as before", "dim"),
        overflow="fold",
    )
    return (
        Group(head, _in(Text(f"mend: {plain(breach.remedy)}", "cyan", overflow="fold"), 4)) if breach.remedy else head
    )


def _speaks(trigger: Speaks) -> Text:
    line = Text.assemble((plain(trigger.name), "bold"), f"  {plain(trigger.text)}", overflow="fold")
    if trigger.action:
        line.append(f"; it asks for: {plain(trigger.action)}")
    return line.append(f"  {plain(trigger.source)}", "dim") if trigger.source else line


def _around(move: Move) -> Iterator[RenderableType]:
    labels = (("first", move.precondition), ("check", move.check), ("by hand", move.manual))
    told = [(label, [text]) for label, text in labels if text]
    if move.next_step:
        told.append(("next", move.next_step.strip("\n").splitlines()))
    if told:
        yield Text()
    for label, lines in told:
        yield _in(Text.assemble((f"{label}  ", "cyan"), "\n".join(map(plain, lines)), overflow="fold"))
