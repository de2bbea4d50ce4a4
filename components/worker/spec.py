"""The spec of the kind worker."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import StringConstraints, model_validator

from components.spec import BlockName, Join, Keeps, Refused, Spec, joined

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,48}$")]
Binding = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{0,63}$")]
"""What the script finds in its `env`."""

CRON = re.compile(r"[0-9A-Z*/,LW#-]+( [0-9A-Z*/,LW#-]+){4}")
DATA = ("kv", "queues", "databases")
"""Fields whose entries hold data of the worker's own."""
BOUND = ("env", "secrets", *DATA, "buckets", "limits", "datasets", "services")
"""Fields whose keys are names in the script's `env`."""


class RouteSpec(Spec):
    """Requests that the worker answers. Where two routes fit, Cloudflare takes the more specific one."""

    host: str = joined(Join.TRAFFIC, pattern=r"^(@|\*|[a-z0-9]([a-z0-9-]*[a-z0-9])?)$")
    """A name of the zone, or of a bucket with a domain; `@` is the domain itself, and `*` each custom hostname of the
    zone, one route for each."""
    path: str = joined(Join.TRAFFIC, "/*", pattern=r"^/[A-Za-z0-9._~/-]*\*?$")
    """A path, or with `*` at its end all that start so."""


class WorkerSecretSpec(Spec):
    """A secret, by its variable; its value is never in a file."""

    generate: int | None = joined(Join.FIXED, None, ge=16, le=128)
    """Length of a random value made at birth."""
    store: str | None = joined(Join.FIXED, None, pattern=r"^[0-9a-f]{32}$")
    """A Secrets Store in the account, in which an operator keeps it."""
    secret: str | None = joined(Join.NOW, None, pattern=r"^[A-Za-z0-9_-]{1,255}$")
    """Its name in that store."""

    of: BlockName | None = joined(Join.FIXED, None)
    """A service that has a generated secret under the same variable: both know its value, as it was first made."""

    @model_validator(mode="after")
    def _one_source(self) -> WorkerSecretSpec:
        stored = self.store is not None and self.secret is not None
        if [self.generate is not None, stored, self.of is not None].count(True) != 1:
            raise Refused("generate", self.generate, "either generate, or store and secret, or of")
        if not stored and (self.store or self.secret):
            raise Refused("store", self.store or self.secret, "either generate, or store and secret, or of")
        return self


class KvSpec(Spec):
    """A namespace of keys and values of the worker's own."""


class DatabaseSpec(Spec):
    """A D1 database of the worker's own, in one place; it takes one statement after the other."""

    location: Literal["wnam", "enam", "weur", "eeur", "apac", "oc"] | None = joined(Join.FIXED, None)
    """Near which it is made; null is near whoever applies first."""
    jurisdiction: Literal["eu", "fedramp"] | None = joined(Join.FIXED, None)
    """Where its data may be at all."""

    @model_validator(mode="after")
    def _one_place(self) -> DatabaseSpec:
        if self.location is not None and self.jurisdiction is not None:
            raise Refused("location", self.location, "nothing with a jurisdiction, which chooses it")
        return self


class DatasetSpec(Spec):
    """What the worker writes to Analytics Engine: kept for three months, and sampled where it is much. Good for
    pictures, not for bills."""


class ConsumeSpec(Spec):
    """How the worker takes what is in its queue."""

    batch: int = joined(Join.NOW, 10, ge=1, le=100)
    """Messages at once."""
    wait_ms: int = joined(Join.NOW, 5000, ge=0, le=60000)
    """How long a batch waits to fill."""
    retries: int = joined(Join.NOW, 3, ge=0, le=100)
    """How often a message that failed comes back."""
    parallel: int = joined(Join.NOW, 10, ge=1, le=250)
    """Batches at the same time."""


class WorkerQueueSpec(Spec):
    """A queue of the worker's own, which it fills."""

    retention: int = joined(Join.MAX, 345600, ge=60, le=1209600)
    """Seconds that a message is kept."""
    consume: ConsumeSpec | None = joined(Join.NOW, None)
    """Whether the worker also takes what is in it."""


class WorkerBucketSpec(Spec):
    """An R2 bucket that the worker reads and writes."""

    block: BlockName = joined(Join.FIXED)
    """A bucket block."""


class LimitSpec(Spec):
    """A rate limit that the script applies, by a key of its choice; counted in each of Cloudflare's locations."""

    requests: int = joined(Join.NOW, ge=1)
    """Allowed in a period."""
    period: Literal[10, 60] = joined(Join.NOW, 60)
    """Seconds; Cloudflare offers these two."""


class WorkerServiceSpec(Spec):
    """Another worker, called without leaving Cloudflare."""

    block: BlockName = joined(Join.FIXED)
    """A worker block."""


