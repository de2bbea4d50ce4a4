"""The spec of the kind hosted: what a lone server keeps itself, for phases that cannot pay for RDS or ElastiCache."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from pydantic import model_validator

from components.spec import BlockName, Join, Refused, RoleName, Spec, joined
from components.windows import CLOCK

IMAGES: Final = {
    ("postgres", "17"): (
        "docker.io/library/postgres:17.10@sha256:7958605b474b3d264a969cb3a123d6aa00ad1e1fe9da8a69984dabb704d93317"
    ),
    ("valkey", "8"): (
        "docker.io/valkey/valkey:8-bookworm@sha256:fea8b3e67b15729d4bb70589eb03367bab9ad1ee89c876f54327fc7c6e618571"
    ),
}
"""By engine and major, of several architectures. Taken where the stack's images name none under `<engine>-<major>`."""
CONNECTIONS: Final = 100
"""What PostgreSQL itself has where nobody says it (PostgreSQL documentation, "Connection Settings")."""
PORTS: Final = {"postgres": 5432, "valkey": 6379}
APART: Final = 100
"""Between the ports of a block and of what stands in for it since a restore."""
NEWEST: Final = {"postgres": "17", "valkey": "8"}
TAKEN_OVER_BY: Final = {"postgres": "postgres", "valkey": "cache"}
"""Engine → the kind that takes its role over once it is outgrown."""


class HostedSpec(Spec):
    """One database or cache on a server that has one host."""

    engine: Literal["postgres", "valkey"] = joined(Join.FIXED)
    """What keeps the data."""
    on: BlockName = joined(Join.FIXED)
    """The server that runs it; while it does, that server has one host, in one zone."""
    size: int = joined(Join.MAX, ge=1, le=16384)
    """The volume in GiB, encrypted gp3. Grows while in use, never shrinks."""
    zone: Literal[1, 2, 3] = joined(Join.FIXED, 1)
    """Which of the network's zones the volume is in: its server stands there, and nowhere else."""
    version: str | None = joined(Join.FIXED, None, pattern=r"^\d+$")
    """The engine's major; null is the newest that is pinned."""
    use: Literal["cache", "queue"] | None = joined(Join.FIXED, None)
    """Of Valkey: `cache` may evict anything; `queue` holds jobs and evicts nothing."""
    memory: int = joined(Join.MAX, 512, ge=128)
    """MiB that its container may have; PostgreSQL gives a quarter to its buffers, Valkey three to its data."""
    connections: int = joined(Join.MAX, CONNECTIONS, ge=10, le=1000)
    """Clients that PostgreSQL takes at a time, about 10 MiB of its memory each; another figure is another host."""
    database: str = joined(Join.FIXED, "app", pattern=r"^[a-z][a-z0-9_]{0,62}$")
    """PostgreSQL's database, made at birth."""
    admin: str = joined(Join.FIXED, "dbadmin", pattern=r"^[a-z][a-z0-9_]{0,62}$")
    """PostgreSQL's user; its password is in a secret of ours."""
    port: int | None = joined(Join.FIXED, None, ge=1024, le=65535)
    """Where it listens on its host; null is the engine's own. Two on one server need two."""
    snapshot_days: int = joined(Join.MAX, 7, ge=1, le=365)
    """Daily snapshots of the volume that are kept."""
    snapshot_time: str = joined(Join.NOW, "03:00", pattern=CLOCK)
    """When they are begun, UTC."""
    dumps: RoleName | None = joined(Join.UNION, None)
    """A bucket that gets a logical dump each night, which any PostgreSQL can read; null is none."""
    dump_time: str = joined(Join.NOW, "02:30", pattern=CLOCK)
    """When it is begun, UTC."""
    log_days: Literal[7, 14, 30, 60, 90, 180, 365] = joined(Join.MAX, 30)
    """How long CloudWatch keeps its log."""
    restore: str | None = joined(Join.FIXED, None, pattern=r"^snap-[0-9a-f]{8,17}$")
    """The snapshot that its volume is born from; null is a blank one."""

    @model_validator(mode="after")
    def _consistent(self) -> HostedSpec:
        if self.version is not None and (self.engine, self.version) not in IMAGES:
            raise Refused(
                "version", self.version, ", ".join(major for engine, major in IMAGES if engine == self.engine)
            )
        if (self.use is None) == (self.engine == "valkey"):
            raise Refused("use", self.use or "nothing", "cache or queue with valkey, nothing with postgres")
        if self.connections != CONNECTIONS and self.engine != "postgres":
            raise Refused("connections", self.connections, "nothing: a limit of PostgreSQL's")
        if self.dumps is not None and self.engine != "postgres":
            raise Refused("dumps", self.dumps, "nothing: only PostgreSQL has logical dumps")
        return self

    @property
    def major(self) -> str:
        """The engine's version."""
        return self.version or NEWEST[self.engine]

    @property
    def listens(self) -> int:
        """The port on its host."""
        return self.port or PORTS[self.engine]

    @classmethod
    def restored(cls, keys: Mapping[str, Any], snapshot: str) -> dict[str, Any]:
        """Beside the one it stands in for, on the same host, it needs a port of its own; the next one up may be its
        neighbour's."""
        return {"restore": snapshot, "port": (keys.get("port") or PORTS[keys["engine"]]) + APART}
