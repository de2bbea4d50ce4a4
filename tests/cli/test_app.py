"""The command line as a whole: help, versions, usage errors, exit codes, and nothing heavy imported for them."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from programs import phaseup

from phaseup.cli.app import app, run
from phaseup.cli.common import EXIT_OF_VERDICT

COMMANDS = ("systems", "show", "climb", "plan", "diff", "gate", "check", "cost", "record")


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


MAIN = "from phaseup.cli import main; main()"


@pytest.mark.parametrize(
    ("arguments", "code"), [(["--version"], 0), (["nonsense"], 2), (["plan", "no-such-stack"], 2)], ids=str
)
def test_the_process_ends_with_the_command_s_code_and_all_its_output(arguments: list[str], code: int) -> None:
    """The process leaves without taking itself down, so that what it wrote must be out before."""
    done = subprocess.run([sys.executable, "-c", MAIN, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert (done.stdout if code == 0 else done.stderr).endswith("\n")
    assert "Traceback" not in done.stderr


def test_a_reader_that_is_gone_ends_a_process_without_a_word() -> None:
    command = [sys.executable, "-c", f"import os; os.read(0, 1); {MAIN}", "--help"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    process.stdin.write(b"x")
    process.stdin.close()
    told = process.stderr.read().decode()
    process.stderr.close()
    process.wait()
    assert told == ""


def test_importing_the_sdk_is_measured_though_the_blueprint_s_models_want_it_first() -> None:
    """I is what the limit is made of: it counts SDK modules that are imported before, and by, whatever runs."""
    script = (
        "import sys, time, json\n"
        "from phaseup.climb.clock import Clock\n"
        "clock = Clock(); before = set(sys.modules)\n"
        "import components.network\n"
        "first = clock.import_seconds\n"
        "loaded = [m for m in set(sys.modules) - before if m.split('.')[0].startswith('pulumi')]\n"
        "import pulumi_aws.rds\n"
        "pulumi_aws.rds.Instance\n"
        "print(json.dumps([len(loaded), first, clock.import_seconds, Clock().import_seconds, clock.seconds]))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded, first, second, anew, whole = json.loads(done.stdout)
    assert loaded > 20
    assert 0 < first < second < whole
    assert anew == 0
