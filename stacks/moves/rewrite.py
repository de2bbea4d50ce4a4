"""A step as text: what the stack file looks like after it, and the lines it changes."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

from stacks.models import BadInput, StackConfig
from stacks.models.stack import PHASEUP
from stacks.models.yaml_edit import GONE, edited
from stacks.models.yaml_file import parse

_MISSING = object()
_AFTER = "phaseup:phase"
"""What a move adds stands behind the phase it belongs to."""


def rewrite(text: str, before: StackConfig, after: StackConfig) -> str:
    """The stack file's text with the config of `after`; comments and everything unchanged stay byte for byte."""
    for path, value in _differences(before.values, after.values, ()):
        text = edited(text, ("config", *path), value, after=_AFTER if path[0].startswith(PHASEUP) else "")
    written = parse(text, before.file).data.get("config")
    if written != after.values:
        raise BadInput(
            before.file, "config", "keys that share an anchor", "each key written out, so that one can change"
        )
    return text


def changed_lines(before: str, after: str) -> list[str]:
    """The lines that go and come, with `-` and `+`."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return [line for line in lines if line[:1] in "+-" and not line.startswith(("+++", "---"))]


def _differences(old: Any, new: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key in [*old, *(k for k in new if k not in old)]:
        before, after = old.get(key, _MISSING), new.get(key, _MISSING)
        if before == after:
            continue
        here = (*path, key)
        if after is _MISSING:
            yield here, GONE
        elif isinstance(before, dict) and isinstance(after, dict) and after:
            yield from _differences(before, after, here)
        else:
            yield here, after
