"""Between Cloudflare and an origin, certificates are checked: `full` takes any, and `flexible` speaks plain HTTP."""

from __future__ import annotations

from collections.abc import Iterator

from ..resource import Resource
from ..rule import Rule
from ..stack import Stack
from .setting import TYPES, judged, unless


def check(resource: Resource, stack: Stack) -> Iterator[str]:
    """`origin_pull` is Enterprise's: strict, for plain requests too."""
    yield from judged(
        resource,
        stack,
        "ssl",
        "ssl",
        unless("strict", "origin_pull"),
        "strict",
        "whatever Cloudflare found when the zone was made",
    )


RULE = Rule(
    name="cloudflare-tls-strict",
    severity="high",
    description="A zone reaches its origins by TLS and checks their certificates (Full, strict).",
    remedy="Set the zone setting `ssl` to `strict`; origins need a valid certificate, e.g. of Cloudflare's CA.",
    types=TYPES,
    check=check,
    url="https://developers.cloudflare.com/ssl/origin-configuration/ssl-modes/full-strict/",
    needs_stack=True,
)
