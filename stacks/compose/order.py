"""The order in which blocks become components: each builder reads only what those before it made."""

from __future__ import annotations

from collections.abc import Callable

from stacks.compose.base import names, networks
from stacks.compose.buckets import buckets
from stacks.compose.caches import caches
from stacks.compose.context import Context
from stacks.compose.databases import databases
from stacks.compose.edge import balancer_routes, balancers, tunnels, zones
from stacks.compose.functions import functions, schedules
from stacks.compose.hosts import servers, services
from stacks.compose.keeping import backups, registries
from stacks.compose.roles import endpoints
from stacks.compose.searches import searches
from stacks.compose.watch import alarms, budgets

BUILDERS: tuple[Callable[[Context], None], ...] = (
    networks,
    names,
    # The zone's names need tunnels and balancers; a balancer's certificate and rules need the zone.
    tunnels,
    balancers,
    zones,
    balancer_routes,
    buckets,
    services,
    servers,
    registries,
    functions,
    schedules,
    # Databases let in the security groups of servers and functions, which need only the roles' names.
    databases,
    caches,
    searches,
    backups,
    endpoints,
    alarms,
    budgets,
)
KINDS: frozenset[str] = frozenset(
    {"network", "server", "balancer", "service", "postgres", "cache", "bucket", "zone", "alarms", "budget"}
    | {"function", "schedule", "registry", "search", "backup"}
)
"""The kinds that some builder builds; a kind without one would silently not be built."""
