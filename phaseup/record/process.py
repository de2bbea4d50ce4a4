"""A forked child, and the pipe that its answers come through.

Children work with the garbage collector off and the parent's objects frozen, so that its memory stays shared.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, NoReturn, Self

from phaseup.record.errors import RecordError


@dataclass
class Process:
    """A child; `data` is what has come through its pipe so far, `status` how it ended."""

    pid: int
    pipe: BinaryIO
    output: BinaryIO
    data: bytearray = field(default_factory=bytearray)
    status: int | None = None

    @classmethod
    def start(cls, life: Callable[[BinaryIO], None], close: Sequence[int] = ()) -> Self:
        """A child that does `life`, given its end of the pipe, and then ends. `close` are descriptors that are none of
        its business."""
        reader, writer = os.pipe()
        output = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the child)
        sys.stdout.flush()
        sys.stderr.flush()
        gc.freeze()
        pid = os.fork()
        if pid == 0:
            for descriptor in (reader, *close):
                os.close(descriptor)
            _live(life, writer, output)
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

    def finish(self) -> None:
        """Wait until it has ended."""
        if self.status is None:
            _, self.status = os.waitpid(self.pid, 0)
            self.pipe.close()

    def end(self) -> None:
        """End it, if it has not."""
        if self.status is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        self.finish()
        self.output.close()

    def death(self) -> RecordError:
        """Why there is no result, with what it printed."""
        self.output.seek(0)
        printed = self.output.read().decode(errors="replace").strip()
        return RecordError(f"a recording process ended {_ending(self.status or 0)} without a result", trace=printed)


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


def _live(life: Callable[[BinaryIO], None], writer: int, output: BinaryIO) -> NoReturn:
    """A child's whole life: it must not run its parent's clean-up."""
    code = 1
    try:
        gc.disable()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
        with os.fdopen(writer, "wb") as pipe:
            life(pipe)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _ending(status: int) -> str:
    """How a child with this wait status came to its end."""
    if os.WIFSIGNALED(status):
        return f"by signal {signal.Signals(os.WTERMSIG(status)).name}"
    return f"with exit code {os.waitstatus_to_exitcode(status)}"
