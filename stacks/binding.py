"""Which config and which code a stack was built from, as hashes: the output by which a preview is told from another."""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from stacks.models.paths import ROOT
from stacks.models.stack import READ_KEYS

OUTPUT: Final = "phaseup"
"""The stack's output."""

_PROGRAM: Final = ("__main__.py", "components", "stacks", "workers")
_SOURCES: Final = frozenset({".py", ".yaml", ".json", ".js", ".mjs", ".sh", ".service", ".pem"})
_BESIDE: Final = re.compile(r"stacks/(Pulumi\.[^/]*|schemas/.*)|workers/(harness\.js|.*\.test\.js)")
"""Stack files, which are config; what is made from the models; what only tests run."""
_HIDDEN: Final = "[secret"
_MIDNIGHT: Final = re.compile(r"(\d{4}-\d{2}-\d{2})T00:00:00(?:\.0+)?(?:Z|\+00:00)")


def binding(values: Mapping[str, str], secret: Collection[str], consents: Mapping[str, Any]) -> dict[str, Any]:
    """The output's value; `consents` are the last days of what the stack retires, by name, left out where none is."""
    found: dict[str, Any] = {"config": config_hash(values, secret), "code": code_hash(ROOT)}
    return found | ({"retire": {name: str(consent.until) for name, consent in consents.items()}} if consents else {})


def config_hash(values: Mapping[str, str], secret: Collection[str] = ()) -> str:
    """Of config as the engine hands it to programs. Of this project's stacks the keys that the models read count.

    A value with a secret in it counts as being there, and no more: a hash over few possible values gives them away.
    """
    keys = [key for key in values if key in READ_KEYS] if "phaseup:system" in values else values
    told = {key: _HIDDEN if key in secret or _HIDDEN in values[key] else _value(values[key]) for key in keys}
    return hashlib.sha256(json.dumps(told, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


@functools.cache
def code_hash(root: Path) -> str:
    """Of the program's files with their names, but for the stack files; line ends count as `\\n`. Kept for the process,
    which does not load changed code either."""
    whole = hashlib.sha256()
    for name, path in _files(root):
        data = path.read_bytes().replace(b"\r\n", b"\n")
        whole.update(f"{len(name.encode())}:{name}:{len(data)}:".encode())
        whole.update(data)
    return whole.hexdigest()


def _files(root: Path) -> Iterator[tuple[str, Path]]:
    found: dict[str, Path] = {}
    for top in _PROGRAM:
        place = root / top
        for path in [place] if place.is_file() else place.rglob("*"):
            if path.suffix in _SOURCES and path.is_file():
                name = path.relative_to(root).as_posix()
                hidden = any(part.startswith(".") or part == "__pycache__" for part in name.split("/"))
                if not hidden and not _BESIDE.fullmatch(name):
                    found[name] = path
    return iter(sorted(found.items()))


def _value(text: str) -> Any:
    """What a text means: the engine writes objects, numbers and days in one way, a person's file in several."""
    text = _MIDNIGHT.sub(r"\1", text)
    try:
        return json.loads(text, parse_float=_number)
    except (ValueError, RecursionError):
        return text


def _number(text: str) -> int | float:
    value = float(text)
    return int(value) if value.is_integer() else value
