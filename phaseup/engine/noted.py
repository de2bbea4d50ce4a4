"""What was measured against the engine, in a file that a later run of some of the tests adds to."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Note = dict[str, Any]
"""One comparison: kind, name, source, urns, disagreements (each as text), the test and the day."""


@dataclass(frozen=True)
class Measured:
    """Comparisons of one engine with one set of SDKs. `whole`: no test was left out of the run that made them."""

    engine: str
    python: str
    sdks: Mapping[str, str]
    notes: Sequence[Note] = ()
    failed: Sequence[str] = field(default=())
    whole: bool = True

    @property
    def agrees(self) -> bool:
        """Whether no comparison differs and no test failed."""
        return not self.failed and not any(note["disagreements"] for note in self.notes)

    def after(self, earlier: Measured | None, ran: Collection[str], known: Collection[str]) -> Measured:
        """With what an earlier run says of the tests that did not run now, as far as they are `known` still; nothing
        of it, if any version differs."""
        if earlier is None or _versions(earlier) != _versions(self):
            return self
        stays = set(known) - set(ran)
        kept = [note for note in earlier.notes if note["test"] in stays]
        failed = [test for test in earlier.failed if test in stays]
        return Measured(self.engine, self.python, self.sdks, (*kept, *self.notes), (*failed, *self.failed), self.whole)


def load(path: Path) -> Measured | None:
    """What stands in the file; None where there is none."""
    if not path.exists():
        return None
    return Measured(**json.loads(path.read_text(encoding="utf-8")))


def save(path: Path, found: Measured) -> None:
    """A note a line, so that a diff shows which were made anew."""
    head = {"engine": found.engine, "python": found.python, "sdks": dict(found.sdks), "whole": found.whole}
    told = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    told += [f"{json.dumps(key)}: {_lines(value)}" for key, value in (("failed", found.failed), ("notes", found.notes))]
    path.write_text("{\n" + ",\n".join(told) + "\n}\n", encoding="utf-8")


def _lines(values: Iterable[Any]) -> str:
    each = [json.dumps(value, ensure_ascii=False) for value in values]
    return "[\n" + ",\n".join(each) + "\n]" if each else "[]"


def _versions(found: Measured) -> tuple[str, str, dict[str, str]]:
    return found.engine, found.python, dict(found.sdks)
