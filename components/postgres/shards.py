"""What shards may be called, and what may be said of them, so that no two things end up under one name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.spec import Refused

if TYPE_CHECKING:
    from components.postgres.spec import PostgresSpec

RESERVED = {
    "read": "the role's reading name ends so",
    "replica": "the names of replicas begin so",
}


def refuse_shards(spec: PostgresSpec) -> None:
    """Raises `Refused` for the first thing that cannot be."""
    for shard in spec.shards:
        if shard in RESERVED:
            raise Refused(f"shards.{shard}", shard, f"another name: {RESERVED[shard]}")
    if spec.shards and spec.first not in spec.shards:
        allowed = f"{spec.first} among them, the instance that is there already (first)"
        raise Refused("shards", ", ".join(sorted(spec.shards)), allowed)
    for key, value in spec.shards[spec.first] if spec.shards else ():
        if value:
            allowed = "nothing: the first shard is the block's own instance, which the block's keys describe"
            raise Refused(f"shards.{spec.first}.{key}", value, allowed)
    for shard in spec.others:
        # Both would be the instance <prefix>-<block>-<name>.
        for replica in spec.replicas:
            if replica == shard or replica.startswith(f"{shard}-"):
                raise Refused(f"replicas.{replica}", replica, f"a name that does not begin as the shard {shard}")
    known = sorted(spec.shards) or [spec.first]
    for key, shard in spec.holds.items():
        if shard not in known:
            raise Refused(f"holds.{key}", shard, ", ".join(known))
