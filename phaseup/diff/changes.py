"""From planned steps and effective blocks to what a reader is told of them; and whether anything differs at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from phaseup.climb.owners import Owners
from phaseup.diff.report import Change, Reason, SettingChange
from phaseup.graph.values import has_unknown, unwrap
from phaseup.plan.digest import telling
from phaseup.plan.steps import net_ops
from phaseup.render.text import json_value

if TYPE_CHECKING:
    from phaseup.graph.resource import Snapshot, State
    from phaseup.plan.steps import Outcome, Step

_OPTIONS: Final = (
    "type",
    "custom",
    "inputs",
    "parent",
    "provider",
    "protect",
    "external",
    "retain_on_delete",
    "deleted_with",
    "replace_with",
    "replacement_trigger",
    "import_id",
    "timeouts",
)


@dataclass(frozen=True, slots=True)
class BlockView:
    """A block's kind and fields as JSON has them: all, and those that differ from the kind's defaults."""

    effective: Mapping[str, Any]
    stated: Mapping[str, Any]


Blocks: TypeAlias = Mapping[str, BlockView]

_SETS: Final = (
    "dependencies",
    "ignore_changes",
    "replace_on_changes",
    "additional_secret_outputs",
    "aliases",
    "hide_diffs",
)
"""Options whose order says nothing."""


def changes_of(outcome: Outcome, before: Snapshot | None) -> tuple[Change, ...]:
    """Everything that does not stay the same, in plan order; what is `same` to the engine though its options change
    (a protection that is lifted) is told with that word."""
    owners = Owners(before or (), outcome.snapshot)
    return tuple(
        _change(op, step, owners) for op, step in telling(outcome.steps) if op not in ("same", "read") or step.reasons
    )


def _change(op: str, step: Step, owners: Owners) -> Change:
    goes = op in ("delete", "replace", "discard")
    return Change(
        op=op,
        urn=step.urn,
        type=step.type,
        reasons=tuple(
            Reason(each.path, json_value(each.old), json_value(each.new), each.effect, each.source, each.chain)
            for each in step.reasons
        ),
        stateful=step.stateful,
        declared_at=step.declared_at,
        retained=goes and step.old is not None and step.old.retain_on_delete,
        deferred=tuple(each.path for each in step.reasons if each.effect == "deferred"),
        downtime=_downtime(op, step),
        block=owners.block(step.urn),
    )


def _downtime(op: str, step: Step) -> str:
    restarts = [each.path for each in step.reasons if each.effect == "update_reboot"]
    if op == "update" and restarts:
        return f"restarts for the change of {', '.join(restarts)}"
    if op == "replace" and step.delete_before_replace:
        return "is deleted before its replacement is created"
    return ""


def differs(outcome: Outcome, before: Snapshot) -> bool:
    """Whether the graph is another one: a step that is no `same`, or inputs or options that are registered otherwise,
    though the cloud would see nothing of it."""
    old = before.by_urn()
    if any(op != "same" and not (op == "read" and urn in old) for urn, op in net_ops(outcome.steps).items()):
        return True
    new = outcome.snapshot.by_urn()
    return old.keys() != new.keys() or any(_registered_otherwise(old[urn], new[urn]) for urn in new)


def _registered_otherwise(old: State, new: State) -> bool:
    if any(getattr(old, name) != getattr(new, name) for name in _OPTIONS):
        return True
    return any(sorted(getattr(old, name)) != sorted(getattr(new, name)) for name in _SETS)


def exports_changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Names of stack outputs that come, go, or have another value; other stacks may read them."""

    def another(name: str) -> bool:
        if name not in before or name not in after:
            return True
        # What is not known yet may come out as it was.
        return not has_unknown(after[name]) and unwrap(before[name]) != unwrap(after[name])

    return sorted(name for name in {*before, *after} if another(name))


def settings_of(before: Blocks, after: Blocks) -> tuple[SettingChange, ...]:
    """Key by key in the order of blocks, dots going into maps; what comes or goes whole is one change. Of a block that
    comes or goes, the keys that are no default."""
    found: list[SettingChange] = []
    for block in dict.fromkeys([*before, *after]):
        old, new = before.get(block), after.get(block)
        if old is not None and new is not None:
            differences = _differences(old.effective, new.effective)
        else:
            differences = _differences(old.stated if old else {}, new.stated if new else {})
        found += [SettingChange(block, key, _shown(was), _shown(is_)) for key, was, is_ in differences]
    return tuple(found)


def _differences(old: Mapping[str, Any], new: Mapping[str, Any], at: str = "") -> Iterator[tuple[str, Any, Any]]:
    for key in dict.fromkeys([*old, *new]):
        path = f"{at}.{key}" if at else str(key)
        was, is_ = old.get(key), new.get(key)
        if isinstance(was, Mapping) and isinstance(is_, Mapping):
            yield from _differences(was, is_, path)
        elif was != is_:
            yield path, was, is_


def _shown(value: Any) -> Any:
    """Of a map that comes or goes whole, what it says; a secret of a spec is stars in JSON (pydantic's `SecretStr`)."""
    if isinstance(value, Mapping):
        return {key: _shown(each) for key, each in value.items() if each not in (None, {}, [])}
    if isinstance(value, list):
        return [_shown(each) for each in value]
    return "[secret]" if isinstance(value, str) and value and not value.strip("*") and len(value) > 1 else value
