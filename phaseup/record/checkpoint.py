"""Snapshots as `pulumi stack export` writes them and `pulumi stack import` reads them (deployment version 3).

Source: sdk/go/common/apitype/core.go and pkg/resource/stack/deployment.go, Pulumi 3.260. What a `State` has no place
for (hooks, stack traces, views) is not kept.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from phaseup.graph.resource import PendingOperation, Snapshot, State, Timeouts
from phaseup.graph.values import (
    SECRET_SIGNATURE,
    SIGNATURE,
    UNKNOWN,
    UNKNOWN_STRING,
    Secret,
    Value,
    from_json,
    has_secret,
)
from phaseup.record.errors import RecordError

ENGINE_VERSION = "v3.260.0"
"""The engine whose format this is."""

REDACTED = "redacted"
"""Type of the secrets provider of a checkpoint whose secrets are left out. There is none of that name, which `pulumi
policy analyze --file` takes for a login that is lacking and goes on with redacted secrets; with none named it fails."""

_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_SCHEMAS = (3, 4)
_PLAIN = {
    "external": "external",
    "delete": "delete",
    "protect": "protect",
    "taint": "taint",
    "pendingReplacement": "pending_replacement",
    "retainOnDelete": "retain_on_delete",
    "parent": "parent",
    "provider": "provider",
    "dependencies": "dependencies",
    "propertyDependencies": "property_dependencies",
    "initErrors": "init_errors",
    "additionalSecretOutputs": "additional_secret_outputs",
    "aliases": "aliases",
    "importID": "import_id",
    "deletedWith": "deleted_with",
    "replaceWith": "replace_with",
    "ignoreChanges": "ignore_changes",
    "replaceOnChanges": "replace_on_changes",
    "created": "created",
    "modified": "modified",
    "sourcePosition": "source_position",
}
"""Fields that read the same on both sides; an empty one is left out."""


def dump(snapshot: Snapshot, *, reveal: bool = False) -> dict[str, Any]:
    """`{"version": 3, "deployment": …}`. Secrets keep their envelope but not their value; with `reveal` they hold
    their plain text, as `--show-secrets` has it.

    The CLI imports what is revealed; where there are secrets it also wants `snapshot.secrets_provider`, which any
    export of the stack that imports it has.
    """
    deployment: dict[str, Any] = {
        "manifest": {
            "time": "0001-01-01T00:00:00Z",
            "magic": hashlib.sha256(ENGINE_VERSION.encode()).hexdigest(),
            "version": ENGINE_VERSION,
        },
        "resources": [_dump_state(state, reveal) for state in snapshot.resources],
        "metadata": {},
    }
    if snapshot.secrets_provider:
        deployment["secrets_providers"] = snapshot.secrets_provider
    elif not reveal and any(has_secret(values) for state in snapshot for values in (state.inputs, state.outputs)):
        deployment["secrets_providers"] = {"type": REDACTED}
    if snapshot.pending_operations:
        deployment["pending_operations"] = [
            {"resource": _dump_state(pending.state, reveal), "type": pending.type}
            for pending in snapshot.pending_operations
        ]
    return {"version": 3, "deployment": deployment}


def load(document: Any, *, source: str = "the checkpoint", organization: str = "organization") -> Snapshot:
    """The snapshot in an export, a bare deployment or a file backend's checkpoint file.

    Secrets that are still encrypted become placeholders. Raises `RecordError` naming `source` and the resource.
    """
    deployment = _deployment(document, source)
    resources = deployment.get("resources")
    resources = [] if resources is None else resources
    if not isinstance(resources, list):
        raise RecordError(f"{source}: resources: expected a list")
    states = [load_state(entry, f"{source}: resources[{index}]") for index, entry in enumerate(resources)]
    pending = [
        PendingOperation(str(entry.get("type", "")), load_state(entry.get("resource"), f"{source}: pending_operations"))
        for entry in deployment.get("pending_operations") or []
    ]
    first = states[0] if states else pending[0].state if pending else None
    stack, project = first.urn.removeprefix("urn:pulumi:").split("::")[:2] if first is not None else ("", "")
    return Snapshot(stack, project, states, organization, pending, dict(deployment.get("secrets_providers") or {}))


def load_file(path: Path | str) -> Snapshot:
    """Read a checkpoint from a JSON file; raises `RecordError` naming it."""
    file = Path(path)
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RecordError(f"{file}: no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise RecordError(f"{file}: cannot be read: {error}") from None
    except json.JSONDecodeError as error:
        raise RecordError(f"{file}:{error.lineno}: not valid JSON: {error.msg}") from None
    return load(document, source=str(file))


def _deployment(document: Any, source: str) -> Mapping[str, Any]:
    if not isinstance(document, dict):
        raise RecordError(f"{source}: expected the JSON object of `pulumi stack export`")
    version = document.get("version", 3)
    if version not in _SCHEMAS:
        raise RecordError(f"{source}: version: found {version!r}; allowed: {', '.join(map(str, _SCHEMAS))}")
    inner = document.get("deployment", document)
    if isinstance(document.get("checkpoint"), dict):
        inner = document["checkpoint"].get("latest") or {}
    if not isinstance(inner, dict) or not ({"resources", "manifest"} & set(inner) or inner == {}):
        raise RecordError(f"{source}: no deployment in it; expected the JSON of `pulumi stack export`")
    return inner


def _dump_state(state: State, reveal: bool) -> dict[str, Any]:
    made: dict[str, Any] = {"urn": state.urn, "custom": state.custom, "type": state.type}
    if state.id:
        made["id"] = state.id
    for name, values in (("inputs", state.inputs), ("outputs", state.outputs)):
        if values:
            made[name] = {key: _dump_value(value, reveal) for key, value in values.items()}
    for key, attribute in _PLAIN.items():
        value = getattr(state, attribute)
        if value:
            made[key] = value
    if any(state.timeouts):
        made["customTimeouts"] = {
            key: _seconds(text, state.urn) for key, text in state.timeouts._asdict().items() if text
        }
    if state.hide_diffs:
        made["hideDiff"] = [_path_parts(path) for path in state.hide_diffs]
    if state.replacement_trigger is not None:
        made["replacementTrigger"] = _dump_value(state.replacement_trigger, reveal)
    return made


def _dump_value(value: Value, reveal: bool) -> Any:
    if value is UNKNOWN:
        return UNKNOWN_STRING
    if isinstance(value, Secret):
        if not reveal:
            return {SIGNATURE: SECRET_SIGNATURE, "ciphertext": "[secret]"}
        plain = json.dumps(_dump_value(value.value, reveal), separators=(",", ":"), sort_keys=True, ensure_ascii=False)
        return {SIGNATURE: SECRET_SIGNATURE, "plaintext": plain}
    if isinstance(value, dict):
        return {key: _dump_value(item, reveal) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_dump_value(item, reveal) for item in value]
    return value


def load_state(entry: Any, where: str) -> State:
    """One resource as a checkpoint holds it; raises `RecordError` naming `where`."""
    if not isinstance(entry, dict):
        raise RecordError(f"{where}: expected an object")
    urn, type_ = entry.get("urn"), entry.get("type")
    if not isinstance(urn, str) or urn.count("::") < 3 or not urn.startswith("urn:pulumi:"):
        raise RecordError(f"{where}: urn: expected a Pulumi URN, found {urn!r}")
    if not isinstance(type_, str):
        raise RecordError(f"{where}: {urn}: type: expected a string")
    state = State(urn, type_, bool(entry.get("custom")), str(entry.get("id") or ""))
    try:
        state.inputs = from_json(entry.get("inputs") or {})
        state.outputs = from_json(entry.get("outputs") or {})
        state.replacement_trigger = from_json(entry.get("replacementTrigger"))
    except ValueError as error:
        raise RecordError(f"{where}: {urn}: a secret whose plain text is no JSON: {error}") from None
    for key, attribute in _PLAIN.items():
        if entry.get(key):
            setattr(state, attribute, entry[key])
    timeouts = entry.get("customTimeouts") or {}
    state.timeouts = Timeouts(**{key: _duration(timeouts[key]) for key in Timeouts._fields if timeouts.get(key)})
    state.hide_diffs = [_path_text(parts) for parts in entry.get("hideDiff") or []]
    return state


def _seconds(text: str, urn: str) -> float:
    """Go's `time.ParseDuration` (`1h30m`), in seconds."""
    pieces = re.findall(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|h|m|s)", text)
    if not pieces or "".join(number + unit for number, unit in pieces) != text:
        raise RecordError(f"{urn}: customTimeouts: found {text!r}; expected a duration such as 30m or 1h30m")
    return sum(float(number) * _UNITS[unit] for number, unit in pieces)


def _duration(seconds: float) -> str:
    for unit in ("h", "m"):
        if seconds % _UNITS[unit] == 0:
            return f"{int(seconds // _UNITS[unit])}{unit}"
    return f"{seconds:g}s"


def _path_parts(path: str) -> list[str | int]:
    """`a.b[0]["c.d"]` as the engine's JSON has it: `["a", "b", 0, "c.d"]`."""
    parts: list[str | int] = []
    for name, index, quoted in re.findall(r'([^.\[\]"]+)(?![^\[]*\])|\[(\d+|\*)\]|\["((?:[^"\\]|\\.)*)"\]', path):
        if name:
            parts.append(name)
        elif index:
            parts.append(int(index) if index.isdigit() else index)
        else:
            parts.append(quoted.replace('\\"', '"'))
    return parts


def _path_text(parts: list[str | int]) -> str:
    text = ""
    for part in parts:
        if isinstance(part, int):
            text += f"[{part}]"
        elif part == "*":
            text += "[*]"
        elif re.fullmatch(r'[^.\[\]"]+', part):
            text += f".{part}" if text else part
        else:
            escaped = part.replace('"', '\\"')
            text += f'["{escaped}"]'
    return text
