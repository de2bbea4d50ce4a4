"""Plain HTTP is answered by a redirect alone."""

from __future__ import annotations

from collections.abc import Iterator

from ..resource import Resource
from ..rule import Rule
from ..stack import Stack
from .setting import TYPES, judged, unless


def check(resource: Resource, stack: Stack) -> Iterator[str]:
    """Off, unless told."""
    yield from judged(resource, stack, "always_use_https", "alwaysUseHttps", unless("on"), "on", "off")


RULE = Rule(
    name="cloudflare-always-https",
    severity="medium",
    description="A zone answers plain HTTP with a redirect to HTTPS.",
    remedy="Set the zone setting `always_use_https` to `on`.",
    types=TYPES,
    check=check,
    url="https://developers.cloudflare.com/ssl/edge-certificates/additional-options/always-use-https/",
    needs_stack=True,
)
