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
FillRule: TypeAlias = Callable[[str, Mapping[str, Value], dict[str, Value], bytes], None]
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
    """Exceptions; else an optional `name` is autonamed, if `autonames_by_default`."""
    autonames_by_default: bool = True
    records_defaults: bool = True
    """Writes `__defaults` into the inputs, as bridged providers do that are not on Terraform's plugin framework."""
    fills_defaults: bool = False
    """Writes the facts' defaults into the inputs, as the bridge does for providers on Terraform's SDK v2."""
    deletes_first: frozenset[str] = frozenset()
    """Types that a replacement always deletes before it creates."""
    ids: Mapping[str, IdRule] = field(default_factory=dict)
    default_id: IdRule | None = None
    outputs: Mapping[str, OutputRule] = field(default_factory=dict)
    default_outputs: OutputRule | None = None
    fill: FillRule | None = None
    """Writes into the new inputs what the provider itself fills in (URN, old inputs, new inputs, seed)."""
    keeps_name: Callable[[Mapping[str, Value], Mapping[str, Value]], bool] | None = None
    """Whether new inputs (the second) keep an explicit name of the old ones, so that a replacement deletes first."""
    derived: OutputRule | None = None
    """Outputs that follow from the inputs alone, known in a preview too."""
    secrets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    checks: Mapping[str, CheckRule] = field(default_factory=dict)
    refusals: Mapping[str, DeleteRule] = field(default_factory=dict)
    calls: Mapping[str, CallRule] = field(default_factory=dict)
    config_replaces: frozenset[str] = frozenset()
    """Provider configuration whose change replaces every resource of the provider."""
    surroundings: Callable[[Mapping[str, Value]], Surroundings] = lambda config: Surroundings(config=config)
