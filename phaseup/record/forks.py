"""Many runs, each in a process forked after the SDK has been imported.

An import costs seconds and a fork milliseconds; and a run in its own process cannot leave anything behind. Children
work with the garbage collector off and the parent's objects frozen, so that its memory stays shared.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import pickle
import selectors
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Generic, TypeVar

from phaseup.graph.resource import Snapshot
from phaseup.record.answers import Answers
from phaseup.record.errors import RecordError
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
    running: dict[int, _Child[Result]] = {}
    done: dict[int, _Child[Result]] = {}
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
                child = _Child.start(started, work, item)
                selector.register(child.pipe, selectors.EVENT_READ, child)
                running[started] = child
                started += 1
            if given in done:
                yield done.pop(given).result()
                given += 1
                continue
            if not running:
                return
            for key, _ in selector.select():
                child = key.data
                if child.receive():
                    selector.unregister(child.pipe)
                    child.finish()
                    done[child.index] = running.pop(child.index)
    finally:
        for child in running.values():
            child.kill()
        selector.close()


@dataclass
class _Child(Generic[Result]):
    """A forked worker with one task; `data` is what has come through its pipe so far."""

    index: int
    pid: int
    pipe: BinaryIO
    output: BinaryIO
    data: bytearray
    status: int = 0

    @classmethod
    def start(cls, index: int, work: Callable[[Any], Result], item: Any) -> _Child[Result]:
        reader, writer = os.pipe()
        output = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the child)
        sys.stdout.flush()
        sys.stderr.flush()
        gc.freeze()
        pid = os.fork()
        if pid == 0:
            os.close(reader)
            _child(writer, output, work, item)
        os.close(writer)
        os.set_blocking(reader, False)
        return cls(index, pid, os.fdopen(reader, "rb", buffering=0), output, bytearray())

    def receive(self) -> bool:
        """Read what is there; True once the child has closed its end."""
        while True:
            chunk = self.pipe.read(1 << 20)
            if chunk is None:
                return False
            if not chunk:
                return True
            self.data += chunk

    def finish(self) -> None:
        _, self.status = os.waitpid(self.pid, 0)
        self.pipe.close()

    def result(self) -> Result:
        self.output.seek(0)
        printed = self.output.read().decode(errors="replace").strip()
        self.output.close()
        if not self.data:
            raise RecordError(f"a recording process ended {ending(self.status)} without a result", trace=printed)
        return unpacked(self.data)

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self.finish()
        self.output.close()


def _child(writer: int, output: BinaryIO, work: Callable[[Any], Any], item: Any) -> None:
    """Never returns: a child must not run its parent's clean-up."""
    code = 1
    try:
        gc.disable()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
        answer = answered(work, item)
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(answer)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def answered(work: Callable[[Any], Any], item: Any) -> bytes:
    """`work(item)` or what it raised, as it goes through a pipe."""
    try:
        return pickle.dumps((True, work(item)), protocol=pickle.HIGHEST_PROTOCOL)
    except RecordError as error:
        return pickle.dumps((False, error))
    except BaseException as error:
        return pickle.dumps((False, RecordError(f"{type(error).__name__}: {error}", trace=traceback.format_exc())))


def unpacked(answer: bytes | bytearray) -> Any:
    """What `answered` packed; raises the `RecordError` in it."""
    ok, value = pickle.loads(answer)
    if not ok:
        raise value
    return value


def ending(status: int) -> str:
    """How a child with this wait status came to its end."""
    if os.WIFSIGNALED(status):
        return f"by signal {signal.Signals(os.WTERMSIG(status)).name}"
    return f"with exit code {os.waitstatus_to_exitcode(status)}"


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
