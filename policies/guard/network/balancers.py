"""Load balancers by their old and new name."""

from __future__ import annotations

from typing import Final

from ..resource import Resource

BALANCERS: Final = ("aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer")


def application(resource: Resource) -> bool:
    """Whether it reads HTTP; one that does not say what it is does."""
    return resource.props.get("loadBalancerType") in (None, "application")
