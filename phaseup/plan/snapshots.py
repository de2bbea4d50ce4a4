"""The state that a run leaves: new states in the order of their registration, then what of the old is still there.

Rules from pkg/backend/snapshot.go and NormalizeURNReferences in pkg/resource/deploy/snapshot.go (Pulumi 3.260,
2026-08).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from phaseup.graph.resource import STACK_TYPE, Snapshot, State, make_urn, urn_qualified_type, urn_type
from phaseup.plan.run import Run
from phaseup.plan.urns import ProviderRef, parse_ref, rename


def snapshot_of(run: Run, old: Snapshot) -> Snapshot:
    """The checkpoint after the run. Former names are gone from it; old states that remain carry their marks."""
    states = [state for state in run.new_states if id(state) not in run.done]
    for state in run.prev:
        if id(state) not in run.done:
            states.append(_marked(run, state))
    return Snapshot(old.stack, old.project, _with_names_of_today(states), old.organization)


def _marked(run: Run, state: State) -> State:
    delete = id(state) in run.pending_delete
    pending = id(state) in run.pending_replacement
    if delete == state.delete and pending == state.pending_replacement:
        return state
    return replace(state, delete=delete, pending_replacement=pending)


def _with_names_of_today(states: list[State]) -> list[State]:
    renamed: dict[str, str] = {}
    for state in states:
        for former in state.aliases:
            renamed[former] = state.urn
        parent = renamed.get(state.parent)
        if parent and urn_qualified_type(parent) != STACK_TYPE:
            # An old child of a renamed parent goes by a new name too.
            stack, project = state.urn.removeprefix("urn:pulumi:").split("::")[:2]
            current = make_urn(stack, project, parent, urn_type(state.urn), state.name)
            if current != state.urn:
                renamed[state.urn] = current
    if not renamed:
        return states
    return [_renamed(state, renamed) for state in states]


def _renamed(state: State, renamed: Mapping[str, str]) -> State:
    provider = state.provider
    if provider:
        ref = parse_ref(provider)
        if ref.urn in renamed:
            provider = str(ProviderRef(renamed[ref.urn], ref.id))
    return replace(
        state,
        urn=rename(state.urn, renamed),
        provider=provider,
        parent=rename(state.parent, renamed),
        dependencies=[rename(urn, renamed) for urn in state.dependencies],
        property_dependencies={
            key: [rename(urn, renamed) for urn in urns] for key, urns in state.property_dependencies.items()
        },
        deleted_with=rename(state.deleted_with, renamed),
        replace_with=[rename(urn, renamed) for urn in state.replace_with],
        aliases=[],
    )
