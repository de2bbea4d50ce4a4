"""The group's tables, each a file beside it."""

from __future__ import annotations

import csv
from pathlib import Path


def rows(file: str) -> list[dict[str, str]]:
    """A table with a header, by column."""
    with (Path(__file__).parent / file).open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def lines(file: str) -> tuple[str, ...]:
    """A list, without its comments."""
    text = (Path(__file__).parent / file).read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))
