"""Which plan a preview belongs to: hashes over both graphs, config, facts and code, the same on every machine."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from phaseup.facts.stateful import TABLE
from phaseup.facts.types import facts_file
from phaseup.graph.values import UNKNOWN, Secret
from phaseup.plan.steps import is_counted
from stacks.binding import OUTPUT, code_hash, config_hash

if TYPE_CHECKING:
    from phaseup.graph.resource import Snapshot, State
    from phaseup.plan.steps import Step
    from phaseup.record.program import Program

__all__ = ["OUTPUT", "Binding", "bind", "code_hash", "config_hash", "facts_hash", "ops_hash", "plan_hash", "short"]

_SAID: Final = (
    "protect", "external", "retain_on_delete", "deleted_with", "delete_before_replace", "delete", "pending_replacement",
    "replacement_trigger", "timeouts", "import_id", "taint",
)  # fmt: skip
_SETS: Final = (
    "dependencies", "additional_secret_outputs", "ignore_changes", "replace_on_changes", "replace_with", "hide_diffs",
    "init_errors",
)  # fmt: skip
"""Lists whose order means nothing."""
_QUIET: Final = frozenset({"same", "read", "refresh", "nothing"})


@dataclass(frozen=True, slots=True)
class Binding:
    """What `plan --json` says of itself. `base` is the config that the plan starts from, empty where it starts from a
    state; `code` is empty for somebody else's program; `ops` is over URN × operation of all that changes."""

    plan: str
    config: str
    code: str
    ops: str
    base: str = ""

    def to_json(self) -> dict[str, str]:
        """Its JSON."""
        return {"plan": self.plan, "config": self.config, "code": self.code, "ops": self.ops, "base": self.base}


def bind(
    before: Snapshot | None,
    after: Snapshot,
    steps: Sequence[Step],
    programs: tuple[Program | None, Program],
    *,
    code: str = "",
) -> Binding:
    """The binding of a plan. `programs` are those that made the graphs; None where the first is a state."""
    old, new = programs
    base = config_hash(old.config, old.secret_keys) if old is not None else ""
    config = config_hash(new.config, new.secret_keys)
    facts = facts_hash(state.type for snapshot in (before, after) for state in snapshot or ())
    whole = plan_hash(before, after, base, config, facts, code)
    from phaseup.plan.digest import telling

    return Binding(whole, config, code, ops_hash({step.urn: op for op, step in telling(steps)}), base)


def plan_hash(
    before: Snapshot | None, after: Snapshot, config_before: str, config_after: str, facts: str, code: str
) -> str:
    """Of what the program asks for, before and after, and of what judged it. Outputs, ids, times and source positions
    do not count; of a secret it counts that it is there."""
    parts = [_graph(before), _graph(after), config_before, config_after, facts, code]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def ops_hash(words: Mapping[str, str]) -> str:
    """Of URN × operation, of what does not stay as it is."""
    told = sorted(f"{urn} {op}" for urn, op in words.items() if op not in _QUIET)
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def facts_hash(types: Iterable[str]) -> str:
    """Of the facts files of some types, and of the table of what holds data."""
    files = {file for type_ in set(types) if (file := facts_file(type_)) is not None}
    told = sorted(f"{file.parent.name}/{file.name} {_of_file(file)}" for file in files)
    return hashlib.sha256("\n".join([_of_file(TABLE), *told]).encode()).hexdigest()


def short(digest: str) -> str:
    """As people read it: twelve digits."""
    return digest[:12]


@functools.cache
def _of_file(file: Path) -> str:
    """A type without a file of its own has its package's table."""
    file = file if file.is_file() else file.parent / "_package.yaml"
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""


def _graph(snapshot: Snapshot | None) -> str:
    whole = hashlib.sha256()
    for text in sorted(_state(state) for state in snapshot or () if is_counted(state.urn)):
        whole.update(text.encode())
    return whole.hexdigest()


def _state(state: State) -> str:
    said = {name: value for name in _SAID if (value := getattr(state, name))}
    said |= {name: sorted(value) for name in _SETS if (value := getattr(state, name))}
    said |= {
        "urn": state.urn,
        "type": state.type,
        "custom": state.custom,
        "parent": state.parent,
        "provider": state.provider.rpartition("::")[0],
        "inputs": state.inputs,
        "needs": {name: sorted(urns) for name, urns in state.property_dependencies.items() if urns},
    }
    return _ENCODER.encode(said)


def _mark(value: Any) -> Any:
    if isinstance(value, Secret):
        return {"[secret]": True}
    if value is UNKNOWN:
        return {"[unknown]": True}
    return str(value)


_ENCODER: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=_mark)
