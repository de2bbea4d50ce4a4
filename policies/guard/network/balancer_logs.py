"""What came through a load balancer can be read afterwards."""

from __future__ import annotations

from collections.abc import Iterator

from ..reading import at
from ..resource import Resource
from ..rule import Framework, Rule
from .balancers import BALANCERS, application


def check(resource: Resource) -> Iterator[str]:
    """Network load balancers log TLS listeners alone, so nothing is asked of them; nor in dev, where nobody comes."""
    if resource.guarded and application(resource) and at(resource.props, "accessLogs", "enabled") is not True:
        yield f"accessLogs.enabled: found {at(resource.props, 'accessLogs', 'enabled')}; allowed: true"


RULE = Rule(
    name="network-balancer-logs",
    severity="medium",
    description="Application load balancers of staging and prod write access logs.",
    remedy="Give `accessLogs` a bucket and `enabled: true`.",
    types=BALANCERS,
    check=check,
    frameworks=(Framework("AWS FSBP", "", "ELB.5"),),
)
