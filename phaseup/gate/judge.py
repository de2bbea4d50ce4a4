"""The verdict on a preview: whether it is whole, what the planner's own judge says of it, and what nobody rehearsed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from phaseup.climb.verdict import Judged, judge_apply, stopped_by
from phaseup.gate.bound import Plan, foreign
from phaseup.gate.complete import faults
from phaseup.gate.consent import consents
from phaseup.gate.convert import Converted, convert
from phaseup.gate.difference import Difference, difference
from phaseup.gate.document import Preview
from phaseup.graph.resource import Snapshot, urn_name
from phaseup.plan.digest import counts, telling
from phaseup.plan.steps import Outcome, Step
from phaseup.plan.verdict import Judgement
from phaseup.record.errors import RecordError
from phaseup.render.words import amount

if TYPE_CHECKING:
    from phaseup.policy.judge import Violation
    from phaseup.record.run import Run
    from phaseup.render.words import Verdict
    from stacks.models import Blueprint, StackConfig
    from stacks.moves import MoveStep

NO_SUCH = "this preview was asked to replace and delete nothing (--expect-no-replaces)"


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """The same change without the engine."""

    before: Snapshot
    run: Run
    configs: tuple[StackConfig | None, StackConfig | None] = (None, None)
    move: MoveStep | None = None
    blueprint: Blueprint | None = None
    violations: tuple[Violation, ...] = ()


@dataclass(frozen=True, slots=True)
class Gated:
    """The verdict with all that it rests on. With `unreadable` nothing else is known, and it is blocked."""

    verdict: Verdict
    reasons: tuple[str, ...]
    brief: tuple[str, ...]
    judgement: Judgement
    steps: tuple[Step, ...] = ()
    differences: tuple[Difference, ...] | None = None
    """From the rehearsal; None where nothing was rehearsed."""
    unreadable: tuple[str, ...] = ()
    foreign: tuple[str, ...] | None = None
    """Why it belongs to another plan; None where no plan was given."""
    notes: tuple[str, ...] = ()
    diagnostics: tuple[Any, ...] = ()


def gate(
    preview: Preview,
    *,
    today: date,
    rehearsed: Rehearsed | None = None,
    plan: Plan | None = None,
    expect_no_replaces: bool = False,
    converted: Converted | None = None,
) -> Gated:
    """Judge a preview. `converted` spares the work where it is done."""
    broken = faults(preview)
    if not broken:
        try:
            converted = converted or convert(preview)
        except RecordError as error:
            broken = (str(error),)
    if broken or converted is None:
        reasons = (
            *(f"unreadable: {fault}" for fault in broken),
            *(f"the engine: {_line(e.message)}" for e in preview.errors),
        )
        return Gated("blocked", reasons, reasons, Judgement("blocked"), unreadable=broken)
    asked = consents(preview, today)
    converted = _with_order(converted, rehearsed)
    judged = _judged(converted, asked.names, rehearsed)
    reasons, brief, verdict = list(judged.reasons), list(judged.brief), judged.verdict
    stops: list[str] = []
    differences = None
    if rehearsed is not None:
        whole = _whole(preview)
        differences = difference(converted.steps, rehearsed.run.outcome.steps, whole=whole)
        stops += [f"not rehearsed: {each}" for each in differences if each.worse]
    another = None
    if plan is not None:
        another = foreign(preview, converted.steps, plan)
        stops += [f"belongs to another plan: {why}" for why in another]
    if expect_no_replaces:
        stops += _replaces(converted.steps)
    if stops and verdict != "refused":
        verdict = "blocked"
    return Gated(
        verdict,
        tuple(dict.fromkeys([*stops, *reasons])),
        tuple(dict.fromkeys([*stops, *brief])),
        judged.planner,
        converted.steps,
        differences,
        (),
        another,
        (*judged.planner.notes, *asked.ended, *_hidden(preview)),
        converted.diagnostics,
    )


def document(gated: Gated, preview: Preview) -> dict[str, Any]:
    """Its JSON, of the shape of `plan --json`; of what stays the same there is only the count that the engine gives."""
    from phaseup.plan.digest import digest

    told = digest(gated.steps, gated.judgement, gated.diagnostics, same=False)
    return {
        **told,
        "counts": _counts(gated.steps, preview),
        "verdict": gated.verdict,
        "reasons": list(gated.reasons),
        "notes": list(gated.notes),
        "unreadable": list(gated.unreadable),
        "differences": None if gated.differences is None else [each.to_json() for each in gated.differences],
        "another_plan": None if gated.foreign is None else list(gated.foreign),
    }


def _judged(converted: Converted, names: Collection[str], rehearsed: Rehearsed | None) -> Judged:
    """As `plan` judges. A preview shows no component that stays, so whose block a resource is the rehearsal tells."""
    from phaseup.record.run import Run

    if rehearsed is None:
        outcome = Outcome(list(converted.steps), converted.after, list(converted.diagnostics))
        return judge_apply(Run(outcome, {}, 0, 0.0), converted.before, consented=names)
    before = _joined(rehearsed.before, converted.before)
    after = _joined(rehearsed.run.outcome.snapshot, converted.after)
    outcome = Outcome([*converted.steps, *_kept(converted, before)], after, list(converted.diagnostics))
    judged = judge_apply(
        Run(outcome, {}, 0, 0.0),
        before,
        configs=rehearsed.configs,
        move=rehearsed.move,
        blueprint=rehearsed.blueprint,
        consented=names,
    )
    return stopped_by(judged, rehearsed.violations)


def _kept(converted: Converted, before: Snapshot) -> list[Step]:
    """The components that the preview does not show, by which a resource is known to belong to what is retired."""
    shown = {step.urn for step in converted.steps}
    return [
        Step("same", state.urn, state.type, state, state)
        for state in before
        if not state.custom and state.urn not in shown
    ]


def _joined(rehearsed: Snapshot, told: Snapshot) -> Snapshot:
    """The rehearsal's states, and the engine's own where it shows them."""
    own = {state.urn: state for state in told}
    known = {state.urn for state in rehearsed}
    states = [own.get(state.urn, state) for state in rehearsed]
    return replace(rehearsed, resources=[*states, *(state for urn, state in own.items() if urn not in known)])


def _with_order(converted: Converted, rehearsed: Rehearsed | None) -> Converted:
    """Which half of a replacement comes first is told by `--show-replacement-steps` alone, else by the rehearsal."""
    if rehearsed is None:
        return converted
    first = {step.urn for step in rehearsed.run.outcome.steps if step.delete_before_replace}
    steps = tuple(
        replace(step, delete_before_replace=True) if step.urn in first and step.op == "replace" else step
        for step in converted.steps
    )
    return replace(converted, steps=steps)


def _whole(preview: Preview) -> bool:
    same = sum(step.op == "same" for step in preview.steps)
    return preview.summary is not None and same == preview.summary.get("same", 0)


def _hidden(preview: Preview) -> list[str]:
    if _whole(preview):
        return []
    same = (preview.summary or {}).get("same", 0) - sum(step.op == "same" for step in preview.steps)
    return [f"{amount(same, 'resource')} more that stay the same, by the preview's summary"]


def _replaces(steps: Sequence[Step]) -> list[str]:
    found = [f"{op} {urn_name(step.urn)}: {NO_SUCH}" for op, step in telling(steps) if op in ("replace", "delete")]
    return sorted(found)


def _counts(steps: Sequence[Step], preview: Preview) -> dict[str, int]:
    found = counts(steps)
    if preview.summary and not _whole(preview):
        # Without the Stack, which the engine counts and always shows.
        stack = sum(step.op == "same" for step in preview.steps) - found["same"]
        found["same"] = max(found["same"], preview.summary.get("same", 0) - stack)
    return found


def _line(text: str) -> str:
    return " ".join(text.split())
