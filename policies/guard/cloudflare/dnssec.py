"""A zone's answers are signed, so that nobody else can give them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..reading import text
from ..resource import Resource
from ..rule import Rule
from ..stack import Stack
from .setting import ZONE

DNSSEC: Final = "cloudflare:index/zoneDnssec:ZoneDnssec"
OFF: Final = ("disabled", "pending-disabled", "error")


def check(resource: Resource, stack: Stack) -> Iterator[str]:
    """Until the registrar has the DS record it is `pending`; the other zone types have their names elsewhere."""
    if text(resource.props.get("type")) not in ("", "full"):
        return
    told = stack.referring(resource, "zoneId", DNSSEC)
    states = [text(each.props.get("status")) for each in told]
    if not told:
        yield "dnssec: found none; allowed: active"
    elif all(each in OFF for each in states):
        yield f"dnssec.status: found {states[0]}; allowed: active"


RULE = Rule(
    name="cloudflare-dnssec",
    severity="medium",
    description="A zone whose names are Cloudflare's is signed with DNSSEC.",
    remedy="Add a ZoneDnssec with `status: active` and give its DS record to the registrar.",
    types=(ZONE,),
    check=check,
    url="https://developers.cloudflare.com/dns/dnssec/",
    needs_stack=True,
)
