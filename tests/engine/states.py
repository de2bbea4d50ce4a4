"""States of engine and rehearsal in one form, without what must differ: times, places, random ids of providers."""

from __future__ import annotations

import re
from typing import Any

from phaseup.graph.resource import PROVIDER_PREFIX, Snapshot, State
from phaseup.graph.values import to_json

_FIELDS = (
    "type", "custom", "parent", "protect", "external", "retain_on_delete", "deleted_with", "import_id",
    "delete", "pending_replacement", "taint",
)  # fmt: skip
_LISTS = (
    "dependencies",
    "replace_with",
    "additional_secret_outputs",
    "ignore_changes",
    "replace_on_changes",
    "aliases",
)
_ID = re.compile(r"::[^:]+$")
_RANDOM = re.compile(r"-[0-9a-f]{7}\b|-[0-9a-f]{17}\b|\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
"""Autonames' suffixes, and ids that follow from them: the engine draws a new seed in each run."""


def comparable(snapshot: Snapshot) -> dict[str, dict[str, Any]]:
    """The live states by URN."""
    return {state.urn: _state(state) for state in snapshot if not state.delete}


def differences(engine: Snapshot, ours: Snapshot, *, seeded: bool = False, shape: bool = False) -> list[str]:
    """Each field that differs, in one line. With `seeded`, names that follow from the engine's seed do not count; with
    `shape`, only the keys of inputs and outputs do, and everything else but ids."""
    theirs, mine = comparable(engine), comparable(ours)
    if shape:
        for form in (*theirs.values(), *mine.values()):
            form |= {"id": "", "inputs": sorted(form["inputs"]), "outputs": sorted(form["outputs"])}
    if seeded:
        theirs, mine = _seedless(theirs), _seedless(mine)
    found = [f"{urn}: only in the engine's state" for urn in sorted(theirs.keys() - mine.keys())]
    found += [f"{urn}: only in the recorded state" for urn in sorted(mine.keys() - theirs.keys())]
    for urn in sorted(theirs.keys() & mine.keys()):
        for key, value in theirs[urn].items():
            if mine[urn][key] != value:
                found.append(f"{urn}: {key}: engine {value!r}, recorded {mine[urn][key]!r}")
    return found


def _state(state: State) -> dict[str, Any]:
    form = {name: getattr(state, name) for name in _FIELDS}
    form |= {name: sorted(set(getattr(state, name))) for name in _LISTS}
    form["id"] = "" if state.type.startswith(PROVIDER_PREFIX) else state.id
    form["provider"] = _ID.sub("", state.provider)
    form["inputs"] = to_json(state.inputs, reveal=True)
    form["outputs"] = to_json(state.outputs, reveal=True)
    form["property_dependencies"] = {
        key: sorted(set(urns)) for key, urns in state.property_dependencies.items() if urns
    }
    form["replacement_trigger"] = to_json(state.replacement_trigger, reveal=True)
    form["timeouts"] = tuple(state.timeouts)
    return form


def _seedless(value: Any) -> Any:
    if isinstance(value, str):
        return _RANDOM.sub("-*", value)
    if isinstance(value, dict):
        return {key: _seedless(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_seedless(item) for item in value]
    return value
