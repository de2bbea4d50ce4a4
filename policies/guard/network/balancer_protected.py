"""No load balancer that people come through is deleted by mistake: its address is in others' records."""

from __future__ import annotations

from collections.abc import Iterator

from ..resource import Resource
from ..rule import Framework, Rule
from .balancers import BALANCERS


def check(resource: Resource) -> Iterator[str]:
    """Off unless told otherwise."""
    if resource.environment == "prod" and resource.props.get("enableDeletionProtection") is not True:
        yield f"enableDeletionProtection: found {resource.props.get('enableDeletionProtection')}; allowed: true"


RULE = Rule(
    name="network-balancer-protected",
    severity="medium",
    description="Load balancers of prod have deletion protection.",
    remedy="Set `enableDeletionProtection: true`; lift it in an apply of its own before the balancer goes.",
    types=BALANCERS,
    check=check,
    frameworks=(Framework("AWS FSBP", "", "ELB.6"),),
)
