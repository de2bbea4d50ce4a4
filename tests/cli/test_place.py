"""A mistake that the program tells gets the file and the line that the command has read."""

from __future__ import annotations

from pathlib import Path

import pytest

from phaseup.cli.place import placed
from phaseup.record.errors import RecordError
from stacks.models import load_stack
from stacks.models.paths import stack_file

SAID = "phaseup:alerts.email: found nobody; allowed: an address"
ENGINE = "stacks/Pulumi.meal-prod.yaml"


def told(message: str, file: Path, *, name: str = "meal-prod") -> str:
    config = load_stack(file).model_copy(update={"name": name})
    with pytest.raises(RecordError) as caught, placed(None, config):
        raise RecordError(message, trace="the whole trace", where=" ")
    assert caught.value.trace == "the whole trace"
    return str(caught.value)


def line_of(file: Path) -> int:
    return next(n for n, line in enumerate(file.read_text().splitlines(), 1) if line.startswith("  phaseup:alerts"))


def test_a_file_of_the_project_gets_its_line() -> None:
    file = stack_file("meal-prod")
    assert told(f"{ENGINE}: {SAID}", file) == f"{ENGINE}:{line_of(file)}: {SAID}"


def test_a_file_elsewhere_that_stands_in_for_a_stack_s_is_named(tmp_path: Path) -> None:
    """As `--with FILE` has it: the program knows the stack's name alone."""
    file = tmp_path / "other.yaml"
    file.write_text(stack_file("meal-prod").read_text())
    assert told(f"{ENGINE}: {SAID}", file) == f"{file}:{line_of(file)}: {SAID}"


@pytest.mark.parametrize("message", ["__main__.py:3: KeyError: 'x'", "stacks/blueprints/meal.yaml:9: phases: found x"])
def test_what_is_said_of_another_file_stays(message: str) -> None:
    assert told(message, stack_file("meal-prod")) == message


def test_a_key_that_the_file_does_not_have_gets_the_line_of_what_is_around_it() -> None:
    message = f"{ENGINE}: phaseup:moving.traffic: found 33; allowed: 0"
    assert told(message, stack_file("meal-prod")) == message.replace(".yaml:", ".yaml:2:", 1)
