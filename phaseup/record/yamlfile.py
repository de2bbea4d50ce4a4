"""Reads a YAML 1.2 (or JSON) file into plain Python values, with one clear error for whatever is wrong with it."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from phaseup.record.errors import RecordError


def read_mapping(path: Path) -> dict[str, Any]:
    """The mapping in `path`; an empty file is an empty mapping. Raises `RecordError` naming the file."""
    value = _read(path)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise RecordError(f"{path}: expected a mapping at the top, found {kind_of(value)}")
    return value


def _read(path: Path) -> Any:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise RecordError(f"{path}: no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise RecordError(f"{path}: cannot be read: {error}") from None
    parser = YAML(typ="safe", pure=True)
    try:
        return _plain(parser.load(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        raise RecordError(f"{where}: not valid YAML: {error.problem or error.context}") from None
    except YAMLError as error:
        raise RecordError(f"{path}: not valid YAML: {str(error).splitlines()[0]}") from None


def _plain(value: Any) -> Any:
    """Keys as text, as the engine makes them; dates as their text, for the engine knows no dates in config."""
    if isinstance(value, dict):
        return {key if isinstance(key, str) else scalar_text(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return value


def scalar_text(value: Any) -> str:
    """How a YAML scalar reads once it is text."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def kind_of(value: Any) -> str:
    """A value's kind in YAML's words."""
    if value is None:
        return "nothing"
    for type_, word in (
        (bool, "a boolean"),
        (int, "an integer"),
        (float, "a number"),
        (str, "a string"),
        (list, "a list"),
    ):
        if isinstance(value, type_):
            return word
    return "a mapping"
