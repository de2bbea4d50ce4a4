"""What asks origins whether they are well does it as visitors do: by HTTPS, with certificates checked."""

from __future__ import annotations

from collections.abc import Iterator

from ..resource import Resource
from ..rule import Rule


def check(resource: Resource) -> Iterator[str]:
    """Left out, `type` is `http`; probes of another kind (TCP, ICMP, SMTP) are for what is not HTTP."""
    kind = resource.props.get("type")
    if kind in (None, "http"):
        yield f"type: found {kind}; allowed: https"
    elif kind == "https" and resource.props.get("allowInsecure") is True:
        yield "allowInsecure: found true; allowed: false"


RULE = Rule(
    name="cloudflare-monitors-https",
    severity="medium",
    description="Monitors of load balancers ask by HTTPS and check certificates.",
    remedy="Set `type: https`, `port: 443` and `allowInsecure: false`.",
    types=("cloudflare:index/loadBalancerMonitor:LoadBalancerMonitor",),
    check=check,
)
