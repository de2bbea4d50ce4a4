"""Asks git about commits and changed files, without writing anything: no index refreshed, no hook, no pager."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from phaseup.record.errors import RecordError
from phaseup.record.program import PROJECT_FILES

_SETTINGS: Final = ("-c", "core.quotePath=false", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false")
_INHERITED: Final = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
)
"""What git tells its hooks: taken over, a side checkout would be written to the index that is being committed."""
_PLAIN_DIFF: Final = ("--no-ext-diff", "--no-renames", "--no-relative", "--ignore-submodules=none", "--name-only", "-z")


class GitError(RecordError):
    """A command of git's failed; the message is git's own."""


def git(folder: Path, *arguments: str) -> str:
    """What a command prints; raises `GitError` with the last line of what it complained about."""
    return git_bytes(folder, *arguments).decode("utf-8", "surrogateescape")


def git_bytes(folder: Path, *arguments: str) -> bytes:
    """The same as it came."""
    environment = {name: value for name, value in os.environ.items() if name not in _INHERITED}
    # Reading must not refresh the index; files kept elsewhere (LFS) are not fetched for a rehearsal.
    environment |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_LFS_SKIP_SMUDGE": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            ["git", *_SETTINGS, *arguments],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        raise RecordError("git: not found; phaseup diff compares two commits of a git checkout") from None
    if done.returncode:
        complaint = done.stderr.decode("utf-8", "replace").strip().splitlines() or [f"exit code {done.returncode}"]
        fatal = next((line for line in complaint if line.startswith("fatal: ")), complaint[-1])
        raise GitError(f"git {arguments[0]}: {fatal.removeprefix('fatal: ')}")
    return done.stdout


@dataclass(frozen=True, slots=True)
class Repository:
    """A checkout, and the folder in it that has the project's Pulumi.yaml (`.` at the top)."""

    top: Path
    project: str

    @property
    def shallow(self) -> bool:
        """Whether history was cut off when it was cloned."""
        return git(self.top, "rev-parse", "--is-shallow-repository").strip() == "true"


def repository(folder: Path) -> Repository:
    """The checkout around `folder`, with the nearest project at or above it."""
    try:
        top = Path(git(folder, "rev-parse", "--show-toplevel").removesuffix("\n"))
    except GitError as error:
        if "not a git repository" in str(error):
            raise RecordError(
                f"{folder}: not in a git repository; run phaseup diff in a checkout of the project"
            ) from None
        raise RecordError(f"{folder}: {error}") from None
    here = folder.resolve()
    top = top.resolve()
    for place in (here, *here.parents):
        if any((place / name).is_file() for name in PROJECT_FILES):
            return Repository(top, place.relative_to(top).as_posix())
        if place == top:
            break
    raise RecordError(f"{folder}: no {PROJECT_FILES[0]} here or above it, up to {top}; run phaseup diff in the project")


def commit_of(repo: Repository, ref: str) -> str:
    """The commit's full name; one message with what to do where there is none."""
    try:
        return git(repo.top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}").strip()
    except GitError:
        raise RecordError(f"{ref}: no such commit, branch or tag here; {_way_out(repo, ref)}") from None


def _way_out(repo: Repository, ref: str) -> str:
    if _is_there(repo, f"origin/{ref}"):
        return f"origin/{ref} is: phaseup diff origin/{ref}"
    branch = ref.removeprefix("origin/")
    if repo.shallow:
        return (
            f"the clone is shallow: `git fetch --unshallow origin {branch}` brings it "
            "(in GitHub Actions: actions/checkout with fetch-depth: 0)"
        )
    return f"`git fetch origin {branch}` brings it if it is the remote's, and `git branch --all` lists what there is"


def _is_there(repo: Repository, ref: str) -> bool:
    try:
        git(repo.top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    except GitError:
        return False
    return True


def merge_base(repo: Repository, base: str, head: str, names: tuple[str, str]) -> str:
    """Where the two histories part, as a pull request has it; `names` are what the reader called them."""
    try:
        return git(repo.top, "merge-base", base, head).strip()
    except GitError:
        pass
    way = "--exact compares with it as it is"
    if repo.shallow:
        way = f"the clone is shallow: `git fetch --unshallow` brings the history, or {way}"
    raise RecordError(f"{names[0]}: has no common ancestor with {names[1]} here; {way}")


def changed_paths(repo: Repository, base: str, head: str | None) -> frozenset[str]:
    """Files that differ, from the top with slashes; with no `head`, those of the working tree, new ones too."""
    told = git(repo.top, "diff", *_PLAIN_DIFF, base, *([head] if head else []), "--")
    if head is None:
        told += git(repo.top, "ls-files", "--others", "--exclude-standard", "-z")
    return frozenset(path for path in told.split("\0") if path)
