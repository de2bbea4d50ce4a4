"""What a phase is priced with beside its resources: how much is used, and how it is bought (decision 37)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

from components.docstrings import Documented

Figure = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Option = Literal["on-demand", "reserved-1y", "reserved-3y", "savings-plan-1y", "savings-plan-3y"]
"""Without upfront payment. Spot is no option here: the block itself says what runs on spot."""


class Usage(Documented):
    """What one block uses in a month, on average; a figure is the block's whole, in its home region."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    count: Figure | None = None
    """Hosts (or brokers, or tasks) that run; unstated, the least that is declared. Holds in prod alone."""
    nodes: dict[str, Figure | None] | None = None
    """Nodes that run, by node group; unstated, the least that is declared. Holds in prod alone."""
    hours: Figure | None = None
    """Hours a month that its hosts or instances run; unstated, 730."""
    million_requests: Figure | None = None
    """Requests, invocations or reads, in millions."""
    million_misses: Figure | None = None
    """Requests that a CDN's cache has no answer to, in millions; unstated, all of them."""
    million_transformations: Figure | None = None
    """Different images and sizes that a zone makes in thirty days, in millions; 5,000 are free."""
    million_writes: Figure | None = None
    """What is written, put or published, in millions."""
    million_reads: Figure | None = None
    """Keys read from a Worker's KV, in millions; keys written are `million_writes`, and what is held `storage_gb`."""
    million_rows_read: Figure | None = None
    """Rows that a Worker's D1 databases read, in millions: all that a statement goes past, not only what it answers."""
    million_rows_written: Figure | None = None
    """Rows that a Worker's D1 databases write, in millions; each index on a row counts once more."""
    rows_gb: Figure | None = None
    """What a Worker's D1 databases hold."""
    million_messages: Figure | None = None
    """Messages through its queues, in millions; each is sent, received and deleted."""
    million_queries: Figure | None = None
    """DNS queries that are answered, in millions."""
    million_ios: Figure | None = None
    """Reads and writes of Aurora's storage, in millions; nothing where it is I/O-optimized."""
    million_traces: Figure | None = None
    """Traces recorded, in millions."""
    duration_ms: Figure | None = None
    """How long one invocation takes."""
    cpu_ms: Figure | None = None
    """CPU time of one of a Worker's requests."""
    storage_gb: Figure | None = None
    """Data held where no resource states a size: buckets, tables, registries, Aurora, vaults."""
    tiers: dict[str, Figure | None] | None = None
    """Data held in colder storage classes, in GB by class, e.g. `{GLACIER_IR: 500}`."""
    backup_gb: Figure | None = None
    """Backups beyond what comes free with the storage."""
    egress_gb: Figure | None = None
    """Sent to the internet."""
    between_gb: Figure | None = None
    """Sent to another region."""
    cross_az_gb: Figure | None = None
    """Sent to another availability zone; each GB is charged on both sides."""
    processed_gb: Figure | None = None
    """Through a balancer, both ways."""
    nat_gb: Figure | None = None
    """Through NAT gateways."""
    endpoint_gb: Figure | None = None
    """Through interface endpoints."""
    logs_gb: Figure | None = None
    """Log data ingested; kept as long as its log group keeps it."""
    metrics: Figure | None = None
    """Custom metrics sent, beside those that log filters make."""
    lcu: Figure | None = None
    """A balancer's capacity units; unstated, from requests and processed data."""
    acu: Figure | None = None
    """Aurora's serverless capacity, for each instance; unstated, the least that is declared."""
    seats: Figure | None = None
    """People whom PagerDuty calls."""
    hostnames: Figure | None = None
    """Customers' hostnames."""
    regions: dict[str, Usage | None] | None = None
    """The same for the block's places in other regions, by region."""


FLEETS: Final = ("count", "nodes", "acu", "seats")
"""Figures that say what an autoscaler runs: outside prod it is the least that is declared."""
RATES: Final = ("duration_ms", "cpu_ms", "hours")
"""Figures of one, which an environment's share does not change."""

