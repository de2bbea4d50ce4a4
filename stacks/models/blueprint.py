"""What a system runs in each phase: `stacks/blueprints/<system>.yaml`, merged and validated block by block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Literal

from pydantic import ConfigDict, Field, model_validator

from components.docstrings import Documented
from components.spec import Refused, Spec
from stacks.models.costs import Shares, Usage
from stacks.models.yaml_file import Document

RESERVED: Final = ("kind", "takes_over")
"""Keys of a block that are not its spec's."""
NAME: Final = r"^[a-z]([a-z0-9-]{0,29}[a-z0-9])?$"
Name = Annotated[str, Field(pattern=NAME)]
DURATION: Final = r"^([1-9]\d*[smhd])?$"


class Part(Documented):
    """A closed, frozen piece of a blueprint."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Budget(Part):
    """What the source says the phase may cost, in US dollars a month; null where it gives nothing."""

    low: float | None = Field(default=None, ge=0)
    """The lower end."""
    high: float | None = Field(default=None, ge=0)
    """The upper end."""
    ceiling: float | None = Field(default=None, gt=0)
    """What an estimate may come to before the policy pack stops it, where a phase lies above its range for reasons that
    its notes give; unstated, what its budget block warns of, else `high`."""
    breakdown: dict[str, float] | None = None
    """By category, as the source divides it."""

    @model_validator(mode="after")
    def _ordered(self) -> Budget:
        if self.low is not None and self.high is not None and self.low > self.high:
            raise Refused("low", f"{self.low:g}", f"at most high, which is {self.high:g}")
        return self


class Trigger(Part):
    """A measure that says the phase is outgrown."""

    metric: str
    """What is measured: a metric of `block`, one that the phase's alarms read from logs, or with `business` a figure of
    the business, e.g. `revenue`."""
    block: str | None = None
    """The block that emits it."""
    business: bool = False
    """Nothing that runs emits it: people look at it, e.g. at revenue or at customers in a country."""
    above: float | None = None
    """Outgrown above this."""
    below: float | None = None
    """Outgrown below this."""
    unit: str = ""
    """Of the figure, e.g. `ms`."""
    lasting: str = Field(default="", alias="for", pattern=DURATION)
    """How long it must last, e.g. `5m`, `24h` or `7d`; empty where the source says nothing."""
    action: str = ""
    """What the source says to do then."""
    asks: dict[Name, dict[str, Any]] | None = None
    """What it asks for within the phase, in the shape of a stack's overrides, e.g. `{app: {count: {max: 8}}}`; null
    asks for the next phase."""
    source: str = ""
    """Where the figure stands."""

    @model_validator(mode="after")
    def _one_side(self) -> Trigger:
        if (self.above is None) == (self.below is None):
            found = "both" if self.above is not None else "neither"
            raise Refused("above", f"{found} of above and below", "one of them")
        if self.business and self.block is not None:
            raise Refused("block", self.block, "nothing for a figure of the business, which no block emits")
        return self


class Phase(Part):
    """One rung of a system's ladder, as written: blocks are what differs from the phase before."""

    serves: dict[str, float | str | None] = Field(default_factory=dict)
    """What it is sized for, e.g. `{users: 1000, rps: 100, p95_ms: 200, availability: 99.9}`; null where the source says
    nothing. What ends in `_ms`, `_s` or `_h` is a time: less of it is more."""
    falls: dict[str, str] = Field(default_factory=dict)
    """What it has or serves less of than the phase before, with the reason: a figure (`users`, `vcpu`, `memory`,
    `connections`), or one of a block (`vcpu.workers`)."""
    budget: Budget = Field(default_factory=Budget)
    """What it may cost."""
    when: str = ""
    """When the source has it, e.g. `months 1-3`."""
    leave: dict[str, Trigger] = Field(default_factory=dict)
    """When to leave it for the next one."""
    notes: dict[str, str] = Field(default_factory=dict)
    """Why it differs from its source, by block or topic."""
    blocks: dict[Name, dict[str, Any] | None] = Field(default_factory=dict)
    """Blocks by name; null removes one."""
    usage: dict[Name, Usage | None] = Field(default_factory=dict)
    """What blocks use in a month, for the estimate of what they cost; null takes a block's figures away."""
    purchase: dict[Name, Shares | None] = Field(default_factory=dict)
    """How blocks are bought that are not paid on demand; null takes it back."""


class BlueprintFile(Part):
    """The file."""

    system: str = Field(pattern=NAME)
    """Equal to the file's name."""
    title: str = ""
    """The product's name for people."""
    phases: dict[Name, Phase] = Field(min_length=1)
    """In the order they are climbed."""
    environments: dict[str, dict[Name, dict[str, Any]]] = Field(default_factory=dict)
    """Merged after the phase; never a `fixed` field."""
    usage_share: dict[Literal["dev", "staging"], Annotated[float, Field(ge=0, le=1)]] = Field(default_factory=dict)
    """How much of a phase's usage an environment beside prod has; unstated, all of it."""


@dataclass(frozen=True)
class Block:
    """One block of one phase, in one environment, with the stack's overrides."""

    name: str
    kind: str
    spec: Spec
    takes_over: str | None = None
    """The role it fills in place of the block of that name."""
    stands_in: bool = False
    """It fills it for the block of that name itself, since a restore, and not as its successor."""


@dataclass(frozen=True)
class Blueprint:
    """A checked blueprint; `stacks.models.resolve` gives the blocks of a phase."""

    system: str
    title: str
    phases: Mapping[str, Phase]
    environments: Mapping[str, Mapping[str, Mapping[str, Any]]]
    merged: Mapping[str, Mapping[str, Mapping[str, Any]]]
    """phase → block → its keys after merging, `kind` among them; before environment and overrides."""
    usage: Mapping[str, Mapping[str, Usage]]
    """phase → block → its figures, merged along the phases as blocks are; only of blocks that the phase has."""
    purchase: Mapping[str, Mapping[str, Mapping[str, float]]]
    """phase → block → option → share, likewise."""
    usage_share: Mapping[str, float]
    document: Document = field(repr=False, compare=False)
    kinds: Any = field(repr=False, compare=False)
    """Where the specs come from (`stacks.models.kinds.Kinds`)."""

    @property
    def names(self) -> list[str]:
        """The phases in climbing order."""
        return list(self.phases)

    def neighbours(self, phase: str) -> list[str]:
        """The phase before and the phase after."""
        i = self.names.index(phase)
        return [self.names[k] for k in (i - 1, i + 1) if 0 <= k < len(self.names)]

    def is_up(self, old: str, new: str) -> bool:
        """Whether the second phase is above the first."""
        return self.names.index(new) > self.names.index(old)

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Every two neighbours, upwards."""
        yield from zip(self.names, self.names[1:], strict=False)

    def kind_of(self, block: str) -> str | None:
        """A block's kind, which it has in every phase."""
        return next((blocks[block]["kind"] for blocks in self.merged.values() if block in blocks), None)
