"""The committed pages are those that would be made now, hold nothing of a day or a machine, and their links lead on."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest

from phaseup.docs.markdown import anchor
from phaseup.docs.pages import DOCS, stale, write
from stacks.models.load_blueprint import load_blueprint, systems
from stacks.models.paths import ROOT
from tests.climbs import shared, told

SYSTEMS = [pytest.param(system, marks=shared(system)) for system in systems()]


def made(system: str) -> dict[str, str]:
    return dict(told(system))


@pytest.mark.parametrize("system", SYSTEMS)
def test_no_committed_page_is_stale(system: str) -> None:
    assert stale(made(system)) == [], "run `make docs`"


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_phase_has_a_picture_and_every_move_a_runbook_both_ways(system: str) -> None:
    blueprint = load_blueprint(system)
    moves = {f"{a}-to-{b}.md" for pair in blueprint.pairs() for a, b in (pair, pair[::-1])}
    pictures = {f"{phase}.svg" for phase in blueprint.names}
    names = {"README.md", "settings.md", "costs.md", "costs.svg", *moves, *pictures}
    assert made(system).keys() == {"kinds.md", *(f"{system}/{name}" for name in names)}


@pytest.mark.parametrize("system", SYSTEMS)
def test_pages_hold_no_day_no_path_of_a_machine_and_nothing_simulated(system: str) -> None:
    for path, text in made(system).items():
        assert not re.search(r"until: ['\"]?\d{4}-", text), path
        assert str(ROOT) not in text, path
        assert not re.search(r"\d+(\.\d+)? (seconds|s) for [\d,]+ registrations", text), path
        assert "urn:pulumi:" not in text, path
        assert "arn:aws:" not in text or path == "kinds.md", path


@pytest.mark.parametrize("system", SYSTEMS)
def test_links_lead_to_pages_and_headings_that_exist(system: str) -> None:
    found = made(system)
    for path, text in found.items():
        if not path.endswith(".md"):
            continue
        for target in re.findall(r"\]\(([^)]+)\)", re.sub(r"(`+).+?\1", "", text)):
            file, _, place = target.partition("#")
            goal = (DOCS / path).parent / file if file else DOCS / path
            whole = goal.resolve()
            key = str(whole.relative_to(DOCS)) if whole.is_relative_to(DOCS) else ""
            assert key in found or whole.exists(), (path, target)
            if place:
                headings = re.findall(r"^#+ (.+)$", found[key], re.MULTILINE)
                assert place in {anchor(heading) for heading in headings}, (path, target)


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_row_of_a_table_has_as_many_cells_as_its_head(system: str) -> None:
    for path, text in made(system).items():
        width = 0
        for line in text.splitlines() if path.endswith(".md") else ():
            row = line.strip()
            if not row.startswith("|"):
                width = 0
                continue
            cells = len(re.findall(r"(?<!\\)\|", row))
            width = width or cells
            assert cells == width, (path, line)


@pytest.mark.parametrize("system", SYSTEMS)
def test_pictures_are_well_formed(system: str) -> None:
    for path, text in made(system).items():
        if path.endswith(".svg"):
            ElementTree.fromstring(text)


@shared("meal")
def test_a_changed_missing_or_left_over_page_is_stale_and_making_them_mends_it(tmp_path: Path) -> None:
    wanted = made("meal")
    write(wanted, tmp_path)
    assert stale(wanted, tmp_path) == []
    changed, missing, left = tmp_path / "meal/mvp-to-growth.md", tmp_path / "meal/mvp.svg", tmp_path / "meal/old.md"
    changed.write_text(changed.read_text().replace("expand", "expanded", 1))
    missing.unlink()
    left.write_text("of a phase that is gone")
    (tmp_path / "kinds.md").write_bytes(b"\xff not text")
    (tmp_path / "by-hand.md").write_text("is nobody's")
    expected = ["kinds.md", "meal/mvp-to-growth.md", "meal/mvp.svg", "meal/old.md"]
    assert stale(wanted, tmp_path) == expected
    assert write(wanted, tmp_path) == expected
    assert stale(wanted, tmp_path) == []
    assert (tmp_path / "by-hand.md").read_text() == "is nobody's"
    shutil.rmtree(tmp_path / "meal")
    assert len(stale(wanted, tmp_path)) == len(wanted) - 1
