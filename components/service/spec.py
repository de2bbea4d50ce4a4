"""The spec of the kind service."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, StringConstraints, model_validator

from components.service.placement import PlacementSpec
from components.spec import BlockName, Join, Refused, RegionName, RoleName, Spec, joined

LABEL = r"^(@|[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)$"
PATH = r"^(/[A-Za-z0-9._~-]+)+$"
CONDITIONS = 5
"""Values that a balancer's rule compares (Application Load Balancers user guide, "Quotas"); a path takes two."""
VARIABLE = r"^[A-Z][A-Z0-9_]*$"
USABLE = ("postgres", "aurora", "cache", "hosted", "search", "broker", "bucket", "function", "table", "events")
"""Kinds that fill a role."""
HOSTS = ("server", "kubernetes")
"""Kinds that services run on."""


class ServiceRegionSpec(Spec):
    """The service in one region beside home, on the clusters that stand there too; its key is the region."""


class HostNameSpec(Spec):
    """One label under the stack's domain; `@` is the domain itself."""

    paths: list[Annotated[str, StringConstraints(pattern=PATH)]] = joined(Join.NOW, list, max_length=2)
    """Only these paths and what lies below them, e.g. `/orders`: services behind one balancer share the label so, and
    one of them without paths gets the rest. Empty is every path."""


class UseSpec(Spec):
    """How the service uses a role or a bucket."""

    access: Literal["read", "write"] = joined(Join.MAX, "write", order=("read", "write"))
    """What it may do with a bucket, a table or a broker; of a broker `read` takes work and gives none."""


class SecretSpec(Spec):
    """One secret of the service's own; its key is the variable that the container gets."""

    generate: int | None = joined(Join.FIXED, None, ge=16, le=128)
    """Length of a random value made at birth; null leaves the value to an operator."""


class CapabilitySpec(Spec):
    """One Linux capability that the container keeps."""


class HealthSpec(Spec):
    """What shows that a container serves: an HTTP path, asked by the host and by the balancer."""

    path: str = joined(Join.NOW, "/health", pattern=r"^/")
    """Answers 200 when the container can serve."""
    interval: int = joined(Join.NOW, 15, ge=5, le=300)
    """Seconds between the balancer's checks."""
    timeout: int = joined(Join.NOW, 5, ge=2, le=120)
    """Seconds until a check counts as failed."""
    healthy: int = joined(Join.NOW, 2, ge=2, le=10)
    """Passed checks in a row that bring a host in."""
    unhealthy: int = joined(Join.NOW, 3, ge=2, le=10)
    """Failed checks in a row that take it out."""
    grace: int = joined(Join.NOW, 90, ge=0, le=3600)
    """Seconds after a start in which the host does not judge it."""

    @model_validator(mode="after")
    def _in_time(self) -> HealthSpec:
        if self.timeout >= self.interval:
            raise Refused("timeout", self.timeout, f"less than interval, which is {self.interval}")
        return self


def _by_name(value: object) -> object:
    """`on: app` and `uses: [db, cache]` are short for maps by name."""
    if isinstance(value, str):
        return {value: {}}
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return {item: {} for item in value}
    return value


