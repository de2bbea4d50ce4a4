"""Where a mistake stands that the program tells: the engine passes values only, the command knows the file."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import TYPE_CHECKING

from phaseup.record.errors import RecordError

if TYPE_CHECKING:
    from stacks.models import StackConfig


@contextmanager
def placed(*configs: StackConfig | None) -> Generator[None]:
    """Runs of these stacks, None for a program that is not this project's: a mistake in a stack's config is told with
    the file that was read, wherever it lies, and with the line of its key."""
    try:
        yield
    except RecordError as error:
        text = str(error)
        told = _told(text, (config for config in configs if config is not None))
        if told == text:
            raise
        raise RecordError(told, trace=error.trace, where=" ") from None


def _told(text: str, configs: Iterable[StackConfig]) -> str:
    """`FILE: KEY: found …` as the program says it, with the file and line of the stack that it ran."""
    from stacks.models.paths import shown, stack_file

    for config in configs:
        found = re.match(rf"{re.escape(shown(stack_file(config.name)))}: (\S+): ", text)
        if found is not None:
            line = config.document.line(("config", *found[1].split("."))) if config.document is not None else None
            return f"{config.file}{f':{line}' if line else ''}: {text[found.start(1) :]}"
    return text
