"""The corner cases under the rehearsal: the same program, the same fake provider, no engine."""

from __future__ import annotations

from functools import cache
from typing import Any

from phaseup.graph.resource import Snapshot
from phaseup.record.checkpoint import dump, load
from phaseup.record.program import load_program
from phaseup.record.run import Run, run
from tests.engine.corners import LEFTOVERS, PROGRAM, config
from tests.engine.fake import FakeProviders
from tests.engine.leftovers import edited


def recorded(group: str, step: int, *, old: Snapshot | None = None, **more: str | None) -> Run:
    """The group at a step, applied; from nothing unless `old` says else."""
    return _run(group, step, old, preview=False, **more)


def planned(group: str, step: int, *, old: Snapshot | None, **more: str | None) -> Run:
    """The plan to a step."""
    return _run(group, step, old, preview=True, **more)


@cache
def first(group: str, only: str | None = None) -> Snapshot:
    """The recorded state of step 1, damaged where the group is about that."""
    snapshot = recorded(group, 1, only=only).outcome.snapshot
    return load(edited(dump(snapshot, reveal=True))) if group == LEFTOVERS else snapshot


@cache
def alone(group: str, case: str) -> Run:
    """The plan from step 1 to step 2 of one case without the others."""
    return planned(group, 2, old=first(group, case), only=case)


def urns(group: str, case: str) -> list[str]:
    """The URNs that a case has in either step."""
    return list(
        dict.fromkeys([state.urn for state in first(group, case)] + [s.urn for s in alone(group, case).outcome.steps])
    )


def _run(group: str, step: int, old: Snapshot | None, *, preview: bool, **more: str | None) -> Run:
    settings: dict[str, Any] = config(group, step, **more)
    program = load_program(PROGRAM, group, settings=settings)
    return run(program, old=old, preview=preview, providers=FakeProviders())
