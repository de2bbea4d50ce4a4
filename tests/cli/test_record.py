"""`phaseup record`: a checkpoint on stdout or in a file, and one message for each mistake."""

from __future__ import annotations

from pathlib import Path

import pytest
from programs import PROGRAM, parsed, phaseup, refused, write


def test_stdout_is_a_checkpoint_that_plan_takes_back(tmp_path: Path) -> None:
    program = write(tmp_path / "p")
    result = phaseup("record", program)
    assert result.exit_code == 0
    document = parsed(result)
    assert document["version"] == 3
    types = [resource["type"] for resource in document["deployment"]["resources"]]
    assert types.count("random:index/randomPet:RandomPet") == 1
    assert types[0] == "pulumi:pulumi:Stack"
    state = tmp_path / "state.json"
    state.write_text(result.stdout)
    again = phaseup("plan", program, "--from-state", state, "--json")
    assert again.exit_code == 0
    assert parsed(again)["counts"] == {"create": 0, "update": 0, "replace": 0, "delete": 0, "same": 2}


def test_a_file_gets_the_checkpoint_and_stdout_a_summary(tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    result = phaseup("record", write(tmp_path / "p"), "--output", target, "--json")
    assert result.exit_code == 0
    summary = parsed(result)
    assert summary["file"] == str(target)
    assert summary["resources"] == 4
    assert target.read_text().startswith("{")
    assert "4 resources" in phaseup("record", tmp_path / "p", "-o", target).stdout


def test_two_recordings_are_the_same(tmp_path: Path) -> None:
    program = write(tmp_path / "p")
    first, second = (parsed(phaseup("record", program))["deployment"]["resources"] for _ in range(2))
    assert first == second


def test_a_secret_is_a_placeholder(tmp_path: Path) -> None:
    stacks = {"dev": "config:\n  small:password: {secure: v1:abc:hunter2cipher}\n"}
    result = phaseup("record", write(tmp_path / "p", stacks=stacks))
    assert result.exit_code == 0
    assert "hunter2cipher" not in result.output


BAD = {
    "no folder": (None, ["nowhere/at/all"], "no such folder"),
    "no project file": ("bare", [], "Pulumi.yaml"),
    "another language": ("nodejs", [], "python"),
    "a stack that is not there": ("fine", ["--stack", "prod"], "dev"),
    "answers that are not there": ("fine", ["--answers", "gone.yaml"], "gone.yaml"),
    "a file that cannot be written": ("fine", ["-o", "/nonexistent/out.json"], "/nonexistent/out.json"),
    "a program that fails": ("raises", [], "ZeroDivisionError"),
    "a program that does not parse": ("syntax", [], "__main__.py"),
    "an SDK that is not installed": ("import", [], "pulumi_nowhere"),
    "broken YAML": ("yaml", [], "Pulumi.dev.yaml"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_message(case: str, tmp_path: Path) -> None:
    kind, arguments, told = BAD[case]
    folder = tmp_path / "p"
    if kind == "bare":
        folder.mkdir()
    elif kind == "nodejs":
        write(folder, project="name: x\nruntime: nodejs\n")
    elif kind == "raises":
        write(folder, "import pulumi\n1 / 0\n")
    elif kind == "syntax":
        write(folder, "def broken(:\n")
    elif kind == "import":
        write(folder, "import pulumi_nowhere\n")
    elif kind == "yaml":
        write(folder, stacks={"dev": "config: [unclosed\n"})
    elif kind == "fine":
        write(folder)
    where = [] if kind is None else [folder]
    assert told in refused("record", *where, *arguments)


def test_debug_shows_where_the_program_failed(tmp_path: Path) -> None:
    folder = write(tmp_path / "p", "import pulumi\n\ndef inner():\n    return 1 / 0\n\ninner()\n")
    result = phaseup("record", folder, "--debug")
    assert result.exit_code == 2
    assert "Traceback" in result.stderr
    assert "inner" in result.stderr


def test_the_place_of_a_failure_is_named(tmp_path: Path) -> None:
    message = refused("record", write(tmp_path / "p", PROGRAM + "raise ValueError('no such size')\n"))
    assert "__main__.py:11" in message
    assert "no such size" in message
