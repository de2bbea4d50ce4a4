"""Many runs, each in a process forked after the SDK has been imported.

An import costs seconds and a fork milliseconds; and a run in its own process cannot leave anything behind. Children
work with the garbage collector off and the parent's objects frozen, so that its memory stays shared.
"""

from __future__ import annotations

import contextlib
import importlib
import selectors
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, BinaryIO, TypeVar

from phaseup.graph.resource import Snapshot
from phaseup.record.answers import Answers
from phaseup.record.process import Process, answered, unpacked
from phaseup.record.program import Program
from phaseup.simulate.provider import Providers

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Request:
    """One run; the fields are those of `phaseup.record.run.run`."""

    program: Program
    old: Snapshot | None = None
    preview: bool = False
    answers: Answers | None = None
    providers: Providers | None = None
    shared: tuple[str, ...] = ()


def preload(modules: Collection[str]) -> float:
    """Import the SDK modules in use, so that children find them loaded; returns the seconds that took.

    A module that is not installed is left to the program itself, whose error names the line that wants it.
    """
    started = time.perf_counter()
    for module in modules:
        with contextlib.suppress(ModuleNotFoundError):
            importlib.import_module(module)
    return time.perf_counter() - started


def run_many(requests: Iterable[Request], workers: int = 2) -> Iterator[Any]:
    """The `Run` of each request, in the requests' order, as they become ready: iterate to show progress.

    Requests are taken one by one as workers come free. A failed run raises its `RecordError` where its result would
    have come; what still runs is then ended.
    """
    return map_forked(_run, requests, workers)


def map_forked(work: Callable[[Any], Result], items: Iterable[Any], workers: int = 2) -> Iterator[Result]:
    """`work(item)` for each item in a forked child of its own, at most `workers` at a time, results in order.

    `work` and `item` are inherited, not sent; only results are pickled. A `RecordError` in a child is raised here; a
    child that dies otherwise becomes a `RecordError` that says how.
    """
    source = iter(items)
    selector = selectors.DefaultSelector()
    running: dict[int, Process] = {}
    done: dict[int, Process] = {}
    started = given = 0
    exhausted = False
    try:
        while True:
            while not exhausted and len(running) < max(workers, 1) and started - given < 2 * max(workers, 1):
                try:
                    item = next(source)
                except StopIteration:
                    exhausted = True
                    break
                running[started] = Process.start(partial(_answer, work, item))
                selector.register(running[started].pipe, selectors.EVENT_READ, started)
                started += 1
            if given in done:
                yield _result(done.pop(given))
                given += 1
                continue
            if not running:
                return
            for key, _ in selector.select():
                child = running[key.data]
                if child.receive():
                    selector.unregister(child.pipe)
                    child.finish()
                    done[key.data] = running.pop(key.data)
    finally:
        for child in running.values():
            child.end()
        selector.close()


def _answer(work: Callable[[Any], Any], item: Any, pipe: BinaryIO) -> None:
    pipe.write(answered(work, item))


def _result(child: Process) -> Any:
    try:
        if not child.data:
            raise child.death()
        return unpacked(child.data)
    finally:
        child.output.close()


def _run(request: Request) -> Any:
    from phaseup.record.run import run

    return run(
        request.program,
        old=request.old,
        preview=request.preview,
        answers=request.answers,
        providers=request.providers,
        shared=request.shared,
    )
