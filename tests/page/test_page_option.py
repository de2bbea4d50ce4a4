"""`phaseup climb --html`: systems one after the other, counted through, and a file that cannot be is found at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from page_kit import Parsed, small_climb

from phaseup.cli.app import run
from phaseup.climb.climb import Climb
from phaseup.climb.clock import Clock
from phaseup.page import whole
from phaseup.page.whole import rehearsed
from stacks.models import BadInput


@pytest.fixture
def climbs(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Climbs made by hand in place of rehearsals; answers what was asked for."""
    asked: list[dict[str, Any]] = []

    def climb_whole(systems: list[str], **options: Any) -> Climb:
        (name,) = systems
        options["announce"](4)(4)
        options["clock"].registrations += 20
        asked.append({"system": name} | {key: options[key] for key in ("environment", "down", "aborts")})
        climb = small_climb()
        climbed = tuple(replace(each, step=replace(each.step, system=name)) for each in climb.climbed)
        return replace(climb, climbed=climbed)

    monkeypatch.setattr(whole, "climb_whole", climb_whole)
    return asked


@contextmanager
def bar(label: str, total: int) -> Iterator[Any]:
    assert label.startswith("rehearsing ")
    assert total == 4
    yield lambda _done: None


def test_systems_are_counted_through(climbs: list[dict[str, Any]]) -> None:
    clock = Clock()
    report, data = rehearsed(
        ["meal", "pareto", "meal"], environment="prod", down=True, aborts=False, clock=clock, bar=bar
    )
    assert climbs == [
        {"system": "meal", "environment": "prod", "down": True, "aborts": False},
        {"system": "pareto", "environment": "prod", "down": True, "aborts": False},
    ]
    assert [(step.index, step.system) for step in report.steps] == [
        *((number, "meal") for number in (1, 2, 3, 4)),
        *((number, "pareto") for number in (5, 6, 7, 8)),
    ]
    assert [step["n"] for system in data["systems"] for step in system["steps"]] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert report.registrations == 40
    assert report.systems == ("meal", "pareto")


@pytest.mark.parametrize(("system", "environment"), [("mael", "prod"), ("meal", "nowhere")])
def test_bad_names_are_found_before_anything_is_rehearsed(
    climbs: list[dict[str, Any]], system: str, environment: str
) -> None:
    with pytest.raises(BadInput):
        rehearsed(["pareto", system], environment=environment, down=False, aborts=True, clock=Clock(), bar=bar)
    assert climbs == []


@pytest.mark.usefixtures("climbs")
def test_the_page_is_written_and_the_exit_code_is_the_climbs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "ladder.html"
    assert run(["climb", "meal", "--html", str(file)]) == 1
    assert [system["name"] for system in Parsed(file.read_text(encoding="utf-8")).data()["systems"]] == ["meal"]
    assert f"page: {file}" in capsys.readouterr().out


@pytest.mark.parametrize("where", ["no/such/folder.html", ""])
def test_a_file_that_cannot_be_written_is_found_first(
    tmp_path: Path, climbs: list[dict[str, Any]], capsys: pytest.CaptureFixture[str], where: str
) -> None:
    file = tmp_path / where
    assert run(["climb", "meal", "--html", str(file)]) == 2
    assert capsys.readouterr().err == f"error: --html {file}: expected a file in a folder that is there\n"
    assert climbs == []
