"""Bytes to a preview. What is no JSON at all is bad input; what a preview began and did not end is a fault, and blocks.

The line between them: a file that is empty, or that begins as a preview does and breaks off, is what a preview leaves
that died, and a gate that a dead preview opens is none. A file that never was a preview (a log, a page, a
`stack export`) is a mistake in the call.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

from phaseup.gate.document import Preview, from_digest
from phaseup.gate.events import from_events, is_event
from phaseup.record.errors import RecordError
from phaseup.record.yamlfile import kind_of

STDIN: Final = "-"
_OTHERS: Final = (
    ({"deployment"}, "a `pulumi stack export`"),
    ({"checkpoint"}, "a state file"),
    ({"result", "counts"}, "the summary of `--output json`, which holds no steps"),
    ({"verdict", "steps"}, "phaseup's own JSON"),
)


def read_preview(file: str) -> Preview:
    """The preview in a file, or on standard input for `-`. Raises `RecordError` for what never was one."""
    if file == STDIN:
        return parse(sys.stdin.buffer.read(), "stdin")
    try:
        return parse(Path(file).read_bytes(), file)
    except FileNotFoundError:
        raise RecordError(f"{file}: no such file") from None
    except OSError as error:
        raise RecordError(f"{file}: cannot be read: {error.strerror}") from None


def parse(data: bytes, source: str) -> Preview:
    """The preview in what was read; UTF-16, as PowerShell redirects, is read as well."""
    try:
        text = data.decode(json.detect_encoding(data)).lstrip("\ufeff").strip()
    except UnicodeDecodeError:
        raise _no_preview(source, "bytes that are no text") from None
    if not text:
        return Preview(source, faults=("empty: the preview wrote nothing",))
    if not text.startswith("{"):
        raise _no_preview(source, "a list" if text.startswith("[") else f"{text[:20].split(chr(10))[0].strip()!r}")
    try:
        document, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError) as error:
        return Preview(source, faults=(f"cut off or damaged: {_reason(error)}",))
    rest = text[end:].strip()
    if is_event(document):
        return _events([document], rest, text.count("\n", 0, end) + 1, source)
    if rest:
        return Preview(source, faults=("damaged: something follows the end of the digest",))
    for keys, what in _OTHERS:
        if keys <= document.keys():
            raise _no_preview(source, what)
    return from_digest(document, source)


def _events(events: list[dict[str, Any]], rest: str, line: int, source: str) -> Preview:
    for number, text in enumerate(rest.splitlines(), line + 1):
        try:
            event = json.loads(text) if text.strip() else None
        except (ValueError, RecursionError) as error:
            return Preview(source, faults=(f"cut off or damaged at event {number}: {_reason(error)}",))
        if isinstance(event, dict):
            events.append(event)
        elif event is not None:
            return Preview(source, faults=(f"damaged at event {number}: {kind_of(event)} where an event is expected",))
    return from_events(events, source)


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"no valid JSON at line {error.lineno}, column {error.colno}"
    return "nested too deep" if isinstance(error, RecursionError) else "a number that is none"


def _no_preview(source: str, found: str) -> RecordError:
    return RecordError(f"{source}: found {found}; expected the JSON that `pulumi preview --json` writes")
