"""What the simulator of one package knows beyond the SDK's types: ids, outputs, checks, refusals, data sources."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from phaseup.graph.values import Value
from phaseup.simulate.context import Context, Surroundings
from phaseup.simulate.provider import CheckFailure

IdRule: TypeAlias = Callable[[Context], str]
OutputRule: TypeAlias = Callable[[Context], dict[str, Value]]
CheckRule: TypeAlias = Callable[[Mapping[str, Value]], list[CheckFailure]]
DeleteRule: TypeAlias = Callable[[Mapping[str, Value]], str | None]
CallRule: TypeAlias = Callable[[Mapping[str, Value], Surroundings], dict[str, Value]]


@dataclass(frozen=True, slots=True)
class AutoName:
    """How a physical name is made where the program gives none: `<logical name><separator><7 hex>`.

    Source: pulumi-terraform-bridge pkg/tfbridge/info/autonaming.go (2026-08).
    """

    property: str
    maximum: int = 255
    separator: str = "-"
    lower: bool = False
    prefix: str = ""


@dataclass(frozen=True)
class Rules:
    """One package's rules, by type token (`calls` by function token)."""

    package: str
    bridged: bool = True
    """Diffs new inputs against state, as providers bridged from Terraform do; else against the old inputs."""
    autonames: Mapping[str, AutoName | None] = field(default_factory=dict)
    """Exceptions; else an optional `name` is autonamed."""
    ids: Mapping[str, IdRule] = field(default_factory=dict)
    default_id: IdRule | None = None
    outputs: Mapping[str, OutputRule] = field(default_factory=dict)
    default_outputs: OutputRule | None = None
    secrets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    checks: Mapping[str, CheckRule] = field(default_factory=dict)
    refusals: Mapping[str, DeleteRule] = field(default_factory=dict)
    calls: Mapping[str, CallRule] = field(default_factory=dict)
    config_replaces: frozenset[str] = frozenset()
    """Provider configuration whose change replaces every resource of the provider."""
    surroundings: Callable[[Mapping[str, Value]], Surroundings] = lambda config: Surroundings(config=config)
