"""A climb as the data of its page: every step with all that changes in it, and what stays as ranges of numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from phaseup.climb.ladder import key_of
from phaseup.page.ladder import title
from phaseup.page.resources import Present, Resources, ranges
from phaseup.page.strings import Strings, Table, line
from phaseup.render.text import value as shown
from phaseup.render.words import OPS

if TYPE_CHECKING:
    from phaseup.climb.climb import Climb, Climbed
    from phaseup.plan.steps import Reason, Step
    from phaseup.policy.judge import Violation

STATEFUL = 1
DELETED_FIRST = 2
"""Flags of a change."""


class Parts:
    """The tables that all systems of a page share."""

    def __init__(self) -> None:
        self.strings = Strings()
        self.reasons: Table[tuple[int, ...]] = Table()

    def reason(self, reason: Reason) -> int:
        """(path, old, new, effect, source, what it follows from…), all as numbers of strings."""
        text = self.strings.text
        return self.reasons.number(
            (
                text(reason.path),
                self.strings.value(reason.old),
                self.strings.value(reason.new),
                text(reason.effect),
                text(reason.source),
                *(text(urn) for urn in reason.chain),
            )
        )


def climb_data(climbs: Iterable[Climb]) -> dict[str, Any]:
    """Everything that the page's script reads; each climb may be forgotten when the next one is asked for."""
    parts = Parts()
    systems: list[dict[str, Any]] = []
    for climb in climbs:
        groups = groupby(climb.climbed, key=lambda each: each.step.system)
        systems += [_system(name, list(group), climb, parts) for name, group in groups]
        del climb, groups  # before the next one is made
    return {
        "ops": list(OPS),
        "systems": systems,
        "reasons": [list(entry) for entry in parts.reasons.entries],
        "strings": parts.strings.entries,
    }


def _system(name: str, climbed: Sequence[Climbed], climb: Climb, parts: Parts) -> dict[str, Any]:
    resources = Resources()
    present = [_present(each, climb, resources) for each in climbed]
    resources.settle()
    blocks = resources.blocks()
    broken: Table[Violation] = Table()
    steps = [_step(each, found, resources, broken, parts) for each, found in zip(climbed, present, strict=True)]
    return {
        "name": line(name),
        "blocks": [[line(block), line(kind), layer] for block, kind, layer in blocks],
        "resources": resources.to_json(parts.strings, [block for block, _, _ in blocks]),
        "broken": [[line(part) for part in (v.policy, v.urn, v.level, v.severity, v.message)] for v in broken.entries],
        "steps": steps,
    }


def _present(each: Climbed, climb: Climb, resources: Resources) -> list[Present]:
    """Of a step that is refused, what stands before it."""
    if each.run is not None:
        return resources.of_steps(each.run.outcome.steps)
    before = climb.states.get(key_of(each.leg.before)) if each.leg.before is not None else None
    return resources.of_states(before) if before is not None else []


def _step(
    each: Climbed, present: Sequence[Present], resources: Resources, broken: Table[Violation], parts: Parts
) -> dict[str, Any]:
    step = each.step
    move = each.leg.move
    variants = [(resources.number(here.urn), resources.variant(here)) for here in present]
    return {
        "n": step.index,
        "title": title(step),
        "kind": step.step,
        "direction": step.direction,
        "back": int(step.backing_out),
        "verdict": step.verdict,
        "why": line(step.brief or step.reason) if step.verdict != "safe" else "",
        "whole": line(step.reason) if step.verdict != "safe" and step.brief not in ("", step.reason) else "",
        "counts": [step.counts[op] for op in OPS],
        "resources": step.resources,
        "risk": [[line(risk.urn), line(risk.op), line(risk.reason)] for risk in step.at_risk],
        "retired": [line(urn) for urn in step.retired],
        "kept": [[line(kept.block), line(kept.why)] for kept in step.kept],
        "manual": line(step.manual),
        "broken": [broken.number(violation) for violation in step.violations],
        "cost": list(step.cost),
        "config": [[line(c.key), shown_setting(c.old), shown_setting(c.new)] for c in move.changes] if move else [],
        "changes": [
            _change(here.op, resources.number(here.urn), here.step, parts)
            for here in present
            if _told(here) and here.step is not None
        ],
        "same": ranges(resources.number(here.urn) for here in present if not _told(here)),
        "needs": [[number, variant] for number, variant in variants if variant],
    }


def _told(here: Present) -> bool:
    """Whether it is told by name: it changes, or protection is lifted from it, which the engine counts as same."""
    return here.op != "same" or (here.step is not None and bool(here.step.reasons))


def _change(op: str, number: int, step: Step, parts: Parts) -> list[Any]:
    """[resource, operation, flags, declared at, [reasons]]; a create has no reason but itself."""
    flags = (STATEFUL if step.stateful else 0) | (DELETED_FIRST if step.delete_before_replace else 0)
    reasons = [] if op == "create" else [parts.reason(reason) for reason in step.reasons]
    return [number, OPS.index(op), flags, parts.strings.text(step.declared_at), reasons]  # type: ignore[arg-type]


def shown_setting(value: Any) -> str:
    """A value of a stack file; empty where the key is not there."""
    return "" if value is None else shown(value, 240)
