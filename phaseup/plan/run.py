"""What the parts of one deployment share: the old states, what has been done so far, the steps and the new states."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from phaseup.graph.resource import PROVIDER_PREFIX, Snapshot, State
from phaseup.graph.values import Value
from phaseup.plan.builtins import Builtins, StackOutputs
from phaseup.plan.graph import DependencyGraph
from phaseup.plan.reasons import Explainer, declared_at
from phaseup.plan.registry import Registry, Unconfigured, migrated
from phaseup.plan.steps import Diagnostic, Op, Reason, Step, StepError
from phaseup.plan.urns import Aliases, parse_ref
from phaseup.simulate.provider import PropertyDiff, Provider, Providers

StatefulTable = Callable[[str, Mapping[str, Value]], object]
"""Truthy for a resource that holds data."""


class Run:
    """The mutable middle of a deployment. Old states are never changed: what happens to them is kept here by id()."""

    def __init__(
        self,
        old: Snapshot,
        providers: Providers,
        *,
        preview: bool,
        stateful: StatefulTable,
        stack_outputs: StackOutputs | None,
    ) -> None:
        self.preview = preview
        self.stack = old.stack
        self.project = old.project
        self.prev = [migrated(state) for state in old.resources]
        self.olds: dict[str, State] = {}
        for state in self.prev:
            if not state.delete:
                if state.urn in self.olds:
                    raise StepError(f"unexpected duplicate resource '{state.urn}'", state.urn)
                self.olds[state.urn] = state
        self.graph = DependencyGraph(self.prev)
        self.aliases = Aliases(old.stack, old.project)
        self.registry = Registry(providers, Builtins(stack_outputs, self._find))
        self.explain = Explainer()
        self.stateful = stateful

        self.urns: set[str] = set()
        """Registered in this run."""
        self.operated: set[str] = set()
        """Kept, updated, replaced or read: what is in here will not be deleted."""
        self.touched: set[str] = set()
        """Any step yet; such resources cannot depend on one that is only now being replaced."""
        self.replaces: set[str] = set()
        self.deletes: set[str] = set()
        self.imports: set[str] = set()
        self.condemned: set[int] = set()
        """Old states that a delete-before-replace has taken down already."""
        self.pending_delete = {id(state) for state in self.prev if state.delete}
        self.pending_replacement = {id(state) for state in self.prev if state.pending_replacement}
        self.provider_states: dict[str, State] = {}
        self.opaque: set[str] = set()
        """Remote components: what is in them is not known."""

        self.steps: list[Step] = []
        self.diagnostics: list[Diagnostic] = []
        self.news: dict[str, State] = {}
        self.bound_news: dict[str, list[State]] = {}
        """New states by the URN with which they are deleted or replaced."""
        self.reads: dict[str, State] = {}
        self.awaiting: dict[str, State] = {}
        """New states whose outputs may still be registered."""
        self.new_states: list[State] = []
        self.done: set[int] = set()
        """States, old or new, that are not to be in the new snapshot."""

    def _find(self, urn: str) -> State | None:
        return self.news.get(urn) or self.reads.get(urn)

    def say(self, severity: Literal["info", "warning", "error"], urn: str, message: str) -> None:
        """Keep a diagnostic."""
        self.diagnostics.append(Diagnostic(severity, urn, message))

    def fail(self, urn: str, message: str) -> StepError:
        """Keep an error and return the exception that stops the run: `raise run.fail(…)`."""
        self.say("error", urn, message)
        return StepError(message, urn)

    def emit(
        self,
        op: Op,
        old: State | None,
        new: State | None,
        reasons: tuple[Reason, ...] = (),
        properties: tuple[PropertyDiff, ...] = (),
        replace_keys: tuple[str, ...] = (),
        delete_first: bool = False,
    ) -> None:
        """Append a step."""
        state = new or old
        assert state is not None
        holder = old or state
        self.steps.append(
            Step(
                op,
                state.urn,
                state.type,
                old,
                new,
                reasons,
                holder.custom and bool(self.stateful(holder.type, holder.inputs)),
                declared_at(state.source_position),
                properties,
                replace_keys,
                delete_first,
            )
        )

    def ensure_provider(self, state: State) -> Provider | Unconfigured:
        """The provider that an old state names, configured from the old state if this run has not registered it."""
        ref = parse_ref(state.provider)
        provider = self.registry.get(ref)
        if provider is None:
            for candidate in self.prev:
                if candidate.urn == ref.urn and candidate.id == ref.id:
                    self.registry.same(candidate)
                    break
            provider = self.registry.get(ref)
        if provider is None:
            raise self.fail(
                state.urn, f"could not load provider for resource {state.urn}: could not find provider {ref}"
            )
        return provider


def is_provider(type_: str) -> bool:
    """Whether a type token is that of a provider resource."""
    return type_.startswith(PROVIDER_PREFIX) and len(type_) > len(PROVIDER_PREFIX)
