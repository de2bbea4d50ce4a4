"""What a side's process does: record the base's stacks for the other side, or tell of every stack from both."""

from __future__ import annotations

import gc
import json
import os
import pickle
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from phaseup.climb.clock import Clock
from phaseup.diff.head import Task, tell
from phaseup.diff.side import Failed, Recorded, ready, record_base, share


@dataclass(frozen=True, slots=True)
class Ended:
    """The last thing that a head's process says."""

    import_seconds: float


def run(project: Path, request: str) -> None:
    """The whole life of the process; what comes of it goes through the pipes that the request names."""
    gc.disable()
    clock = Clock()
    asked: Mapping[str, Any] = json.loads(request)
    with os.fdopen(asked["send"], "wb") as pipe:
        ready(project)
        if asked["side"] == "base":
            base(project, asked, pipe)
        else:
            head(project, asked, pipe)
            _send(pipe, Ended(clock.import_seconds))
    # Taking down a few million objects one by one would take longer than many a recording.
    os._exit(0)


def base(project: Path, asked: Mapping[str, Any], pipe: BinaryIO) -> None:
    """Each stack as it is recorded, in the order asked for."""
    for made in share(partial(_record, project, asked["answers"]), asked["stacks"], project):
        _send(pipe, made)


def head(project: Path, asked: Mapping[str, Any], pipe: BinaryIO) -> None:
    """Each stack as it is told, in the order asked for."""
    received = _received(asked["receive"], asked["in_base"])
    where = Path(asked["base_project"]) if asked["base_project"] else None
    tasks = [
        Task(stack, project, where, received.get(stack), stack in asked["in_head"], asked["answers"])
        for stack in asked["stacks"]
    ]
    for told in share(tell, tasks, project):
        _send(pipe, told)


def _record(project: Path, answers: str, stack: str) -> Recorded | Failed:
    return record_base(project, stack, answers)


def _received(descriptor: int, stacks: list[str]) -> dict[str, Recorded | Failed]:
    if not stacks:
        return {}
    with os.fdopen(descriptor, "rb") as pipe:
        return dict(zip(stacks, frames(pipe, len(stacks)), strict=True))


def frames(pipe: BinaryIO, count: int) -> Iterator[Any]:
    """What the other end sends, one by one; `EOFError` where it ends too early."""
    for _ in range(count):
        yield pickle.load(pipe)


def _send(pipe: BinaryIO, what: object) -> None:
    pickle.dump(what, pipe, protocol=pickle.HIGHEST_PROTOCOL)
    pipe.flush()
