"""Where the engine's preview and the rehearsal of the same change differ, URN by URN, each in its own word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from phaseup.graph.resource import urn_name
from phaseup.plan.digest import telling
from phaseup.plan.steps import Step

_LOSES: Final = frozenset({"replace", "delete"})
_NOTHING: Final = "nothing"


@dataclass(frozen=True, slots=True)
class Difference:
    """One URN; a side without a step for it says `nothing`, or `same` where a preview does not show that."""

    urn: str
    engine: str
    rehearsal: str

    @property
    def worse(self) -> bool:
        """Whether the engine takes something away that the rehearsal keeps."""
        return self.engine in _LOSES and self.engine != self.rehearsal

    def __str__(self) -> str:
        return f"{self.engine} {urn_name(self.urn)}: the rehearsal says {self.rehearsal}"

    def to_json(self) -> dict[str, Any]:
        """Its JSON."""
        return {"urn": self.urn, "engine": self.engine, "rehearsal": self.rehearsal, "worse": self.worse}


def words(steps: Sequence[Step]) -> dict[str, str]:
    """The one word of each counted URN: all but the Stack and default providers."""
    return {step.urn: op for op, step in telling(steps)}


def difference(engine: Sequence[Step], rehearsal: Sequence[Step], *, whole: bool) -> tuple[Difference, ...]:
    """What differs, worst first. `whole` says that the preview shows what stays the same; else that is not told."""
    return between(words(engine), words(rehearsal), whole=whole)


def between(engine: dict[str, str], rehearsal: dict[str, str], *, whole: bool) -> tuple[Difference, ...]:
    """The same of words."""
    hidden = _NOTHING if whole else "same"
    found = (
        Difference(urn, engine.get(urn, hidden if urn in rehearsal else _NOTHING), rehearsal.get(urn, _NOTHING))
        for urn in {**rehearsal, **engine}
    )
    return _worst_first(each for each in found if each.engine != each.rehearsal)


def _worst_first(found: Iterable[Difference]) -> tuple[Difference, ...]:
    return tuple(sorted(found, key=lambda each: (not each.worse, urn_name(each.urn), each.urn)))
