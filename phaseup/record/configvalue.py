"""Stack-file values in the form in which the engine hands them to a program: one string a key.

Objects become JSON with sorted keys and no spaces; a `secure:` value becomes a placeholder made from its key alone, so
that nothing is ever decrypted and two readings agree. Rules: sdk/go/common/resource/config, Pulumi 3.260.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple


class ConfigValue(NamedTuple):
    """`text` as the program gets it; `value` as it was in the file, placeholders filled in."""

    text: str
    secret: bool
    value: Any


def encode(key: str, value: Any) -> ConfigValue:
    """The value of `key` (`namespace:name`) as the engine passes it on."""
    revealed, secret = _reveal(key, value)
    return ConfigValue(as_text(revealed), secret, revealed)


def placeholder(path: str) -> str:
    """What stands in for the secret at `path`: the same in every run, and no secret."""
    return f"[secret {path}]"


def as_text(value: Any) -> str:
    """A string as it is, anything else as the JSON that Go's encoder writes."""
    if isinstance(value, str):
        return value
    text = json.dumps(_go_numbers(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    for plain, escaped in (("&", "\\u0026"), ("<", "\\u003c"), (">", "\\u003e")):
        text = text.replace(plain, escaped)
    return text


def _reveal(path: str, value: Any) -> tuple[Any, bool]:
    if isinstance(value, dict):
        if list(value) == ["secure"] and isinstance(value["secure"], str):
            return placeholder(path), True
        pairs = {key: _reveal(f"{path}.{key}", item) for key, item in value.items()}
        return {key: item for key, (item, _) in pairs.items()}, any(secret for _, secret in pairs.values())
    if isinstance(value, list):
        items = [_reveal(f"{path}[{index}]", item) for index, item in enumerate(value)]
        return [item for item, _ in items], any(secret for _, secret in items)
    return value, False


def _go_numbers(value: Any) -> Any:
    """Go writes whole floats without a fraction."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return int(value)
    if isinstance(value, dict):
        return {key: _go_numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_go_numbers(item) for item in value]
    return value
