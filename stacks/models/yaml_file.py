"""Reading YAML 1.2 so that every mistake has a line, and so that nothing is read otherwise than the engine reads it."""

from __future__ import annotations

import copy
import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from stacks.models.bad_input import BadInput, dotted
from stacks.models.paths import shown

KeyPath = tuple[str, ...]

# Plain scalars that YAML 1.1 and 1.2 read differently (yaml.org type repository bool.html, int.html, float.html against
# the core schema of YAML 1.2.2, section 10.3.2): the engine and this reader could disagree about them.
_AMBIGUOUS: Final = re.compile(
    r"(?:[yYnN]|[yY]es|YES|[nN]o|NO|[oO]n|ON|[oO]ff|OFF"
    r"|[-+]?0[0-7]+|0o[0-7]+|[-+]?0b[01_]+|[-+]?\d[\d_]*_[\d_]*(?:\.[\d_]*)?|[-+]?\d+(?::[0-5]?\d)+(?:\.\d*)?"
    r"|[-+]?\d+[eE]\d+)\Z"
)


@dataclass(frozen=True)
class Document:
    """A parsed file: plain Python values, and where each of them stands."""

    file: str
    data: dict[str, Any]
    lines: Mapping[KeyPath, int] = field(default_factory=dict, repr=False)
    texts: Mapping[KeyPath, str] = field(default_factory=dict, repr=False)
    """Plain (unquoted) scalars as they were written, so that 1.10 is not shown as 1.1."""

    def line(self, path: KeyPath) -> int | None:
        """The line of the key, or of the nearest key around it."""
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path[:-1]
        return None

    def bad(self, path: KeyPath, found: str, allowed: Any, *, key: str = "", why: str = "") -> BadInput:
        """The error for the value at `path`."""
        return BadInput(self.file, key or dotted(path), found, allowed, line=self.line(path), why=why)


def read(path: Path, *, strict: bool = False) -> Document:
    """One mapping from one file. `strict` refuses what YAML 1.1 reads differently, for files that the engine reads too.

    Raises `BadInput` for a file that is missing, empty, unreadable, no YAML, no mapping, or names a key twice.
    """
    file = shown(path)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        alike = "Pulumi.*.yaml" if path.name.startswith("Pulumi.") else "*.yaml"
        there = sorted(p.name for p in path.parent.glob(alike)) if path.parent.is_dir() else []
        allowed = ", ".join(there) if there else "an existing file"
        raise BadInput(file, "(file)", "no such file", allowed) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = "not UTF-8 text" if isinstance(error, UnicodeDecodeError) else (error.strerror or "unreadable")
        raise BadInput(file, "(file)", reason, "a readable UTF-8 YAML file") from None
    return parse(text, file, strict=strict)


def parse(text: str, file: str, *, strict: bool = False) -> Document:
    """`read` for text that is already here."""
    known = _parsed(text, file, strict)
    return replace(known, data=copy.deepcopy(known.data))


@functools.lru_cache(maxsize=64)
def _parsed(text: str, file: str, strict: bool) -> Document:
    """Remembered, because a rehearsal reads the same blueprint in every run, and composing nodes is what takes long."""
    yaml = YAML(pure=True)
    yaml.allow_duplicate_keys = True  # reported below, with both lines
    try:
        documents = list(yaml.compose_all(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = " ".join((error.problem or error.context or "not YAML").split()).removeprefix("found ")
        line = mark.line + 1 if mark else None
        raise BadInput(file, "(YAML)", what, "well-formed YAML 1.2", line=line) from None
    except (YAMLError, ValueError) as error:
        raise BadInput(file, "(YAML)", " ".join(str(error).split()), "well-formed YAML 1.2") from None
    documents = [node for node in documents if node is not None]
    if not documents or (isinstance(documents[0], ScalarNode) and documents[0].value == ""):
        raise BadInput(file, "(file)", "an empty file", "a YAML mapping")
    if len(documents) > 1:
        line = documents[1].start_mark.line + 1
        raise BadInput(file, "(YAML)", "a second document", "one document a file", line=line)
    reader = _Reader(file, strict)
    if not isinstance(documents[0], MappingNode):
        raise BadInput(file, "(file)", f"a {_shape(documents[0])}", "a YAML mapping", line=1)
    data = reader.value(documents[0], ())
    return Document(file, data, reader.lines, reader.texts)


def _shape(node: Node) -> str:
    return {MappingNode: "mapping", SequenceNode: "list"}.get(type(node), "single value")


class _Reader:
    def __init__(self, file: str, strict: bool) -> None:
        self.file = file
        self.strict = strict
        self.lines: dict[KeyPath, int] = {}
        self.texts: dict[KeyPath, str] = {}
        self._open: set[int] = set()

    def value(self, node: Node, path: KeyPath) -> Any:
        if isinstance(node, ScalarNode):
            return self._scalar(node, path)
        if id(node) in self._open:
            line = node.start_mark.line + 1
            raise BadInput(self.file, dotted(path), "an alias to what it is part of", "a finite value", line=line)
        self._open.add(id(node))
        try:
            if isinstance(node, MappingNode):
                return self._mapping(node, path)
            return [self._item(item, (*path, str(i))) for i, item in enumerate(node.value)]
        finally:
            self._open.discard(id(node))

    def _item(self, node: Node, path: KeyPath) -> Any:
        self.lines[path] = node.start_mark.line + 1
        return self.value(node, path)

    def _mapping(self, node: MappingNode, path: KeyPath) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if key_node.tag.endswith(":merge"):
                raise BadInput(
                    self.file,
                    dotted((*path, "<<")),
                    "a merge key",
                    "the keys written out (YAML 1.2 has no <<)",
                    line=line,
                )
            if not isinstance(key_node, ScalarNode):
                raise BadInput(self.file, dotted(path) or "(YAML)", "a key that is no text", "text keys", line=line)
            key = key_node.value
            if key in out:
                first = self.lines[(*path, key)]
                found = f"the key twice (first on line {first})"
                raise BadInput(self.file, dotted((*path, key)), found, "each key once", line=line)
            self.lines[(*path, key)] = line
            out[key] = self.value(value_node, (*path, key))
        return out

    def _scalar(self, node: ScalarNode, path: KeyPath) -> Any:
        text, kind = node.value, node.tag.rsplit(":", 1)[-1]
        plain = node.style is None
        if plain:
            self.texts[path] = text
        if self.strict and plain and _AMBIGUOUS.match(text):
            raise BadInput(
                self.file,
                dotted(path),
                f"{text} without quotes",
                "true or false, a plain decimal number, or the text in quotes",
                line=node.start_mark.line + 1,
                why="YAML 1.1 and 1.2 read it differently",
            )
        if not plain:
            return text
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() == "true"
        if kind == "int":
            return int(text.replace("_", ""), 0) if text.lower().lstrip("+-").startswith(("0x", "0o")) else int(text)
        if kind == "float":
            return _float(text)
        return text


def _float(text: str) -> float:
    lowered = text.lower()
    if lowered.lstrip("+-") in (".inf", ".nan"):
        return float(lowered.replace(".", "", 1))
    return float(text)
