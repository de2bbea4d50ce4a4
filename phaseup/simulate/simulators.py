"""Hands out the simulated provider of each package, made on demand; rules are imported with their first use."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Final

from phaseup.graph.values import Value
from phaseup.simulate.package import SimulatedProvider
from phaseup.simulate.provider import Provider
from phaseup.simulate.rules import Rules
from phaseup.simulate.seed import canonical

_RULE_MODULES: Final = {
    "aws": "aws",
    "cloudflare": "cloudflare",
    "fastly": "fastly",
    "kubernetes": "kubernetes",
    "random": "random_values",
}
_NATIVE: Final = frozenset({"aws-native", "azure-native", "google-native", "command", "pulumi-python"})


class Simulators:
    """Implements `Providers`: one provider per package and configuration."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, str], SimulatedProvider] = {}

    def get(self, package: str, config: Mapping[str, Value]) -> Provider:
        """The provider of a package; an unknown package gets one with generic rules."""
        key = (package, canonical(dict(config)))
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = SimulatedProvider(rules_for(package), config)
        return made


def rules_for(package: str) -> Rules:
    """A package's rules: its module's `RULES`, else generic ones."""
    known = _FOUND.get(package)
    if known is None:
        module = _RULE_MODULES.get(package)
        if module is not None:
            known = importlib.import_module(f"phaseup.simulate.{module}").RULES
        else:
            native = package in _NATIVE
            known = Rules(package, bridged=not native, records_defaults=not native)
        _FOUND[package] = known
    return known


_FOUND: dict[str, Rules] = {}
