"""The SDK classes that a program uses, found in its source, and imported ahead so that forked runs share them.

The SDKs import their modules when a class is first touched (`aws.rds.Instance`). Found and touched once in the parent,
they cost each forked run nothing; and the time that takes is I, the yardstick of a machine's speed.
"""

from __future__ import annotations

import ast
import importlib
import time
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

_SKIPPED: Final = frozenset({"tests", "node_modules", "site-packages", "__pycache__", "build", "dist", "venv"})
_MOST_FILES: Final = 2000


def preload(sources: Iterable[Path]) -> float:
    """Import what the Python files under `sources` use of any `pulumi*` package; the seconds that took.

    What cannot be imported is left to the program itself, whose own error names the line that wants it.
    """
    used = sorted(set(used_names(sources)))
    started = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # old names that an SDK still has, not of the program's making
        for name in ("pulumi", *used):
            _touch(name)
    return time.perf_counter() - started


def used_names(sources: Iterable[Path]) -> Iterator[str]:
    """Dotted names of SDK members in the order met: `pulumi_aws.rds.Instance`."""
    for number, path in enumerate(_files(sources)):
        if number >= _MOST_FILES:
            return
        try:
            tree = ast.parse(path.read_bytes())
        except (SyntaxError, ValueError, OSError):
            continue
        yield from _members(tree)


def _files(sources: Iterable[Path]) -> Iterator[Path]:
    for source in sources:
        if source.is_file():
            yield source
            continue
        for path in sorted(source.rglob("*.py")):
            inside = path.relative_to(source).parts[:-1]
            if not any(part in _SKIPPED or part.startswith(".") for part in inside):
                yield path


def _members(tree: ast.Module) -> Iterator[str]:
    aliases: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                if _is_sdk(name.name):
                    yield name.name
                    aliases[name.asname or name.name.split(".")[0]] = (
                        name.name if name.asname else name.name.split(".")[0]
                    )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level and _is_sdk(node.module):
            for name in node.names:
                if name.name != "*":
                    yield f"{node.module}.{name.name}"
                    aliases[name.asname or name.name] = f"{node.module}.{name.name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            root, chain = _chain(node)
            if root in aliases:
                yield ".".join([aliases[root], *chain])


def _chain(node: ast.Attribute) -> tuple[str, list[str]]:
    parts: list[str] = []
    inner: ast.expr = node
    while isinstance(inner, ast.Attribute):
        parts.insert(0, inner.attr)
        inner = inner.value
    return (inner.id if isinstance(inner, ast.Name) else ""), parts


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
