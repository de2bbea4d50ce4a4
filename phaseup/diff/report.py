"""What a branch does to each stack, as data: the terminal, the comment and the page tell the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from phaseup.render.words import Verdict

Cause = Literal["config", "blueprint", "component", "program", "tool", "added", "deleted"]
"""Why a stack is looked at: what of it the branch changes."""

SEVERITY: Final[tuple[Verdict, ...]] = ("safe", "needs-approval", "refused", "blocked")
"""Verdicts from the best to the worst."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a unified diff."""

    sign: Literal["+", "-", " "]
    text: str


@dataclass(frozen=True, slots=True)
class SettingChange:
    """One key of an effective block, e.g. `db`, `instance`; `old` or `new` is None where it was not there."""

    block: str
    key: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a step happens; values are ready to show, secrets as `[secret]`."""

    path: str
    old: Any
    new: Any
    effect: str
    source: str
    because: tuple[str, ...] = ()
    """URNs from what made the value unknown to the root cause."""


@dataclass(frozen=True, slots=True)
class Change:
    """One resource that does not stay the same."""

    op: str
    """create, update, replace, delete, or another word of the engine's."""
    urn: str
    type: str
    reasons: tuple[Reason, ...] = ()
    stateful: bool = False
    declared_at: str = ""
    """`file:line`, or empty."""
    retained: bool = False
    """Its delete leaves it in the cloud: out of the state, still paid for."""
    deferred: tuple[str, ...] = ()
    """Properties that take effect later, e.g. in the maintenance window."""
    downtime: str = ""
    """Why it is away for a while, e.g. a reboot; empty where it is not."""
    block: str = ""


@dataclass(frozen=True, slots=True)
class Risk:
    """Data or a serving anchor in danger."""

    urn: str
    op: str
    reason: str


@dataclass(frozen=True, slots=True)
class Cost:
    """US dollars a month."""

    before: float
    after: float
    unpriced: tuple[str, ...] = ()
    """URNs without a price, after."""
    prices_as_of: str = ""


@dataclass(frozen=True, slots=True)
class Breach:
    """A violation of the policy pack after the change; `new` where the base has it not."""

    policy: str
    urn: str
    level: str
    severity: str
    message: str
    remedy: str
    new: bool = True


@dataclass(frozen=True, slots=True)
class Speaks:
    """A scaling trigger of the phase that is left, which asks for this move."""

    name: str
    text: str
    """e.g. `concurrent_connections above 5,000 users for 5m`."""
    action: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """The step of a move that the change is."""

    kind: str
    """apply, expand, rung, shift, arm, contract, abort."""
    from_phase: str
    to_phase: str
    title: str
    """In a few words, e.g. `expand mvp → growth`."""
    precondition: str = ""
    check: str = ""
    manual: str = ""
    next_step: str = ""
    """What comes after it, with the config lines to write; empty where nothing does."""


@dataclass(frozen=True, slots=True)
class StackDiff:
    """One stack. With an `error` (bad input on either side) its steps are not known."""

    stack: str
    file: str
    system: str
    environment: str
    causes: tuple[Cause, ...]
    verdict: Verdict
    reasons: tuple[str, ...] = ()
    phase: tuple[str, str] = ("", "")
    """Before and after; empty where the stack is not there."""
    config: tuple[Line, ...] = ()
    """The stack file's diff, secrets as `[secret]`."""
    settings: tuple[SettingChange, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    """What does not stay the same, in plan order."""
    at_risk: tuple[Risk, ...] = ()
    retired: tuple[str, ...] = ()
    cost: Cost | None = None
    breaches: tuple[Breach, ...] = ()
    triggers: tuple[Speaks, ...] = ()
    move: Move | None = None
    plan_hash: str = ""
    binding: Mapping[str, str] = field(default_factory=dict)
    """What `gate --plan` holds a preview against; empty where the program is of before there was such a thing."""
    error: str = ""
    error_side: Literal["", "base", "head"] = ""
    """Whose mistake it is. The head's is bad input and blocks; the base's may be what the branch mends, and needs
    approval: the steps from it are not known."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DiffReport:
    """A branch. `base` and `head` are what was compared, e.g. a commit's first twelve digits or `working tree`."""

    base: str
    head: str
    stacks: tuple[StackDiff, ...] = ()
    """Those that the branch changes, worst first."""
    unchanged: tuple[str, ...] = ()
    """Stacks whose graph stays what it is, by name."""
    seconds: float = 0.0
    import_seconds: float = 0.0
    registrations: int = 0
    cores: int = 1

    @property
    def verdict(self) -> Verdict:
        """The worst of the stacks'."""
        return max((stack.verdict for stack in self.stacks), key=SEVERITY.index, default="safe")
