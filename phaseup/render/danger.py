"""Which changes of a stack a reviewer must see first, and in which words: the terminal and the comment say the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from phaseup.plan.verdict import GUARDS, RETAINED
from phaseup.render import words

if TYPE_CHECKING:
    from phaseup.diff.report import Change, Reason, StackDiff

ORDER: Final[tuple[words.Op, ...]] = ("replace", "delete", "update", "create", "same")
"""Operations from the one to look at first."""

NOTES: Final[Mapping[str, str]] = {
    "replace": "forces replacement",
    "update_reboot": "restarts it",
    "deferred": "waits for the maintenance window",
    "ignored": "the cloud ignores it",
    "refused": "the cloud refuses it",
    "unknown": "effect not known: no fact",
}
"""Beside a reason. A plain update needs no note."""

_GUARDS: Final[Mapping[str, bool]] = {"protect": True, **GUARDS}
"""What keeps a resource from being deleted, the engine's own guard with the clouds', and the value that does."""

_WEIGHT: Final = {effect: rank for rank, effect in enumerate(("replace", "refused", "unknown", "update_reboot"))}


@dataclass(frozen=True, slots=True)
class Said:
    """One thing to know about a dangerous change: our words, and what follows them from elsewhere."""

    label: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Danger:
    """A change to look at first. `change` is None where only the risk is known."""

    urn: str
    op: str
    said: tuple[Said, ...]
    change: Change | None = None


def split(stack: StackDiff) -> tuple[list[Danger], list[Change]]:
    """The dangerous changes, worst first and else in plan order, and all the others."""
    risks: dict[str, list[Said]] = {}
    ops: dict[str, str] = {}
    for risk in stack.at_risk:
        risks.setdefault(risk.urn, []).append(Said("data at risk", risk.reason))
        ops.setdefault(risk.urn, risk.op)
    retired = frozenset(stack.retired)
    found: list[tuple[int, Danger]] = []
    rest: list[Change] = []
    for change in stack.changes:
        at_risk = risks.pop(change.urn, [])
        ranked = [(0, said) for said in at_risk] + list(_ranked(change, change.urn in retired, bool(at_risk)))
        if ranked:
            told = tuple(dict.fromkeys(said for _, said in ranked))
            found.append((min(rank for rank, _ in ranked), Danger(change.urn, change.op, told, change)))
        else:
            rest.append(change)
    found += [(0, Danger(urn, ops[urn], tuple(dict.fromkeys(said)))) for urn, said in risks.items()]
    return [danger for _, danger in sorted(found, key=lambda each: each[0])], rest


def weighed(reasons: Iterable[Reason]) -> list[Reason]:
    """Reasons, those that decide first."""
    return sorted(reasons, key=lambda reason: _WEIGHT.get(reason.effect, len(_WEIGHT)))


def op_of(op: str) -> words.Op:
    """One of the five words for what an op comes to."""
    return words.plain_op(op)


def urn_name(urn: str) -> str:
    """The logical name of a URN; of what is none, all of it."""
    return urn.split("::", 3)[-1] or urn


def _lifts_protection(reason: Reason) -> bool:
    """Whether it takes away what keeps the resource from being deleted."""
    name = reason.path.strip("<>")
    if name not in _GUARDS:
        return False
    return _guards(reason.old, name) and not _guards(reason.new, name)


def _guards(value: Any, name: str) -> bool:
    on = value is True or (isinstance(value, str) and value.lower() == "true")
    return on is _GUARDS[name]


def _ranked(change: Change, retired: bool, at_risk: bool) -> Iterator[tuple[int, Said]]:
    """What is dangerous about a change by itself, each with its rank."""
    op = op_of(change.op)
    if change.stateful and op in ("replace", "delete"):
        if not at_risk:
            yield 1, Said("holds data")
        if retired:
            yield 1, Said("retired by name")
    for reason in change.reasons:
        if op not in ("create", "delete") and _lifts_protection(reason):
            yield 2, Said("protection lifted", reason.path)
        if op == "update" and reason.effect == "refused":
            yield 2, Said("the cloud refuses it", reason.path)
        if op == "update" and reason.effect == "unknown" and change.stateful:
            yield 2, Said("holds data, and no fact tells what happens to it")
    if change.downtime:
        yield 3, Said("downtime", change.downtime)
    if change.deferred:
        yield 4, Said("takes effect later", ", ".join(change.deferred))
    if change.retained and op in ("replace", "delete"):
        yield 5, Said(RETAINED)
