"""One step of a move: the config it leaves behind, and what it may do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from stacks.models import StackConfig

Kind = Literal["apply", "expand", "rung", "shift", "arm", "contract", "abort"]


@dataclass(frozen=True)
class Allows:
    """What the step's apply may do to resources; anything else is not this step."""

    text: str
    """In words, e.g. `creates and plain in-place updates`."""
    create: bool = False
    update: bool = True
    replace_stateless: bool = True
    """Create-before-delete replacement of the listed stateless types (launch template versions, target groups, …)."""
    only: frozenset[str] | None = None
    """The only blocks whose resources may change; None is all."""
    deletes: frozenset[str] = frozenset()
    """Blocks that go, with everything in them."""
    narrows: frozenset[str] = frozenset()
    """Blocks that stay, of which parts may go: what was held wide, e.g. a replica of the other phase."""


@dataclass(frozen=True)
class Change:
    """One key of the stack file. `old` or `new` is None where the key is absent."""

    key: str
    """As in the file, e.g. `phaseup:moving`."""
    old: object
    new: object


@dataclass(frozen=True)
class Kept:
    """A block that stays in a higher shape than its phase asks for."""

    block: str
    why: str


@dataclass(frozen=True)
class Refusal:
    """Why a step cannot be taken, and how a person could do it."""

    reason: str
    manual: str


@dataclass(frozen=True)
class MoveStep:
    """One apply. A refused step is not applied: its config is the one before it."""

    kind: Kind
    config: StackConfig
    """The whole stack config as it is in the file once the step is made."""
    from_: str
    """The phase the move comes from."""
    to: str
    """The phase it goes to."""
    direction: Literal["up", "down"]
    allows: Allows
    traffic: int | None = None
    """After the step; None when settled."""
    block: str | None = None
    """The block of a rung or an arm."""
    stage: str | None = None
    """The rung."""
    precondition: str = ""
    """What must hold before the step, in words."""
    check: str = ""
    """How to see that it holds."""
    consent: str = ""
    """Why a person has to agree, though nothing goes: the step has no way back."""
    changes: tuple[Change, ...] = ()
    """What the step changes in the stack file."""
    kept: tuple[Kept, ...] = field(default=())
    """What the move leaves in its higher shape, told once, by the step that writes it down."""
    refused: Refusal | None = None

    @property
    def leaves(self) -> frozenset[str]:
        """The blocks that the step may delete whole: the announced set."""
        return self.allows.deletes
