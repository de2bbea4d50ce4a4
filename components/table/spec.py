"""The spec of the kind table."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import StringConstraints, model_validator

from components.spec import Join, Refused, RegionName, Spec, joined

Attribute = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,255}$")]
"""The name of an attribute."""
INDEX = r"[a-zA-Z0-9_.-]{3,255}"
INDEXES_LIMIT = 20
"""Global secondary indexes of a table (DynamoDB developer guide, "Quotas")."""
CARRIED_LIMIT = 100
"""Attributes that all indexes of a table carry beside keys, where they carry named ones (the same page)."""


class KeySpec(Spec):
    """One attribute of a key."""

    name: Attribute = joined(Join.FIXED)
    type: Literal["S", "N", "B"] = joined(Join.FIXED, "S")
    """Text, number or bytes."""


class IndexSpec(Spec):
    """A global secondary index; its key is its name. Another key or other attributes are another index, which is filled
    beside this one before anything asks it."""

    hash: KeySpec = joined(Join.FIXED)
    range: KeySpec | None = joined(Join.FIXED, None)
    carries: Literal["all", "keys", "some"] = joined(Join.FIXED, "all")
    """Which attributes of an item are in it."""
    attributes: list[Attribute] = joined(Join.FIXED, list)
    """Those that it carries beside the keys, with carries some."""

    @model_validator(mode="after")
    def _carried(self) -> IndexSpec:
        if (self.carries == "some") != bool(self.attributes):
            allowed = "at least one with carries some" if self.carries == "some" else "none but with carries some"
            raise Refused("attributes", ", ".join(self.attributes) or "none", allowed)
        return self


class CapacitySpec(Spec):
    """Bounds between which a provisioned table, and each of its indexes, is scaled by what it uses."""

    min: int = joined(Join.MAX, ge=1, le=40000)
    """Read units and write units each that are always there."""
    max: int = joined(Join.MAX, ge=1, le=40000)
    """Of each at most."""
    target: int = joined(Join.NOW, 70, ge=20, le=90)
    """Per cent of it in use that scaling aims at."""


class TableRegionSpec(Spec):
    """A replica in one more region; its key is the region."""


class TableSpec(Spec):
    """A table, encrypted under a key of its own, recoverable to any second, with a stream of its changes."""

    hash: KeySpec = joined(Join.FIXED)
    """What an item is found by; never changes."""
    range: KeySpec | None = joined(Join.FIXED, None)
    """What items of one hash are ordered by; never changes."""
    indexes: dict[str, IndexSpec] = joined(Join.UNION, dict)
    """Global secondary indexes by name."""
    billing: Literal["on_demand", "provisioned"] = joined(Join.FIXED, "on_demand")
    """How reads and writes are paid for. Fixed, though AWS could change it: what a scaler owns is ignored, so the
    provider would begin a provisioned table at one unit."""
    capacity: CapacitySpec | None = joined(Join.UNION, None)
    """With billing provisioned."""
    ttl: Attribute | None = joined(Join.FIXED, None)
    """The attribute that says, in seconds since 1970, when an item may go; items without it stay. To name it costs
    nothing, so it is named from the start."""
    storage: Literal["standard", "infrequent"] = joined(Join.NOW, "standard")
    """Infrequent: storage for less, reads and writes for more. AWS takes two changes in thirty days."""
    recovery_days: int = joined(Join.MAX, 35, ge=1, le=35)
    """How far back the table can be had as it was at any second."""
    region: RegionName | None = joined(Join.FIXED, None)
    """The region in which it stands instead of the stack's own: what a jurisdiction's data may not leave. It has no
    replicas then."""
    regions: dict[RegionName, TableRegionSpec] = joined(Join.UNION, dict)
    """Regions beside the stack's own with a replica, which takes writes too; the last one to write an item wins."""

    @model_validator(mode="after")
    def _consistent(self) -> TableSpec:
        if (self.billing == "provisioned") != (self.capacity is not None):
            given = "set" if self.capacity else "null"
            raise Refused("capacity", given, "bounds with billing provisioned, null with on_demand")
        if self.capacity and self.capacity.min > self.capacity.max:
            raise Refused("capacity.min", self.capacity.min, f"at most max, {self.capacity.max}")
        if self.region and self.regions:
            raise Refused("regions", ", ".join(sorted(self.regions)), f"none, as its data stays in {self.region}")
        if self.regions and self.billing == "provisioned":
            # A replica's writes take as much capacity as those at home, and nobody would scale them there.
            raise Refused("regions", ", ".join(sorted(self.regions)), "none with billing provisioned")
        if len(self.indexes) > INDEXES_LIMIT:
            raise Refused("indexes", f"{len(self.indexes)} indexes", f"at most {INDEXES_LIMIT}")
        carried = sum(len(index.attributes) for index in self.indexes.values())
        if carried > CARRIED_LIMIT:
            raise Refused("indexes", f"{carried} carried attributes", f"at most {CARRIED_LIMIT} in all indexes")
        types = {key.name: key.type for key in (self.hash, self.range) if key}
        if self.range and self.range.name == self.hash.name:
            raise Refused("range.name", self.range.name, "another attribute than hash")
        for name, index in self.indexes.items():
            if not re.fullmatch(INDEX, name):
                raise Refused(f"indexes.{name}", name, f"a name that matches {INDEX}")
            for part, key in (("hash", index.hash), ("range", index.range)):
                if key and types.setdefault(key.name, key.type) != key.type:
                    allowed = f"{types[key.name]}, as {key.name} has elsewhere"
                    raise Refused(f"indexes.{name}.{part}.type", key.type, allowed)
        if self.ttl in types:
            raise Refused("ttl", self.ttl, "an attribute that is no key")
        return self

    def attributes(self) -> dict[str, str]:
        """Every attribute of a key, with its type, by name."""
        keys = [self.hash, self.range, *(key for index in self.indexes.values() for key in (index.hash, index.range))]
        return {key.name: key.type for key in sorted((key for key in keys if key), key=lambda key: key.name)}
