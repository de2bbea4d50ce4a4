"""Usage and purchase of each phase: what it writes, over what the phase before has, checked against the blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from stacks.models.bad_input import plain
from stacks.models.blueprint import Phase
from stacks.models.costs import BUYABLE, FIGURES, Usage, written
from stacks.models.merge import NothingToRemove, merged
from stacks.models.yaml_file import Document

Blocks = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""phase → block → its keys."""


def usage_of(phases: Mapping[str, Phase], blocks: Blocks, document: Document) -> dict[str, dict[str, Usage]]:
    """Phase → block → figures. Raises `BadInput` for a block that is not there, a figure its kind does not take."""

    def check(phase: str, block: str, kind: str, delta: Mapping[str, Any]) -> None:
        allowed = FIGURES.get(kind)
        if allowed is None:
            return
        for path, figure in _figures(delta):
            if figure not in allowed:
                where = ("phases", phase, "usage", block, *path, figure)
                named = sorted({*allowed, "regions"}) if allowed else f"nothing: a {kind} is not paid by use"
                raise document.bad(where, f"{figure}, which a {kind} is not priced with", named)

    deltas = {name: {b: written(part) for b, part in phase.usage.items()} for name, phase in phases.items()}
    return {
        phase: {block: Usage.model_validate(figures) for block, figures in found.items()}
        for phase, found in _along(deltas, blocks, document, "usage", check).items()
    }


def purchase_of(
    phases: Mapping[str, Phase], blocks: Blocks, document: Document
) -> dict[str, dict[str, dict[str, float]]]:
    """Phase → block → option → share. Raises `BadInput` for a block that is not there or is not bought that way."""

    def check(phase: str, block: str, kind: str, delta: Mapping[str, Any]) -> None:
        options = BUYABLE.get(kind)
        for option in delta:
            where = ("phases", phase, "purchase", block)
            if options is None:
                raise document.bad(where, f"{option} for a {kind}", "blocks of kind " + ", ".join(BUYABLE))
            if option not in options:
                raise document.bad(where, f"{option} for a {kind}", sorted(options))

    deltas: dict[str, dict[str, dict[str, Any] | None]] = {
        name: {block: None if shares is None else {**shares} for block, shares in phase.purchase.items()}
        for name, phase in phases.items()
    }
    out = _along(deltas, blocks, document, "purchase", check)
    for phase, found in out.items():
        for block, shares in found.items():
            if sum(shares.values()) > 1 + 1e-9:
                where = ("phases", phase, "purchase", block)
                raise document.bad(where, plain(shares), "shares that make at most 1, with those of the phases before")
    return out


def _along(
    deltas: Mapping[str, Mapping[str, Mapping[str, Any] | None]],
    blocks: Blocks,
    document: Document,
    key: str,
    check: Callable[[str, str, str, Mapping[str, Any]], None],
) -> dict[str, dict[str, dict[str, Any]]]:
    """Each phase's entries over those before; of a block that left, nothing stays."""
    out: dict[str, dict[str, dict[str, Any]]] = {}
    before: dict[str, dict[str, Any]] = {}
    for phase, delta in deltas.items():
        here = blocks[phase]
        for block, keys in delta.items():
            if block not in here:
                raise document.bad(("phases", phase, key, block), f"{block}, which is no block here", list(here))
            kind = here[block].get("kind")
            if keys is not None and isinstance(kind, str):
                check(phase, block, kind, keys)
        kept = {block: keys for block, keys in before.items() if block in here}
        try:
            before = merged(kept, delta)
        except NothingToRemove as gone:
            where = ("phases", phase, key, *gone.path)
            raise document.bad(where, "null", "null only for what the phase before has") from None
        out[phase] = before
    return out


def _figures(delta: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterable[tuple[tuple[str, ...], str]]:
    for figure, value in delta.items():
        if figure == "regions":
            for region, below in (value or {}).items():
                if isinstance(below, Mapping):
                    yield from _figures(below, (*path, "regions", region))
        else:
            yield path, figure
