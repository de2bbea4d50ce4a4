"""The genuine CLI takes a recorded checkpoint, and gives back the same; its hashes of assets are ours."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from phaseup.graph.values import Secret
from phaseup.record import checkpoint
from phaseup.record.program import load_program
from phaseup.record.run import run
from tests.record.harness import in_child, record

PROGRAMS = Path(__file__).parent.parent / "record" / "programs"

pytestmark = pytest.mark.skipif(shutil.which("pulumi") is None, reason="needs the genuine `pulumi` on PATH")


class Cli:
    """`pulumi` on a file backend in a folder of its own, with a copy of a program."""

    def __init__(self, folder: Path, program: Path) -> None:
        self.folder = folder / "program"
        shutil.copytree(program, self.folder)
        backend = folder / "state"
        backend.mkdir()
        self.environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PULUMI_BACKEND_URL": backend.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "a passphrase",
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
        self("stack", "init", "dev")

    def __call__(self, *arguments: str, stdin: str = "") -> str:
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive", "--cwd", str(self.folder)],
            env=self.environment, input=stdin, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def export(self, *arguments: str) -> dict:
        return json.loads(self("stack", "export", "--stack", "dev", *arguments))


@pytest.mark.parametrize("name", ["chains", "components", "regions", "secrets"])
def test_a_recorded_state_goes_through_import_and_export(tmp_path, name):
    cli = Cli(tmp_path, PROGRAMS / name)
    snapshot = in_child(lambda: run(load_program(PROGRAMS / name, "dev"))).outcome.snapshot
    # A new stack's export names its secrets provider only once something was saved with it.
    cli("config", "set", "--secret", "seed", "x", "--stack", "dev")
    salt = next(
        line.split(": ", 1)[1]
        for line in (cli.folder / "Pulumi.dev.yaml").read_text().splitlines()
        if line.startswith("encryptionsalt")
    )
    provider = {"type": "passphrase", "state": {"salt": salt}}
    document = checkpoint.dump(replace(snapshot, secrets_provider=provider), reveal=True)
    cli("stack", "import", "--stack", "dev", stdin=json.dumps(document))
    again = checkpoint.load(cli.export("--show-secrets"))
    assert _comparable(again) == _comparable(snapshot)
    assert again.secrets_provider == provider
    encrypted = checkpoint.load(cli.export())
    assert [state.urn for state in encrypted.resources] == [state.urn for state in snapshot.resources]
    assert "[secret" not in json.dumps(cli.export())
    hidden = [value for state in encrypted for value in state.inputs.values() if isinstance(value, Secret)]
    assert bool(hidden) == (name == "secrets")
    assert all(value.value.startswith("[encrypted ") for value in hidden)


def test_hashes_of_archives_are_the_engines(tmp_path):
    """A folder with names at both ends of the order, an empty file, one of exactly a tar block, nested archives."""
    main = """
    parts = {
        "main.py": pulumi.FileAsset("code/main.py"),
        "lib": pulumi.FileArchive("code"),
        "made": pulumi.AssetArchive({"text": pulumi.StringAsset("text")}),
    }
    export("archive", pulumi.AssetArchive(parts))
    export("folder", pulumi.FileArchive("code"))
    export("file", pulumi.FileAsset("code/main.py"))
    """
    files = {
        "code/main.py": "print('hello')\n",
        "code/B.py": "B = 1\n",
        "code/a/block": "x" * 512,
        "code/a/empty": "",
        "code/a.txt": "before or after the folder of that name\n",
        "code/" + "/".join(["a-rather-long-folder-name"] * 5) + "/deep.py": "deep = True\n",
    }
    ours = record(tmp_path / "ours", main, files).outputs
    cli = Cli(tmp_path, tmp_path / "ours")
    cli("up", "--yes", "--skip-preview", "--stack", "dev")
    theirs = checkpoint.load(cli.export()).resources[0].outputs
    assert {name: ours[name]["hash"] for name in ours} == {name: theirs[name]["hash"] for name in ours}


def _comparable(snapshot):
    """Without secret replacement triggers: the engine reads them as null (3.260 copies the value, then decrypts it)."""
    return [
        replace(state, replacement_trigger=None) if isinstance(state.replacement_trigger, Secret) else state
        for state in snapshot
    ]
