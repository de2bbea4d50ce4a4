"""The files of one side, read where they are: in a commit without checking it out, or in the working tree."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from phaseup.diff.git import GitError, git, git_bytes
from phaseup.record.program import PROJECT_FILES

STACK_FILE: Final = re.compile(r"Pulumi\.(?P<stack>.+)\.(?:yaml|yml|json)")


class Tree(Protocol):
    """Files by their path from the top of the repository, with slashes."""

    def names(self, folder: str) -> list[str]:
        """What lies directly in a folder; nothing where there is none."""
        ...

    def text(self, path: str) -> str | None:
        """A file's text, `None` where there is none; what is no UTF-8 is replaced."""
        ...


@dataclass(frozen=True, slots=True)
class CommitTree:
    """A commit's files."""

    top: Path
    commit: str

    def names(self, folder: str) -> list[str]:
        """Of files and folders."""
        where = f"{self.commit}:{'' if folder == '.' else folder}"
        try:
            told = git(self.top, "ls-tree", "--name-only", "-z", where)
        except GitError:
            return []
        return [name for name in told.split("\0") if name]

    def text(self, path: str) -> str | None:
        """The blob, no filter applied."""
        try:
            return git_bytes(self.top, "cat-file", "blob", f"{self.commit}:{path}").decode("utf-8", "replace")
        except GitError:
            return None


@dataclass(frozen=True, slots=True)
class FolderTree:
    """The working tree's files."""

    top: Path

    def names(self, folder: str) -> list[str]:
        """Of files and folders."""
        place = self.top / folder
        return sorted(each.name for each in place.iterdir()) if place.is_dir() else []

    def text(self, path: str) -> str | None:
        """The file as it is."""
        place = self.top / path
        return place.read_bytes().decode("utf-8", "replace") if place.is_file() else None


@dataclass(frozen=True, slots=True)
class StackFile:
    """One stack's file on one side."""

    stack: str
    path: str
    text: str


def within(folder: str, name: str) -> str:
    """A path in a folder of the repository."""
    return name if folder == "." else f"{folder}/{name}"


def is_own(tree: Tree, project: str) -> bool:
    """Whether the program there has phases: this project's layout, models and moves among it."""
    return {"models", "moves", "compose"} <= set(tree.names(within(project, "stacks")))


def stack_folder(tree: Tree, project: str) -> str:
    """Where the project keeps its stack files; at its top where the project file says nothing that can be read."""
    for name in PROJECT_FILES:
        text = tree.text(within(project, name))
        if text is not None:
            document = loaded(text)
            given = document.get("stackConfigDir") if isinstance(document, dict) else None
            return within(project, given.strip("/")) if isinstance(given, str) and given.strip("/") else project
    return project


def stack_files(tree: Tree, project: str) -> dict[str, StackFile]:
    """By stack, in the order of names; of two files for one stack the engine reads `.yaml`."""
    folder = stack_folder(tree, project)
    found: dict[str, StackFile] = {}
    for name in sorted(tree.names(folder)):
        match = STACK_FILE.fullmatch(name)
        text = tree.text(within(folder, name)) if match else None
        if match and text is not None:
            found[match["stack"]] = StackFile(match["stack"], within(folder, name), text)
    return dict(sorted(found.items()))


def loaded(text: str) -> Any:
    """The YAML in a text, or None where it cannot be read: whoever needs it says why."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        return YAML(typ="safe", pure=True).load(text)
    except (YAMLError, ValueError, RecursionError):
        return None
