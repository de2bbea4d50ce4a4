"""The workers' own tests, in workerd by Node's test runner: all of a file's tests run, and pass."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "workers").glob("*/*.test.js"))
COUNT = re.compile(r"^# (\w+) (\d+)$", re.MULTILINE)


def run(file: Path) -> subprocess.CompletedProcess[str]:
    node = shutil.which("node")
    assert node, "the workers' tests need Node 20 or newer on PATH"
    assert (ROOT / "node_modules" / "miniflare").is_dir(), "make setup installs what the workers' tests need"
    # Nothing of pytest's own process but where programs are.
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "CI": "true"}
    return subprocess.run(
        [node, "--test", "--test-reporter=tap", str(file)],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_worker_has_tests() -> None:
    scripts = {path.parent.name for path in (ROOT / "workers").glob("*/worker.js")}
    assert scripts == {"api-keys", "edge-api", "images", "white-label"}
    # What runs at CloudFront is no worker: each file is a script of its own.
    assert {file.parent.name for file in FILES} == scripts | {"cloudfront"}
    at_cloudfront = {path.name for path in (ROOT / "workers" / "cloudfront").iterdir()}
    assert at_cloudfront == {"viewer.js", "viewer.test.js", "origin.mjs", "origin.test.js"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_passes(file: Path) -> None:
    result = run(file)
    counts = {word: int(number) for word, number in COUNT.findall(result.stdout)}
    failed = "\n".join(line for line in result.stdout.splitlines() if line.strip().startswith("not ok"))
    assert result.returncode == 0, f"{failed}\n{result.stdout[-4000:]}\n{result.stderr[-2000:]}"
    written = len(re.findall(r"^\s*test\(", file.read_text(), re.MULTILINE))
    assert counts["tests"] >= written > 0
    assert counts["pass"] == counts["tests"]
    assert {counts[word] for word in ("fail", "cancelled", "skipped", "todo")} == {0}


def test_a_failure_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "broken.test.js"
    file.write_text('import { test } from "node:test";\ntest("no", () => { throw new Error("broken"); });\n')
    result = run(file)
    assert result.returncode == 1
    assert dict(COUNT.findall(result.stdout))["fail"] == "1"


def test_what_is_installed_is_pinned_and_names_no_address() -> None:
    lock = (ROOT / "package-lock.json").read_text()
    assert "://" not in re.sub(r'"(url|funding)": "[^"]*"', "", lock)
    assert re.search(r'"miniflare": "\d+\.\d+\.\d+"', (ROOT / "package.json").read_text())
