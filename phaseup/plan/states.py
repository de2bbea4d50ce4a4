"""What a registration makes before any decision: its new state, its seed, and whether anything can differ at all."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from phaseup.graph.resource import Goal, State
from phaseup.graph.values import Value
from phaseup.plan.reasons import shown
from phaseup.plan.values import deep_equals


class Settings(NamedTuple):
    """What a registration's options come to once its parent's are inherited."""

    protect: bool
    retain_on_delete: bool
    deleted_with: str
    provider: str
    """Its provider's reference; empty for components and provider resources."""


def new_state(goal: Goal, urn: str, inputs: dict[str, Value], settings: Settings, former: str) -> State:
    dependencies = list(dict.fromkeys(goal.dependencies))
    property_dependencies = goal.property_dependencies
    if not property_dependencies and dependencies and not goal.remote:
        # A caller that tells nothing per property: every property may depend on everything.
        property_dependencies = dict.fromkeys(inputs, dependencies)
    return State(
        urn,
        goal.type,
        goal.custom,
        inputs=inputs,
        parent=goal.parent,
        provider=settings.provider,
        dependencies=dependencies,
        property_dependencies={key: list(dict.fromkeys(urns)) for key, urns in property_dependencies.items()},
        protect=settings.protect,
        retain_on_delete=settings.retain_on_delete,
        deleted_with=settings.deleted_with,
        replace_with=goal.replace_with,
        replacement_trigger=goal.replacement_trigger,
        additional_secret_outputs=goal.additional_secret_outputs,
        ignore_changes=goal.ignore_changes,
        replace_on_changes=goal.replace_on_changes,
        delete_before_replace=goal.delete_before_replace,
        hide_diffs=goal.hide_diffs,
        import_id=goal.import_id,
        aliases=[former] if former else [],
        timeouts=goal.timeouts,
        source_position=goal.source_position,
    )


def printed(value: Value) -> str:
    """A value in the engine's own notation."""
    value = shown(value)
    words = {None: "<nil>", True: "true", False: "false"}
    return f"{{{words.get(value, value) if value is None or isinstance(value, bool) else value}}}"


def untouched(old: State, inputs: dict[str, Value]) -> bool:
    """Whether nothing can differ: the inputs are the old ones, and the state still says what they say.

    A bridged provider compares inputs with state, so equal inputs alone are not enough after a refresh found a drift.
    """
    if not deep_equals(old.inputs, inputs):
        return False
    outputs = old.outputs
    return all(key in outputs and deep_equals(outputs[key], value) for key, value in inputs.items() if key[:2] != "__")


def seed(urn: str, old: State | None) -> bytes:
    """32 bytes; a replacement draws another name than what it replaces, in preview and update alike."""
    return hashlib.sha256(urn.encode() if old is None else f"{urn}\0{old.id}".encode()).digest()
