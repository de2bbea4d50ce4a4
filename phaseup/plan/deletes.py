"""The end of a run: what the program no longer registers, and what replacements have left to delete.

Rules from GenerateDeletes in step_generator.go and performPostSteps in deployment_executor.go (Pulumi 3.260, 2026-08).
"""

from __future__ import annotations

from dataclasses import replace

from phaseup.graph.resource import State
from phaseup.plan.executor import Executor
from phaseup.plan.run import Run, is_provider
from phaseup.plan.urns import parse_ref


class Deletes:
    """Runs once, after the program's last registration."""

    def __init__(self, run: Run, executor: Executor) -> None:
        self._run = run
        self._execute = executor

    def perform(self) -> None:
        """Delete in reverse dependency order. A protected resource is an error that spares what it depends on; a
        cloud's refusal ends the run."""
        run = self._run
        self._keep_opaque()
        condemned: list[State] = []
        for state in run.prev:
            leftover = id(state) in run.pending_delete
            if leftover:
                if id(state) in run.condemned:
                    continue
            elif self._is_operated_on(state.urn):
                continue
            run.deletes.add(state.urn)
            condemned.append(state)
        for state in condemned:
            if state.provider and not is_provider(state.type):
                run.ensure_provider(state)
        spared: set[int] = set()
        for group in run.graph.deletion_order(condemned):
            refused = []
            for state in group:
                if id(state) not in spared and not self._delete(state):
                    refused.append(state)
            for state in refused:
                spared |= run.graph.transitive_dependencies(state)

    def _delete(self, state: State) -> bool:
        run = self._run
        replacing = id(state) in run.pending_delete
        reasons = run.explain.deleted(state, replacing=replacing)
        if not replacing and id(state) in run.pending_replacement:
            self._execute.forget_pending_replacement(state, reasons)
            return True
        return self._execute.delete(state, replacing=replacing, first=False, reasons=reasons)

    def _is_operated_on(self, urn: str) -> bool:
        return self._run.aliases.new_of.get(urn, urn) in self._run.operated

    def _keep_opaque(self) -> None:
        """What a remote component made is kept as it was: only its provider's program could tell."""
        run = self._run
        if not run.opaque:
            return
        inside = set(run.opaque)
        for state in run.prev:
            if state.parent in inside:
                inside.add(state.urn)
                if state.provider:
                    self._keep(run.olds.get(parse_ref(state.provider).urn))
                if id(state) not in run.pending_delete:
                    self._keep(state)

    def _keep(self, state: State | None) -> None:
        if state is not None and not self._is_operated_on(state.urn):
            self._execute.same(state, replace(state))
            self._run.operated.add(state.urn)
