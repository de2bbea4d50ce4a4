"""Compares the engine's preview with the rehearsal's plan: the same operations for every URN, the same refusals."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from phaseup.engine.run import Preview
from phaseup.plan.steps import Diagnostic, Step, is_counted

Ops = tuple[str, ...]

_INTERNAL = frozenset({"remove-pending-replace"})
"""Steps that the engine takes and never shows (isInternalStep, pkg/engine/update.go, 3.260)."""


@dataclass(frozen=True)
class Disagreement:
    """One URN on which the two differ; an empty tuple means that this side has no step for it."""

    urn: str
    engine: Ops
    plan: Ops

    def __str__(self) -> str:
        return f"{self.urn}: engine {_words(self.engine)}, plan {_words(self.plan)}"


@dataclass(frozen=True)
class Comparison:
    """How many URNs were compared, and where they differ."""

    urns: int
    disagreements: tuple[Disagreement, ...]

    @property
    def agreed(self) -> int:
        """URNs with the same operations on both sides."""
        return self.urns - len(self.disagreements)


def engine_ops(preview: Preview) -> dict[str, Ops]:
    """Every operation of each counted URN (all but the Stack and default providers), sorted."""
    return _collect((step.urn, step.op) for step in preview.steps)


def plan_ops(steps: Iterable[Step]) -> dict[str, Ops]:
    """The same of a plan."""
    return _collect((step.urn, step.op) for step in steps)


def compare(engine: dict[str, Ops], plan: dict[str, Ops]) -> Comparison:
    """URN by URN, all operations: a replacement must have the same parts on both sides."""
    urns = sorted({*engine, *plan})
    return Comparison(
        len(urns),
        tuple(
            Disagreement(urn, engine.get(urn, ()), plan.get(urn, ()))
            for urn in urns
            if engine.get(urn, ()) != plan.get(urn, ())
        ),
    )


def engine_replace_keys(preview: Preview) -> dict[str, frozenset[str]]:
    """The properties that the engine gives as the reason of each replacement, in whichever of its parts."""
    return _replace_keys((step.urn, step.op, step.replace_reasons) for step in preview.steps)


def plan_replace_keys(steps: Iterable[Step]) -> dict[str, frozenset[str]]:
    """The same of a plan."""
    return _replace_keys((step.urn, step.op, step.replace_keys) for step in steps)


def _replace_keys(steps: Iterable[tuple[str, str, Iterable[str]]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for urn, op, keys in steps:
        if op in ("replace", "create-replacement"):
            found.setdefault(urn, set()).update(keys)
    return {urn: frozenset(keys) for urn, keys in found.items()}


def refusals(messages: Iterable[str]) -> frozenset[str]:
    """Error messages without what only the CLI's frame adds, so that engine and plan can be compared as sets."""
    cleaned = (re.sub(r"\s+", " ", message).strip() for message in messages)
    cleaned = (re.sub(r"^(error: )?((Preview|Update) failed: )?", "", message) for message in cleaned)
    return frozenset(message for message in cleaned if message not in ("", "preview failed", "update failed"))


def plan_refusals(diagnostics: Iterable[Diagnostic]) -> frozenset[str]:
    """The plan's error diagnostics in that form."""
    return refusals(diagnostic.message for diagnostic in diagnostics if diagnostic.severity == "error")


def _collect(pairs: Iterable[tuple[str, str]]) -> dict[str, Ops]:
    found: dict[str, list[str]] = {}
    for urn, op in pairs:
        if is_counted(urn) and op not in _INTERNAL:
            found.setdefault(urn, []).append(op)
    return {urn: tuple(sorted(ops)) for urn, ops in found.items()}


def _words(ops: Ops) -> str:
    return "+".join(ops) or "nothing"
