"""What a plan consists of: steps, their reasons, what a registration is answered with, and the outcome of a run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

from phaseup.graph.resource import PROVIDER_PREFIX, STACK_TYPE, Snapshot, State, urn_name, urn_qualified_type, urn_type
from phaseup.graph.values import Value
from phaseup.simulate.provider import PropertyDiff

Op = Literal[
    "same",
    "create",
    "update",
    "delete",
    "replace",
    "create-replacement",
    "delete-replaced",
    "read",
    "read-replacement",
    "discard",
    "discard-replaced",
    "remove-pending-replace",
    "import",
    "import-replacement",
]
"""The engine's own operations (pkg/resource/deploy/step.go, 3.260)."""

REPLACEMENT_PARTS: Final = frozenset(
    {"create-replacement", "delete-replaced", "read-replacement", "discard-replaced", "import-replacement"}
)
"""Physical parts of a replacement; `replace` is the logical step that stands for them."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a step happens. Values are ready to show: secrets are `[secret]`, unknown ones `[unknown]`, long ones cut."""

    path: str
    """A property path, or the option that decided in angle brackets: `<provider>`, `<trigger>`, `<protect>`, …"""
    old: Value
    new: Value
    effect: str
    """A fact's effect (`update`, `replace`, `update_reboot`, …), or `create`, `delete`, `option`."""
    source: str
    """The fact's source, or in words what the engine goes by."""
    chain: tuple[str, ...] = ()
    """URNs from the resource that made the value unknown to the root cause; empty where the value is known."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step in the engine's order. `old` and `new` are the states before and after."""

    op: Op
    urn: str
    type: str
    old: State | None
    new: State | None
    reasons: tuple[Reason, ...] = ()
    stateful: bool = False
    declared_at: str = ""
    properties: tuple[PropertyDiff, ...] = ()
    """The provider's detailed diff after `replace_on_changes`."""
    replace_keys: tuple[str, ...] = ()
    delete_before_replace: bool = False

    @property
    def logical(self) -> bool:
        """Whether the engine counts it: everything but the parts of a replacement."""
        return self.op not in REPLACEMENT_PARTS and self.op != "remove-pending-replace"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A message of the engine; `urn` is empty where it is about the whole run."""

    severity: Literal["info", "warning", "error"]
    urn: str
    message: str


@dataclass(frozen=True, slots=True)
class Registered:
    """The answer to a registration or a read."""

    urn: str
    id: str
    """Empty where it is not known yet, and for components."""
    outputs: dict[str, Value]
    unknown: bool = False
    """The engine's own flag for a create that `--target` skips; a whole run has none."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything a run leaves behind. With an error among the diagnostics the engine would exit with failure."""

    steps: list[Step]
    snapshot: Snapshot
    diagnostics: list[Diagnostic] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Whether the engine's preview or update would fail."""
        return any(diagnostic.severity == "error" for diagnostic in self.diagnostics)


class StepError(Exception):
    """The engine would stop here; the message is one line, or the engine's own where it has several."""

    def __init__(self, message: str, urn: str = "") -> None:
        super().__init__(message)
        self.urn = urn


def is_default_provider(urn: str) -> bool:
    """Whether a URN is that of a provider that the engine made by itself (sdk/go/common/providers/reference.go)."""
    return urn_type(urn).startswith(PROVIDER_PREFIX) and urn_name(urn).startswith("default")


def is_counted(urn: str) -> bool:
    """Whether a resource is counted: all but the Stack and default providers."""
    return urn_qualified_type(urn) != STACK_TYPE and not is_default_provider(urn)


_RANK: Final = {
    op: rank
    for rank, op in enumerate(
        [
            "remove-pending-replace",
            "delete-replaced",
            "discard-replaced",
            "same",
            "discard",
            "delete",
            "read",
            "update",
            "import",
            "create",
            "create-replacement",
            "read-replacement",
            "import-replacement",
            "replace",
        ]
    )
}


def net_ops(steps: Iterable[Step]) -> dict[str, Op]:
    """The one operation of each URN, in plan order; the parts of a replacement are `replace`."""
    net: dict[str, Op] = {}
    for step in steps:
        before = net.get(step.urn)
        if before is None or _RANK[step.op] > _RANK[before]:
            net[step.urn] = step.op
    return net
