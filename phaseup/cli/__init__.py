"""The `phaseup` command. This module imports nothing heavy, so that `--help` is quick."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import time


def main() -> None:
    """The entry point; ends the process with the exit code that README's table gives."""
    started = time.perf_counter()
    # Modules and graphs stay as long as the process does: looking for garbage among them finds none.
    gc.disable()
    from phaseup.cli.app import run

    code = run(started=started)
    for stream in (sys.stdout, sys.stderr):
        # Whoever read it may be gone, and then it is closed.
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    # Taking down a few million objects one by one would take longer than many a command.
    os._exit(code)
