"""A load balancer passes on no request that it and the host could read differently."""

from __future__ import annotations

from collections.abc import Iterator

from ..resource import Resource
from ..rule import Framework, Rule
from .balancers import BALANCERS, application


def check(resource: Resource) -> Iterator[str]:
    """Invalid headers are kept unless told otherwise; the mode is `defensive` unless told otherwise."""
    props = resource.props
    if not application(resource):
        return
    if props.get("dropInvalidHeaderFields") is not True:
        yield f"dropInvalidHeaderFields: found {props.get('dropInvalidHeaderFields')}; allowed: true"
    if (mode := props.get("desyncMitigationMode")) not in (None, "defensive", "strictest"):
        yield f"desyncMitigationMode: found {mode}; allowed: defensive or strictest"


RULE = Rule(
    name="network-balancer-headers",
    severity="medium",
    description="Application load balancers drop invalid headers and defend against request smuggling.",
    remedy="Set `dropInvalidHeaderFields: true` and leave `desyncMitigationMode` at `defensive`.",
    types=BALANCERS,
    check=check,
    frameworks=(Framework("AWS FSBP", "", "ELB.4"), Framework("AWS FSBP", "", "ELB.12")),
)
