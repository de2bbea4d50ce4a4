"""What a page says again and again, each thing once: its data names them by number."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

from phaseup.graph.values import Value
from phaseup.render.text import plain
from phaseup.render.text import value as shown

Entry = TypeVar("Entry", bound=Hashable)

VALUE_WIDTH = 400
"""Longest property value on a page, in characters; documents and user data are not read here."""


class Table(Generic[Entry]):
    """Entries by number, each once, in the order in which they were first named."""

    def __init__(self) -> None:
        self._numbers: dict[Entry, int] = {}

    def number(self, entry: Entry) -> int:
        """The entry's number; a new one where it has none yet."""
        return self._numbers.setdefault(entry, len(self._numbers))

    @property
    def entries(self) -> list[Entry]:
        """All of them, by number."""
        return list(self._numbers)


class Strings(Table[str]):
    """Texts as they may be shown: on one line, without control characters."""

    def text(self, text: str) -> int:
        """The number of a text from anywhere."""
        return self.number(line(text))

    def value(self, value: Value) -> int:
        """The number of a property's value; of none it is that of the empty text."""
        return self.number("" if value is None else shown(value, VALUE_WIDTH))


def line(text: str) -> str:
    """Text on one line, control characters and surrogates spelt out."""
    return " ".join(plain(part) for part in str(text).splitlines())