_MOVED: Final = frozenset({"egress_gb", "between_gb", "cross_az_gb"})
FIGURES: Final[Mapping[str, frozenset[str]]] = {
    "network": _MOVED | {"nat_gb", "endpoint_gb", "logs_gb"},
    "server": _MOVED | {"count", "hours", "logs_gb"},
    "kubernetes": _MOVED | {"nodes", "hours", "logs_gb"},
    "balancer": _MOVED | {"lcu", "million_requests", "processed_gb", "storage_gb"},
    "gateway": _MOVED | {"million_requests", "million_writes", "logs_gb", "storage_gb"},
    "service": _MOVED | {"logs_gb"},
    "postgres": _MOVED | {"backup_gb", "logs_gb", "hours"},
    "aurora": _MOVED | {"storage_gb", "million_ios", "million_writes", "acu", "backup_gb", "logs_gb", "hours"},
    "hosted": _MOVED | {"storage_gb", "backup_gb", "logs_gb"},
    "cache": _MOVED | {"backup_gb", "hours", "logs_gb"},
    "search": _MOVED | {"hours", "logs_gb", "storage_gb"},
    "broker": _MOVED | {"hours", "storage_gb", "million_messages", "logs_gb"},
    "bucket": _MOVED | {"storage_gb", "tiers", "million_requests", "million_writes"},
    "table": _MOVED | {"storage_gb", "million_requests", "million_writes", "backup_gb"},
    "events": frozenset({"million_writes", "storage_gb", "million_messages", "logs_gb"}),
    "function": _MOVED | {"million_requests", "duration_ms", "million_messages", "logs_gb"},
    "schedule": frozenset({"million_requests"}),
    "registry": _MOVED | {"storage_gb"},
    "backup": _MOVED | {"storage_gb", "tiers"},
    "telemetry": frozenset({"logs_gb", "million_traces", "metrics", "storage_gb"}),
    "alarms": frozenset({"metrics", "seats"}),
    "zone": frozenset({"million_queries", "million_requests", "million_transformations", "hostnames", "egress_gb"}),
    "hostnames": frozenset({"hostnames"}),
    "worker": frozenset(
        {
            "million_requests",
            "cpu_ms",
            "million_reads",
            "million_writes",
            "storage_gb",
            "million_messages",
            "million_rows_read",
            "million_rows_written",
            "rows_gb",
        }
    ),
    "cdn": frozenset({"million_requests", "million_misses", "egress_gb", "duration_ms", "logs_gb", "storage_gb"}),
    "budget": frozenset(),
    "foundation": frozenset({"storage_gb", "logs_gb"}),
}
"""The figures that a kind is priced with; a kind that is not named here takes any."""

BUYABLE: Final[Mapping[str, frozenset[str]]] = {
    "server": frozenset({"on-demand", "reserved-1y", "reserved-3y", "savings-plan-1y", "savings-plan-3y"}),
    "kubernetes": frozenset({"on-demand", "reserved-1y", "reserved-3y", "savings-plan-1y", "savings-plan-3y"}),
    "postgres": frozenset({"on-demand", "reserved-1y", "reserved-3y"}),
    "aurora": frozenset({"on-demand", "reserved-1y", "reserved-3y"}),
    "cache": frozenset({"on-demand", "reserved-1y", "reserved-3y"}),
    "search": frozenset({"on-demand", "reserved-1y", "reserved-3y"}),
}
"""How the hours of a kind's instances can be bought; other kinds are paid as they are used."""


def _whole(value: object) -> object:
    """`reserved-1y` is all of it."""
    return {value: 1.0} if isinstance(value, str) else value


def _not_more(shares: dict[str, float | None]) -> dict[str, float | None]:
    total = sum(share for share in shares.values() if share is not None)
    if total > 1 + 1e-9:
        raise ValueError(f"shares that make at most 1 together; these make {total:g}")
    return shares


Shares = Annotated[
    dict[Option, Annotated[float, Field(ge=0, le=1)] | None],
    BeforeValidator(_whole, json_schema_input_type=Option | dict[Option, Annotated[float, Field(ge=0, le=1)] | None]),
    AfterValidator(_not_more),
]
"""Option → share of the block's hours on demand; what is left is bought on demand."""


def written(part: Usage | None) -> dict[str, Any] | None:
    """The keys that a delta states, null among them."""
    return None if part is None else part.model_dump(exclude_unset=True)
