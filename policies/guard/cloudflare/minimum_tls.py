"""Visitors use TLS 1.2 at least; a zone that is told nothing takes 1.0."""

from __future__ import annotations

from collections.abc import Iterator

from ..resource import Resource
from ..rule import Rule
from ..stack import Stack
from .setting import TYPES, judged, unless


def check(resource: Resource, stack: Stack) -> Iterator[str]:
    """Names with a minimum of their own are `cloudflare-names-minimum-tls`'s."""
    yield from judged(resource, stack, "min_tls_version", "minTlsVersion", unless("1.2", "1.3"), "1.2 or 1.3", "1.0")


RULE = Rule(
    name="cloudflare-minimum-tls",
    severity="high",
    description="A zone takes no TLS below 1.2.",
    remedy="Set the zone setting `min_tls_version` to `1.2`.",
    types=TYPES,
    check=check,
    url="https://developers.cloudflare.com/ssl/edge-certificates/additional-options/minimum-tls/",
    needs_stack=True,
)
