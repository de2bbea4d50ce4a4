"""The command line as a whole: help, versions, usage errors, exit codes, and nothing heavy imported for them."""

from __future__ import annotations

import subprocess
import sys

import pytest
from programs import phaseup

from phaseup.cli.app import app, run
from phaseup.cli.common import EXIT_OF_VERDICT

COMMANDS = ("systems", "show", "climb", "plan", "record")


def test_help_lists_every_command_and_the_exit_codes() -> None:
    result = phaseup("--help")
    assert result.exit_code == 0
    for command in COMMANDS:
        assert command in result.stdout
    assert "0 safe, 1 blocked, 2 bad input, 3 needs approval" in result.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help_json_and_debug(command: str) -> None:
    result = phaseup(command, "--help")
    assert result.exit_code == 0
    assert "--json" in result.stdout
    assert "--debug" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_every_command_is_tested_here() -> None:
    assert {command.name for command in app.registered_commands} == set(COMMANDS)


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["climb", "--sideways"], ["plan"], ["record"], ["show"], ["record", "a", "b"]]
)
def test_usage_errors_are_bad_input(arguments: list[str]) -> None:
    result = phaseup(*arguments)
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_run_answers_the_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("phaseup ")
    assert run(["nonsense"]) == 2


def test_verdicts_have_the_design_s_exit_codes() -> None:
    assert {verdict: int(code) for verdict, code in EXIT_OF_VERDICT.items()} == {
        "safe": 0,
        "blocked": 1,
        "refused": 1,
        "needs-approval": 3,
    }


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from phaseup.cli.app import run; run(['--help']);"
        "heavy = {'pulumi', 'pulumi_aws', 'pydantic', 'ruamel.yaml', 'grpc', 'yaml'} & set(sys.modules);"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_reader_that_stops_early_is_no_error(tmp_path: object) -> None:
    from programs import write

    folder = write(tmp_path / "p")  # type: ignore[operator]
    code = "from phaseup.cli import main; main()"
    command = [sys.executable, "-c", code, "record", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        told = process.stderr.read().decode()
    assert "Traceback" not in told
    assert "BrokenPipe" not in told
