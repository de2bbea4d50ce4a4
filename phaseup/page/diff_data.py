"""A branch as the data of its page: of each stack every resource that does not stay the same, with its reasons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from phaseup.graph.resource import urn_name, urn_type
from phaseup.page.strings import Strings, Table, line
from phaseup.render.words import plain_op, short_type

if TYPE_CHECKING:
    from phaseup.diff.report import Change, DiffReport, Reason

NO_URN = 3
"""How many `::` a URN has at least."""


def diff_data(report: DiffReport) -> dict[str, Any]:
    """Everything that the page's script reads."""
    strings = Strings()
    reasons: Table[tuple[int, ...]] = Table()
    stacks = [_stack(stack.changes, strings, reasons) for stack in report.stacks]
    return {"stacks": stacks, "reasons": [list(entry) for entry in reasons.entries], "strings": strings.entries}


def _stack(changes: Sequence[Change], strings: Strings, reasons: Table[tuple[int, ...]]) -> dict[str, Any]:
    blocks: Table[str] = Table()
    for name in sorted({line(change.block) for change in changes}, key=lambda name: (not name, name)):
        blocks.number(name)
    return {
        "blocks": blocks.entries,
        "changes": [
            [
                strings.text(_name(change.urn)),
                strings.text(change.type),
                strings.text(short_type(change.type)),
                strings.text(change.urn),
                blocks.number(line(change.block)),
                plain_op(change.op) if plain_op(change.op) != "same" else line(change.op),
                int(change.stateful),
                strings.text(change.declared_at),
                [_reason(reason, strings, reasons) for reason in change.reasons] if change.op != "create" else [],
                [line(note) for note in _notes(change)],
                int(_is_component(change.urn)),
            ]
            for change in changes
        ],
    }


def _reason(reason: Reason, strings: Strings, reasons: Table[tuple[int, ...]]) -> int:
    text = strings.text
    return reasons.number(
        (
            text(reason.path),
            strings.value(reason.old),
            strings.value(reason.new),
            text(reason.effect),
            text(reason.source),
            *(text(urn) for urn in reason.because),
        )
    )


def _notes(change: Change) -> list[str]:
    """What is beside the operation to know."""
    notes = []
    if change.retained:
        notes.append("leaves the state, stays in the cloud and is billed")
    if change.downtime:
        notes.append(f"away for a while: {change.downtime}")
    if change.deferred:
        notes.append(f"takes effect later: {', '.join(change.deferred)}")
    return notes


def _name(urn: str) -> str:
    return urn_name(urn) if urn.count("::") >= NO_URN else urn


def _is_component(urn: str) -> bool:
    return urn.count("::") >= NO_URN and urn_type(urn).startswith("phaseup:")
