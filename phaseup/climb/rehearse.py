"""Many runs of one program: each config's state recorded once, each step planned from the state before it."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from phaseup.climb.sdk_modules import preload

if TYPE_CHECKING:
    from phaseup.graph.resource import Snapshot
    from phaseup.record.answers import Answers
    from phaseup.record.forks import Request
    from phaseup.record.program import Program
    from phaseup.record.run import Run
    from stacks.models import StackConfig

OWN_PACKAGES: Final = ("components", "stacks")
"""This project's packages that are pure, and may stay loaded between runs."""


@dataclass(slots=True)
class Clock:
    """What a command took: printed beside the limit that the design sets."""

    started: float = field(default_factory=time.perf_counter)
    import_seconds: float = 0.0
    registrations: int = 0

    @property
    def seconds(self) -> float:
        """Since the command began to work."""
        return time.perf_counter() - self.started


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def workers() -> int:
    """How many runs go side by side."""
    return max(1, min(cores(), 8))


@dataclass(frozen=True, slots=True)
class Wanted:
    """One run to make: a program, from a state or from nothing, as a preview or as an update."""

    program: Program
    old: Snapshot | None = None
    preview: bool = False
    answers: Answers | None = None


def run_all(wanted: Sequence[Wanted], clock: Clock, advance: Callable[[int], None] = lambda _: None) -> list[Run]:
    """Every run in order, side by side; `advance` is told the index of each one that is ready.

    Raises `RecordError` for the first run that fails.
    """
    from phaseup.record.forks import Request, run_many

    if not wanted:
        return []
    clock.import_seconds += preload(_sources(wanted))
    _warm(wanted)
    requests = [Request(each.program, each.old, each.preview, each.answers, None, _shared(each)) for each in wanted]
    runs: list[Run] = []
    with _no_collector():
        if _is_own(wanted[0].program):
            # In this process: what it loads (facts, blueprints, schemas) every fork then finds loaded.
            runs.append(_here(requests.pop(0)))
            advance(0)
        for run in run_many(requests, workers()):
            runs.append(run)
            advance(len(runs) - 1)
    clock.registrations += sum(run.registrations for run in runs)
    return runs


def _here(request: Request) -> Run:
    from phaseup.record.run import run

    return run(
        request.program, old=request.old, preview=request.preview, answers=request.answers, shared=request.shared
    )


@contextmanager
def _no_collector() -> Generator[None]:
    """Snapshots are many small objects that all stay: collecting while they come in costs more than reading them."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def record_all(configs: Sequence[StackConfig], clock: Clock | None = None) -> list[Run]:
    """The state of each config of this project's program, from nothing."""
    from phaseup.climb.phases import program_of

    return run_all([Wanted(program_of(config)) for config in configs], clock or Clock())


def _sources(wanted: Iterable[Wanted]) -> list[Path]:
    found: dict[Path, None] = {}
    for each in wanted:
        if _is_own(each.program):
            root = each.program.directory
            found |= dict.fromkeys([root / "__main__.py", *(root / package for package in OWN_PACKAGES)])
        else:
            found[each.program.main if each.program.main.is_dir() else each.program.main.parent] = None
    return list(found)


def _warm(wanted: Sequence[Wanted]) -> None:
    """Load once, before forking, what every run would load again."""
    import phaseup.plan.deployment
    import phaseup.record.run
    import phaseup.simulate.simulators  # noqa: F401

    if any(_is_own(each.program) for each in wanted):
        import stacks.compose  # noqa: F401


def _shared(each: Wanted) -> tuple[str, ...]:
    return OWN_PACKAGES if _is_own(each.program) else ()


def _is_own(program: Program) -> bool:
    from stacks.models.paths import ROOT

    return program.directory.resolve() == ROOT


def notes(run: Run) -> list[str]:
    """What a reader has to know beside the steps: components of other languages, the program's own warnings."""
    found = [f"{urn}: a component in another language; what is in it is not known" for urn in run.opaque]
    found += [f"warning: {item.message}" for item in run.outcome.diagnostics if item.severity == "warning"]
    return found + [f"{item.severity}: {item.text}" for item in _logged(run)]


def _logged(run: Run) -> Iterable[Any]:
    return (item for item in run.messages if item.severity in {"warning", "error"})
