"""The providers of one run: provider resources are checked, diffed and configured here, and found by their reference.

Rules from pkg/resource/deploy/providers/registry.go and pkg/resource/plugin/provider_plugin.go (Pulumi 3.260, 2026-08).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace

from phaseup.graph.resource import PROVIDER_PREFIX, State, urn_type
from phaseup.graph.values import UNKNOWN_STRING, Value, has_unknown
from phaseup.plan.urns import ProviderRef, provider_ref
from phaseup.plan.values import deep_equals
from phaseup.simulate.provider import Checked, CheckFailure, Diff, Made, Provider, Providers

INTERNAL = "__internal"
"""The engine's own key in a provider's inputs; providers never see it."""

_IDS = uuid.UUID("7a0e1a52-5c0f-4c44-9d6b-1f2f4a1c6d11")


def filtered(inputs: Mapping[str, Value]) -> dict[str, Value]:
    """A provider's configuration as its plugin sees it."""
    return {key: value for key, value in inputs.items() if key != INTERNAL}


class Unconfigured:
    """Stands for a provider whose configuration is not known in a preview: the engine then asks it nothing."""

    def __init__(self, inner: Provider) -> None:
        self.inner = inner
        self.package = inner.package

    def diff_config(self, urn: str, olds: Mapping[str, Value], news: Mapping[str, Value]) -> Diff:
        """Configuration can be compared without having been configured."""
        return self.inner.diff_config(urn, olds, news)


class Registry:
    """Provider instances by reference. `builtin` serves the package `pulumi`."""

    def __init__(self, providers: Providers, builtin: Provider) -> None:
        self._providers = providers
        self._builtin = builtin
        self._by_ref: dict[ProviderRef, Provider | Unconfigured] = {}
        self._checked: dict[str, Provider] = {}
        self._former: dict[str, str] = {}

    def get(self, ref: ProviderRef) -> Provider | Unconfigured | None:
        """The provider registered under a reference."""
        return self._by_ref.get(ref)

    def alias(self, urn: str, former: str) -> None:
        """`urn` was called `former`: states that still refer to the former name find it."""
        self._former[urn] = former

    def check(self, urn: str, olds: Mapping[str, Value], news: Mapping[str, Value]) -> Checked:
        """The configuration with the provider's defaults; the engine's own keys survive."""
        provider = self._load(urn, {})
        checked = provider.check_config(urn, filtered(olds), filtered(news))
        if checked.failures:
            return checked
        self._checked[urn] = provider
        inputs = dict(checked.inputs)
        if "version" in news:
            if "version" in inputs and not deep_equals(inputs["version"], news["version"]):
                reason = f'provider "{urn}" attempted to change version'
                return Checked(inputs, (CheckFailure("version", reason),))
            inputs["version"] = news["version"]
        if INTERNAL in news:
            inputs[INTERNAL] = news[INTERNAL]
        return Checked(inputs)

    def diff(self, urn: str, id: str, olds: Mapping[str, Value], news: Mapping[str, Value]) -> Diff:
        """What a changed configuration does to the provider resource itself."""
        provider = self._checked.get(urn) or self._by_ref.get(provider_ref(urn, id)) or self._load(urn, {})
        return provider.diff_config(urn, filtered(olds), filtered(news))

    def same(self, state: State) -> None:
        """Configure a provider as the old state has it, unless it is there already."""
        if provider_ref(state.urn, state.id) not in self._by_ref:
            self._configure(state.urn, state.id, state.inputs)

    def create(self, urn: str, inputs: Mapping[str, Value], *, preview: bool, old_id: str = "") -> Made:
        """A new configured provider. Its id follows from its URN and from the id that it replaces."""
        id = UNKNOWN_STRING if preview else str(uuid.uuid5(_IDS, f"{urn}\0{old_id}"))
        self._configure(urn, id, inputs)
        return Made(id, filtered(inputs))

    def update(self, urn: str, id: str, inputs: Mapping[str, Value]) -> Made:
        """The same provider with a new configuration."""
        self._configure(urn, id, inputs)
        return Made(id, filtered(inputs))

    def delete(self, urn: str, id: str) -> None:
        """Forget a provider."""
        self._by_ref.pop(provider_ref(urn, id), None)

    def _load(self, urn: str, config: Mapping[str, Value]) -> Provider:
        package = urn_type(urn).removeprefix(PROVIDER_PREFIX)
        return self._builtin if package == "pulumi" else self._providers.get(package, config)

    def _configure(self, urn: str, id: str, inputs: Mapping[str, Value]) -> None:
        config = filtered(inputs)
        known = not any(has_unknown(value) for key, value in config.items() if key != "version")
        provider: Provider | Unconfigured
        if known:
            provider = self._load(urn, config)
            provider.configure(config)
        else:
            provider = Unconfigured(self._load(urn, {}))
        ref = provider_ref(urn, id)
        self._by_ref[ref] = provider
        if former := self._former.get(urn):
            self._by_ref[replace_urn(ref, former)] = provider


def replace_urn(ref: ProviderRef, urn: str) -> ProviderRef:
    """The same provider under another URN."""
    return ProviderRef(urn, ref.id)


def migrated(state: State) -> State:
    """A provider state of old engines, which kept no outputs: its inputs stand for them."""
    if state.type.startswith(PROVIDER_PREFIX) and state.inputs and not state.outputs:
        return replace(state, outputs=filtered(state.inputs))
    return state