class LogSpec(Spec):
    """What is kept of the worker's requests and of what its script prints."""

    sampling: float = joined(Join.NOW, 1.0, ge=0, le=1)
    """The share of requests."""
    invocations: bool = joined(Join.NOW, True)
    """Whether each request is a line of its own."""


class WorkerSpec(Spec):
    """A script at Cloudflare's edge."""

    script: str | None = joined(Join.FIXED, None, pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")
    """Its folder under `workers/`; null is the block's name."""
    compatibility_date: str = joined(Join.NOW, pattern=r"^20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")
    """The day whose runtime it is written for: later incompatible changes do not reach it."""
    compatibility_flags: list[str] = joined(Join.NOW, list)
    """Single changes of the runtime, before or after their day."""
    routes: dict[Key, RouteSpec] = joined(Join.UNION, dict)
    """By name. A route that comes or goes with a move answers as the requests go: old below 100, new at 100."""
    crons: dict[Key, str] = joined(Join.UNION, dict)
    """By name: `*/15 * * * *`, in UTC. Of two sides of a move one alone runs them."""
    env: dict[Binding, str] = joined(Join.NOW, dict)
    """Plain variables."""
    secrets: dict[Binding, WorkerSecretSpec] = joined(Join.UNION, dict)
    """By variable."""
    kv: dict[Binding, KvSpec] = joined(Join.UNION, dict)
    """Namespaces, by variable."""
    queues: dict[Binding, WorkerQueueSpec] = joined(Join.UNION, dict)
    """Queues, by variable."""
    buckets: dict[Binding, WorkerBucketSpec] = joined(Join.UNION, dict)
    """R2 buckets, by variable."""
    limits: dict[Binding, LimitSpec] = joined(Join.UNION, dict)
    """Rate limits, by variable."""
    databases: dict[Binding, DatabaseSpec] = joined(Join.UNION, dict)
    """D1 databases, by variable. It is the one kind of storage here that counts exactly: Durable Objects cannot be kept
    with this provider (docs/decisions/0045-keys-and-meters-at-the-edge.md)."""
    datasets: dict[Binding, DatasetSpec] = joined(Join.UNION, dict)
    """Analytics Engine's datasets, by variable."""
    services: dict[Binding, WorkerServiceSpec] = joined(Join.UNION, dict)
    """Other workers, by variable."""
    placement: Literal["edge", "smart"] = joined(Join.NOW, "edge")
    """`smart` runs it near the origin that it asks, where that answers sooner."""
    cpu_ms: int | None = joined(Join.NOW, None, ge=1, le=300000)
    """CPU time that one request may take; null is the plan's."""
    logs: LogSpec = joined(Join.NOW, LogSpec)
    """Workers Logs."""

    @model_validator(mode="after")
    def _valid(self) -> WorkerSpec:
        taken: dict[str, str] = {}
        for field in BOUND:
            for name in getattr(self, field):
                if name in taken:
                    raise Refused(f"{field}.{name}", name, f"another variable: {taken[name]} has it")
                taken[name] = field
        for name, cron in self.crons.items():
            if not CRON.fullmatch(cron):
                raise Refused(f"crons.{name}", cron, "minutes, hours, day of month, month and day of week")
        patterns: dict[tuple[str, str], str] = {}
        for name, route in self.routes.items():
            other = patterns.setdefault((route.host, route.path), name)
            if other != name:
                raise Refused(f"routes.{name}", f"{route.host}{route.path}", f"another host or path than {other}'s")
        return self

    @property
    def answers_customers(self) -> bool:
        """Whether customers' own names are its to answer: they stay, so it stays."""
        return any(route.host == "*" for route in self.routes.values())

    def check_among(self, kinds: Mapping[str, str]) -> None:
        """Bindings name blocks of their kind."""
        for field, kind in (("buckets", "bucket"), ("services", "worker")):
            able = sorted(block for block, given in kinds.items() if given == kind)
            for name, bound in getattr(self, field).items():
                if bound.block in kinds and bound.block not in able:
                    allowed = f"a {kind}: {', '.join(able) or 'none here'}"
                    raise Refused(f"{field}.{name}.block", bound.block, allowed)

    def keeps(self, lower: Spec) -> Keeps | None:
        """A namespace or a queue that a lower phase lacks would go with what is in it."""
        assert isinstance(lower, WorkerSpec)
        gone = {
            field: {name: given for name, given in getattr(self, field).items() if name not in getattr(lower, field)}
            for field in DATA
        }
        fields = {
            field: {name: given.model_dump(exclude_defaults=True) for name, given in lost.items()}
            for field, lost in gone.items()
            if lost
        }
        what = ", ".join(f"{field}.{name}" for field, lost in fields.items() for name in lost)
        return Keeps(fields, what, "it holds data, and nothing takes its place") if fields else None
