"""What a balancer is told about one service: its names, its port, its health, and each host's share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from components.service.spec import HealthSpec


@dataclass(frozen=True)
class Route:
    """One service as the balancer sees it."""

    hostnames: tuple[str, ...]
    """Full names, e.g. `api.example.com`."""
    port: int
    health: HealthSpec
    weights: Mapping[str, int]
    """Share of requests by host block, 0 to 100; a block at 0 is there and gets none."""
    by_address: frozenset[str] = frozenset()
    """The hosts among them whose targets are addresses of pods, which the cluster's controller registers."""
    paths: tuple[str, ...] = ()
    """Only these and what lies below them; none for every path that no other service takes."""
    beside: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """The share that other services have of its requests while a move hands them over, by service and host block."""
    sticky_seconds: int | None = None
    slow_start: int = 0
