"""Many runs of one program, side by side where there is more than one core."""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from phaseup.climb.clock import Clock, cores
from phaseup.climb.sdk_modules import preload

if TYPE_CHECKING:
    from phaseup.graph.resource import Snapshot
    from phaseup.record.answers import Answers
    from phaseup.record.program import Program
    from phaseup.record.run import Run
    from stacks.models import StackConfig

Item = TypeVar("Item")
Result = TypeVar("Result")

OWN_PACKAGES: Final = ("components", "stacks")
"""This project's packages that are pure, and may stay loaded between runs."""
_ROOT: Final = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One run to make: a program, from a state or from nothing, as a preview or as an update."""

    program: Program
    old: Snapshot | None = None
    preview: bool = False
    answers: Answers | None = None


def run_all(wanted: Sequence[Wanted], clock: Clock) -> list[Run]:
    """Every run, in order. Somebody else's programs run in a process each, for who knows what they leave behind.

    Raises `RecordError` for the first run that fails.
    """
    from phaseup.record.forks import Request, run_many

    with _no_collector():
        if all(_is_own(each.program) for each in wanted):
            runs = share(run_here, wanted)
        else:
            _prepare(tuple(_sources(each.program) for each in wanted))
            requests = [Request(each.program, each.old, each.preview, each.answers) for each in wanted]
            runs = list(run_many(requests, workers()))
    clock.registrations += sum(run.registrations for run in runs)
    return runs


def share(
    work: Callable[[Item], Result], items: Sequence[Item], advance: Callable[[Item], None] = lambda _: None
) -> list[Result]:
    """`work` on every item, which runs this project's program by `run_here`; results in order, each item told to
    `advance` when it is done. One item is done in this process; more are shared by workers, who keep what they loaded:
    the program is pure, and a run leaves nothing behind. Raises `RecordError` for the first item that fails."""
    from phaseup.record.crew import map_crew

    results: list[Result] = []
    with _no_collector():
        _prepare_own()
        for result in map(work, items) if len(items) == 1 else map_crew(work, items, workers()):
            advance(items[len(results)])
            results.append(result)
    return results


def run_here(wanted: Wanted) -> Run:
    """One run of this project's program in this process."""
    from phaseup.record.run import run

    return run(wanted.program, old=wanted.old, preview=wanted.preview, answers=wanted.answers, shared=OWN_PACKAGES)


def record_all(configs: Sequence[StackConfig], clock: Clock | None = None) -> list[Run]:
    """The state of each config of this project's program, from nothing."""
    from phaseup.climb.phases import program_of

    return run_all([Wanted(program_of(config)) for config in configs], clock or Clock())


def workers() -> int:
    """How many runs go side by side."""
    return max(1, min(cores(), 8))


@contextmanager
def _no_collector() -> Generator[None]:
    """Modules and snapshots are many small objects that all stay: collecting while they come in costs more than
    making them."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _prepare(sources: Iterable[Path]) -> None:
    """Load once what every run would load again."""
    preload(dict.fromkeys(sources))
    import phaseup.plan.deployment
    import phaseup.record.run
    import phaseup.simulate.simulators  # noqa: F401


@cache
def _prepare_own() -> None:
    _prepare([_ROOT / "__main__.py", *(_ROOT / package for package in OWN_PACKAGES)])
    import stacks.compose  # noqa: F401


def _sources(program: Program) -> Path:
    return program.main if program.main.is_dir() else program.main.parent


def _is_own(program: Program) -> bool:
    return program.directory.resolve() == _ROOT


def notes(run: Run) -> list[str]:
    """What a reader has to know beside the steps: components of other languages, the program's own warnings."""
    found = [f"{urn}: a component in another language; what is in it is not known" for urn in run.opaque]
    found += [f"warning: {item.message}" for item in run.outcome.diagnostics if item.severity == "warning"]
    return found + [f"{item.severity}: {item.text}" for item in _logged(run)]


def _logged(run: Run) -> Iterable[Any]:
    return (item for item in run.messages if item.severity in {"warning", "error"})
