"""One stack of a diff as parts of a Markdown document, each with how pressing it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from phaseup.render import words
from phaseup.render.danger import NOTES, ORDER, RETAINED, Danger, op_of, split, urn_name, weighed
from phaseup.render.markdown_budget import Fold, Part
from phaseup.render.markdown_text import code, fenced, names, prose, shown

if TYPE_CHECKING:
    from phaseup.diff.report import Change, Cost, Move, Reason, StackDiff

VERDICTS: Final[Mapping[words.Verdict, str]] = {
    "safe": "✅ safe",
    "needs-approval": "⚠️ needs approval",
    "blocked": "❌ blocked",
    "refused": "⛔ refused",
}
CAUSES: Final = {
    "config": "its config",
    "blueprint": "the blueprint",
    "component": "a component",
    "program": "the program",
    "tool": "the tool",
    "added": "being new",
    "deleted": "being deleted",
}
PROPERTIES: Final = 8
"""Of more properties in one row, the others are counted."""
ERROR_LINES: Final = 20
OPERATIONS: Final = 5
"""Of more operations than the usual ones, the others are not counted one by one."""

# How pressing the parts are, from what nobody may miss to what fills the page.
HEAD, DANGER, CONFIG, COST, POLICY, WHY, NEXT, SETTINGS, SPEAKS, HASH, REST = range(11)


def parts(stack: StackDiff, section: int) -> Iterator[Part]:
    """The stack from verdict to plan hash, in reading order."""
    for part in _parts(stack):
        part.section = section
        yield part


def counted(stack: StackDiff, *, table: bool) -> str:
    """`+ 3 to create · ~ 2 to update · 12 unchanged`; operations that do not occur are left out."""
    counts = stack.counts
    if stack.error and not counts:
        return "not known"
    told = [
        f"{words.OP_LOOKS[op].sign} {counts[op]:,} to {op}" for op in words.OPS if op != "same" and counts.get(op, 0)
    ]
    others = [(op, number) for op, number in sorted(counts.items()) if op not in words.OPS and number]
    told += [f"{number:,} to {code(op, table=table, width=20)}" for op, number in others[:OPERATIONS]]
    return " · ".join([*told, f"{counts.get('same', 0):,} unchanged"])


def phases(stack: StackDiff, *, table: bool) -> str:
    """`mvp → growth`, or the one phase it is in."""
    before, after = (code(phase, table=table, width=40) for phase in stack.phase)
    return after if before == after else f"{before} → {after}"


def delta(cost: Cost | None) -> str:
    """`+$804.00`, `no change`, or a dash where it is not known."""
    if cost is None:
        return "–"
    more = round(cost.after - cost.before, 2)
    return f"{'+' if more > 0 else '−'}{_dollars(abs(more))}" if more else "no change"


def _parts(stack: StackDiff) -> Iterator[Part]:
    yield Part(HEAD, [_head(stack)])
    if stack.error:
        yield _unreadable(stack)
    yield from _list(WHY, "**Why**", (f"- {prose(reason)}\n" for reason in stack.reasons), "reason")
    if stack.config:
        opening, rows, closing = fenced((line.sign + line.text for line in stack.config), "diff")
        yield Part(CONFIG, rows, opening, closing, noun="line")
    yield from _table(
        SETTINGS,
        "",
        ("block", "setting", "before", "after"),
        (
            (code(each.block, table=True), code(each.key, table=True), _there(each.old), _there(each.new))
            for each in stack.settings
        ),
        "setting",
    )
    dangers, rest = split(stack)
    yield Part(HEAD, [f"**Resources:** {counted(stack, table=False)}{_pressing(stack, len(dangers))}\n"])
    yield from _table(
        DANGER, "**Look at these first**", ("", "resource", "what to know", "why"), map(_dangerous, dangers)
    )
    yield from _list(DANGER, "**Retired by name**", _retired(stack))
    if stack.cost is not None:
        yield Part(COST, [_cost(stack.cost)])
    yield from _policy(stack)
    yield from _list(SPEAKS, "**Triggers that speak for it**", _speaks(stack), "trigger")
    if stack.move is not None:
        yield from _next(stack.move)
    yield from _list(SPEAKS, "**Notes**", (f"- {prose(note)}\n" for note in stack.notes), "note")
    yield from _rest(rest)
    if stack.plan_hash:
        yield Part(HASH, [f"Plan {code(stack.plan_hash)}\n"])


def _unreadable(stack: StackDiff) -> Part:
    lines = stack.error.splitlines()
    opening, rows, closing = fenced(lines if len(lines) <= ERROR_LINES else [*lines[:ERROR_LINES], "…"], "text")
    where = f"The {stack.error_side} of the comparison" if stack.error_side else "It"
    return Part(DANGER, rows, f"{where} cannot be read:\n\n{opening}", closing, noun="line")


def _head(stack: StackDiff) -> str:
    head = f"### {VERDICTS[stack.verdict]}: {code(stack.stack, width=80)}\n"
    about: list[str] = []
    if any(stack.phase):
        about.append(f"**Phase:** {phases(stack, table=False)}")
    if stack.move is not None and stack.move.title:
        about.append(f"**Step:** {prose(stack.move.title, width=120)}")
    if stack.causes:
        about.append(f"**Changed by:** {', '.join(CAUSES[cause] for cause in stack.causes)}")
    return f"{head}\n{' · '.join(about)}\n" if about else head


def _pressing(stack: StackDiff, dangers: int) -> str:
    """How much there is of what comes below, should there be no room for it."""
    new = sum(each.new for each in stack.breaches)
    told = f" · **{dangers:,} to look at first**" if dangers else ""
    return told + (f" · **{words.amount(new, 'new policy violation')}**" if new else "")


def _list(tier: int, title: str, rows: Iterable[str], noun: str = "row") -> Iterator[Part]:
    whole = list(rows)
    if whole:
        yield Part(tier, whole, f"{title}\n\n", noun=noun)


def _table(
    tier: int, title: str, columns: tuple[str, ...], rows: Iterable[Iterable[str]], noun: str = "row"
) -> Iterator[Part]:
    whole = [f"| {' | '.join(cells)} |\n" for cells in rows]
    if whole:
        head = f"| {' | '.join(columns)} |\n|{' --- |' * len(columns)}\n"
        yield Part(tier, whole, f"{title}\n\n{head}" if title else head, noun=noun)


def _there(item: object) -> str:
    return "–" if item is None else shown(item, table=True)


def _dangerous(danger: Danger) -> tuple[str, ...]:
    told = "<br>".join(
        f"**{said.label}**" + (f": {prose(said.text, table=True)}" if said.text else "") for said in danger.said
    )
    change = danger.change
    type_ = change.type if change is not None else ""
    why = _reasons(change, sources=True) if change is not None else ""
    return _op(danger.op), _resource(danger.urn, type_), told, why


def _op(op: str) -> str:
    return op if op in words.OP_LOOKS else prose(op, table=True, width=40)


def _resource(urn: str, type_: str) -> str:
    name = code(urn_name(urn), table=True)
    return f"{name}<br>{code(words.short_type(type_), table=True)}" if type_ else name


def _reasons(change: Change, *, sources: bool) -> str:
    reasons = weighed(change.reasons)
    lines = [_reason(reason) for reason in reasons[:PROPERTIES]]
    if len(reasons) > PROPERTIES:
        lines.append(f"and {len(reasons) - PROPERTIES:,} more")
    if sources:
        found = dict.fromkeys(reason.source for reason in reasons[:PROPERTIES] if reason.source)
        lines += [f"<sub>{prose(source, table=True, width=240)}</sub>" for source in found]
    if change.declared_at and change.reasons:
        lines.append(f"<sub>declared at {code(change.declared_at, table=True)}</sub>")
    return "<br>".join(lines)


def _reason(reason: Reason) -> str:
    line = code(reason.path, table=True) if reason.path else "the resource"
    if reason.old is not None or reason.new is not None:
        line += f": {shown(reason.old, table=True)} → {shown(reason.new, table=True)}"
    note = NOTES.get(reason.effect)
    if note:
        line += f", {note}"
    if reason.because:
        line += f", follows from {code(urn_name(reason.because[-1]), table=True)}"
    return line


def _retired(stack: StackDiff) -> Iterator[str]:
    left = {change.urn for change in stack.changes if change.retained}
    for urn in stack.retired:
        yield f"- {code(urn_name(urn))}{f': {RETAINED}' if urn in left else ''}\n"


def _cost(cost: Cost) -> str:
    line = f"**Cost a month:** {_dollars(cost.before)} → {_dollars(cost.after)} ({delta(cost)})"
    if cost.unpriced:
        line += f" · {len(cost.unpriced):,} unpriced: {names([urn_name(urn) for urn in cost.unpriced])}"
    return line + "\n"


def _dollars(amount: float) -> str:
    return f"${amount:,.2f}"


def _policy(stack: StackDiff) -> Iterator[Part]:
    found = sorted(stack.breaches, key=lambda each: (not each.new, each.level != "mandatory"))
    new = sum(each.new for each in found)
    title = f"**Policy:** {new:,} new, {len(found) - new:,} as before"
    yield from _table(
        POLICY,
        title,
        ("", "rule", "resource", "what is wrong", "remedy"),
        (
            (
                f"{'**new**' if each.new else 'as before'}<br>{prose(each.level, table=True, width=40)}",
                f"{code(each.policy, table=True)}<br>{prose(each.severity, table=True, width=40)}",
                code(urn_name(each.urn), table=True),
                prose(each.message, table=True),
                prose(each.remedy, table=True),
            )
            for each in found
        ),
        "violation",
    )


def _speaks(stack: StackDiff) -> Iterator[str]:
    for each in stack.triggers:
        line = f"- {code(each.name)}: {prose(each.text)}"
        if each.action:
            line += f"; it asks for: {prose(each.action)}"
        if each.source:
            line += f" ({prose(each.source)})"
        yield line + "\n"


def _next(move: Move) -> Iterator[Part]:
    labels = (("First", move.precondition), ("Check", move.check), ("By hand", move.manual))
    yield from _list(NEXT, "**Around this step**", (f"- {label}: {prose(text)}\n" for label, text in labels if text))
    first, *lines = move.next_step.strip().splitlines() or [""]
    if first:
        told = f"**Next step:** {prose(first)}\n"
        if lines:
            language = "diff" if all(line[:1] in ("+", "-", " ") for line in lines) else "yaml"
            opening, rows, closing = fenced(lines, language)
            yield Part(NEXT, rows, f"{told}\n{opening}", closing, noun="line")
        else:
            yield Part(NEXT, [told])


def _rest(changes: list[Change]) -> Iterator[Part]:
    """All other changes by block, and in each by operation, folded."""
    blocks: dict[str, list[Change]] = {}
    for change in changes:
        blocks.setdefault(change.block, []).append(change)
    where = f" in {words.amount(len(blocks), 'block')}" if any(blocks) else ""
    fold = Fold(
        f"<details>\n<summary>All other changes: {len(changes):,}{where}</summary>\n",
        "</details>\n",
    )
    for block, group in blocks.items():
        group.sort(key=lambda change: ORDER.index(op_of(change.op)))
        tally = Counter(op_of(change.op) for change in group)
        told = ", ".join(f"{tally[op]:,} {'other' if op == 'same' else f'to {op}'}" for op in ORDER if tally[op])
        title = f"{f'Block {code(block)}' if block else 'In no block'}: {told}"
        rows = (
            (_op(change.op), _resource(change.urn, change.type), _reasons(change, sources=False)) for change in group
        )
        for part in _table(REST, title, ("", "resource", "what changes"), rows):
            part.fold = fold
            yield part
