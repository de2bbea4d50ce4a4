"""Small Pulumi programs written to a folder, and the command line run on them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from phaseup.cli.app import app

PROGRAM = """\
import pulumi
import pulumi_random as random

config = pulumi.Config()
pet = random.RandomPet("pet", length=config.get_int("length") or 2)
random.RandomString("text", length=8, keepers={"pet": pet.id})
if config.get_bool("more"):
    random.RandomId("more", byte_length=4)
pulumi.export("pet", pet.id)
pulumi.export("password", config.get_secret("password"))
"""


def write(folder: Path, program: str = PROGRAM, stacks: dict[str, str] | None = None, project: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "Pulumi.yaml").write_text(project or "name: small\nruntime: python\n")
    (folder / "__main__.py").write_text(program)
    for name, text in (stacks if stacks is not None else {"dev": "config:\n  small:length: 3\n"}).items():
        (folder / f"Pulumi.{name}.yaml").write_text(text)
    return folder


def phaseup(*arguments: object) -> Result:
    """Run one command line as typed; exceptions would show in `result.exception`."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def refused(*arguments: object) -> str:
    """The one message of a command that must be bad input: exit code 2, nothing on stdout, no traceback."""
    result = phaseup(*arguments)
    assert result.exit_code == 2, (result.exit_code, result.output, result.exception)
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert "a fault in phaseup" not in result.stderr
    message = result.stderr.strip()
    assert message.startswith("error: ")
    assert len(message.splitlines()) == 1, message
    return message


def parsed(result: Result) -> Any:
    """stdout as JSON: nothing else may stand there."""
    return json.loads(result.stdout)
