"""A preview or an update, in process: what the genuine engine would do with each registration of a program.

Option inheritance and default providers follow pkg/resource/deploy/{source_eval,default_providers}.go (Pulumi 3.260,
2026-08).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import replace

from phaseup.facts.stateful import stateful as stateful_table
from phaseup.graph.resource import PROVIDER_PREFIX, STACK_TYPE, Goal, Snapshot, State, urn_qualified_type
from phaseup.graph.values import Secret, Value
from phaseup.plan.builtins import StackOutputs
from phaseup.plan.cascade import Cascade
from phaseup.plan.deletes import Deletes
from phaseup.plan.executor import Executor, is_unknown_id
from phaseup.plan.generator import Generator
from phaseup.plan.registry import INTERNAL, Unconfigured
from phaseup.plan.run import Run, StatefulTable, is_provider
from phaseup.plan.snapshots import snapshot_of
from phaseup.plan.states import Settings
from phaseup.plan.steps import Outcome, Registered, StepError
from phaseup.plan.urns import DENIED_ID, default_provider_name, parse_ref, provider_ref
from phaseup.simulate.provider import Providers

DYNAMIC_PACKAGES = ("pulumi-python", "pulumi-nodejs")
"""Dynamic providers are given the whole configuration, with its namespaces."""


class Deployment:
    """One run against an old state. Methods may be called from any thread; each registration is handled whole."""

    def __init__(
        self,
        old: Snapshot,
        providers: Providers,
        *,
        preview: bool,
        config: Mapping[str, Value] | None = None,
        stack_outputs: StackOutputs | None = None,
        stateful: StatefulTable = stateful_table,
    ) -> None:
        """`config` is the stack's (`aws:region`; secrets as `Secret`); `stack_outputs` answers StackReferences."""
        self._old = old
        self._config = dict(config or {})
        self._run = Run(old, providers, preview=preview, stateful=stateful, stack_outputs=stack_outputs)
        self._execute = Executor(self._run)
        self._generator = Generator(self._run, self._execute, Cascade(self._run, self._execute))
        self._lock = threading.RLock()
        self._settings: dict[str, tuple[bool | None, bool | None, str, str]] = {}
        self._component_providers: dict[str, dict[str, str]] = {}
        self._defaults: dict[tuple[str, str, str], str] = {}
        self._stack_outputs: tuple[str, dict[str, Value]] | None = None
        self._failure: StepError | None = None
        self._outcome: Outcome | None = None

    def register(self, goal: Goal) -> Registered:
        """RegisterResource. Raises StepError where the engine would stop."""
        with self._lock:
            self._check_running()
            try:
                return self._register(goal)
            except StepError as error:
                self._failure = error
                raise

    def read(self, goal: Goal) -> Registered:
        """ReadResource: `goal.read_id` names what to look up."""
        with self._lock:
            self._check_running()
            try:
                provider = goal.provider or self._default_provider(goal.package, goal)
                if provider.endswith(f"::{DENIED_ID}"):
                    raise self._run.fail("", _denied(goal.package, goal.type))
                return self._answer(self._generator.read(goal, _normal(provider)))
            except StepError as error:
                self._failure = error
                raise

    def register_outputs(self, urn: str, outputs: dict[str, Value]) -> None:
        """RegisterResourceOutputs: replaces what the state holds. The Stack's are kept for the end."""
        with self._lock:
            self._check_running()
            if urn_qualified_type(urn) == STACK_TYPE:
                self._stack_outputs = (urn, outputs)
                return
            self._set_outputs(urn, outputs)

    def invoke(
        self,
        token: str,
        args: dict[str, Value],
        provider_ref: str = "",
        *,
        parent: str = "",
        version: str = "",
        plugin_download_url: str = "",
    ) -> dict[str, Value]:
        """A data source or function; raises UnansweredCall where no simulator answers. Unknown provider
        configuration answers nothing, as in the engine."""
        with self._lock:
            self._check_running()
            package = token.split(":", 1)[0]
            goal = Goal(token, "", True, {}, version=version, plugin_download_url=plugin_download_url)
            try:
                text = provider_ref or self._component_providers.get(parent, {}).get(package, "")
                text = text or self._default_provider(package, goal)
                ref = parse_ref(text)
                if ref.id == DENIED_ID:
                    raise StepError(_denied(package, token))
                provider = self._run.registry.get(ref)
                if provider is None:
                    raise StepError(f"unknown provider '{text}' for '{token}'")
                if isinstance(provider, Unconfigured):
                    return {}
            except ValueError as error:
                raise StepError(f"{token}: {error}") from None
        try:
            return provider.invoke(token, args)
        except ValueError as error:
            raise StepError(f"invocation of {token} returned an error: {error}") from None

    def finish(self) -> Outcome:
        """Delete what is left over and return everything; a second call returns the same."""
        with self._lock:
            if self._outcome is None:
                if self._failure is None:
                    try:
                        Deletes(self._run, self._execute).perform()
                    except StepError as error:
                        self._failure = error
                failed = any(item.severity == "error" for item in self._run.diagnostics)
                self._finish_stack_outputs(failed)
                self._outcome = Outcome(self._run.steps, snapshot_of(self._run, self._old), self._run.diagnostics)
            return self._outcome

    def _check_running(self) -> None:
        if self._failure is not None:
            raise StepError(f"the run has stopped: {self._failure}", self._failure.urn)
        if self._outcome is not None:
            raise StepError("the run has finished; nothing can be registered any more")

    def _register(self, goal: Goal) -> Registered:
        parent = self._settings.get(goal.parent) if goal.parent else None
        protect, retain, deleted_with, provider = goal.protect, goal.retain_on_delete, goal.deleted_with, goal.provider
        if parent is not None:
            protect = parent[0] if protect is None else protect
            retain = parent[1] if retain is None else retain
            deleted_with = deleted_with or parent[2]
            if not provider and parent[3] and goal.custom | goal.remote:
                inherited = parse_ref(parent[3]).urn.split("::")[2].removeprefix(PROVIDER_PREFIX)
                provider = parent[3] if inherited == goal.package else ""
        inputs = goal.inputs
        resolved = ""
        if goal.custom and is_provider(goal.type):
            inputs = self._provider_inputs(goal)
        elif goal.custom or goal.remote:
            resolved = provider or goal.providers.get(goal.package) or ""
            if not resolved and goal.parent:
                resolved = self._component_providers.get(goal.parent, {}).get(goal.package, "")
            resolved = _normal(resolved or self._default_provider(goal.package, goal))
        settings = Settings(bool(protect), bool(retain), deleted_with, resolved if goal.custom else "")
        state = self._generator.register(goal, inputs, settings)
        self._settings[state.urn] = (protect, retain, deleted_with, resolved)
        if not goal.custom:
            above = self._component_providers.get(goal.parent, {}) if goal.parent else {}
            self._component_providers[state.urn] = {**above, **goal.providers}
            if goal.remote:
                self._run.opaque.add(state.urn)
        return self._answer(state, remote=goal.remote)

    def _answer(self, state: State, *, remote: bool = False) -> Registered:
        if not state.custom and not remote:
            # The engine hides a component's former outputs: they may refer to what is not registered yet.
            return Registered(state.urn, "", {})
        return Registered(state.urn, "" if is_unknown_id(state.id) else state.id, state.outputs)

    def _default_provider(self, package: str, goal: Goal) -> str:
        """The reference of the engine's own provider for a package, version and download address."""
        url = goal.plugin_download_url.removesuffix("/") if goal.version else goal.plugin_download_url
        key = (package, goal.version, url)
        known = self._defaults.get(key)
        if known is not None:
            return known
        if package != "pulumi" and self._is_denied(package):
            return f"urn:pulumi:denied::denied::denied$pulumi:providers:denied::{package}::{DENIED_ID}"
        try:
            name = default_provider_name(goal.version, url)
        except ValueError as error:
            raise self._run.fail("", f"{package}: {error}") from None
        inputs: dict[str, Value] = self._package_config(package)
        if goal.version:
            inputs |= {INTERNAL: {}, "version": goal.version}
        if url:
            inputs[INTERNAL] = {"pluginDownloadURL": url}
        own = Goal(f"{PROVIDER_PREFIX}{package}", name, True, inputs)
        state = self._generator.register(own, inputs, Settings(False, False, "", ""))
        reference = str(provider_ref(state.urn, state.id))
        self._defaults[key] = reference
        return reference

    def _provider_inputs(self, goal: Goal) -> dict[str, Value]:
        if not goal.version and not goal.plugin_download_url:
            return goal.inputs
        inputs = dict(goal.inputs)
        internal = dict(inputs.get(INTERNAL) or {})
        if goal.version:
            inputs["version"] = goal.version
        if goal.plugin_download_url:
            internal["pluginDownloadURL"] = goal.plugin_download_url
        inputs[INTERNAL] = internal
        return inputs

    def _package_config(self, package: str) -> dict[str, Value]:
        if package in DYNAMIC_PACKAGES:
            return dict(self._config)
        start = f"{package}:"
        return {key.removeprefix(start): value for key, value in self._config.items() if key.startswith(start)}

    def _is_denied(self, package: str) -> bool:
        value = self._config.get("pulumi:disable-default-providers")
        if isinstance(value, Secret):
            value = value.value
        if not value:
            return False
        try:
            denied = json.loads(value) if isinstance(value, str) else value
        except ValueError as error:
            raise self._run.fail("", f"Failed to parse pulumi:disable-default-providers: {error}") from None
        if not isinstance(denied, list) or not all(isinstance(item, str) for item in denied):
            raise self._run.fail("", "pulumi:disable-default-providers must be a list of strings")
        return any(item.strip() in ("*", package) for item in denied)

    def _set_outputs(self, urn: str, outputs: dict[str, Value]) -> None:
        state = self._run.awaiting.pop(urn, None)
        if state is None:
            raise self._run.fail(urn, f"cannot complete a resource '{urn}' whose registration isn't pending")
        state.outputs = outputs

    def _finish_stack_outputs(self, failed: bool) -> None:
        if self._stack_outputs is None:
            return
        urn, outputs = self._stack_outputs
        if failed and (old := self._run.olds.get(urn)) is not None:
            # After a failure an output that is missing has perhaps only not been reached.
            outputs = {**old.outputs, **outputs}
        if urn in self._run.awaiting:
            self._set_outputs(urn, outputs)


def _denied(package: str, token: str) -> str:
    return f"Default provider for '{package}' disabled. '{token}' must use an explicit provider."


def _normal(reference: str) -> str:
    """A reference with an empty id written as the engine writes an unknown one."""
    try:
        return str(parse_ref(reference))
    except ValueError:
        return reference


def empty(stack: str, project: str, organization: str = "organization") -> Snapshot:
    """The state of a stack that has never been deployed."""
    return replace(Snapshot(stack, project), organization=organization)
