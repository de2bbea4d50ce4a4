"""`--set KEY=VALUE`: one key of a stack's config, as a person would name it."""

from __future__ import annotations

from typing import Any

from stacks.models.bad_input import BadInput
from stacks.models.load_stack import REMOVE, changed
from stacks.models.stack import PHASEUP, PHASEUP_KEYS, PROVIDER_PREFIXES, StackConfig
from stacks.models.yaml_file import parse

_MOVING = ("from", "traffic", "data")


def set_value(config: StackConfig, assignment: str) -> StackConfig:
    """A copy with one key set; an empty value removes the key.

    `db.storage=200` is an override of block `db`; `phase=growth`, `traffic=100`, `data.cache=replicated`,
    `images.api=…`, `retire.lb={reason: …, until: …}`, `phaseup:owner=…` and `aws:region=…` are the config's own keys.
    """
    key, equals, text = assignment.partition("=")
    key = key.strip()
    if not equals or not key or ".." in f".{key}.":
        raise BadInput("--set", assignment or "(nothing)", "no KEY=VALUE", "e.g. db.storage=200 or phase=growth")
    path = _path(key)
    value: Any = REMOVE if text.strip() == "" else parse(f"value: {text}", f"--set {key}").data["value"]
    return changed(config, {path[0]: _with(config.values.get(path[0]), path[1:], value)})


def _path(key: str) -> list[str]:
    parts = key.split(".")
    head = parts[0]
    if head in PHASEUP_KEYS or head.startswith((PHASEUP, *PROVIDER_PREFIXES)):
        return parts
    if head in _MOVING:
        return [f"{PHASEUP}moving", *parts]
    if f"{PHASEUP}{head}" in PHASEUP_KEYS:
        return [f"{PHASEUP}{head}", *parts[1:]]
    return [f"{PHASEUP}overrides", *parts]


def _with(here: Any, path: list[str], value: Any) -> Any:
    """`here` with the value at a path; maps that are left empty go with it."""
    if not path:
        return value
    out = dict(here) if isinstance(here, dict) else {}
    below = _with(out.get(path[0]), path[1:], value)
    if below is REMOVE:
        out.pop(path[0], None)
    else:
        out[path[0]] = below
    return out or REMOVE
