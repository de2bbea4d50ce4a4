"""`phaseup diff --json`: the whole report, in a shape that stays.

    {"base", "head", "verdict", "exit_code", "unchanged": [stack…],
     "seconds", "import_seconds", "registrations", "cores", "allowed_seconds",
     "stacks": [{
        "stack", "file", "system", "environment", "causes": [config|blueprint|component|program|tool|added|deleted…],
        "verdict": safe|needs-approval|refused|blocked, "reasons": [text…],
        "phase": {"before", "after"},                       "" where the stack is not there
        "config": [{"sign": "+"|"-"|" ", "text"}…],         the stack file's lines, secrets as [secret]
        "settings": [{"block", "key", "old", "new"}…],      effective blocks; null where it was not there
        "counts": {"create", "update", "replace", "delete", "same"},
        "changes": [{"op", "urn", "type", "reasons": [{"path", "old", "new", "effect", "source", "because": [urn…]}…],
                     "stateful", "declared_at", "retained", "deferred": [path…], "downtime", "block"}…],
        "at_risk": [{"urn", "op", "reason"}…], "retired": [urn…],
        "cost": null | {"before", "after", "delta", "unpriced": [urn…], "prices_as_of"},
        "breaches": [{"policy", "urn", "level", "severity", "message", "remedy", "new"}…],
        "triggers": [{"name", "text", "action", "source"}…],
        "move": null | {"kind", "from_phase", "to_phase", "title", "precondition", "check", "manual", "next_step"},
        "plan_hash", "binding": {} | {"plan", "config", "code", "ops", "base"},
        "error", "error_side": ""|base|head, "notes": [text…]}…]}

Stacks are in the order of the report, worst first; all others that there are stand in `unchanged`. Keys may be added,
none is renamed or taken away.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from phaseup.climb.report import allowed_seconds
from phaseup.diff.verdict import exit_code

if TYPE_CHECKING:
    from phaseup.diff.report import DiffReport, StackDiff

LIMIT: int = 2
"""How many times a plan's time a comparison may take: it runs two programs where a plan runs one."""


def to_json(report: DiffReport) -> dict[str, Any]:
    """The document, of plain values that `json` takes."""
    return {
        "base": report.base,
        "head": report.head,
        "verdict": report.verdict,
        "exit_code": int(exit_code(report)),
        "unchanged": list(report.unchanged),
        "seconds": round(report.seconds, 3),
        "import_seconds": round(report.import_seconds, 3),
        "registrations": report.registrations,
        "cores": report.cores,
        "allowed_seconds": round(LIMIT * allowed_seconds(report.import_seconds, report.registrations, report.cores), 3),
        "stacks": [_stack(each) for each in report.stacks],
    }


def _stack(stack: StackDiff) -> dict[str, Any]:
    whole = asdict(stack)
    whole["phase"] = {"before": stack.phase[0], "after": stack.phase[1]}
    if stack.cost is not None:
        delta = round(stack.cost.after - stack.cost.before, 2)
        whole["cost"] = {
            "before": stack.cost.before,
            "after": stack.cost.after,
            "delta": delta,
            "unpriced": list(stack.cost.unpriced),
            "prices_as_of": stack.cost.prices_as_of,
        }
    return whole
