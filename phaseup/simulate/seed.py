"""Values that look random and are not: drawn from given words, equal in every process and on every machine."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from phaseup.graph.values import UNKNOWN, Secret, Value


def digest(*words: str) -> str:
    """64 hex digits that depend on every word and on where one ends and the next begins."""
    hasher = hashlib.sha256()
    for word in words:
        data = word.encode()
        hasher.update(len(data).to_bytes(4, "big"))
        hasher.update(data)
    return hasher.hexdigest()


def letters(count: int, *words: str, alphabet: str = "abcdefghijklmnopqrstuvwxyz0123456789") -> str:
    """`count` characters of `alphabet`, of any length."""
    number = int(digest(*words), 16)
    drawn = []
    block = 0
    while len(drawn) < count:
        if number < len(alphabet) ** 4:
            block += 1
            number = int(digest(*words, str(block)), 16)
        number, index = divmod(number, len(alphabet))
        drawn.append(alphabet[index])
    return "".join(drawn)


def uuid(*words: str) -> str:
    """A version 4 UUID in form; in value drawn from the words."""
    text = digest(*words)
    variant = "89ab"[int(text[16], 16) % 4]
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:32]}"


def canonical(value: Value) -> str:
    """A text that is equal for equal values, whatever the order of keys; secrets count by their content."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, Secret):
        return value.value
    if value is UNKNOWN:
        return "\0unknown"
    raise TypeError(f"no property value: {type(value).__name__}")
