"""What one apply does, told for a reader: resources by block and type, changes in place, interruptions, data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from phaseup.climb.owners import Owners
from phaseup.docs.markdown import code
from phaseup.graph.resource import Snapshot, urn_name
from phaseup.render.plan import ORDER, net_steps
from phaseup.render.words import Op, short_type

if TYPE_CHECKING:
    from phaseup.graph.values import Value
    from phaseup.plan.steps import Reason, Step

SHORT: Final = 32
"""Longest value told, in characters; longer ones are generated ids and documents, which the plan itself shows."""

INTERRUPTIONS: Final = {
    "update_reboot": "restarts: it is down, or fails over, for some minutes",
    "deferred": "the change waits for the maintenance window or the next restart",
    "unknown": "what the cloud makes of it is not known: no fact",
    "refused": "the cloud refuses it",
}


@dataclass(frozen=True)
class Whole:
    """Resources that one operation creates, replaces or deletes in some blocks that are alike."""

    op: Op
    blocks: tuple[str, ...]
    total: int
    """In each of the blocks."""
    types: str


@dataclass(frozen=True)
class InPlace:
    """One resource that is updated, with the properties that change."""

    block: str
    name: str
    type: str
    properties: str


@dataclass(frozen=True)
class Effects:
    """One apply."""

    whole: tuple[Whole, ...]
    updates: tuple[InPlace, ...]
    notes: tuple[str, ...]
    """As Markdown: restarts, replacements, data that comes or goes."""
    blocks: frozenset[str]
    """Whose resources change."""


def effects(steps: Iterable[Step], before: Snapshot | None, after: Snapshot) -> Effects:
    """Of a plan from `before` (none: a first apply) to `after`; by block and name, whatever the program's order."""
    owners = Owners(before or (), after)
    net = [(op, step) for op, step in net_steps(steps) if op != "same"]
    net.sort(key=lambda each: (owners.block(each[1].urn), urn_name(each[1].urn), each[1].urn))
    return Effects(
        tuple(_whole(net, owners)),
        tuple(
            InPlace(owners.block(step.urn), urn_name(step.urn), short_type(step.type), _properties(step.reasons))
            for op, step in net
            if op == "update"
        ),
        tuple(_notes(net)),
        frozenset(owners.block(step.urn) for _, step in net) - {""},
    )


def _whole(net: Sequence[tuple[Op, Step]], owners: Owners) -> Iterable[Whole]:
    for op in ORDER:
        if op == "update":
            continue
        by_block: dict[str, Counter[str]] = {}
        for was, step in net:
            if was == op:
                by_block.setdefault(owners.block(step.urn) or "(stack)", Counter())[short_type(step.type)] += 1
        alike: dict[tuple[tuple[str, int], ...], list[str]] = {}
        for block, types in by_block.items():
            alike.setdefault(tuple(sorted(types.items())), []).append(block)
        for types, blocks in alike.items():
            told = ", ".join(f"{number} {type_}" if number > 1 else type_ for type_, number in types)
            yield Whole(op, tuple(blocks), sum(number for _, number in types), told)


def _properties(reasons: Iterable[Reason]) -> str:
    found: dict[str, None] = {}
    for reason in sorted(reasons, key=lambda reason: reason.path):
        top = reason.path.split(".")[0].split("[")[0] or "(resource)"
        if reason.path == top and _short(reason.old) and _short(reason.new):
            found[f"{code(top)} {_told(reason.old)} → {_told(reason.new)}"] = None
        else:
            found[code(top)] = None
    return ", ".join(found)


def _short(value: Value) -> bool:
    if value is None or isinstance(value, bool | int | float):
        return True
    return isinstance(value, str) and len(value) <= SHORT and not value.startswith(("arn:", "["))


def _told(value: Value) -> str:
    if value is None:
        return "(none)"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return code(str(value).lower() if isinstance(value, bool) else str(value) or '""')


def _notes(net: Sequence[tuple[Op, Step]]) -> Iterable[str]:
    for op, step in net:
        name = f"{code(urn_name(step.urn))} ({short_type(step.type)})"
        if op == "update":
            for effect in dict.fromkeys(reason.effect for reason in step.reasons):
                if effect in INTERRUPTIONS:
                    paths = ", ".join(dict.fromkeys(code(r.path) for r in step.reasons if r.effect == effect))
                    yield f"{name}: {paths} – {INTERRUPTIONS[effect]}"
        elif op == "replace":
            why = ", ".join(dict.fromkeys(code(reason.path) for reason in step.reasons if reason.effect == "replace"))
            how = "deleted before its replacement exists" if step.delete_before_replace else "the new one comes first"
            yield f"{name} is replaced{f' for {why}' if why else ''}: {how}"
        elif op == "delete" and step.stateful:
            yield f"{name} holds data and is deleted"
    arriving = [urn_name(step.urn) for op, step in net if op == "create" and step.stateful]
    if arriving:
        yield f"{len(arriving)} of what is created hold data from then on: {', '.join(map(code, arriving))}"
