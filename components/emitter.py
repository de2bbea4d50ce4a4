"""What a block tells alarms about itself: which CloudWatch dimensions name it, and the figures that thresholds need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pulumi

EmitterKind = Literal[
    "postgres",
    "aurora",
    "cache",
    "hosted",
    "search",
    "broker",
    "balancer",
    "gateway",
    "rest-gateway",
    "server",
    "kubernetes",
    "service",
    "function",
    "schedule",
    "telemetry",
    "backup",
    "table",
    "events",
    "cdn",
]
Dimensions = Mapping[str, pulumi.Input[str]]


@dataclass(frozen=True)
class Emitter:
    """One block as a source of metrics; a component that emits has it as its property `emitter`."""

    kind: EmitterKind
    members: Mapping[str, Dimensions] = field(default_factory=dict)
    """Dimensions by member: a database's `primary` and its other shards, a cache's nodes, a balancer's, gateway's or
    scaling group's one `group`, a cluster, a domain, a function. The first is the one that was there first: an alarm on
    it keeps the plain name when others come."""
    followers: Mapping[str, Dimensions] = field(default_factory=dict)
    """What stands behind the members, by name: read replicas, target groups, node groups, a function's `dead_letters`
    and `queue`, synthetic checks."""
    figures: Mapping[str, pulumi.Input[float]] = field(default_factory=dict)
    """Figures by name with their unit in the name, e.g. `allocated_gib`; one member's as `<member>.allocated_gib`."""
    parts: Mapping[str, Mapping[str, Dimensions]] = field(default_factory=dict)
    """Sets of what stands behind beside the followers, each by name: a broker's `queues` and their `dead_letters`, or
    its `brokers` and the `lag` of consumer groups."""
    log_groups: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """A service's log groups by name; its one and only has the empty name."""

    @property
    def silent(self) -> bool:
        """Whether there is nothing to watch yet: what is to follow another, before it does."""
        return not (self.members or self.followers or self.parts or self.log_groups)
