"""Changing single keys of a YAML text; every byte that is not part of them stays as it was."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode


class Gone:
    """Says that a key goes."""


GONE = Gone()


def edited(text: str, path: Sequence[str], value: Any, *, after: str = "") -> str:
    """The text with the value at `path` set, made, or gone (`GONE`). Missing maps on the way are made.

    A new key of a block map stands behind the key `after`, or last.

    A map that stands in block style keeps its comments: only the keys that differ are touched.
    """
    root = YAML(pure=True).compose(text)
    assert isinstance(root, MappingNode)
    node: MappingNode = root
    for i, key in enumerate(path):
        pair = _pair(node, key)
        last = i == len(path) - 1
        if pair is None:
            if value is GONE:
                return text
            nested: Any = value
            for part in reversed(path[i + 1 :]):
                nested = {part: nested}
            return _inserted(text, node, key, nested, after)
        if last:
            return _removed(text, node, pair) if value is GONE else _replaced(text, path, pair, value)
        if not isinstance(pair[1], MappingNode):
            nested = value
            for part in reversed(path[i + 1 :]):
                nested = {part: nested}
            return text if value is GONE else _replaced(text, path[: i + 1], pair, nested)
        node = pair[1]
    return text


def flow(value: Any) -> str:
    """A value on one line, quoted where both YAML 1.1 and 1.2 need it."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{flow(str(k))}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(v) for v in value) + "]"
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, str):
        return _quoted(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


# Text that both versions of YAML read as this text, in block and in flow style; dates mean the same day in either.
_PLAIN = re.compile(
    r"(?!(?i:y|n|yes|no|on|off|true|false|null)\Z)[A-Za-z](?:[\w./@+ -]|:(?=[\w]))*(?<! )\Z|\d{4}-\d\d-\d\d\Z"
)


def _quoted(text: str) -> str:
    if _PLAIN.match(text) and text.isascii():
        return text
    # JSON's strings are YAML's double-quoted ones, but YAML also wants DEL, C1 controls and line separators escaped.
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in quoted)


def _pair(node: MappingNode, key: str) -> tuple[Node, Node] | None:
    return next(((k, v) for k, v in node.value if isinstance(k, ScalarNode) and k.value == key), None)


def _end(node: Node) -> int:
    """Where a node's own text ends; a block collection's mark lies behind the comments that follow it."""
    if not isinstance(node, MappingNode | SequenceNode) or node.flow_style or not node.value:
        return node.end_mark.index
    last = node.value[-1]
    return _end(last[1]) if isinstance(node, MappingNode) else _end(last)


def _scalar_end(text: str, node: Node) -> int:
    end = _end(node)
    while end > node.start_mark.index and text[end - 1] in "\r\n \t":  # block scalars end behind their newline
        end -= 1
    return end


def _replaced(text: str, path: Sequence[str], pair: tuple[Node, Node], value: Any) -> str:
    key, node = pair
    block = isinstance(node, MappingNode) and not node.flow_style
    if block and isinstance(value, Mapping) and value:
        now = {k.value for k, _ in node.value}
        for gone in [k for k in now if k not in value]:
            text = edited(text, [*path, gone], GONE)
        for name, below in value.items():
            if _value(text, [*path, name]) != below:
                text = edited(text, [*path, name], below)
        return text
    start, end = node.start_mark.index, _scalar_end(text, node)
    if isinstance(node, ScalarNode) and node.style is None and node.value == "":  # `key:` with nothing behind it
        start = end = key.end_mark.index + 1
    if text.count("\n", key.end_mark.index, start):  # the value began on a line of its own
        start = text.index(":", key.end_mark.index) + 1
    space = "" if start and text[start - 1] == " " else " "
    return text[:start] + space + flow(value) + text[end:]


def _value(text: str, path: Sequence[str]) -> Any:
    from stacks.models.yaml_file import parse

    here: Any = parse(text, "").data
    for part in path:
        if not isinstance(here, dict) or part not in here:
            return GONE
        here = here[part]
    return here


def _inserted(text: str, node: MappingNode, key: str, value: Any, after: str) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    if node.flow_style:
        close = node.end_mark.index - 1
        at = close
        while text[at - 1] in " \t\r\n":
            at -= 1
        comma = "" if not node.value or text[at - 1] == "," else ","
        space = " " if node.value else ""
        return text[:at] + f"{comma}{space}{flow(key)}: {flow(value)}" + text[at:]
    column = node.start_mark.column
    line = f"{' ' * column}{flow(key)}: {flow(value)}"
    before = _pair(node, after) or node.value[-1]
    end = max(_scalar_end(text, before[1]), before[0].end_mark.index)
    at = text.find("\n", end)
    if at < 0:
        return f"{text}{newline}{line}{newline}"
    return text[: at + 1] + line + newline + text[at + 1 :]


def _removed(text: str, node: MappingNode, pair: tuple[Node, Node]) -> str:
    key, value = pair
    start, end = key.start_mark.index, max(_scalar_end(text, value), key.end_mark.index + 1)
    if node.flow_style:
        i = node.value.index(pair)
        if i + 1 < len(node.value):
            return text[:start] + text[node.value[i + 1][0].start_mark.index :]
        if i > 0:
            return text[: _end(node.value[i - 1][1])] + text[end:]
        return text[:start] + text[end:]
    if len(node.value) == 1:  # an empty block map would be null
        return text[:start] + "{}" + text[end:]
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", end)
    return text[:first] + ("" if last < 0 else text[last + 1 :])
