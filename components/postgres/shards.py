"""What shards are called and hold, of instances and of clusters alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Protocol

from pydantic import StringConstraints

from components.spec import Refused

SHARDS, HELD = 8, 60
"""As many shards, and keys on them, as a role's parameter tells of in 8 KB (Systems Manager user guide, "Managing
parameter tiers")."""
ShardName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]{0,15}$")]
"""A part of identifiers, host names and variables."""
HeldKey = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,23}$")]
"""A value of the key by which rows are spread, e.g. a supermarket."""
RESERVED = {"read": "the role's reading name ends so", "replica": "the names of replicas begin so"}
"""What no shard may be called, so that no two things end up under one name."""


class Sharded(Protocol):
    """A spec with shards by name."""

    @property
    def first(self) -> str: ...
    @property
    def shards(self) -> Mapping[str, Iterable[tuple[str, Any]]]: ...
    @property
    def holds(self) -> Mapping[str, str]: ...
    @property
    def others(self) -> list[str]: ...


def refuse_shards(spec: Sharded, *, each: str, beside: str, names: Iterable[str]) -> None:
    """Raises `Refused` for the first thing that cannot be. `each` is what a shard is; `names` are those of the spec's
    field `beside`, which stand in identifiers where shards' names do."""
    for shard in spec.shards:
        if shard in RESERVED:
            raise Refused(f"shards.{shard}", shard, f"another name: {RESERVED[shard]}")
    if spec.shards and spec.first not in spec.shards:
        allowed = f"{spec.first} among them, the {each} that is there already (first)"
        raise Refused("shards", ", ".join(sorted(spec.shards)), allowed)
    for key, value in spec.shards[spec.first] if spec.shards else ():
        if value:
            allowed = f"nothing: the first shard is the block's own {each}, which the block's keys describe"
            raise Refused(f"shards.{spec.first}.{key}", value, allowed)
    for shard in spec.others:
        # Both would be the instance <prefix>-<block>-<name>.
        for name in names:
            if name == shard or name.startswith(f"{shard}-"):
                raise Refused(f"{beside}.{name}", name, f"a name that does not begin as the shard {shard}")
    known = sorted(spec.shards) or [spec.first]
    for key, shard in spec.holds.items():
        if shard not in known:
            raise Refused(f"holds.{key}", shard, ", ".join(known))
