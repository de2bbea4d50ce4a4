"""Names and property values as one safe line of text: no control character of a hostile program reaches a terminal."""

from __future__ import annotations

import json
import unicodedata
from typing import Final

from phaseup.graph.values import UNKNOWN, UNKNOWN_WIRE, Secret, Value, to_json

VALUE_WIDTH: Final = 60
"""Longest value shown in a reason, in characters; `--json` has it whole."""


def plain(text: str) -> str:
    """`text` with control, format and surrogate characters (escape codes, bidirectional overrides) spelt out."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        _spelt(char) if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else char for char in text
    )


def value(item: Value, width: int = VALUE_WIDTH) -> str:
    """One property value, cut to `width`; a secret is `[secret]`, what is not known yet `[unknown]`, none `(none)`."""
    if item is None:
        return "(none)"
    if isinstance(item, Secret):
        return "[secret]"
    if item is UNKNOWN or (isinstance(item, str) and item in UNKNOWN_WIRE):
        return "[unknown]"
    if isinstance(item, str) and item in {"[secret]", "[unknown]"}:
        return item
    text = plain(json.dumps(_shown(item), ensure_ascii=False, default=str))
    return text if len(text) <= width else f"{text[: width - 1]}…"


def json_value(item: Value) -> object:
    """The JSON form for reports: secrets and unknowns as the words `[secret]` and `[unknown]`."""
    return _shown(item)


def _shown(item: Value) -> object:
    if item is UNKNOWN or (isinstance(item, str) and item in UNKNOWN_WIRE):
        return "[unknown]"
    if isinstance(item, dict):
        return {key: _shown(inner) for key, inner in item.items()}
    if isinstance(item, (list, tuple)):
        return [_shown(inner) for inner in item]
    return to_json(item)


def _spelt(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
