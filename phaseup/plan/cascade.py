"""Delete before replace: what must go down first, because it depends on a resource that is about to be deleted.

Rules from calculateDependentReplacements and findDependentCascadeReplacements in
pkg/resource/deploy/step_generator.go (Pulumi 3.260, 2026-08).
"""

from __future__ import annotations

from phaseup.graph.resource import State
from phaseup.graph.values import UNKNOWN, Value
from phaseup.plan.change import from_diff, with_replace_on_changes
from phaseup.plan.executor import Executor
from phaseup.plan.registry import Unconfigured
from phaseup.plan.run import Run, is_provider
from phaseup.plan.steps import Reason
from phaseup.plan.urns import parse_ref


class Cascade:
    """Deletes the dependents that would have to be replaced, dependents first."""

    def __init__(self, run: Run, executor: Executor) -> None:
        self._run = run
        self._execute = executor
        self.keys: dict[str, tuple[str, ...]] = {}
        """The properties on whose account a dependent was deleted, by URN."""
        self._bound: dict[str, list[State]] | None = None

    def take_down(self, root: State, urn: str, reasons: tuple[Reason, ...]) -> None:
        """Delete the old state `root`, which is going to be `urn` again, and before it what depends on it."""
        run = self._run
        condemned = self._dependents(root) if root in run.graph else []
        condemned += [(state, ()) for state in self._bound_to(urn)]
        # A state may be bound both ways; the later mention counts, for the engine goes through them in reverse.
        unique = {id(state): (state, keys) for state, keys in condemned if id(state) not in run.condemned}
        last = dict.fromkeys(id(state) for state, _ in reversed(condemned))
        going = [unique[key] for key in last if key in unique]
        for state, _ in going:
            if state.protect and id(state) not in run.pending_delete:
                message = (
                    f'unable to replace resource "{state.urn}" as part of replacing "{urn}" as it is currently marked '
                    "for protection. To unprotect the resource, remove the `protect` flag from the resource in your "
                    f"Pulumi program and run `pulumi up`, or use the command:\n`pulumi state unprotect '{state.urn}'`"
                )
                raise run.fail(state.urn, message)
        if root.provider:
            run.ensure_provider(root)
        # All are marked before the first goes, so that what is deleted with another is not deleted by itself.
        for state, keys in going:
            self.keys[state.urn] = keys
            run.deletes.add(state.urn)
            run.touched.add(state.urn)
            run.condemned.add(id(state))
        already_gone = id(root) in run.pending_replacement
        if not already_gone:
            run.deletes.add(root.urn)
        for state, keys in going:
            leftover = id(state) in run.pending_delete
            if state.urn in run.operated and not leftover:
                # Seen on engine 3.260: an option of the old state takes down what the program has already kept.
                run.say(
                    "warning",
                    state.urn,
                    f'"{state.urn}" has had its turn in this run, and yet the engine deletes it, for the old state '
                    f'binds it to "{urn}" by replaceWith or deletedWith: drop the option in an update of its own first',
                )
            why = run.explain.dependent_deleted(state, urn, keys)
            self._execute.delete(state, replacing=not leftover, first=not leftover, reasons=why)
        if not already_gone:
            self._execute.delete(root, replacing=True, first=True, reasons=reasons)

    def _dependents(self, root: State) -> list[tuple[State, tuple[str, ...]]]:
        """Of everything that depends on `root`, what a change to it would replace, with the properties that do."""
        run = self._run
        replaced = {root.urn}
        found = []
        # A resource that had its turn already cannot depend on one that is only now being registered.
        for state in run.graph.depending_on(root, run.touched):
            keys = self._must_go(state, replaced)
            if keys is not None:
                found.append((state, keys))
                replaced.add(state.urn)
        return found

    def _must_go(self, state: State, replaced: set[str]) -> tuple[str, ...] | None:
        run = self._run
        if not state.custom or state.external:
            return None
        if state.provider and parse_ref(state.provider).urn in replaced:
            run.ensure_provider(state)
            return ()
        if state.deleted_with and state.deleted_with in replaced:
            return ()
        inputs: dict[str, Value] = {}
        affected = False
        for key, value in state.inputs.items():
            if any(urn in replaced for urn in state.property_dependencies.get(key, ())):
                affected, value = True, UNKNOWN
            inputs[key] = value
        if not affected:
            return None
        if is_provider(state.type):
            run.registry.same(state)
            diff = run.registry.diff(state.urn, state.id, state.inputs, inputs)
        else:
            provider = run.ensure_provider(state)
            assert not isinstance(provider, Unconfigured)
            ignored = tuple(state.ignore_changes)
            diff = provider.diff(state.urn, state.id, state.inputs, state.outputs, inputs, ignored)
        change = with_replace_on_changes(from_diff(diff), state.replace_on_changes, init_errors=False)
        return change.replace_keys if change.changes and change.replaces else None

    def _bound_to(self, urn: str) -> list[State]:
        """States that are replaced or deleted with `urn` by option."""
        run = self._run
        if self._bound is None:
            self._bound = {}
            for state in run.olds.values():
                for target in dict.fromkeys((state.deleted_with, *state.replace_with)):
                    if target:
                        self._bound.setdefault(target, []).append(state)
        found = {state.urn: state for state in run.bound_news.get(urn, ())}
        for state in self._bound.get(urn, ()):
            found.setdefault(state.urn, state)
        return list(found.values())
