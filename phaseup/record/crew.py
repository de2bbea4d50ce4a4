"""Many tasks shared by a few forked workers that stay: what one task loads, the worker's next ones find loaded.

A fork for every task keeps tasks apart, but each pays anew for the facts and types that it looks up, and for the pages
of memory that it touches. Where tasks leave nothing behind that another could see, a worker may do one after another.
"""

from __future__ import annotations

import gc
import os
import selectors
import struct
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, BinaryIO, Final, TypeVar

from phaseup.record.process import Process, answered, unpacked

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
            worker = _Worker.start(
                partial(_serve, work, items, tasks), close=[giving, *(w.pipe.fileno() for w in crew)]
            )
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


class _Worker(Process):
    """One child; `data` is what came through its pipe and is no whole answer yet."""

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


def _serve(work: Callable[[Any], Any], items: Sequence[Any], tasks: int, pipe: BinaryIO) -> None:
    """Take tasks until there are none."""
    while task := os.read(tasks, _TASK.size):
        (index,) = _TASK.unpack(task)
        answer = answered(work, items[index])
        pipe.write(_HEAD.pack(index, len(answer)))
        pipe.write(answer)
        pipe.flush()
        del answer
        if gc.get_count()[0] > _MOST_GARBAGE:
            gc.collect()
