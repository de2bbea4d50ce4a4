"""The spec of the kind server."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from components.spec import Join, Refused, Spec, joined

INSTANCE = r"^[a-z][a-z0-9-]*\.[a-z0-9-]+$"


class CountSpec(Spec):
    """How many hosts; between the two the scaling group decides."""

    min: int = joined(Join.MAX, 1, ge=0, le=500)
    """Hosts that are always there, and that the group is born with."""
    max: int = joined(Join.MAX, 1, ge=1, le=500)
    """Hosts it may grow to."""

    @model_validator(mode="after")
    def _ordered(self) -> CountSpec:
        if self.min > self.max:
            raise Refused("min", self.min, f"at most max, which is {self.max}")
        return self


class AlternativeSpec(Spec):
    """An instance type that may stand in; its key is the type. It must have the same architecture."""


class SpotSpec(Spec):
    """How much of the group may be spot capacity."""

    on_demand_base: int = joined(Join.MAX, 1, ge=0)
    """Hosts that are always on demand."""
    on_demand_percent: int = joined(Join.MAX, 0, ge=0, le=100)
    """Share of the hosts above the base that is on demand."""


class RegistrySpec(Spec):
    """A private image registry; its key is the host name. Its login is a secret that an operator fills in as
    `{"username": …, "password": …}`."""


class QueueScalingSpec(Spec):
    """Hosts by how much waits: as many as may be above one mark, as few as must be below another. In between they stay
    as many as they are."""

    metric: str = joined(Join.NOW, min_length=1)
    """One of the alarms' `metrics`, which a service writes into its log at least once a minute."""
    above: float = joined(Join.NOW, gt=0)
    """More than this, and there are `count.max` hosts."""
    below: float = joined(Join.NOW, gt=0)
    """Fewer than this, and there are `count.min`."""
    minutes: int = joined(Join.NOW, 5, ge=1, le=60)
    """How long it must last either way."""

    @model_validator(mode="after")
    def _apart(self) -> QueueScalingSpec:
        if self.below > self.above:
            raise Refused("below", self.below, f"at most above, which is {self.above:g}")
        return self


class ServerSpec(Spec):
    """Hosts for container units."""

    instance: str = joined(Join.MAX, pattern=INSTANCE)
    """Instance type; a change rolls through the group host by host."""
    count: CountSpec = joined(Join.MAX, CountSpec)
    """Least and most hosts."""
    alternatives: dict[str, AlternativeSpec] = joined(Join.UNION, dict)
    """Further instance types, tried in alphabetical order where the first is out of stock."""
    spot: SpotSpec | None = joined(Join.LATE, None)
    """Spot capacity; null means on demand only. Weaker than on demand, so it comes last."""
    subnets: Literal["app", "public"] = joined(Join.MAX, "app", order=("app", "public"))
    """`public` gives each host a public address, for a network without NAT; no port is open there either."""
    tunnel: bool = joined(Join.MAX, False)
    """Hosts are reached through a Cloudflare Tunnel."""
    address: bool = joined(Join.MAX, False)
    """A lone host claims one elastic address at boot, for others' allow lists; needs `subnets: public`."""
    disk: int = joined(Join.MAX, 30, ge=8, le=16384)
    """Root volume in GiB, encrypted gp3."""
    cpu_target: int = joined(Join.NOW, 60, ge=10, le=90)
    """Average CPU in percent that scaling holds."""
    request_target: int | None = joined(Join.UNION, None, ge=1)
    """Requests per host and minute that scaling holds, behind a balancer, and until contract on the way down."""
    queue: QueueScalingSpec | None = joined(Join.UNION, None)
    """Also by the length of a queue; CPU then only adds hosts, as those that wait for others do not use theirs."""
    warmup: int = joined(Join.NOW, 180, ge=0, le=3600)
    """Seconds until a new host counts."""
    drain: int = joined(Join.NOW, 120, ge=30, le=7200)
    """Longest time in seconds in which a host that goes may finish its work."""
    detailed_monitoring: bool = joined(Join.NOW, True)
    """EC2 metrics every minute instead of every five."""
    registries: dict[str, RegistrySpec] = joined(Join.UNION, dict)
    """Private registries by host name, e.g. `ghcr.io`; ECR in this account needs no entry."""

    @model_validator(mode="after")
    def _consistent(self) -> ServerSpec:
        if self.address and (self.subnets != "public" or self.count.max != 1):
            raise Refused(
                "address", "true", "only with subnets: public and count.max: 1, as one address serves one host"
            )
        if self.queue and self.count.min == self.count.max:
            raise Refused("queue", "set", f"null: count.min and count.max are both {self.count.min}")
        for kind in self.alternatives:
            if architecture(kind) != architecture(self.instance):
                raise Refused(
                    f"alternatives.{kind}", architecture(kind), f"{architecture(self.instance)}, as {self.instance}"
                )
        return self


def architecture(instance: str) -> Literal["arm64", "x86_64"]:
    """The architecture of an instance type, from its family's letters (EC2, "Instance type naming conventions": `g`
    among the options after the generation means Graviton; `a1` is the one older Graviton family)."""
    family = instance.split(".")[0]
    options = family.lstrip("abcdefghijklmnopqrstuvwxyz").lstrip("0123456789").split("-")[0]
    return "arm64" if "g" in options or family == "a1" else "x86_64"
