"""A preview's steps as the planner's, so that one judge judges both; and the states before and after, as snapshots."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, cast

from phaseup.facts import facts_for
from phaseup.facts.stateful import stateful
from phaseup.gate.complete import PASSING
from phaseup.gate.document import Preview, PreviewState, PreviewStep, Said
from phaseup.graph.resource import Snapshot, State, urn_type
from phaseup.plan.reasons import declared_at, shown
from phaseup.plan.steps import Diagnostic, Op, Reason, Step
from phaseup.plan.values import at_path, parse_path
from phaseup.record.checkpoint import load_state
from phaseup.record.errors import RecordError
from phaseup.simulate.differ import differences

_NEW_HALVES: Final = frozenset({"create-replacement", "read-replacement", "import-replacement"})
_TOLD: Final = frozenset({"update_reboot", "deferred", "ignored", "refused"})
"""Effects that the facts know and a preview does not tell. That one is unknown, the provider's own answer settles."""
_ANSI: Final = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_LAST: Final = "preview failed"
_FRAME: Final = re.compile(r"^(error: )?((Preview|Update) failed: )?")


@dataclass(frozen=True, slots=True)
class Converted:
    """A preview in the planner's terms. Without `--show-sames` the snapshots hold only what changes."""

    steps: tuple[Step, ...]
    diagnostics: tuple[Diagnostic, ...]
    before: Snapshot
    after: Snapshot


def convert(preview: Preview) -> Converted:
    """Raises `RecordError` for a state that cannot be read, by its step."""
    made = [_step(step, f"steps[{index}]") for index, step in enumerate(preview.steps) if step.op not in PASSING]
    whole = _whole([step for step in made if step.op != "remove-pending-replace"])
    stack, project = made[0].urn.removeprefix("urn:pulumi:").split("::")[:2] if made else ("", "")
    return Converted(
        tuple(whole),
        tuple(_diagnostics(preview)),
        Snapshot(stack, project, _once(step.old for step in whole)),
        Snapshot(stack, project, _once(step.new for step in whole)),
    )


def _whole(steps: Sequence[Step]) -> list[Step]:
    """With each replacement said as one, also where only its parts are there; their order says which comes first."""
    replaced = {step.urn for step in steps if step.op == "replace"}
    gone: set[str] = set()
    first: set[str] = set()
    for step in steps:
        if step.op == "delete-replaced":
            gone.add(step.urn)
        elif step.op in _NEW_HALVES and step.urn in gone:
            first.add(step.urn)
    made = []
    for step in steps:
        if step.op in _NEW_HALVES and step.urn not in replaced:
            step = replace(step, op="replace")
        made.append(replace(step, delete_before_replace=True) if step.urn in first else step)
    return made


def _step(step: PreviewStep, where: str) -> Step:
    old, new = _state(step.old, f"{where}.oldState"), _state(step.new, f"{where}.newState")
    op = step.op
    if op in ("discard", "discard-replaced") and old is not None and not old.external:
        op = "delete"  # it is forgotten that was only read; what was managed goes
    holder = old or new
    reasons = tuple(_reasons(step, old, new)) if old is not None and new is not None else ()
    return Step(
        op=cast("Op", op),
        urn=step.urn,
        type=urn_type(step.urn),
        old=old,
        new=new,
        reasons=reasons or _gone(op, old),
        stateful=holder is not None and holder.custom and stateful(holder.type, holder.inputs) is not None,
        declared_at=declared_at(holder.source_position) if holder is not None else "",
        replace_keys=tuple(step.replace_reasons or ()),
    )


def _state(state: PreviewState | None, where: str) -> State | None:
    if state is None:
        return None
    entry = state.model_dump(exclude_none=True)
    if isinstance(entry.get("propertyDependencies"), dict):
        entry["propertyDependencies"] = {key: urns or [] for key, urns in entry["propertyDependencies"].items()}
    try:
        return load_state(entry, where)
    except RecordError:
        raise
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise RecordError(f"{where}: cannot be read: {type(error).__name__}") from None


def _reasons(step: PreviewStep, old: State, new: State) -> Iterable[Reason]:
    if step.op not in ("update", "replace", *_NEW_HALVES):
        return
    known = {}
    if step.op == "update" and new.custom:
        facts = facts_for(new.type)
        known = {each.path: each for each in differences(facts, old.inputs, old.outputs, new.inputs)} if facts else {}
    detailed = {path: change.kind for path, change in (step.detailed or {}).items()}
    paths = detailed or dict.fromkeys((*(step.replace_reasons or ()), *(step.diff_reasons or ())), "")
    for path, kind in paths.items():
        parts = parse_path(path) or (path,)
        replaces = kind.endswith("-replace") or str(parts[0]) in (step.replace_reasons or ())
        fact = known.get(path) or known.get(str(parts[0]))
        effect, source = "replace" if replaces else "update", "the provider's own diff"
        if fact is not None and effect == "update" and fact.effect in _TOLD:
            effect, source = fact.effect, fact.source
        before, after = at_path(old.inputs, parts), at_path(new.inputs, parts)
        if before is None:
            before = at_path(old.outputs, parts)
        yield Reason(path, shown(before), shown(after), effect, source)


def _gone(op: str, old: State | None) -> tuple[Reason, ...]:
    if old is None or op not in ("delete", "delete-replaced", "discard"):
        return ()
    source = "no longer in the program" if op != "delete-replaced" else "replaced"
    if old.retain_on_delete:
        source += "; retained: it leaves the state and stays in the cloud, and billed"
    return (Reason("", None, None, "delete", source),)


def _diagnostics(preview: Preview) -> Iterable[Diagnostic]:
    """Without the engine's last word where it has said what failed."""
    found = [_diagnostic(said) for said in preview.said]
    causes = [each for each in found if each.severity == "error" and each.message != _LAST]
    return [each for each in found if each.message != _LAST or not causes]


def _diagnostic(said: Said) -> Diagnostic:
    message = _FRAME.sub("", re.sub(r"\s+", " ", _ANSI.sub("", said.message)).strip())
    severity = "error" if said.severity == "error" else "warning" if said.severity == "warning" else "info"
    return Diagnostic(severity, said.urn, message)


def _once(states: Iterable[State | None]) -> list[State]:
    found: dict[tuple[str, bool], State] = {}
    for state in states:
        if state is not None:
            found.setdefault((state.urn, state.delete), state)
    return list(found.values())
