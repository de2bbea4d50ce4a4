"""The base of every kind's spec, and the join that each of its fields declares (docs/moving.md, section 1)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from components.docstrings import Documented

REGION: Final = r"[a-z]{2}(-[a-z]+)+-\d"
"""A region of AWS, as a pattern."""


class Join(StrEnum):
    """What a field holds while its stack is between two phases. Undeclared means `FIXED`."""

    NOW = "now"
    """The new value at once; only for what is a plain update."""
    MAX = "max"
    """The larger value until contract; the old one where the order is unknown."""
    UNION = "union"
    """Both sides' keys until contract; for maps by name."""
    LATE = "late"
    """The old value until contract: narrowing, weaker protection."""
    LADDER = "ladder"
    """One rung an apply."""
    TRAFFIC = "traffic"
    """Which side takes requests: the old one below 100, the new one at 100, weighted where the carrier has weights."""
    FIXED = "fixed"
    """Equal in all phases."""


class Spec(Documented):
    """A frozen, closed model. A nested `Spec` is joined field by field; `dict[str, Spec]` key by key."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def check_among(self, kinds: Mapping[str, str]) -> None:
        """Raises `Refused` for what cannot be among the blocks it stands with; `kinds` are theirs by name."""

    def members(self, name: str) -> Collection[str]:  # noqa: ARG002 - the base has none
        """Logical names of resources of a block of this `name` that go one by one, each by a `retire` of its own while
        the stack is settled: what customers have been given."""
        return ()

    def check_takes_over(self, kind: str, other: Spec | None) -> None:
        """Raises `Refused` for what a block with this spec cannot take over; `other` is its predecessor's spec in the
        phase before, None where that is not in it."""

    def keeps(self, lower: Spec) -> Keeps | None:  # noqa: ARG002 - the base loses nothing
        """What a lower phase's spec of the same block must take over from this one, since leaving it out would delete
        data: regions with copies, say. None where nothing is lost."""
        return None

    @classmethod
    def restored(cls, keys: Mapping[str, Any], snapshot: str) -> dict[str, Any]:  # noqa: ARG003 - most need none
        """What a block says otherwise than the one whose `keys` it has, and for which it stands in since a snapshot of
        that was restored; asked of kinds that have the field `restore`."""
        return {"restore": snapshot}


class Refused(ValueError):  # noqa: N818 - said of the value, as the message reads
    """A value that another one of the same spec rules out; raised by a spec's own validators."""

    def __init__(self, key: str, found: object, allowed: str) -> None:
        """`key` is the path below the spec, e.g. `cache.api.edge_ttl`."""
        self.key, self.found, self.allowed = key, found, allowed
        super().__init__(f"{key}: found {found}; allowed: {allowed}")


@dataclass(frozen=True)
class Keeps:
    """Keys of a spec that cannot go."""

    fields: Mapping[str, Any]
    """In the shape of the stack's overrides."""
    what: str
    """Their names, e.g. `replicas.eu-central-1`."""
    why: str


@dataclass(frozen=True)
class Refers:
    """Marks text that names another block, or the role that a block fills; checked when a stack is resolved."""

    to: Literal["block", "role"]


BlockName = Annotated[str, Refers("block")]
"""The name of a block, e.g. the host of a service."""
RoleName = Annotated[str, Refers("role")]
"""The name of a role, e.g. `db`: whichever block fills it."""
RegionName = Annotated[
    str, StringConstraints(pattern=r"^(us|ap|ca|eu|il|me|mx|sa|af|cn)-(gov-)?(north|south|central|east|west)+-[1-9]$")
]
"""An AWS region beside the stack's own, as the key of a block's `regions`."""


def joined(join: Join, default: Any = ..., *, order: Sequence[str] = (), **constraints: Any) -> Any:
    """A pydantic field that declares its join; `constraints` are pydantic's own (`ge`, `pattern`, …).

    `order` lists a `MAX` field's words from the smallest to the largest, where the values are words and not numbers.
    """
    extra: dict[str, Any] = {"join": join.value, **constraints.pop("json_schema_extra", {})}
    if order:
        extra["order"] = list(order)
    if callable(default) and default is not ...:
        return Field(default_factory=default, json_schema_extra=extra, **constraints)
    return Field(default=default, json_schema_extra=extra, **constraints)


def join_of(model: type[BaseModel], field: str) -> Join:
    """The declared join of a field; `Join.FIXED` where none is declared."""
    extra = model.model_fields[field].json_schema_extra
    return Join(extra["join"]) if isinstance(extra, dict) and "join" in extra else Join.FIXED


def order_of(model: type[BaseModel], field: str) -> tuple[str, ...]:
    """A `MAX` field's words from the smallest to the largest; empty where its values order themselves."""
    extra = model.model_fields[field].json_schema_extra
    order = extra.get("order") if isinstance(extra, dict) else None
    return tuple(str(word) for word in order) if isinstance(order, list) else ()
