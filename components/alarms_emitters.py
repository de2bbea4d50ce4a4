"""What a block tells alarms about itself: which CloudWatch dimensions name it, and the figures that thresholds need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pulumi

EmitterKind = Literal["postgres", "cache", "balancer", "server", "service"]
Dimensions = Mapping[str, pulumi.Input[str]]


@dataclass(frozen=True)
class Emitter:
    """One block as a source of metrics."""

    kind: EmitterKind
    members: Mapping[str, Dimensions] = field(default_factory=dict)
    """Dimensions by member: a database's `primary`, a cache's nodes, a balancer's or scaling group's `all`."""
    followers: Mapping[str, Dimensions] = field(default_factory=dict)
    """What stands behind the members, by name: read replicas, a balancer's target groups."""
    figures: Mapping[str, pulumi.Input[float]] = field(default_factory=dict)
    """Figures by name with their unit in the name, e.g. `allocated_gib`."""
    log_groups: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """A service's log groups by host."""


def of_server(group_name: pulumi.Input[str]) -> Emitter:
    """A scaling group, with the CloudWatch agent on its hosts."""
    return Emitter("server", members={"all": {"AutoScalingGroupName": group_name}})


def of_balancer(load_balancer: pulumi.Input[str], target_groups: Mapping[str, pulumi.Input[str]]) -> Emitter:
    """An application load balancer and its target groups by name, all by their ARN suffix."""
    return Emitter(
        "balancer",
        members={"all": {"LoadBalancer": load_balancer}},
        followers={
            name: {"LoadBalancer": load_balancer, "TargetGroup": group} for name, group in target_groups.items()
        },
    )


def of_service(log_groups: Mapping[str, pulumi.Input[str]]) -> Emitter:
    """A service, by the names of its log groups on each host block."""
    return Emitter("service", log_groups=log_groups)
