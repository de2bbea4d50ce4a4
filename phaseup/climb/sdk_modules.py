"""The SDK classes that a program uses, found in its source, and imported ahead so that later runs find them loaded.

The SDKs import their modules when a class is first touched (`aws.rds.Instance`). Found and touched once before workers
are forked, they cost each run nothing. The time that all SDK modules take is I, the yardstick of a machine's speed.
"""

from __future__ import annotations

import ast
import importlib
import re
import sys
import time
import warnings
from collections.abc import Iterable, Iterator, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any, Final

_SKIPPED: Final = frozenset({"tests", "node_modules", "site-packages", "__pycache__", "build", "dist", "venv"})
_MOST_FILES: Final = 2000
_IMPORT: Final = re.compile(
    r"^[ \t]*(import[ \t].*\bpulumi.*|from[ \t]+pulumi[\w.]*[ \t]+import[ \t]*(?:\((?:[^)#]|#.*)*\)|.*))", re.MULTILINE
)


class ImportClock:
    """Adds up the time in which modules of `pulumi*` packages run for the first time, whoever asks for them.

    What such a module imports itself (gRPC, protobuf) counts with it.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self._depth = 0

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Part of the import system: the spec that there would be anyhow, with a loader that is timed."""
        if not _is_sdk(name):
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            loader: Any = spec.loader
            loader.exec_module = self._timed(loader.exec_module)
        return spec

    def _timed(self, run: Any) -> Any:
        def exec_module(module: ModuleType) -> None:
            started = time.perf_counter()
            self._depth += 1
            try:
                run(module)
            finally:
                self._depth -= 1
                if not self._depth:
                    self.seconds += time.perf_counter() - started

        return exec_module


_clock = ImportClock()


def import_seconds() -> float:
    """The seconds that SDK modules have taken since this was first asked."""
    if _clock not in sys.meta_path:
        sys.meta_path.insert(0, _clock)
    return _clock.seconds


def preload(sources: Iterable[Path]) -> None:
    """Import what the Python files under `sources` use of any `pulumi*` package.

    What cannot be imported is left to the program itself, whose own error names the line that wants it.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # old names that an SDK still has, not of the program's making
        for name in ("pulumi", *sorted(set(used_names(sources)))):
            _touch(name)


def used_names(sources: Iterable[Path]) -> Iterator[str]:
    """Dotted names of SDK members in the order met: `pulumi_aws.rds.Instance`; those in comments and texts too."""
    for number, path in enumerate(_files(sources)):
        if number >= _MOST_FILES:
            return
        try:
            text = path.read_text(encoding="utf-8")
        except (ValueError, OSError):
            continue
        if "pulumi" in text:
            yield from _members(text)


def _files(sources: Iterable[Path]) -> Iterator[Path]:
    for source in sources:
        if source.is_file():
            yield source
            continue
        for path in sorted(source.rglob("*.py")):
            inside = path.relative_to(source).parts[:-1]
            if not any(part in _SKIPPED or part.startswith(".") for part in inside):
                yield path


def _members(text: str) -> Iterator[str]:
    """Import statements are parsed by themselves: parsing whole files costs more than importing many a module."""
    aliases: dict[str, str] = {}
    for found in _IMPORT.finditer(text):
        try:
            statements = ast.parse(found[1]).body
        except (SyntaxError, ValueError):
            continue
        for alias, member in (pair for statement in statements for pair in _imported(statement)):
            aliases[alias] = member
            yield member
    if aliases:
        for chain in re.findall(rf"(?<![\w.])({'|'.join(aliases)})((?:\.\w+)+)", text):
            yield f"{aliases[chain[0]]}{chain[1]}"


def _imported(statement: ast.stmt) -> Iterator[tuple[str, str]]:
    """(the name that it binds, what that is) of each SDK member that a statement imports."""
    if isinstance(statement, ast.Import):
        for name in statement.names:
            if _is_sdk(name.name):
                top = name.name.partition(".")[0]
                yield (name.asname, name.name) if name.asname else (top, top)
    elif isinstance(statement, ast.ImportFrom) and statement.module and _is_sdk(statement.module):
        for name in statement.names:
            if name.name != "*":
                yield name.asname or name.name, f"{statement.module}.{name.name}"


def _is_sdk(module: str) -> bool:
    return module == "pulumi" or module.startswith(("pulumi.", "pulumi_"))


def _touch(name: str) -> None:
    package, _, rest = name.partition(".")
    try:
        found: object = importlib.import_module(package)
        path = package
        for part in rest.split(".") if rest else ():
            path = f"{path}.{part}"
            found = getattr(found, part) if hasattr(found, part) else importlib.import_module(path)
    except Exception:
        return
