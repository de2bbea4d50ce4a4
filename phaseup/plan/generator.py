"""From a registration to steps: the engine's decisions.

Rules from pkg/resource/deploy/step_generator.go (Pulumi 3.260, 2026-08); the order of the checks is the engine's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from phaseup.graph.resource import AliasSpec, Goal, State, make_urn
from phaseup.graph.values import UNKNOWN, UNKNOWN_STRING, Value, has_unknown
from phaseup.plan.cascade import Cascade
from phaseup.plan.change import NO_CHANGE, Change, from_diff, with_replace_on_changes
from phaseup.plan.executor import Executor
from phaseup.plan.registry import Registry, Unconfigured, filtered
from phaseup.plan.run import Run, is_provider
from phaseup.plan.states import Settings, new_state, printed, seed, untouched
from phaseup.plan.steps import StepError
from phaseup.plan.urns import DENIED_ID, parse_ref
from phaseup.plan.values import deep_equals, reset_ignored, same_trigger
from phaseup.simulate.provider import Checked, Provider


class Event(NamedTuple):
    """One registration on its way through the generator."""

    goal: Goal
    inputs: dict[str, Value]
    """The program's own, before anything of the old state is carried over."""
    provider: Provider | Unconfigured | Registry | None
    seed: bytes


class Found(NamedTuple):
    """The old state of a registration, and under which former URN it was found (empty: its own)."""

    old: State | None
    former: str
    invalid: bool


