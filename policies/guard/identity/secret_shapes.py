"""What looks like a secret: by the name of a setting, and by the shape of its value."""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..reading import text

WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
LAST: Final = frozenset(
    {"password", "passwd", "passphrase", "pwd", "secret", "token", "apikey", "credential", "credentials"}
)
"""Last words of names that hold a secret. What follows such a word says that it is something else: `…_ARN`, `…_FILE`,
`…_NAME`, `…_ID`, `…_PATH`, `…_HEADER`, `…_TTL`."""
LAST_TWO: Final = frozenset({f"{word} key" for word in ("api", "private", "secret", "signing", "encryption", "master")})

REFERENCE: Final = re.compile(
    r"arn:|\$[({A-Za-z]|\{\{|%\w|<|ssm:|vault:|op://|secretsmanager:|resolve:|https?://|projects/|/[\w./-]+$",
    re.IGNORECASE,
)
"""Where a secret is, in place of the secret: an ARN, a variable, a store's address, a path."""
NOTHING: Final = re.compile(
    r"|true|false|yes|no|on|off|none|null|enabled|disabled|required|optional|\d{1,5}", re.IGNORECASE
)

SHAPES: Final[Mapping[str, re.Pattern[str]]] = {
    "an AWS access key": re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{16}\b"),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "a login in a URL": re.compile(r"\b[a-z][a-z0-9+.-]*://[^/\s:@\"']*:(?![$<{%*\[])[^/\s:@\"']+@", re.IGNORECASE),
    "a token of GitHub": re.compile(r"\b(gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{50,})"),
    "a token of GitLab": re.compile(r"\bglpat-[\w-]{20,}"),
    "a token of Slack": re.compile(r"\bxox[abprs]-[\w-]{20,}"),
    "a key of Stripe": re.compile(r"\b[rs]k_live_\w{20,}"),
    "a key of Google": re.compile(r"\bAIza[\w-]{35}\b"),
    "a signed token": re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"),
}
ASSIGNED: Final = re.compile(
    r"""^\s*(?:export\s+|-\s+)?["']?([A-Za-z_][\w.-]*)["']?(?:=|:\s+|\s=\s)["']?([^\s"',;(){}\[\]]+)["']?\s*$""",
    re.MULTILINE,
)
"""One setting a line, as in an environment file, a shell's export, YAML or properties."""


def names_secret(name: str) -> bool:
    """Whether a setting of this name holds a secret."""
    words = [word.lower() for word in WORDS.findall(name) if not word.isdigit()]
    return bool(words) and (words[-1] in LAST or " ".join(words[-2:]) in LAST_TWO)


def looks(name: str, value: Any) -> str:
    """What a setting is, if it is a secret in plain text; empty if it is none."""
    found = text(value).strip()
    if not found:
        return ""
    if shape := shaped(found):
        return shape
    literal = not REFERENCE.match(found) and not NOTHING.fullmatch(found)
    return "a secret by its name" if names_secret(name) and literal else ""


def shaped(value: str) -> str:
    """What a text has in it, by shape."""
    return next((what for what, pattern in SHAPES.items() if pattern.search(value)), "")


def within(content: Any) -> Iterator[tuple[str, str]]:
    """Secrets in a file or document: the setting's name, if it has one, and what it is."""
    whole = text(content)
    if shape := shaped(whole):
        yield "", shape
        return
    read = _json(whole)
    pairs = list(_leaves(read)) if read is not None else [match.groups() for match in ASSIGNED.finditer(whole)]
    for name, value in pairs:
        if what := looks(name, value):
            yield name, what


def decoded(value: Any) -> str:
    """The text behind base64, and behind gzip; what is neither stays."""
    try:
        raw = base64.b64decode(text(value), validate=True)
        raw = gzip.decompress(raw) if raw.startswith(b"\x1f\x8b") else raw
        return raw.decode()
    except (binascii.Error, UnicodeDecodeError, OSError, EOFError):
        return text(value)


def _json(value: str) -> Any:
    try:
        return json.loads(value) if value.lstrip().startswith(("{", "[")) else None
    except ValueError:
        return None


def _leaves(value: Any) -> Iterator[tuple[str, str]]:
    """Texts that a name stands before; a list's have none."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if isinstance(inner, str):
                yield name, inner
            else:
                yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)
