"""One way to break a recorded phase, and the rule that has to notice."""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from phaseup.graph.resource import Snapshot, State, urn_name

GONE: Final = object()
"""As `value`: the property, or with an empty path the whole resource, is not there."""


@dataclass(frozen=True)
class Mutation:
    """Sets `path` (keys and positions) of the inputs and outputs of the one resource of `type` whose name matches
    `name` (a regular expression, whole) to `value`; `protect` or `ignore_changes`, if given, instead."""

    rule: str
    phase: str
    """`system/phase/environment`."""
    type: str
    name: str
    path: Sequence[str | int] = ()
    value: Any = GONE
    protect: bool | None = None
    ignore_changes: Sequence[str] | None = None
    urn_name: str = ""
    """Name of the resource that the rule speaks of, where that is another."""
    config: dict[str, Any] = field(default_factory=dict)
    """The pack's config for the rule."""


def broken(snapshot: Snapshot, mutation: Mutation) -> tuple[Snapshot, State]:
    """A copy with that one thing changed, and the resource that it was changed on."""
    matching = [
        state
        for state in snapshot.resources
        if state.type == mutation.type and re.fullmatch(mutation.name, urn_name(state.urn))
    ]
    assert len(matching) == 1, f"{mutation.rule}: {mutation.name} matches {[urn_name(e.urn) for e in matching]}"
    (old,) = matching
    resources = [each for each in snapshot.resources if each is not old]
    if mutation.protect is None and mutation.ignore_changes is None and not mutation.path:
        return replace(snapshot, resources=resources), old
    new = copy.copy(old)
    if mutation.protect is not None:
        new.protect = mutation.protect
    elif mutation.ignore_changes is not None:
        new.ignore_changes = list(mutation.ignore_changes)
    else:
        new.inputs, new.outputs = copy.deepcopy(old.inputs), copy.deepcopy(old.outputs)
        for values in (new.inputs, new.outputs):
            _set(values, mutation.path, mutation.value)
        if mutation.value is GONE or mutation.value is None:
            new.property_dependencies = {k: v for k, v in old.property_dependencies.items() if k != mutation.path[0]}
    at = next(index for index, each in enumerate(snapshot.resources) if each is old)
    return replace(snapshot, resources=[*resources[:at], new, *resources[at:]]), new


def _set(values: Any, path: Sequence[str | int], value: Any) -> None:
    *above, last = path
    for step in above:
        values = values.setdefault(step, {}) if isinstance(values, dict) else values[step]
    if value is GONE:
        if isinstance(values, dict):
            values.pop(last, None)
        else:
            del values[int(last)]
    else:
        values[last] = value
