"""The kinds by name, each imported only when a block of that kind is read."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Protocol

from components.spec import Spec

NAMES: Final = (
    "network",
    "server",
    "kubernetes",
    "balancer",
    "gateway",
    "service",
    "postgres",
    "aurora",
    "cache",
    "hosted",
    "bucket",
    "zone",
    "alarms",
    "budget",
    "function",
    "schedule",
    "registry",
    "search",
    "broker",
    "backup",
    "telemetry",
    "worker",
    "cdn",
    "table",
    "events",
)


class Kinds(Protocol):
    """Where specs come from: the installed components, or a test's own."""

    @property
    def names(self) -> tuple[str, ...]:
        """Every kind that a block may have."""
        ...

    def spec(self, kind: str) -> type[Spec]:
        """The spec of one of `names`."""
        ...


class InstalledKinds:
    """`postgres` → `components.postgres.PostgresSpec`."""

    names: tuple[str, ...] = NAMES

    def spec(self, kind: str) -> type[Spec]:
        """Imports the component's module, and with it the provider SDK it uses."""
        module = importlib.import_module(f"components.{kind}")
        return getattr(module, f"{kind.title()}Spec")


class GivenKinds:
    """A fixed table of specs."""

    def __init__(self, specs: Mapping[str, type[Spec]]) -> None:
        self._specs = MappingProxyType(dict(specs))

    @property
    def names(self) -> tuple[str, ...]:
        """The table's keys."""
        return tuple(self._specs)

    def spec(self, kind: str) -> type[Spec]:
        """The spec of a kind in the table."""
        return self._specs[kind]


INSTALLED: Final = InstalledKinds()
