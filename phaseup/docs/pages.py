"""Every generated page by its path under `docs/`, and which of the committed ones are not what would be made now."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from phaseup.climb.climb import Climb, climb_whole
from phaseup.climb.ladder import key_of
from phaseup.climb.phases import born, stack_of
from phaseup.climb.rehearse import record_all
from phaseup.docs.costs import costs_chart, costs_page, reports
from phaseup.docs.kinds import kinds_page
from phaseup.docs.overview import overview_page
from phaseup.docs.runbook import runbook_page
from phaseup.docs.settings import settings_page
from phaseup.render.picture import picture
from phaseup.render.svg import svg
from stacks.models.load_blueprint import load_blueprint
from stacks.models.paths import ROOT
from stacks.moves import effective

if TYPE_CHECKING:
    from phaseup.graph.resource import Snapshot
    from stacks.models import Blueprint

DOCS: Final = ROOT / "docs"
ENVIRONMENT: Final = "prod"
"""Whose stack the pages are about: the one that people are woken for."""
SHARED: Final = ("kinds.md",)
"""Generated pages outside a system's own folder."""


def pages(climb: Climb) -> dict[str, str]:
    """Path under `docs/` → text, of the kinds and of every system that `climb` went up and down."""
    found = {SHARED[0]: kinds_page()}
    for system in climb.report.systems:
        found |= {f"{system}/{name}": text for name, text in _of(load_blueprint(system), climb).items()}
    return found


def whole_climb(names: Sequence[str]) -> Climb:
    """The rehearsal that the pages tell of: systems up and down, with the ways back."""
    return climb_whole(names, environment=ENVIRONMENT, down=True)


def stale(wanted: dict[str, str], folder: Path = DOCS) -> list[str]:
    """The pages that are missing or differ, and those in a system's folder that nothing makes any more."""
    own = {path.split("/")[0] for path in wanted if "/" in path}
    there = {str(path.relative_to(folder)) for name in own for path in (folder / name).rglob("*") if path.is_file()} | {
        name for name in SHARED if (folder / name).is_file()
    }
    changed = [path for path, text in wanted.items() if path not in there or _read(folder / path) != text]
    return sorted({*changed, *(there - wanted.keys())})


def write(wanted: dict[str, str], folder: Path = DOCS) -> list[str]:
    """Makes the folder what it should be; the paths that were written or taken away."""
    changed = stale(wanted, folder)
    for name in changed:
        path = folder / name
        if name in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[name], encoding="utf-8")
        else:
            path.unlink()
    return changed


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _of(blueprint: Blueprint, climb: Climb) -> dict[str, str]:
    stack = stack_of(blueprint.system, ENVIRONMENT)
    settled = _settled(blueprint, climb)
    costs = reports(blueprint, {phase: born(stack, phase) for phase in blueprint.names}, settled)
    found = {
        "README.md": overview_page(blueprint, settled, ENVIRONMENT),
        "costs.md": costs_page(blueprint, costs),
        "costs.svg": costs_chart(blueprint, costs),
        "settings.md": settings_page(blueprint, ENVIRONMENT),
    }
    for phase in blueprint.names:
        config = born(stack, phase)
        found[f"{phase}.svg"] = svg(picture(config, blueprint, effective(config, blueprint)))
    for old, new in blueprint.pairs():
        for from_, to in ((old, new), (new, old)):
            found[f"{from_}-to-{to}.md"] = runbook_page(blueprint, climb, stack, from_, to)
    return found


def _settled(blueprint: Blueprint, climb: Climb) -> dict[str, Snapshot]:
    """Each phase's state, from the climb where it began a move there, else recorded now."""
    stack = stack_of(blueprint.system, ENVIRONMENT)
    configs = {phase: born(stack, phase) for phase in blueprint.names}
    missing = {phase: config for phase, config in configs.items() if key_of(config) not in climb.states}
    recorded = dict(zip(missing, record_all(list(missing.values())), strict=True))
    return {
        phase: recorded[phase].outcome.snapshot if phase in recorded else climb.states[key_of(config)]
        for phase, config in configs.items()
    }
