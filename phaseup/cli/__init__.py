"""The `phaseup` command. This module imports nothing heavy, so that `--help` is quick."""

from __future__ import annotations

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
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        pass
    # Taking down a few million objects one by one would take longer than many a command.
    os._exit(code)
