"""A plan in the terminal: data at risk first, then replaced, deleted, updated and created, each with its reasons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from phaseup.graph.resource import urn_name
from phaseup.render import words
from phaseup.render.text import plain, value

if TYPE_CHECKING:
    from phaseup.plan.steps import Reason, Step

ORDER: Final[tuple[words.Op, ...]] = ("replace", "delete", "update", "create")

EFFECT_NOTES: Final[dict[str, str]] = {
    "replace": "forces replacement",
    "update_reboot": "restarts it",
    "deferred": "waits for the maintenance window",
    "ignored": "the cloud ignores it",
    "refused": "the cloud refuses it",
    "unknown": "effect not known: no fact",
}
"""Beside a reason. A plain update needs no note."""


def net_steps(steps: Iterable[Step]) -> list[tuple[words.Op, Step]]:
    """One (op, step) per counted URN in plan order: of a replacement's steps the one that carries the reasons."""
    from phaseup.plan.steps import is_counted, net_ops

    steps = list(steps)
    chosen: dict[str, Step] = {}
    for step in steps:
        best = chosen.get(step.urn)
        if best is None or (step.reasons and not best.reasons):
            chosen[step.urn] = step
    return [(words.plain_op(op), chosen[urn]) for urn, op in net_ops(steps).items() if is_counted(urn)]


def counts_line(counts: dict[words.Op, int]) -> Text:
    """`+ 3 to create   ~ 2 to update   12 unchanged`; operations that do not occur are left out."""
    line = Text()
    for op in words.OPS[:-1]:
        if counts[op]:
            look = words.OP_LOOKS[op]
            line.append(f"{look.sign} {counts[op]:,} to {op}", look.style).append("   ")
    line.append(f"{counts['same']:,} unchanged", words.OP_LOOKS["same"].style)
    return line


def plan(steps: Sequence[Step], *, at_risk: Iterable[tuple[str, str, str]] = ()) -> RenderableType:
    """The whole plan; `at_risk` are (urn, op, reason) of data in danger and are shown before all else."""
    net = net_steps(steps)
    parts: list[RenderableType] = []
    risks = list(at_risk)
    if risks:
        parts.append(Text("Data at risk", "bold red"))
        parts.extend(_risk(urn, op, reason) for urn, op, reason in risks)
        parts.append(Text())
    notes = _interruptions(net)
    if notes:
        parts.append(Text("While it is applied", "bold yellow"))
        parts.extend(notes)
        parts.append(Text())
    for op in ORDER:
        parts.extend(_step(op, step) for was, step in net if was == op)
    if len(parts):
        parts.append(Text())
    parts.append(counts_line(words.count_ops(steps)))
    return Group(*parts)


def _risk(urn: str, op: str, reason: str) -> RenderableType:
    look = words.OP_LOOKS.get(op, words.OP_LOOKS["delete"])
    head = Text.assemble((f"{look.sign} {op}  ", look.style), (plain(urn_name(urn)), "bold"))
    body = Group(Text(plain(reason)), Text(plain(urn), "dim", overflow="fold"))
    return Padding(Group(head, Padding(body, (0, 0, 0, 4))), (0, 0, 0, 2))


def _step(op: words.Op, step: Step) -> RenderableType:
    look = words.OP_LOOKS[op]
    head = Text(overflow="fold")
    head.append(f"{look.sign:<2} {op:<8}", look.style)
    head.append(plain(urn_name(step.urn)), "bold")
    head.append(f"  {plain(words.short_type(step.type))}", "cyan")
    if step.stateful:
        head.append("  holds data", "bold yellow")
    lines: list[RenderableType] = [head]
    if op != "create":
        for source, reasons in groupby(step.reasons, key=lambda reason: reason.source):
            lines.extend(Padding(_reason(reason), (0, 0, 0, 6)) for reason in reasons)
            if source:
                lines.append(Padding(Text(plain(source), "dim", overflow="fold"), (0, 0, 0, 8)))
        if step.declared_at:
            lines.append(Padding(Text(f"declared at {plain(step.declared_at)}", "dim", overflow="fold"), (0, 0, 0, 6)))
    return Padding(Group(*lines), (0, 0, 0, 2))


def _reason(reason: Reason) -> Text:
    line = Text(overflow="fold")
    line.append(plain(reason.path) or "(resource)", "bold")
    if reason.old is not None or reason.new is not None:
        line.append("  ").append(value(reason.old), "red").append(" → ").append(value(reason.new), "green")
    note = EFFECT_NOTES.get(reason.effect)
    if note:
        line.append(f"  {note}", "bold magenta" if reason.effect in {"replace", "refused", "unknown"} else "yellow")
    if reason.chain:
        line.append(f"  follows from {plain(urn_name(reason.chain[-1]))}", "dim")
    return line


def _interruptions(net: Sequence[tuple[words.Op, Step]]) -> list[RenderableType]:
    """What interrupts service or does not happen at once: restarts, deletes before replacement, deferrals."""
    notes: list[RenderableType] = []
    for op, step in net:
        name = plain(urn_name(step.urn))
        effects = {reason.effect for reason in step.reasons}
        if op == "update" and "update_reboot" in effects:
            notes.append(_note(name, "restarts: it is down, or fails over, for some minutes"))
        if op == "update" and "deferred" in effects:
            notes.append(_note(name, "the change waits for the maintenance window or the next restart"))
        if op == "replace" and step.delete_before_replace:
            notes.append(_note(name, "is deleted before its replacement exists"))
    return notes


def _note(name: str, text: str) -> RenderableType:
    return Padding(Text.assemble((name, "bold"), f" {text}"), (0, 0, 0, 2))
