"""The order in which blocks become components: each builder reads only what those before it made."""

from __future__ import annotations

from collections.abc import Callable

from stacks.compose.base import names, networks
from stacks.compose.context import Context
from stacks.compose.data import buckets, caches, databases
from stacks.compose.edge import balancer_routes, balancers, tunnels, zones
from stacks.compose.hosts import servers, services
from stacks.compose.roles import endpoints
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
    # Databases let in the servers' security groups; servers need only the roles' names, not the databases.
    databases,
    caches,
    endpoints,
    alarms,
    budgets,
)
KINDS: frozenset[str] = frozenset(
    {"network", "server", "balancer", "service", "postgres", "cache", "bucket", "zone", "alarms", "budget"}
)
"""The kinds that some builder builds; a kind without one would silently not be built."""
