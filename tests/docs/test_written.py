"""The pages that are written by hand say what the commands say: each `phaseup` command of theirs is run, with the stack
file as the page has it by then."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from phaseup.cli.app import app
from phaseup.climb.phases import born, stack_of
from stacks.models import changed, load_blueprint, load_stack
from stacks.models.paths import ROOT, stack_file
from stacks.models.restores import FIELD
from stacks.moves import MoveStep, effective, steps

RESTORE, UPGRADE = (ROOT / "docs" / name for name in ("restore.md", "upgrade.md"))
STACK = "meal-prod"
KEYS = ("phaseup:restore", "phaseup:moving", "phaseup:retire", "phaseup:versions")
"""What a page's block of the stack file says is all that the file has of these."""


@dataclass(frozen=True)
class Shown:
    """A command of a page, with what its stack file says of `KEYS` by then, its exit code and lines of its output."""

    command: str
    file: str
    code: int
    lines: tuple[str, ...]


def shown(page: Path) -> Iterator[Shown]:
    file = ""
    for kind, text in re.findall(r"^```(\w+)\n(.+?)^```", page.read_text(), re.MULTILINE | re.DOTALL):
        if kind == "yaml":
            first, _, file = text.partition("\n")
            assert first == f"# stacks/Pulumi.{STACK}.yaml"
        for each in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:] if kind == "console" else ():
            command, *lines = each.rstrip("\n").split("\n")
            code = re.search(r"# exit code (\d)$", command)
            yield Shown(command, file, int(code[1]) if code else 0, tuple(lines))


ALL = [pytest.param(each, id=f"{page.stem}-{n}") for page in (RESTORE, UPGRADE) for n, each in enumerate(shown(page))]


def written(folder: Path, section: str) -> Path:
    """The stack file with what the page says it has."""
    lines = stack_file(STACK).read_text().splitlines()
    kept = [line for line in lines if not line.strip().startswith(KEYS)]
    place = folder / f"Pulumi.{STACK}.yaml"
    place.write_text("\n".join([*kept, *(f"  {line}" for line in section.splitlines())]) + "\n")
    return place


@pytest.mark.parametrize("each", ALL)
def test_a_command_says_what_the_page_says(each: Shown, tmp_path: Path) -> None:
    program, *arguments = shlex.split(each.command, comments=True)
    assert program == ".venv/bin/phaseup"
    file = written(tmp_path, each.file)
    result = CliRunner().invoke(app, [str(file) if part == STACK else part for part in arguments])
    assert result.exit_code == each.code, result.output
    output = " ".join(result.output.split())
    for line in each.lines:
        assert " ".join(line.split()) in output, (line, result.output)


def test_the_pages_have_commands_and_every_kind_of_answer() -> None:
    assert {each.code for page in (RESTORE, UPGRADE) for each in shown(page)} == {0, 1, 2, 3}


def test_the_steps_of_a_restore_are_those_of_the_page(tmp_path: Path) -> None:
    blueprint = load_blueprint("meal")
    begun = next(each.file for each in shown(RESTORE) if each.file)
    config = load_stack(written(tmp_path, begun))
    rows = re.findall(r"^\| \d \| (.+?) \| (.+?) \| (.+?) \|$", RESTORE.read_text(), re.MULTILINE)
    made = [("expand", config), *((_title(step), step.config) for step in steps(config, blueprint, "mvp"))]
    assert [title for title, _, _ in rows] == [title for title, _ in made]
    for (_, says, still), (_, after) in zip(rows, made, strict=True):
        if says.startswith("`{"):
            assert YAML(typ="safe").load(says.strip("`")) == after.values["phaseup:moving"]
        now = effective(after, blueprint)
        stands = {name for name, block in now.blocks.items() if now.fenced & {*(getattr(block.spec, "uses", ()) or ())}}
        assert {*re.findall(r"`([^`]+)`", still)} == stands
    assert "phaseup:moving" not in made[-1][1].values
    assert made[-1][1].values["phaseup:restore"] == config.values["phaseup:restore"]


def _title(step: MoveStep) -> str:
    match step.kind:
        case "rung":
            return f"rung {step.block}: {step.stage}"
        case "arm":
            return f"arm {step.block}"
        case "shift":
            return f"shift to {step.traffic} %"
        case _:
            return step.kind


def test_the_snapshots_of_the_page_are_of_the_format_of_their_kind() -> None:
    spec = load_blueprint("meal").kinds.spec
    rows = re.findall(r"^\| `(\w+)` \| .+? \| `([^`]+)` \| .+ \|$", RESTORE.read_text(), re.MULTILINE)
    assert {kind for kind, _ in rows} == {"postgres", "aurora", "cache", "hosted"}
    for kind, snapshot in rows:
        pattern = next(each.pattern for each in spec(kind).model_fields[FIELD].metadata if hasattr(each, "pattern"))
        assert re.fullmatch(pattern, snapshot), (kind, snapshot)


@pytest.mark.parametrize("page", [RESTORE, UPGRADE], ids=lambda page: page.stem)
def test_links_lead_to_files(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", page.read_text()):
        assert (page.parent / target).is_file(), target


def test_what_was_raised_before_a_restore_stays_raised() -> None:
    blueprint = load_blueprint("meal")
    entry = {"db-two": {"of": "db", "snapshot": "meal-prod-db-before-18"}}
    config = changed(
        born(stack_of("meal", "prod"), "mvp"), {"phaseup:versions": {"db": "18"}, "phaseup:restore": entry}
    )
    assert effective(config, blueprint).blocks["db-two"].spec.version == "18"  # type: ignore[attr-defined]
