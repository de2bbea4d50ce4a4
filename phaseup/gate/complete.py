"""Whether a preview is whole: every step has the states that its operation needs, and the summary adds up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from phaseup.gate.document import Preview, PreviewStep
from phaseup.graph.resource import urn_type

_BOTH: Final = frozenset({"same", "update", "replace", "create-replacement", "read-replacement", "import-replacement"})
_NEW: Final = frozenset({"create", "read", "import"})
_OLD: Final = frozenset({"delete", "delete-replaced", "discard", "discard-replaced", "remove-pending-replace"})
PASSING: Final = frozenset({"refresh", "diff", "extend-parameterize"})
"""What the engine does on the way; it changes nothing by itself."""
KNOWN: Final = _BOTH | _NEW | _OLD | PASSING

_COUNTED: Final = ("create", "update", "delete", "replace", "import", "discard")
"""Operations of which the summary counts each step. Of reads it counts those that found a change, and what stays the
same is counted but shown only on request."""


def faults(preview: Preview) -> tuple[str, ...]:
    """Why the preview cannot be relied on; empty where it can."""
    found = [*preview.faults, *(fault for i, step in enumerate(preview.steps) for fault in _of_step(i, step))]
    if not found and not preview.errors:
        # A preview that the engine fails counts only what came to its end.
        found += _of_summary(preview)
    return tuple(found)


def _of_step(index: int, step: PreviewStep) -> Iterator[str]:
    where = f"steps[{index}]"
    if step.op not in KNOWN:
        yield f"{where}.op: found {step.op!r}, which is no operation of Pulumi 3.260"
        return
    if step.op in _BOTH | _OLD and step.old is None:
        yield f"{where}: {step.op} of {step.urn} without its oldState"
    if step.op in _BOTH | _NEW and step.new is None:
        yield f"{where}: {step.op} of {step.urn} without its newState"
    if step.new is not None and step.new.urn != step.urn:
        yield f"{where}.newState.urn: found {step.new.urn}, where the step is of {step.urn}"
    if step.new is None and step.old is not None and step.old.urn != step.urn:
        yield f"{where}.oldState.urn: found {step.old.urn}, where the step is of {step.urn}"
    for side, state in (("oldState", step.old), ("newState", step.new)):
        if state is not None and urn_type(state.urn) != state.type:
            yield f"{where}.{side}.type: found {state.type!r}, where its URN says {urn_type(state.urn)!r}"


def _of_summary(preview: Preview) -> Iterator[str]:
    if not preview.summary:
        yield "changeSummary: not there, so the preview did not come to its end"
        return
    shown = Counter(step.op for step in preview.steps)
    for op in _COUNTED:
        told = preview.summary.get(op, 0)
        # What a refresh found is shown as an update or a delete, and not counted.
        if shown[op] < told or (shown[op] > told and not shown["refresh"]):
            yield f"changeSummary.{op}: says {told}, where {shown[op]} such steps are shown"
    if shown["same"] > preview.summary.get("same", 0):
        yield f"changeSummary.same: says {preview.summary.get('same', 0)}, where {shown['same']} such steps are shown"
    for op in preview.summary.keys() - KNOWN:
        yield f"changeSummary.{op}: no operation of Pulumi 3.260"