class ServiceSpec(Spec):
    """A program and how it runs."""

    on: Annotated[dict[BlockName, PlacementSpec], BeforeValidator(_by_name)] = joined(Join.UNION, min_length=1)
    """The servers and clusters it runs on; `on: app` for one server."""
    regions: dict[RegionName, ServiceRegionSpec] = joined(Join.UNION, dict)
    """Regions beside home in which it runs on clusters as well."""
    takes: Literal["requests", "queue", "schedule"] = joined(Join.FIXED)
    """Where its work comes from; decides which side works while traffic moves."""
    idempotent: bool = joined(Join.FIXED, False)
    """The same work may be done twice: by two sides of a move, or by two hosts."""
    image: str | None = joined(Join.NOW, None)
    """Its key in the stack's images; null is the block's own name. Blocks may share an image."""
    command: list[str] = joined(Join.NOW, list)
    """Arguments of the image's entry point."""
    port: int | None = joined(Join.FIXED, None, ge=1024, le=65535)
    """Where it listens, on its host too."""
    hosts: Annotated[dict[str, HostNameSpec], BeforeValidator(_by_name)] = joined(Join.UNION, dict, max_length=5)
    """The labels under the stack's domain that it answers, e.g. `api`; `@` is the domain itself. A balancer's rule
    holds five at most."""
    count: int = joined(Join.MAX, 1, ge=1, le=64)
    """Containers on each host; more than one only without a port."""
    env: dict[str, str] = joined(Join.NOW, dict)
    """Plain settings."""
    uses: Annotated[dict[RoleName, UseSpec], BeforeValidator(_by_name)] = joined(Join.UNION, dict)
    """Roles and buckets it talks to; each gives it variables that start with its name, as `DB_HOST`."""
    secrets: dict[str, SecretSpec] = joined(Join.UNION, dict)
    """Secrets of its own, by variable."""
    cpu: float | None = joined(Join.NOW, None, gt=0, le=192)
    """Cores it may use; null is all of the host's."""
    memory: int | None = joined(Join.NOW, None, ge=64)
    """MiB it may use; null is all of the host's."""
    shm: int | None = joined(Join.NOW, None, ge=64)
    """MiB of shared memory, for browsers."""
    capabilities: dict[str, CapabilitySpec] = joined(Join.NOW, dict)
    """Linux capabilities it keeps; all others are dropped."""
    read_only: bool = joined(Join.NOW, False)
    """Its file system cannot be written to, but for /tmp."""
    health: HealthSpec | None = joined(Join.NOW, None)
    """How it is checked; needed where it takes requests."""
    restart: Literal["always", "on-failure"] = joined(Join.NOW, "always")
    """When the host starts it again."""
    stop_seconds: int = joined(Join.NOW, 30, ge=1, le=7200)
    """Time it has to finish its work when told to stop."""
    every: str | None = joined(Join.NOW, None)
    """systemd calendar expression, e.g. `*-*-* 03:00:00`: it runs to its end each time instead of staying up."""
    sticky_seconds: int | None = joined(Join.NOW, None, ge=1, le=604800)
    """The balancer keeps a client on one host for so long; null spreads each request."""
    slow_start: int = joined(Join.NOW, 0, ge=0, le=900)
    """Seconds over which a new host's share of requests grows; 0, or 30 to 900."""
    log_days: Literal[7, 14, 30, 60, 90, 180, 365] = joined(Join.MAX, 30)
    """How long its logs are kept."""

    @model_validator(mode="after")
    def _consistent(self) -> ServiceSpec:
        if self.takes == "requests" and (self.port is None or self.health is None):
            missing = "port" if self.port is None else "health"
            raise Refused(missing, "null", f"a {missing} where it takes requests")
        if self.hosts and self.takes != "requests":
            raise Refused("hosts", ", ".join(self.hosts), f"none where it takes {self.takes}")
        if self.health and self.port is None:
            raise Refused("health", "a path", "null without a port")
        if self.count > 1 and self.port is not None:
            raise Refused("count", self.count, "1 with a port: two containers of a host cannot share it")
        if self.every and self.takes != "schedule":
            raise Refused("every", self.every, f"null where it takes {self.takes}")
        if 0 < self.slow_start < 30:
            raise Refused("slow_start", self.slow_start, "0, or 30 to 900")
        for label in self.hosts:
            _named("hosts", label, LABEL)
        for label, host in self.hosts.items():
            if tuple(host.paths) != self.paths:
                allowed = f"the same for each of hosts: {', '.join(self.paths) or 'none'}"
                raise Refused(f"hosts.{label}.paths", ", ".join(host.paths) or "none", allowed)
        if len(self.hosts) + 2 * len(self.paths) > CONDITIONS:
            found = f"{len(self.hosts)} hosts and {len(self.paths)} paths"
            raise Refused("hosts", found, f"{CONDITIONS} at most, of which a path takes two")
        for variable in [*self.env, *self.secrets]:
            _named("env" if variable in self.env else "secrets", variable, VARIABLE)
        return self

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths that it answers, the same under each of its names; none for all."""
        return next((tuple(host.paths) for host in self.hosts.values()), ())

    def check_among(self, kinds: Mapping[str, str]) -> None:
        """It is placed on servers and clusters, each as that wants it, and uses what holds data or is a function."""
        for key, names, wanted in (("on", self.on, HOSTS), ("uses", self.uses, USABLE)):
            able = sorted(block for block, kind in kinds.items() if kind in wanted)
            for name in names:
                if name in kinds and name not in able:
                    raise Refused(f"{key}.{name}", name, f"a {' or '.join(wanted)}: {', '.join(able) or 'none here'}")
        for host, placed in self.on.items():
            said = placed.said()
            if kinds.get(host) == "server" and said is not None:
                raise Refused(f"on.{host}.{said}", getattr(placed, said), f"nothing, as {host} is a server")
            if kinds.get(host) == "kubernetes":
                self._fits_cluster(host, placed)

    def _fits_cluster(self, host: str, placed: PlacementSpec) -> None:
        if placed.namespace is None:
            raise Refused(f"on.{host}.namespace", "null", f"one of the namespaces of {host}")
        if self.count > 1:
            raise Refused("count", self.count, f"1 on a cluster; {host} counts by replicas or scaling")
        queue = placed.scaling.queue if placed.scaling else None
        if queue and self.takes != "queue":
            raise Refused(f"on.{host}.scaling.queue", queue.named, f"null where it takes {self.takes}")
        if queue and queue.role not in self.uses:
            used = ", ".join(self.uses) or "none"
            raise Refused(f"on.{host}.scaling.queue.role", queue.role, f"a role that it uses: {used}")


def _named(key: str, found: str, pattern: str) -> None:
    if not re.fullmatch(pattern, found):
        raise Refused(f"{key}.{found}", found, f"a name that matches {pattern}")


def variables(role: str) -> str:
    """How the variables of a role or bucket start: `image-cache` gives `IMAGE_CACHE_`."""
    return role.upper().replace("-", "_") + "_"
