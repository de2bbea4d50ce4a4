"""What is paid to Cloudflare and Fastly: plans and add-ons, R2, Workers, gigabytes and requests."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

from phaseup.price.item import Item
from phaseup.price.sheet import Handler, Sheet

ZONE: Final = "cloudflare:index/zone:Zone"
PLAN: Final = "cloudflare:index/zoneSubscription:ZoneSubscription"
BALANCER: Final = "cloudflare:index/loadBalancer:LoadBalancer"
POOL: Final = "cloudflare:index/loadBalancerPool:LoadBalancerPool"
SCRIPT: Final = "cloudflare:index/workersScript:WorkersScript"
_TWO_ORIGINS: Final = 2
_FREE_WORKERS: Final = {
    "million_requests": 3.0, "million_reads": 3.0, "million_writes": 0.03, "million_rows_read": 150.0,
    "million_rows_written": 3.0, "million_messages": 0.0,
}  # fmt: skip
"""What Workers' free plan bears in a month of thirty days, in millions; queues are asked of the paid one."""


def zone(sheet: Sheet, item: Item) -> None:
    """A zone costs what its subscription says, which is a resource of its own; without one it is on the free plan."""
    sheet.nothing(item, "its plan is paid for by its subscription; without one it is free")


def plan(sheet: Sheet, item: Item) -> None:
    """A zone's plan, by the month or by the year."""
    name = item.text("ratePlan", "id")
    yearly = item.text("frequency") == "yearly"
    sheet.add(item, "edge", f"plan {name}", f"cloudflare:plan:{name}{':yearly' if yearly else ''}", 1)


def setting(sheet: Sheet, item: Item) -> None:
    """A zone's settings are part of its plan; image transformations are paid by the different ones of a month, beyond
    what every zone has."""
    if not _transforms(item):
        sheet.nothing(item, "part of a zone, whose plan is priced")
        return
    key = "cloudflare:image-transformation"
    sheet.used(item, "edge", "image transformations", key, "million_transformations", _transforms)


def _transforms(item: Item) -> bool:
    return item.text("settingId") == "image_resizing" and item.text("value") != "off"


def balancer(sheet: Sheet, item: Item) -> None:
    """Load Balancing is bought once for the account: with two origins, each other one apart, and by DNS queries."""
    if sheet.items.of(BALANCER)[0] is not item:
        sheet.nothing(item, "Load Balancing is paid once for the account")
        return
    sheet.add(item, "edge", "Load Balancing, two origins", "cloudflare:load-balancing", 1)
    addresses = {
        str(origin.get("address")) if origin.get("address") else f"{pool.urn} {n}"
        for pool in sheet.items.of(POOL)
        for n, origin in enumerate(pool.entries("origins"))
    }
    more = len(addresses) - _TWO_ORIGINS
    if more > 0:
        sheet.add(item, "edge", "origins beyond two", "cloudflare:load-balancing:origin", more)
    sheet.used(item, "edge", "DNS queries", "cloudflare:load-balancing:query", "million_queries")


def bucket(sheet: Sheet, item: Item) -> None:
    """An R2 bucket: gigabytes by class, writes and reads; what leaves it is free."""
    class_ = item.text("storageClass") or "Standard"
    sheet.used(item, "storage", "storage", f"r2:{class_}", "storage_gb")
    tiers = sheet.figure(item, "tiers", ask=False) or {}
    for tier, gigabytes in tiers.items():
        sheet.add(item, "storage", tier, f"r2:{tier}", gigabytes / max(sheet.items.peers(item), 1))
    sheet.used(item, "storage", "writes", "r2:write", "million_writes", ask=False)
    sheet.used(item, "storage", "reads", "r2:read", "million_requests", ask=False)
    sheet.figure(item, "egress_gb", ask=False)


