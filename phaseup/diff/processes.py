"""The processes of both sides: started with their own code, joined by a pipe, and ended with everything they started.

What the base records goes straight to the head's process. Secrets are in it, as the two sides must be compared; they
are in no file, no argument and no variable, and they do not pass through this process.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import signal
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

import phaseup
from phaseup.record.errors import RecordError

_BOOT: Final = Path(__file__).with_name("boot.py")
_TOOL: Final = Path(phaseup.__file__).resolve().parents[1]
_LAST_WORDS: Final = 5.0
"""Seconds that a process has to end when the other one has."""


@dataclass(slots=True)
class Child:
    """One side's process; `errors` is what it printed where nobody catches it."""

    side: str
    process: subprocess.Popen[bytes]
    errors: BinaryIO

    def death(self) -> RecordError:
        """Why nothing more comes."""
        status = self.process.wait()
        self.errors.seek(0)
        printed = self.errors.read().decode(errors="replace").strip()
        how = f"by signal {signal.Signals(-status).name}" if status < 0 else f"with exit code {status}"
        last = f": {printed.splitlines()[-1]}" if printed else ""
        return RecordError(f"the process that runs the {self.side}'s code ended {how}{last}", trace=printed)

    def end(self) -> None:
        """End it, and whatever it forked: it leads a group of its own, which the terminal's Ctrl-C does not reach."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.errors.close()


@dataclass(slots=True)
class Pair:
    """Both sides at work."""

    children: list[Child] = field(default_factory=list)
    _answers: BinaryIO | None = None
    _joint: tuple[int, int] = (-1, -1)

    def join(self) -> int:
        """Make the pipe from base to head; the head's end."""
        self._joint = os.pipe()
        return self._joint[0]

    def start_head(self, project: Path, request: dict[str, Any]) -> None:
        """Start the head; it waits for the base when it has loaded what it needs."""
        reader, writer = os.pipe()
        self._answers = os.fdopen(reader, "rb")
        try:
            kept = [writer, *([self._joint[0]] if self._joint[0] >= 0 else [])]
            self._start("head", project, {**request, "send": writer, "receive": self._joint[0]}, kept, lasting=True)
        finally:
            os.close(writer)

    def start_base(self, project: Path, request: dict[str, Any]) -> None:
        """Start the base, and let go of the pipe between the two: each has its end."""
        self._start("base", project, {**request, "send": self._joint[1]}, [self._joint[1]], lasting=False)
        self._let_go()

    def answers(self) -> Iterator[Any]:
        """What the head's process tells, until it ends."""
        assert self._answers is not None
        while True:
            try:
                yield pickle.load(self._answers)
            except EOFError:
                return

    def death(self) -> RecordError:
        """Why the head told less than it should. One side's end is the other's too, by the pipe between them."""
        found = []
        for child in self.children:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(_LAST_WORDS)
            if child.process.poll() not in (None, 0):
                found.append(child.death())
        own = [each for each in found if not str(each).rpartition(": ")[2].startswith(("[Errno 32]", "Ran out of"))]
        return [*own, *found, RecordError("the process that runs the head's code told less than it was asked")][0]

    def close(self) -> None:
        """End both."""
        for child in self.children:
            child.end()
        self._let_go()
        if self._answers is not None:
            self._answers.close()

    def _let_go(self) -> None:
        for descriptor in self._joint:
            if descriptor >= 0:
                os.close(descriptor)
        self._joint = (-1, -1)

    def _start(self, side: str, project: Path, request: dict[str, Any], kept: Sequence[int], *, lasting: bool) -> None:
        # Sets must come in the same order on both sides; and a checkout that goes needs no compiled files.
        environment = {**os.environ, "PYTHONHASHSEED": "0"}
        if not lasting or request.get("aside"):
            environment["PYTHONDONTWRITEBYTECODE"] = "1"
        errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the child)
        process = subprocess.Popen(
            [sys.executable, "-P", str(_BOOT), str(_TOOL), str(project), json.dumps({"side": side, **request})],
            cwd=project,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
            pass_fds=kept,
            start_new_session=True,
        )
        self.children.append(Child(side, process, errors))


@contextlib.contextmanager
def pair() -> Generator[Pair]:
    """Yields what starts both sides; they are ended when it is left, however that is."""
    made = Pair()
    try:
        yield made
    finally:
        made.close()
