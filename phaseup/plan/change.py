"""What a diff comes to for the engine: nothing, an update or a replacement, and on whose account.

Rules from applyReplaceOnChanges in pkg/resource/deploy/step_generator.go (Pulumi 3.260, 2026-08).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, cast

from phaseup.plan.values import PropertyPath, contains, parse_path
from phaseup.simulate.provider import Diff, DiffKind, PropertyDiff

INIT_ERROR: Final = "#initerror"

Blame = Literal[
    "", "taint", "trigger", "replaceWith", "deletedWith", "provider", "component", "unavailable", "recreated"
]


@dataclass(frozen=True, slots=True)
class Change:
    """`changes` false is the engine's `same`. `blame` names what other than a property decided."""

    changes: bool
    properties: tuple[PropertyDiff, ...] = ()
    replace_keys: tuple[str, ...] = ()
    delete_before_replace: bool = False
    blame: Blame = ""
    cause: str = ""
    """The URN behind a blame of `replaceWith` or `deletedWith`."""
    forced: frozenset[str] = frozenset()
    """Paths that only `replace_on_changes` made a replacement."""

    @property
    def replaces(self) -> bool:
        """Whether the resource must be replaced."""
        return bool(self.replace_keys) or any(item.kind.endswith("replace") for item in self.properties)


NO_CHANGE: Final = Change(False)


def from_diff(diff: Diff) -> Change:
    """A provider's answer."""
    return Change(diff.changes, diff.properties, diff.replaces, diff.delete_before_replace)


def with_replace_on_changes(change: Change, paths: Sequence[str], *, init_errors: bool) -> Change:
    """`change` with the properties that `replace_on_changes` names made replacements."""
    if not paths or not (change.changes or init_errors):
        return change
    wanted = [path for path in map(parse_path, paths) if path is not None]
    keys = dict.fromkeys(change.replace_keys)
    properties = []
    forced = set()
    for item in change.properties:
        path = parse_path(item.path) or (item.path,)
        if _covered(wanted, path) and not item.kind.endswith("replace"):
            forced.add(item.path)
            properties.append(replace(item, kind=cast("DiffKind", f"{item.kind}-replace"), effect="replace"))
        else:
            properties.append(item)
        if _covered(wanted, path[:1]):
            keys[str(path[0])] = None
    changes = change.changes
    if init_errors and _covered(wanted, (INIT_ERROR,)):
        keys[INIT_ERROR] = None
        changes = True
    return replace(
        change, changes=changes, properties=tuple(properties), replace_keys=tuple(keys), forced=frozenset(forced)
    )


def _covered(wanted: Sequence[PropertyPath], path: PropertyPath) -> bool:
    return any(contains(outer, path) for outer in wanted)
