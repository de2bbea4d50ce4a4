"""Many tasks shared by a few forked workers that stay: what one task loads, the worker's next ones find loaded.

A fork for every task keeps tasks apart, but each pays anew for the facts and types that it looks up, and for the pages
of memory that it touches. Where tasks leave nothing behind that another could see, a worker may do one after another.
"""

from __future__ import annotations

import contextlib
import gc
import os
import selectors
import signal
import struct
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final, NoReturn, TypeVar

from phaseup.record.errors import RecordError
from phaseup.record.forks import answered, ending, unpacked

Item = TypeVar("Item")
Result = TypeVar("Result")

_TASK: Final = struct.Struct("<I")
"""The number of a task, as workers read it: short, so that two readers of one pipe never share one."""
_HEAD: Final = struct.Struct("<IQ")
"""Before each answer: the task's number, and how many bytes follow."""
_MOST_GARBAGE: Final = 1_000_000
"""Objects that a worker may have made and not given back before it looks for garbage: about 170 MB of a run's."""


def map_crew(work: Callable[[Item], Result], items: Sequence[Item], workers: int = 2) -> Iterator[Result]:
    """`work(item)` for each item, each done by whichever of at most `workers` children is free, results in order.

    As with `map_forked`, items are inherited and results pickled; a `RecordError` is raised where its result would have
    come, and so is a worker's death. What still runs is then ended.
    """
    workers = max(1, min(workers, len(items)))
    crew: list[_Worker] = []
    selector = selectors.DefaultSelector()
    tasks, giving = os.pipe()
    answers: dict[int, bytes] = {}
    given = 0
    try:
        for _ in range(workers):
            worker = _Worker.start(work, items, tasks, close=[giving, *(w.pipe.fileno() for w in crew)])
            selector.register(worker.pipe, selectors.EVENT_READ, worker)
            crew.append(worker)
        os.close(tasks)
        tasks = -1
        for index in range(len(items)):
            while index not in answers:
                # One more than there are hands, so that nobody waits for us.
                while giving >= 0 and given < len(items) and given - index - len(answers) <= workers:
                    os.write(giving, _TASK.pack(given))
                    given += 1
                if giving >= 0 and given == len(items):
                    os.close(giving)
                    giving = -1
                for key, _ in selector.select():
                    worker = key.data
                    ended = worker.receive()
                    answers |= worker.whole_answers()
                    if ended:
                        selector.unregister(worker.pipe)
                        worker.finish()
                        if worker.status or (index not in answers and not selector.get_map()):
                            raise worker.death()
            yield unpacked(answers.pop(index))
    finally:
        for descriptor in (tasks, giving):
            if descriptor >= 0:
                os.close(descriptor)
        for worker in crew:
            worker.end()
        selector.close()


@dataclass
class _Worker:
    """One child; `data` is what came through its pipe and is no whole answer yet."""

    pid: int
    pipe: BinaryIO
    output: BinaryIO
    data: bytearray = field(default_factory=bytearray)
    status: int | None = None

    @classmethod
    def start(cls, work: Callable[[Any], Any], items: Sequence[Any], tasks: int, close: Sequence[int]) -> _Worker:
        reader, writer = os.pipe()
        output = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the worker)
        sys.stdout.flush()
        sys.stderr.flush()
        gc.freeze()
        pid = os.fork()
        if pid == 0:
            for descriptor in (reader, *close):
                os.close(descriptor)
            _work(work, items, tasks, writer, output)
        os.close(writer)
        os.set_blocking(reader, False)
        return cls(pid, os.fdopen(reader, "rb", buffering=0), output)

    def receive(self) -> bool:
        """Read what is there; True once the child has closed its end."""
        while True:
            chunk = self.pipe.read(1 << 20)
            if chunk is None:
                return False
            if not chunk:
                return True
            self.data += chunk

    def whole_answers(self) -> dict[int, bytes]:
        """The answers that have come whole since the last time, by task."""
        found: dict[int, bytes] = {}
        start = 0
        while len(self.data) - start >= _HEAD.size:
            index, size = _HEAD.unpack_from(self.data, start)
            end = start + _HEAD.size + size
            if len(self.data) < end:
                break
            found[index] = bytes(self.data[start + _HEAD.size : end])
            start = end
        del self.data[:start]
        return found

    def finish(self) -> None:
        if self.status is None:
            _, self.status = os.waitpid(self.pid, 0)
            self.pipe.close()

    def death(self) -> RecordError:
        self.output.seek(0)
        printed = self.output.read().decode(errors="replace").strip()
        return RecordError(f"a recording process ended {ending(self.status or 0)} without a result", trace=printed)

    def end(self) -> None:
        if self.status is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        self.finish()
        self.output.close()


def _work(work: Callable[[Any], Any], items: Sequence[Any], tasks: int, writer: int, output: BinaryIO) -> NoReturn:
    """A child's whole life: it must not run its parent's clean-up."""
    code = 1
    try:
        gc.disable()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
        with os.fdopen(writer, "wb") as pipe:
            while task := os.read(tasks, _TASK.size):
                (index,) = _TASK.unpack(task)
                answer = answered(work, items[index])
                pipe.write(_HEAD.pack(index, len(answer)))
                pipe.write(answer)
                pipe.flush()
                del answer
                if gc.get_count()[0] > _MOST_GARBAGE:
                    gc.collect()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
