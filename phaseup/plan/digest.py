"""A plan as JSON: the shape of `phaseup plan --json`, with counts as the engine would give them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from phaseup.graph.values import to_json
from phaseup.plan.steps import Diagnostic, Reason, Step, is_counted, net_ops
from phaseup.plan.verdict import Judgement

COUNTED: Final = ("create", "update", "replace", "delete", "same")


def counts(steps: Iterable[Step]) -> dict[str, int]:
    """URNs by operation, without the Stack and default providers; a replacement counts once. What is read, imported
    or let go unread has a key of its own where there is any."""
    found = dict.fromkeys(COUNTED, 0)
    for urn, op in net_ops(steps).items():
        if is_counted(urn):
            key = _PLAIN.get(op, op)
            found[key] = found.get(key, 0) + 1
    return found


_PLAIN: Final = {
    "create-replacement": "replace",
    "import-replacement": "replace",
    "read-replacement": "replace",
    "delete-replaced": "delete",
    "remove-pending-replace": "discard",
    "discard-replaced": "discard",
}


def telling(steps: Sequence[Step]) -> list[tuple[str, Step]]:
    """Of each counted URN its operation and the step with the reasons for it, in plan order."""
    net = net_ops(steps)
    chosen: dict[str, Step] = {}
    for step in steps:
        if is_counted(step.urn):
            best = chosen.get(step.urn)
            if best is None or (step.reasons and not best.reasons) or step.op == net[step.urn] != best.op:
                chosen[step.urn] = step
    return [(_PLAIN.get(net[urn], net[urn]), step) for urn, step in chosen.items()]


def digest(
    steps: Sequence[Step], judgement: Judgement, diagnostics: Iterable[Diagnostic] = (), *, same: bool = True
) -> dict[str, Any]:
    """One entry for each counted URN in plan order, without those that stay the same unless `same`."""
    return {
        "steps": [_step(step, op) for op, step in telling(steps) if same or op != "same"],
        "counts": counts(steps),
        "verdict": judgement.verdict,
        "reasons": list(judgement.reasons),
        "notes": list(judgement.notes),
        "stateful_at_risk": [{"urn": r.urn, "op": r.op, "reason": r.reason} for r in judgement.at_risk],
        "retired": list(judgement.retired),
        "diagnostics": [{"severity": d.severity, "urn": d.urn, "message": d.message} for d in diagnostics],
    }


def _step(step: Step, op: str) -> dict[str, Any]:
    return {
        "op": op,
        "urn": step.urn,
        "type": step.type,
        "reasons": [_reason(reason) for reason in step.reasons],
        "stateful": step.stateful,
        "declared_at": step.declared_at,
        "delete_before_replace": step.delete_before_replace,
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {
        "path": reason.path,
        "old": to_json(reason.old),
        "new": to_json(reason.new),
        "effect": reason.effect,
        "source": reason.source,
        "because": list(reason.chain),
    }
