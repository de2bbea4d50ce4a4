"""Where output goes: results to stdout, progress and messages to stderr, and only a terminal gets colours."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

PIPED_WIDTH: Final = 120
"""Columns where stdout is no terminal and COLUMNS does not say: wide enough for a name, a type and a reason."""


def stdout() -> Console:
    """The console for results. Piped output has no escape codes; NO_COLOR and COLUMNS are heeded by Rich."""
    return _console(stderr=False)


def stderr() -> Console:
    """The console for messages and progress."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or os.environ.get("COLUMNS", "").isdigit() else PIPED_WIDTH
    return Console(stderr=stderr, width=width, highlight=False, emoji=False, markup=False)


@contextmanager
def progress(label: str, total: int) -> Generator[Callable[[int], None]]:
    """Yields `advance(how many more are done)`; a bar on stderr if that is a terminal, else nothing at all."""
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=stderr(), transient=True) as bar:
        task = bar.add_task(label, total=total)

        def advance(done: int) -> None:
            bar.update(task, advance=done)

        yield advance