class Generator:
    """Decides and, through the executor, carries out."""

    def __init__(self, run: Run, executor: Executor, cascade: Cascade) -> None:
        self._run = run
        self._execute = executor
        self._cascade = cascade

    def register(self, goal: Goal, inputs: dict[str, Value], settings: Settings) -> State:
        """The new state of a resource that the program registers."""
        urn = self._claim(goal)
        found = self._find_old(urn, goal, goal.aliases)
        old = found.old
        new = new_state(goal, urn, inputs, settings, found.former)
        if is_provider(goal.type):
            self._run.provider_states[urn] = new
            if found.former:
                self._run.provider_states[found.former] = new
        event = Event(goal, inputs, self._load_provider(new), seed(urn, old))
        recreating = urn in self._run.deletes
        if (
            goal.custom
            and goal.import_id
            and (old is None or old.external or (old.import_id or old.id) != goal.import_id)
        ):
            original = old if old is not None and not recreating else None
            self._run.imports.add(urn)
            self._execute.import_(original, new)
            if original is not None:
                self._execute.replace(original, new, NO_CHANGE, (), delete_first=False)
            old = new
            new = new_state(goal, urn, inputs, settings, found.former)
            new.replacement_trigger = None
            new.import_id = goal.import_id
        return self._decide(event, old, new, recreating, found.invalid)

    def read(self, goal: Goal, provider: str) -> State:
        """The new state of a resource that the program only reads."""
        urn = self._claim(goal)
        old = self._find_old(urn, goal, []).old
        id = UNKNOWN_STRING if goal.read_id is UNKNOWN else str(goal.read_id or "")
        if not id:
            raise self._run.fail(urn, f"Expected an ID for {urn}")
        new = State(
            urn,
            goal.type,
            True,
            id=id,
            inputs=goal.inputs,
            parent=goal.parent,
            provider=provider,
            dependencies=list(dict.fromkeys(goal.dependencies)),
            external=True,
            additional_secret_outputs=list(goal.additional_secret_outputs),
            source_position=goal.source_position,
        )
        run = self._run
        replacing = old is not None and not old.external and old.id != id
        run.operated.add(urn)
        run.touched.add(urn)
        if replacing:
            assert old is not None
            run.replaces.add(urn)
            self._execute.read(old, new, replacing=True)
            self._execute.replace(old, new, NO_CHANGE, run.explain.relinquished(old, new), delete_first=False)
        else:
            self._execute.read(old, new, replacing=False)
        return new

    def _claim(self, goal: Goal) -> str:
        run = self._run
        if goal.parent and goal.parent not in run.urns:
            raise run.fail("", f"could not find parent resource {goal.parent}")
        urn = make_urn(run.stack, run.project, goal.parent, goal.type, goal.name)
        if urn in run.urns:
            raise run.fail(urn, f"Duplicate resource URN '{urn}'; try giving it a unique name")
        run.urns.add(urn)
        return urn

    def _find_old(self, urn: str, goal: Goal, specs: list[AliasSpec]) -> Found:
        run, aliases = self._run, self._run.aliases
        invalid = False
        if urn in aliases.new_of:
            invalid = True
            run.say(
                "error",
                urn,
                f"Duplicate resource URN '{urn}' conflicting with alias on resource with URN '{aliases.new_of[urn]}'",
            )
        # The URN itself comes first: an alias must not take what still goes by its own name.
        old = run.olds.get(urn)
        if old is not None or not (specs or goal.parent in aliases.old_of):
            return Found(old, "", invalid)
        for former in aliases.candidates(goal.name, goal.type, goal.parent, specs):
            old = run.olds.get(former)
            if old is None:
                continue
            for taken in (urn if former in run.urns else "", aliases.new_of.get(former, "")):
                if taken:
                    invalid = True
                    run.say(
                        "error",
                        urn,
                        f"Duplicate resource alias '{former}' applied to resource with URN '{urn}' "
                        f"conflicting with resource with URN '{taken}'",
                    )
            aliases.matched(urn, former)
            run.registry.alias(urn, former)
            return Found(old, former, invalid)
        return Found(None, "", invalid)

    def _load_provider(self, new: State) -> Provider | Unconfigured | Registry | None:
        run = self._run
        if not new.custom:
            return None
        if is_provider(new.type):
            return run.registry
        try:
            ref = parse_ref(new.provider)
        except ValueError as error:
            raise run.fail(
                new.urn, f"bad provider reference '{new.provider}' for resource '{new.urn}': {error}"
            ) from None
        if ref.id == DENIED_ID:
            package = ref.urn.rpartition("::")[2]
            raise run.fail(
                new.urn, f"Default provider for '{package}' disabled. '{new.urn}' must use an explicit provider."
            )
        provider = run.registry.get(ref)
        if provider is None:
            old = run.olds.get(ref.urn)
            if old is None or old.id != ref.id:
                raise run.fail(new.urn, f"unknown provider '{new.provider}' for resource '{new.urn}'")
            provider = run.ensure_provider(new)
            if ref.urn not in run.urns:
                run.urns.add(ref.urn)
                self._mark_kept(ref.urn)
                self._execute.same(old, replace(old))
        return provider

    def _decide(self, event: Event, old: State | None, new: State, recreating: bool, invalid: bool) -> State:
        run, urn, goal = self._run, new.urn, event.goal
        if old is not None and goal.ignore_changes:
            new.inputs = self._ignoring(urn, new.inputs, old.inputs, goal.ignore_changes)
        if event.provider is not None:
            fresh = recreating or old is None or old.external or old.taint
            # What is made anew is checked with the program's own inputs: nothing old is carried over.
            checked = self._check(
                event, urn, {} if fresh or old is None else old.inputs, event.inputs if fresh else new.inputs
            )
            invalid = self._failures(new, checked) or invalid
            new.inputs = checked.inputs
        if invalid:
            raise StepError(self._told(urn) or f"resource {urn} is invalid", urn)
        if recreating:
            assert old is not None
            run.deletes.discard(urn)
            self._mark_replaced(urn)
            change = Change(True, replace_keys=tuple(self._cascade.keys.get(urn, ())), blame="recreated")
            reasons = run.explain.replaced(old, new, change)
            self._execute.replace(old, new, change, reasons, delete_first=True)
            self._execute.create_replacement(old, new, change, reasons, pending_delete=False)
            return new
        if old is None:
            run.touched.add(urn)
            self._execute.create(new)
            return new
        if old.external:
            # Taking over what was only read: the engine makes a new one and lets go of what it read.
            run.touched.add(urn)
            reasons = run.explain.taken_over(old, new)
            self._execute.create_replacement(old, new, NO_CHANGE, reasons, pending_delete=True)
            self._execute.replace(old, new, NO_CHANGE, reasons, delete_first=False)
            return new
        if not run.preview and has_unknown(new.replacement_trigger):
            raise run.fail(urn, f"replacement trigger contains unknowns for {urn}")
        if not same_trigger(new.replacement_trigger, old.replacement_trigger):
            change = Change(True, blame="trigger")
        else:
            change = self._diff(event, old, new)
        return self._act(event, old, new, change)

    def _act(self, event: Event, old: State, new: State, change: Change) -> State:
        run, urn = self._run, new.urn
        change = with_replace_on_changes(change, event.goal.replace_on_changes, init_errors=bool(old.init_errors))
        pending = id(old) in run.pending_replacement
        if pending or (change.changes and (change.replaces or change.blame == "trigger")):
            return self._replace(event, old, new, change)
        if change.changes or old.init_errors:
            self._mark_kept(urn)
            self._execute.update(old, new, change, run.explain.updated(old, new, change))
            return new
        if urn in run.imports:
            # What was imported is what is wanted: the import itself is the only step.
            return old
        self._mark_kept(urn)
        self._execute.same(old, new, run.explain.kept(old, new))
        return new

    def _replace(self, event: Event, old: State, new: State, change: Change) -> State:
        run, urn, goal = self._run, new.urn, event.goal
        if new.protect and old.protect:
            message = (
                f'unable to replace resource "{urn}"\nas it is currently marked for protection. To unprotect the '
                "resource, remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`"
            )
            error = run.fail(urn, message)
            if not run.preview:
                raise error
        if goal.import_id:
            message = (
                "previously-imported resources that still specify an ID may not be replaced; please remove the "
                "`import` declaration from your program;"
            )
            for key in change.replace_keys:
                message += f"\n{key}: {printed(old.inputs.get(key))} => {printed(new.inputs.get(key))}"
            if not run.preview:
                raise run.fail(urn, message)
            run.say("warning", urn, message)
        self._mark_replaced(urn)
        if event.provider is not None and not old.taint:
            # The first check carried over the old resource's defaults and autoname; its successor gets its own.
            checked = self._check(event, urn, {}, event.inputs)
            if self._failures(new, checked):
                raise StepError(self._told(urn) or f"resource {urn} has check errors", urn)
            new.inputs = checked.inputs
        reasons = run.explain.replaced(old, new, change)
        first = change.delete_before_replace if goal.delete_before_replace is None else goal.delete_before_replace
        if not first:
            self._execute.create_replacement(old, new, change, reasons, pending_delete=True)
            self._execute.replace(old, new, change, reasons, delete_first=False)
            return new
        self._cascade.take_down(old, urn, reasons)
        self._execute.replace(old, new, change, reasons, delete_first=True)
        self._execute.create_replacement(old, new, change, reasons, pending_delete=False)
        return new

    def _diff(self, event: Event, old: State, new: State) -> Change:
        run, provider = self._run, event.provider
        if old.taint:
            return Change(True, replace_keys=("id",), blame="taint")
        for other in new.replace_with:
            if other in run.replaces:
                return Change(True, replace_keys=("replaceWith",), blame="replaceWith", cause=other)
        if new.deleted_with and new.deleted_with in run.replaces:
            return Change(True, replace_keys=("deletedWith",), blame="deletedWith", cause=new.deleted_with)
        if old.provider != new.provider and self._provider_changed(old, new):
            return Change(True, replace_keys=("provider",), blame="provider")
        if provider is None:
            return NO_CHANGE if deep_equals(old.inputs, new.inputs) else Change(True)
        if isinstance(provider, Registry):
            return from_diff(provider.diff(new.urn, old.id, old.inputs, new.inputs))
        if isinstance(provider, Unconfigured):
            run.say(
                "warning",
                new.urn,
                "The provider for this resource has inputs that are not known during preview.\n"
                "This preview may not correctly represent the changes that will be applied during an update.",
            )
            return Change(True, blame="unavailable")
        if untouched(old, new.inputs):
            return NO_CHANGE
        ignored = tuple(event.goal.ignore_changes)
        return from_diff(provider.diff(new.urn, old.id, old.inputs, old.outputs, new.inputs, ignored))

    def _provider_changed(self, old: State, new: State) -> bool:
        run = self._run
        if not old.provider or not new.provider:
            return True
        before, after = parse_ref(old.provider), parse_ref(new.provider)
        if run.aliases.new_of.get(before.urn) == after.urn:
            return False
        provider = run.registry.get(after)
        old_state, new_state = run.olds.get(before.urn), run.provider_states.get(after.urn)
        if provider is None or old_state is None or new_state is None:
            raise run.fail(new.urn, f'failed to resolve provider reference: "{before if old_state is None else after}"')
        # Replaced only where the new configuration can no longer manage what the old one made.
        diff = provider.diff_config(after.urn, filtered(old_state.inputs), filtered(new_state.inputs))
        return from_diff(diff).replaces

    def _check(self, event: Event, urn: str, olds: Mapping[str, Value], news: Mapping[str, Value]) -> Checked:
        provider = event.provider
        assert provider is not None
        if isinstance(provider, Registry):
            return provider.check(urn, olds, news)
        if isinstance(provider, Unconfigured):
            return Checked(dict(news))
        return provider.check(urn, olds, news, event.seed)

    def _failures(self, new: State, checked: Checked) -> bool:
        for failure in checked.failures:
            start = f"{new.type} resource '{new.name}'"
            if failure.property:
                value = printed(new.inputs.get(failure.property))
                message = f"{start}: property {failure.property} value {value} has a problem: {failure.reason}"
            else:
                message = f"{start} has a problem: {failure.reason}"
            self._run.say("error", new.urn, message)
        return bool(checked.failures)

    def _told(self, urn: str) -> str:
        """What has been said against a resource, for the exception that stops the run."""
        said = (entry.message for entry in self._run.diagnostics if (entry.severity, entry.urn) == ("error", urn))
        return "; ".join(dict.fromkeys(said))

    def _ignoring(
        self, urn: str, inputs: dict[str, Value], olds: Mapping[str, Value], paths: list[str]
    ) -> dict[str, Value]:
        result, broken = reset_ignored(inputs, olds, paths)
        if broken:
            named = ", ".join(broken)
            self._run.say("info", urn, f'cannot ignore changes in added or removed elements of the path: "{named}"')
        return result

    def _mark_kept(self, urn: str) -> None:
        self._run.operated.add(urn)
        self._run.touched.add(urn)

    def _mark_replaced(self, urn: str) -> None:
        self._run.replaces.add(urn)
        self._run.operated.add(urn)
        self._run.touched.add(urn)
