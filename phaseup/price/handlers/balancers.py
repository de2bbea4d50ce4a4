"""Load balancers: hours, capacity units, the public addresses they hold."""

from __future__ import annotations

from typing import Final

from phaseup.price.item import Item
from phaseup.price.lines import HOURS
from phaseup.price.sheet import Handler, Sheet

SECONDS: Final = HOURS * 3600
_PER_UNIT_GB: Final = 1.0
"""GB an hour that one capacity unit of an Application Load Balancer carries to hosts, addresses or containers."""
_PER_UNIT_NEW: Final = 25.0
"""New connections a second in one capacity unit."""
_REUSED: Final = 10.0
"""Requests that are taken to share a connection: clients and the CDN before it keep theirs open."""


def balancer(sheet: Sheet, item: Item) -> None:
    """An Application or Network Load Balancer."""
    kind = "nlb" if item.text("loadBalancerType") == "network" else "alb"
    month = sheet.month(item)
    sheet.add(item, "network", kind.upper(), f"{kind}:hour", month)
    units = _units(sheet, item)
    if units:
        sheet.add(item, "network", f"{units:.3g} capacity units", f"{kind}:lcu", units * month)
    if not item.flag("internal"):
        addresses = max(len(item.entries("subnets")) or len(item.entries("subnetMappings")), 2)
        sheet.add(item, "network", f"{addresses} × public IPv4", "ipv4", addresses * month)


def _units(sheet: Sheet, item: Item) -> float | None:
    """Capacity units on average: as stated, else the larger of what new connections and processed bytes need.

    AWS charges the largest of four dimensions each hour; active connections and rule evaluations are below these two
    for requests as web applications make them (https://aws.amazon.com/elasticloadbalancing/pricing/).
    """
    stated = sheet.share(item, "lcu", ask=False)
    if stated is not None:
        return stated
    requests = sheet.share(item, "million_requests")
    gigabytes = sheet.share(item, "processed_gb", ask=False)
    if requests is None and gigabytes is None:
        return None
    new = (requests or 0.0) * 1e6 / SECONDS / _REUSED / _PER_UNIT_NEW
    return max(new, (gigabytes or 0.0) / HOURS / _PER_UNIT_GB)


HANDLERS: Final[dict[str, Handler]] = {
    "aws:lb/loadBalancer:LoadBalancer": balancer,
    "aws:alb/loadBalancer:LoadBalancer": balancer,
}
