"""The provider protocol of the rehearsal, in plain Python values.

The planner calls it directly; `phaseup/engine` serves the very same object over gRPC to the genuine engine. All values
are wire-named (camelCase) Python values of `phaseup.graph.values`; secrets and unknowns arrive as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from phaseup.graph.values import Value

DiffKind = Literal["add", "add-replace", "delete", "delete-replace", "update", "update-replace"]
Effect = Literal["update", "replace", "update_reboot", "deferred", "ignored", "refused", "unknown"]
"""What a change does: `update` in place; `replace` by another resource; `update_reboot` in place, with a restart;
`deferred` to the maintenance window or the next restart; `ignored`, for nothing is sent; `refused`, planned as an
update that the cloud then does not make; `unknown`, for no fact tells."""


@dataclass(frozen=True, slots=True)
class PropertyDiff:
    """One changed property: its path, its kind as the engine prints it, and the fact that decided it."""

    path: str
    kind: DiffKind
    effect: Effect
    source: str
    """Which fact: e.g. `terraform-provider-aws v6.18 rds/instance.go (2026-08)`, or `no fact`."""
    input_diff: bool = False


@dataclass(frozen=True, slots=True)
class Diff:
    """What `Diff` answers. `changes` false means the engine's `same`; `replaces` holds top-level property names."""

    changes: bool
    properties: tuple[PropertyDiff, ...] = ()
    replaces: tuple[str, ...] = ()
    stables: tuple[str, ...] = ()
    delete_before_replace: bool = False


@dataclass(frozen=True, slots=True)
class CheckFailure:
    """An input that the provider refuses."""

    property: str
    reason: str


@dataclass(frozen=True, slots=True)
class Checked:
    """`Check`'s answer: the inputs with provider defaults and autonames filled in (`__defaults` lists those)."""

    inputs: dict[str, Value]
    failures: tuple[CheckFailure, ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """What Create, Update and Read answer. In a preview an id that is not known yet is empty and outputs that are
    not known yet are UNKNOWN."""

    id: str
    outputs: dict[str, Value] = field(default_factory=dict)
    inputs: dict[str, Value] | None = None
    """Read and import only: the inputs that the provider reconstructs."""


class Provider(Protocol):
    """One package's simulated provider. Deterministic: same URN and inputs, same answers; it keeps no state."""

    package: str

    def check_config(self, urn: str, olds: Mapping[str, Value], news: Mapping[str, Value]) -> Checked: ...

    def diff_config(self, urn: str, olds: Mapping[str, Value], news: Mapping[str, Value]) -> Diff: ...

    def configure(self, config: Mapping[str, Value]) -> None:
        """Region, account and the like, for ARNs and endpoints."""

    def check(self, urn: str, olds: Mapping[str, Value], news: Mapping[str, Value], seed: bytes) -> Checked:
        """`olds` are the old inputs (empty at create); an autoname in `olds` is kept."""
        ...

    def diff(
        self,
        urn: str,
        id: str,
        old_inputs: Mapping[str, Value],
        old_outputs: Mapping[str, Value],
        news: Mapping[str, Value],
        ignore_changes: tuple[str, ...] = (),
    ) -> Diff:
        """New inputs against state, as bridged providers diff."""
        ...

    def create(self, urn: str, news: Mapping[str, Value], *, preview: bool) -> Made: ...

    def update(
        self,
        urn: str,
        id: str,
        old_inputs: Mapping[str, Value],
        old_outputs: Mapping[str, Value],
        news: Mapping[str, Value],
        *,
        preview: bool,
    ) -> Made: ...

    def read(self, urn: str, id: str, inputs: Mapping[str, Value], outputs: Mapping[str, Value]) -> Made | None:
        """None: the resource is not there."""
        ...

    def delete(self, urn: str, id: str, outputs: Mapping[str, Value]) -> str | None:
        """None, or why the cloud refuses (e.g. deletion protection)."""
        ...

    def invoke(self, token: str, args: Mapping[str, Value]) -> dict[str, Value]:
        """Raises `UnansweredCall` for a token that no rule answers."""
        ...


class UnansweredCall(Exception):  # noqa: N818
    """A data source or call that neither a simulator nor the answers file answers."""

    def __init__(self, token: str, args: Mapping[str, Value]) -> None:
        super().__init__(token)
        self.token = token
        self.args_given = dict(args)


class Providers(Protocol):
    """Hands out the simulated provider of each package (any package gets one; unknown ones only generic rules)."""

    def get(self, package: str, config: Mapping[str, Value]) -> Provider: ...
