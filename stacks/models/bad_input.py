"""The one error for everything a person wrote wrongly: which file, which key, what was found, what is allowed."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Any


class BadInput(Exception):  # noqa: N818 - the name of the thing reported, as the command line prints it
    """One mistake in one file. `str()` is the whole message, on one line; the command line exits with 2."""

    def __init__(
        self, file: str, key: str, found: str, allowed: str | Iterable[str], *, line: int | None = None, why: str = ""
    ) -> None:
        """`allowed` is a sentence, or the names that would do: then the nearest one is suggested."""
        self.file = file
        self.key = key
        self.found = found
        self.line = line
        self.why = why
        self.nearest = ""
        if isinstance(allowed, str):
            self.allowed = allowed
        else:
            names = list(allowed)
            self.allowed = ", ".join(names) if names else "nothing here"
            self.nearest = nearest((found.split() or [""])[-1], names)
        super().__init__(str(self))

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        hint = f" (did you mean {self.nearest}?)" if self.nearest else ""
        why = f"; {self.why}" if self.why else ""
        return f"{place}: {self.key}: found {self.found}; allowed: {self.allowed}{hint}{why}"

    def __reduce__(self) -> tuple[Any, ...]:
        # Errors cross process borders when graphs are recorded in parallel.
        return (_rebuilt, (self.file, self.key, self.found, self.allowed, self.line, self.why, self.nearest))


def _rebuilt(file: str, key: str, found: str, allowed: str, line: int | None, why: str, near: str) -> BadInput:
    error = BadInput(file, key, found, allowed, line=line, why=why)
    error.nearest = near
    return error


def nearest(found: str, names: Sequence[str]) -> str:
    """The name that was probably meant, or nothing."""
    close = difflib.get_close_matches(found, names, n=1, cutoff=0.6)
    short = [
        name for name in names if min(len(name), len(found)) >= 3 and (found.startswith(name) or name.startswith(found))
    ]
    return next(iter([*close, *short]), "")


def plain(value: object) -> str:
    """A value as a person would write it in YAML, short."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        text = "{" + ", ".join(f"{k}: {plain(v)}" for k, v in value.items()) + "}"
    elif isinstance(value, list | tuple):
        text = "[" + ", ".join(plain(v) for v in value) + "]"
    else:
        text = str(value)
    return text if len(text) <= 80 else text[:77] + "..."


def dotted(path: Iterable[object]) -> str:
    """`("db", "replicas", "a")` → `db.replicas.a`."""
    return ".".join(str(part) for part in path)
