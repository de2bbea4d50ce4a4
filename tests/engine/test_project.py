"""The generated project: complete, apart from the program, without credentials; needs no engine."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from phaseup.engine import project as module
from phaseup.engine.project import EngineError, installed_packages, make_project, pulumi_binary
from phaseup.engine.run import CommandError, Engine, parse_preview


@pytest.fixture
def program(tmp_path):
    folder = tmp_path / "program"
    (folder / "stacks").mkdir(parents=True)
    (folder / "Pulumi.yaml").write_text(
        "name: shop\nruntime:\n  name: python\n  options: {virtualenv: .venv}\nstackConfigDir: stacks\n"
        "config:\n  shop:size: {type: integer, default: 3}\n"
    )
    (folder / "__main__.py").write_text("")
    (folder / "stacks" / "Pulumi.dev.yaml").write_text(
        "encryptionsalt: v1:abc\nconfig:\n  aws:region: eu-west-1\n  shop:password: {secure: AAAA}\n"
        "  shop:list: [1, on]\n"
    )
    return folder


def settings(project):
    return YAML(typ="safe").load((project.root / "Pulumi.yaml").read_text())


def contents(folder: Path):
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_project_points_at_the_program_and_at_a_plugin_for_each_package(program, tmp_path):
    made = make_project(tmp_path / "engine", program, packages=["fake"])
    document = settings(made)
    assert document["name"] == "shop"
    assert document["runtime"] == "python"
    assert document["main"] == str(program)
    assert "stackConfigDir" not in document
    assert document["config"] == {"shop:size": {"type": "integer", "default": 3}}
    names = [entry["name"] for entry in document["plugins"]["providers"]]
    assert names == sorted({*installed_packages(), "fake"})
    assert {"aws", "cloudflare", "random", "fake"} <= set(names)
    for name in names:
        assert os.access(made.root / "plugins" / f"pulumi-resource-{name}", os.X_OK)


def test_nothing_is_written_beside_the_program(program, tmp_path):
    before = contents(program)
    made = make_project(tmp_path / "engine", program)
    made.configure("dev", program / "stacks" / "Pulumi.dev.yaml")
    assert contents(program) == before


def test_an_absolute_stack_config_dir_cannot_lead_the_engine_astray(program, tmp_path):
    text = (program / "Pulumi.yaml").read_text()
    (program / "Pulumi.yaml").write_text(text.replace("stackConfigDir: stacks", f"stackConfigDir: {program}/stacks"))
    made = make_project(tmp_path / "engine", program)
    assert "stackConfigDir" not in settings(made)
    assert made.stack_file("dev") == made.root / "Pulumi.dev.yaml"


def test_stack_config_is_taken_over_and_what_is_encrypted_becomes_a_placeholder(program, tmp_path):
    made = make_project(tmp_path / "engine", program)
    secrets = made.configure("dev", program / "stacks" / "Pulumi.dev.yaml")
    assert secrets == {"shop:password": "[secret shop:password]"}
    document = YAML(typ="safe").load(made.stack_file("dev").read_text())
    assert document == {"config": {"aws:region": "eu-west-1", "shop:list": [1, "on"]}}


def test_what_the_engine_has_added_to_the_config_stays(program, tmp_path):
    made = make_project(tmp_path / "engine", program)
    made.stack_file("dev").write_text(
        "encryptionsalt: v1:own\nconfig:\n  shop:password: {secure: own}\n  shop:gone: 1\n"
    )
    assert made.configure("dev", {"shop:password": {"secure": "theirs"}, "shop:new": 1}) == {}
    document = YAML(typ="safe").load(made.stack_file("dev").read_text())
    assert document == {"encryptionsalt": "v1:own", "config": {"shop:password": {"secure": "own"}, "shop:new": 1}}


def test_no_credential_and_no_account_reaches_the_engine(program, tmp_path, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "CLOUDFLARE_API_TOKEN", "PULUMI_ACCESS_TOKEN", "KUBECONFIG"):
        monkeypatch.setenv(name, "hunter2")
    monkeypatch.setenv("PULUMI_BACKEND_URL", "https://example.com")
    made = make_project(tmp_path / "engine", program, environment={"EXTRA": "1"})
    environment = made.environment()
    assert "hunter2" not in environment.values()
    assert environment["PULUMI_BACKEND_URL"] == (made.root / "state").as_uri()
    assert environment["PULUMI_HOME"] == str(made.root / "home")
    assert environment["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] == "true"
    assert environment["PATH"].split(os.pathsep)[0] == str(Path(sys.executable).parent)
    assert environment["EXTRA"] == "1"


def test_a_launcher_becomes_the_plugin_itself(program, tmp_path):
    made = make_project(tmp_path / "a folder with 'quotes'", program, packages=["fake"], plugin="tests.engine.fake")
    launcher = made.root / "plugins" / "pulumi-resource-fake"
    assert launcher.stat().st_mode & stat.S_IXUSR
    process = subprocess.Popen([launcher, "127.0.0.1:1"], stdout=subprocess.PIPE, text=True)
    try:
        assert int(process.stdout.readline()) > 0
        if sys.platform == "linux":
            assert "tests.engine.fake" in Path(f"/proc/{process.pid}/cmdline").read_text()
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda p: (p / "Pulumi.yaml").unlink(), "Pulumi.yaml: not found"),
        (
            lambda p: (p / "Pulumi.yaml").write_text("name: x\nruntime: nodejs\n"),
            "found .nodejs., allowed: python",
        ),
        (lambda p: (p / "Pulumi.yaml").write_text("name: x\nruntime: python\nmain: src\n"), "main: found"),
    ],
)
def test_a_program_that_cannot_run_is_one_message(program, tmp_path, break_it, message):
    break_it(program)
    with pytest.raises(EngineError, match=message):
        make_project(tmp_path / "engine", program)


def test_a_missing_engine_is_one_message(program, tmp_path, monkeypatch):
    monkeypatch.setattr(module.shutil, "which", lambda _: None)
    with pytest.raises(EngineError, match=r"^pulumi: not found on PATH"):
        pulumi_binary()
    with pytest.raises(EngineError):
        Engine(make_project(tmp_path / "engine", program), "dev")


def test_a_preview_digest_is_read_whole():
    preview = parse_preview(
        '{"steps": [{"op": "replace", "urn": "urn:pulumi:d::p::a:b:C::x", "newState": {"type": "a:b:C"},'
        ' "replaceReasons": ["name"], "detailedDiff": {"name": {"kind": "update-replace", "inputDiff": false}}}],'
        ' "diagnostics": [{"severity": "error", "message": "\\u001b[31merror: no\\u001b[0m"}],'
        ' "changeSummary": {"replace": 1}}'
    )
    (step,) = preview.steps
    assert (step.op, step.type, step.replace_reasons) == ("replace", "a:b:C", ("name",))
    assert step.detailed == {"name": "update-replace"}
    assert preview.errors() == ["error: no"]
    assert preview.summary == {"replace": 1}


def test_an_empty_preview_has_no_steps():
    assert parse_preview('{"steps": null}').steps == ()


def test_a_failed_command_says_which_and_why():
    error = CommandError(["up"], 255, "long text", ["error: no", "error: never"])
    assert str(error) == "pulumi up: exit 255: error: no; error: never"
