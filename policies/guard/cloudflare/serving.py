"""Which zones of a stack take requests, and the rules that stand before these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..reading import at, items, table
from ..resource import Resource
from ..stack import Stack

RULESET: Final = "cloudflare:index/ruleset:Ruleset"
RECORDS: Final = ("cloudflare:index/dnsRecord:DnsRecord", "cloudflare:index/record:Record")
BALANCER: Final = "cloudflare:index/loadBalancer:LoadBalancer"


def serves(zone: Resource, stack: Stack) -> bool:
    """Whether a name of the zone goes through Cloudflare's proxy."""
    return any(each.props.get("proxied") is True for each in stack.referring(zone, "zoneId", *RECORDS, BALANCER))


def rules(zone: Resource, stack: Stack, phase: str) -> Iterator[Mapping[str, Any]]:
    """The enabled rules of one phase that concern a zone: its own, and those of rulesets for the whole account."""
    for each in stack.of(RULESET):
        whole = each.props.get("kind") == "root"
        if each.props.get("phase") == phase and (whole or zone.urn in each.depends_on.get("zoneId", ())):
            yield from (
                table(rule) for rule in items(each.props.get("rules")) if at(table(rule), "enabled") is not False
            )
