"""Temporary git repositories with a small program or with this project's own files, and what must be left alone."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from phaseup.cli.app import app

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ("__main__.py", "Pulumi.yaml", "components", "stacks", "policies", "workers", "README.md")
KEPT_STACKS = ("listing-dev", "listing-prod")

PROJECT = "name: small\nruntime: python\nstackConfigDir: stacks\n"
MAIN = """\
import pulumi
import pulumi_random as random

from components.pets import pets

config = pulumi.Config()
pets(config.get_int("length") or 2)
secret = config.get_secret("password")
if secret is not None:
    random.RandomId("kept", byte_length=4, keepers={"password": secret})
"""
PETS = """\
import pulumi_random as random


def pets(length):
    random.RandomPet("pet", length=length)
"""
SALT = "encryptionsalt: v1:c2FsdHNhbHQ=:v1:bm9uY2U=:Y2lwaGVy\n"


@dataclass(frozen=True)
class Repo:
    """A checkout; every commit is made on whichever branch is checked out."""

    path: Path

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *arguments],
            cwd=self.path,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()

    def write(self, **files: str | None) -> Repo:
        """Files by path, `**{"a/b": …}`; None deletes."""
        for name, text in files.items():
            place = self.path / name
            if text is None:
                place.unlink()
            else:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(text, encoding="utf-8")
        return self

    def edit(self, name: str, old: str, new: str) -> Repo:
        place = self.path / name
        text = place.read_text(encoding="utf-8")
        assert old in text, (name, old)
        place.write_text(text.replace(old, new), encoding="utf-8")
        return self

    def commit(self, message: str = "change") -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def branch(self, name: str = "branch") -> Repo:
        self.git("checkout", "-q", "-b", name)
        return self

    def traces(self) -> dict[str, Any]:
        """What a comparison must leave alone."""
        files = {
            path.relative_to(self.path).as_posix(): path.read_bytes()
            for path in sorted(self.path.rglob("*"))
            if path.is_file() and "__pycache__" not in path.parts and path.relative_to(self.path).parts[0] != ".git"
        }
        index = self.path / ".git" / "index"
        return {
            "files": files,
            "index": (index.read_bytes(), index.stat().st_mtime_ns),
            "worktrees": self.git("worktree", "list", "--porcelain"),
            "kept": sorted(path.name for path in (self.path / ".git").iterdir()),
            "refs": self.git("for-each-ref"),
            "config": (self.path / ".git" / "config").read_bytes(),
        }


def empty(path: Path) -> Repo:
    path.mkdir(parents=True)
    repo = Repo(path)
    repo.git("init", "-q", "-b", "main", ".")
    return repo


def small(path: Path, **stacks: str) -> Repo:
    """A program without phases on `main`, with a stack file for each text given (default: one, `dev`)."""
    repo = empty(path)
    repo.write(
        **{"Pulumi.yaml": PROJECT, "__main__.py": MAIN, "components/__init__.py": "", "components/pets.py": PETS},
        **{"README.md": "small\n", ".gitignore": "__pycache__/\n"},
        **{f"stacks/Pulumi.{name}.yaml": text for name, text in (stacks or {"dev": config(length=2)}).items()},
    )
    repo.commit("base")
    return repo


def config(**values: object) -> str:
    return "config:\n" + "".join(f"  small:{key}: {value}\n" for key, value in values.items())


def project(path: Path) -> Repo:
    """This project's own program, as it stands in the checkout, with two of its stacks."""
    repo = empty(path)
    told = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *PROGRAM],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in filter(None, told.split("\0")):
        stack = name.removeprefix("stacks/Pulumi.").removesuffix(".yaml") if "/Pulumi." in name else ""
        if (ROOT / name).is_file() and (not stack or stack in KEPT_STACKS):
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, path / name)
    repo.write(**{".gitignore": "__pycache__/\n"})
    repo.commit("base")
    return repo


def phaseup(repo: Repo | Path, *arguments: str) -> Result:
    """Run one command line in a folder, as typed."""
    before = Path.cwd()
    os.chdir(repo.path if isinstance(repo, Repo) else repo)
    try:
        return CliRunner().invoke(app, list(arguments))
    finally:
        os.chdir(before)