def script(sheet: Sheet, item: Item) -> None:
    """A Worker; the paid plan is bought once for the account, unless all that is stated fits into the free one."""
    scripts = sheet.items.of(SCRIPT)
    stated = [sheet.figure(each, "million_requests") for each in scripts]
    if None not in stated and all(_used(sheet, scripts, name) <= most for name, most in _FREE_WORKERS.items()):
        sheet.nothing(item, "100,000 requests a day are free")
        return
    if scripts[0] is item:
        sheet.add(item, "edge", "Workers, paid plan", "cloudflare:workers", 1)
    sheet.used(item, "edge", "requests", "cloudflare:worker-request", "million_requests")
    calls, cpu = sheet.share(item, "million_requests"), sheet.figure(item, "cpu_ms")
    if calls and cpu:
        sheet.add(item, "edge", f"{cpu:g} ms of CPU each", "cloudflare:worker-cpu", calls * cpu)


def _used(sheet: Sheet, scripts: Iterable[Item], name: str) -> float:
    return math.fsum(sheet.assumptions.figures(each.block, each.place).get(name) or 0.0 for each in scripts)


def keys(sheet: Sheet, item: Item) -> None:
    """A KV namespace: keys read and written, and what is held."""
    sheet.used(item, "edge", "keys read", "cloudflare:kv:read", "million_reads")
    sheet.used(item, "edge", "keys written", "cloudflare:kv:write", "million_writes")
    sheet.used(item, "edge", "keys and values held", "cloudflare:kv:storage", "storage_gb")


def rows(sheet: Sheet, item: Item) -> None:
    """A D1 database: rows read and written, and what is held."""
    sheet.used(item, "edge", "rows read", "cloudflare:d1:row-read", "million_rows_read")
    sheet.used(item, "edge", "rows written", "cloudflare:d1:row-written", "million_rows_written")
    sheet.used(item, "edge", "rows held", "cloudflare:d1:storage", "rows_gb")


def queue(sheet: Sheet, item: Item) -> None:
    """A Cloudflare Queue: a message is written, read and deleted, each an operation."""
    sheet.used(item, "edge", "operations", "cloudflare:queue:operation", "million_messages", times=3)


def hostname(sheet: Sheet, item: Item) -> None:
    """Customers' names: as many as stated, else as many as are declared; the first hundred are included."""
    stated = sheet.share(item, "hostnames", ask=False)
    sheet.add(item, "edge", "custom hostname", "cloudflare:custom-hostname", 1 if stated is None else stated)


def argo(sheet: Sheet, item: Item) -> None:
    """Argo Smart Routing: a base fee and gigabytes."""
    if item.text("value") == "off":
        sheet.nothing(item, "switched off")
        return
    sheet.add(item, "edge", "Argo", "cloudflare:argo", 1)
    sheet.used(item, "edge", "gigabytes through Argo", "cloudflare:argo-gb", "egress_gb")


def fastly(sheet: Sheet, item: Item) -> None:
    """Fastly by gigabyte and request, with a monthly minimum that the difference is charged up to."""
    before = len(sheet.lines)
    sheet.used(item, "edge", "delivered", "fastly:gb", "egress_gb")
    sheet.used(item, "edge", "requests", "fastly:request", "million_requests")
    used = math.fsum(line.usd for line in sheet.lines[before:])
    least = sheet.book.price("fastly:minimum", item.region)
    if least is None:
        sheet.miss(item, "no price of Fastly's minimum")
    elif used < least.usd:
        sheet.add(item, "edge", "up to the monthly minimum", "fastly:minimum", 1 - used / least.usd)


HANDLERS: Final[dict[str, Handler]] = {
    ZONE: zone,
    PLAN: plan,
    "cloudflare:index/zoneSetting:ZoneSetting": setting,
    BALANCER: balancer,
    "cloudflare:index/r2Bucket:R2Bucket": bucket,
    SCRIPT: script,
    "cloudflare:index/customHostname:CustomHostname": hostname,
    "cloudflare:index/argoSmartRouting:ArgoSmartRouting": argo,
    "cloudflare:index/workersKvNamespace:WorkersKvNamespace": keys,
    "cloudflare:index/queue:Queue": queue,
    "cloudflare:index/d1Database:D1Database": rows,
    "fastly:index/serviceVcl:ServiceVcl": fastly,
}
