"""Which stacks a branch may change, and why: from names and texts of files alone, before anything is recorded."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from phaseup.diff.report import Cause
from phaseup.diff.trees import StackFile, loaded

CAUSES: Final[tuple[Cause, ...]] = ("added", "deleted", "config", "blueprint", "component", "program", "tool")
"""In the order told."""

_BY_FOLDER: Final[Mapping[str, Cause]] = {
    "components": "component",
    "workers": "component",
    "stacks": "program",
    "policies": "tool",
    "phaseup": "tool",
}
"""This project's folders that change what is recorded, or what is said of it."""
_AT_THE_TOP: Final = re.compile(r".+\.py|Pulumi\.(?:yaml|yml|json)|requirements.*|pyproject\.toml")
_PROSE: Final = frozenset({".md", ".rst", ".adoc"})
_BESIDE: Final = frozenset({"docs", "doc", "tests", "test", ".github", ".gitlab", ".ci"})
"""Folders of anybody's repository that no program runs from."""
_LEFT_ALONE: Final = frozenset({"LICENSE", ".gitignore", ".gitattributes", ".editorconfig", ".pre-commit-config.yaml"})


@dataclass(frozen=True, slots=True)
class Looked:
    """One stack that is looked at; a side that has it not is None."""

    stack: str
    causes: tuple[Cause, ...]
    base: StackFile | None
    head: StackFile | None

    @property
    def file(self) -> str:
        """Its file, from the top of the repository."""
        side = self.head or self.base
        assert side is not None
        return side.path


def select(
    changed: Collection[str],
    base: Mapping[str, StackFile],
    head: Mapping[str, StackFile],
    *,
    project: str = ".",
    own: bool = True,
) -> list[Looked]:
    """The stacks that a change of these files may concern, by name. `own`: the program is laid out as this project's,
    so that what belongs to it is known; of another, whatever is no prose may belong to it."""
    shared: set[Cause] = set()
    systems: set[str] = set()
    for path in changed:
        inside = _inside(path, project)
        if own:
            system = _blueprint(inside) if inside is not None else None
            cause = _own_cause(inside) if inside is not None and system is None else None
            systems |= {system} if system is not None else set()
        else:
            cause = _any_cause(path, {file.path for each in (base, head) for file in each.values()})
        shared |= {cause} if cause is not None else set()
    found = []
    for stack in sorted({*base, *head}):
        old, new = base.get(stack), head.get(stack)
        causes = {*shared, *_of_files(old, new)}
        if systems and {_system(each) for each in (old, new) if each is not None} & systems:
            causes.add("blueprint")
        if causes:
            found.append(Looked(stack, tuple(cause for cause in CAUSES if cause in causes), old, new))
    return found


def _inside(path: str, project: str) -> str | None:
    if project == ".":
        return path
    return path.removeprefix(f"{project}/") if path.startswith(f"{project}/") else None


def _blueprint(path: str) -> str | None:
    match = re.fullmatch(r"stacks/blueprints/([^/]+)\.yaml", path)
    return match[1] if match else None


def _own_cause(path: str) -> Cause | None:
    parts = PurePosixPath(path).parts
    if PurePosixPath(path).suffix in _PROSE:
        return None
    if len(parts) == 1:
        return "program" if _AT_THE_TOP.fullmatch(path) else None
    if parts[0] == "stacks" and (parts[1] == "schemas" or re.fullmatch(r"Pulumi\..+", parts[1])):
        # Schemas are for editors; stack files have causes of their own.
        return None
    return _BY_FOLDER.get(parts[0])


def _any_cause(path: str, stack_files: Collection[str]) -> Cause | None:
    place = PurePosixPath(path)
    if path in stack_files or place.suffix in _PROSE or place.name in _LEFT_ALONE or place.parts[0] in _BESIDE:
        return None
    return "program"


def _of_files(old: StackFile | None, new: StackFile | None) -> set[Cause]:
    if old is None:
        return {"added"}
    if new is None:
        return {"deleted"}
    return {"config"} if old.text != new.text and not _says_the_same(old.text, new.text) else set()


def _says_the_same(old: str, new: str) -> bool:
    """Whether comments and layout alone differ: values alike, and scalars alike as written (1.10 is not 1.1)."""
    before, after = loaded(old), loaded(new)
    return before is not None and before == after and _scalars(old) == _scalars(new)


def _scalars(text: str) -> list[tuple[str, str]]:
    from ruamel.yaml import YAML
    from ruamel.yaml.events import ScalarEvent

    events = YAML(pure=True).parse(text)
    return sorted((event.value, str(event.implicit)) for event in events if isinstance(event, ScalarEvent))


def _system(file: StackFile) -> str | None:
    """The system that a stack file names; of one that cannot be read, none: it is told by its own cause."""
    document = loaded(file.text)
    section = document.get("config") if isinstance(document, dict) else None
    system = section.get("phaseup:system") if isinstance(section, dict) else None
    return system if isinstance(system, str) else None
