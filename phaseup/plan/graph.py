"""The old state's dependency graph: who depends on a resource, and in which order resources can be deleted.

Rules from pkg/resource/graph/dependency_graph.go and ScheduleDeletes of step_generator.go (Pulumi 3.260, 2026-08),
here in time linear in the number of edges.
"""

from __future__ import annotations

import heapq
from collections.abc import Container, Iterable, Iterator

from phaseup.graph.resource import State
from phaseup.plan.urns import parse_ref


def dependencies(state: State, *, parent: bool = False) -> Iterator[str]:
    """URNs that a state refers to: dependencies, property dependencies, provider, deletedWith, replaceWith."""
    yield from state.dependencies
    for urns in state.property_dependencies.values():
        yield from urns
    if state.deleted_with:
        yield state.deleted_with
    yield from state.replace_with
    if state.provider:
        yield parse_ref(state.provider).urn
    if parent and state.parent:
        yield state.parent


class DependencyGraph:
    """Over a snapshot's states, dependencies before dependents. Several states may share a URN (pending deletes)."""

    def __init__(self, states: list[State]) -> None:
        self._states = states
        self._index = {id(state): index for index, state in enumerate(states)}
        self._dependents: dict[str, list[int]] | None = None

    def __contains__(self, state: State) -> bool:
        return id(state) in self._index

    def depending_on(self, root: State, ignored: Container[str]) -> list[State]:
        """All that directly or indirectly depend on `root`, in the snapshot's order; children do not count."""
        dependents = self._edges()
        found: list[State] = []
        urns = {root.urn}
        queue = [index for index in dependents.get(root.urn, ()) if index > self._index[id(root)]]
        heapq.heapify(queue)
        seen: set[int] = set()
        while queue:
            index = heapq.heappop(queue)
            state = self._states[index]
            if index in seen or state.urn in ignored:
                continue
            seen.add(index)
            found.append(state)
            if state.urn not in urns:
                urns.add(state.urn)
            for later in dependents.get(state.urn, ()):
                if later > index and later not in seen:
                    heapq.heappush(queue, later)
        return found

    def transitive_dependencies(self, root: State) -> set[int]:
        """The `id()` of each state that `root` needs, directly or not, parents included."""
        dying = {state.urn: state for state in self._states if state.delete}
        living = {state.urn: state for state in self._states if not state.delete}
        found: set[int] = set()
        stack = [root]
        while stack:
            state = stack.pop()
            for urn in dependencies(state, parent=True):
                old, new = dying.get(urn), living.get(urn)
                target = (old if state.delete else new) if old and new else old or new
                if target is not None and id(target) not in found:
                    found.add(id(target))
                    stack.append(target)
        found.discard(id(root))
        return found

    def deletion_order(self, condemned: Iterable[State]) -> list[list[State]]:
        """Groups that can be deleted at once, one group after the other, dependents before what they depend on.

        Within a group the later registered comes first, so that the whole is the reverse of how it was built.
        """
        chosen = sorted(condemned, key=lambda state: self._index[id(state)])
        parents = {state.urn: state.parent for state in self._states}
        components = {state.urn for state in self._states if not state.custom}
        level: dict[str, int] = {}
        """Highest level so far of the condemned states of a URN."""
        below: dict[str, int] = {}
        """Highest level so far of condemned states below a component."""
        groups: list[list[State]] = []
        for state in chosen:
            depth = 0
            for urn in dependencies(state):
                depth = max(depth, level.get(urn, -1) + 1)
                if urn in components:
                    # Depending on a component is depending on all that is in it by now.
                    depth = max(depth, below.get(urn, -1) + 1)
            if state.parent:
                depth = max(depth, level.get(state.parent, -1) + 1)
            level[state.urn] = max(depth, level.get(state.urn, -1))
            ancestor = state.parent
            while ancestor:
                below[ancestor] = max(depth, below.get(ancestor, -1))
                ancestor = parents.get(ancestor, "")
            if depth == len(groups):
                groups.append([])
            groups[depth].append(state)
        return [list(reversed(group)) for group in reversed(groups)]

    def _edges(self) -> dict[str, list[int]]:
        if self._dependents is None:
            self._dependents = {}
            for index, state in enumerate(self._states):
                for urn in set(dependencies(state)):
                    self._dependents.setdefault(urn, []).append(index)
        return self._dependents
