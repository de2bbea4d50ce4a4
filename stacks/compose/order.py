"""The order in which blocks become components: each builder reads only what those before it made."""

from __future__ import annotations

from collections.abc import Callable

from stacks.compose.auroras import auroras
from stacks.compose.base import names, networks
from stacks.compose.brokers import brokers
from stacks.compose.buckets import buckets
from stacks.compose.buses import buses
from stacks.compose.caches import caches
from stacks.compose.cdns import cdn_targets, cdns
from stacks.compose.clusters import clusters, identities
from stacks.compose.context import Context
from stacks.compose.databases import databases
from stacks.compose.edge import balancers, tunnels, zones
from stacks.compose.functions import functions, schedules
from stacks.compose.hosted import accesses, hosted
from stacks.compose.hosts import servers, services
from stacks.compose.keeping import backups, registries
from stacks.compose.pods import mounts, pods
from stacks.compose.roles import endpoints
from stacks.compose.searches import searches
from stacks.compose.tables import tables
from stacks.compose.telemetry import telemetries
from stacks.compose.watch import alarms, budgets
from stacks.compose.workers import workers

BUILDERS: tuple[Callable[[Context], None], ...] = (
    networks,
    names,
    # The zone's names need tunnels, balancers and gateways; their certificates need the zone, so it has them made.
    tunnels,
    balancers,
    # A zone's name may point at a CDN.
    cdn_targets,
    zones,
    buckets,
    cdns,
    services,
    # Their routes need the zone, their bindings the buckets, and secrets that services have made.
    workers,
    # Servers run them.
    hosted,
    servers,
    clusters,
    # Pods' roles come before what gives them rights, their objects after it.
    identities,
    registries,
    functions,
    schedules,
    # What servers keep lets in others, as databases do.
    accesses,
    # Databases let in the security groups of servers, clusters and functions, which need only the roles' names.
    databases,
    # A cluster may follow an instance.
    auroras,
    caches,
    searches,
    brokers,
    tables,
    # Their rules hand on to functions and queues.
    buses,
    backups,
    endpoints,
    mounts,
    pods,
    telemetries,
    alarms,
    budgets,
)
KINDS: frozenset[str] = frozenset(
    {"network", "server", "balancer", "service", "postgres", "cache", "bucket", "zone", "alarms", "budget"}
    | {"kubernetes"}
    | {"gateway"}
    | {"aurora"}
    | {"telemetry"}
    | {"function", "schedule", "registry", "search", "backup"}
    | {"worker", "cdn"}
    | {"broker"}
    | {"table", "events"}
    | {"hosted"}
)
"""The kinds that some builder builds; a kind without one would silently not be built."""
