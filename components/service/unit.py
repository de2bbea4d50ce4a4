"""A container as a host runs it: plain values only, so that user data is known before anything is created."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi


@dataclass(frozen=True)
class UnitHealth:
    """How the host itself finds out that a container hangs, and restarts it."""

    port: int
    path: str
    timeout: int
    """Seconds."""
    failures: int
    """Failed checks in a row, ten seconds apart."""
    grace: int
    """Seconds after a start in which failures do not count."""


@dataclass(frozen=True)
class ContainerUnit:
    """One systemd unit. Everything that is text ends up in user data; `statements` and `needs` do not."""

    name: str
    image: str
    """With its digest."""
    count: int = 1
    """Containers on each host; 0 defines the unit but starts none."""
    port: int | None = None
    """Published on the host under the same number."""
    command: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    """SSM parameters to read at start, by the prefix of the variables they give (`DB_` → `/meal-prod/roles/db`)."""
    secure: Mapping[str, str] = field(default_factory=dict)
    """SecureString parameters to read at start, by variable."""
    cpus: float | None = None
    memory: int | None = None
    """MiB."""
    shm: int | None = None
    """MiB of /dev/shm."""
    capabilities: tuple[str, ...] = ()
    """Linux capabilities kept; all others are dropped."""
    host_network: bool = False
    read_only: bool = False
    health: UnitHealth | None = None
    restart: str = "always"
    stop_seconds: int = 30
    behind: tuple[str, ...] = ()
    """Units of the same host that must serve before this one starts, and that stop after it."""
    timer: str | None = None
    """systemd `OnCalendar`; the container then runs to its end each time."""
    options: tuple[str, ...] = ()
    """More of `docker run`'s."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """What it keeps on a volume of its own, as the hosts' `store.py` reads it; empty keeps nothing."""
    log_group: str = ""
    statements: Sequence[Mapping[str, Any]] = ()
    """IAM statements that the host's role needs for this unit."""
    needs: Sequence[pulumi.Resource] = ()
    """What must exist before a host boots."""

    def manifest(self) -> dict[str, Any]:
        """What the host reads to run it; what is not set is left out, as user data is short."""
        given: dict[str, Any] = {
            "image": self.image,
            "count": self.count,
            "stop": self.stop_seconds,
            "restart": self.restart,
            "port": self.port,
            "command": list(self.command),
            "env": dict(sorted(self.env.items())),
            "parameters": dict(sorted(self.parameters.items())),
            "secure": dict(sorted(self.secure.items())),
            "cpus": self.cpus,
            "memory": self.memory,
            "shm": self.shm,
            "capabilities": sorted(self.capabilities),
            "host_network": self.host_network,
            "read_only": self.read_only,
            "health": vars(self.health) if self.health else None,
            "behind": sorted(self.behind),
            "timer": self.timer,
            "options": list(self.options),
            "data": dict(sorted(self.data.items())),
            "logs": self.log_group,
        }
        always = ("image", "count", "stop", "restart")
        return {key: value for key, value in given.items() if key in always or value}
