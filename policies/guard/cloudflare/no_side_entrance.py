"""Workers and buckets are reached through a zone: at workers.dev and r2.dev no rule of it applies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..reading import at
from ..resource import Resource
from ..rule import Rule

PATHS: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "cloudflare:index/r2ManagedDomain:R2ManagedDomain": (("enabled",),),
    "cloudflare:index/workersScriptSubdomain:WorkersScriptSubdomain": (("enabled",), ("previewsEnabled",)),
    "cloudflare:index/worker:Worker": (("subdomain", "enabled"), ("subdomain", "previewsEnabled")),
}


def check(resource: Resource) -> Iterator[str]:
    """Previews too are open to everybody who knows or guesses the address."""
    for path in PATHS[resource.type]:
        if at(resource.props, *path) is True:
            yield f"{'.'.join(path)}: found true; allowed: false"


RULE = Rule(
    name="cloudflare-no-side-entrance",
    severity="high",
    description="No worker answers at workers.dev, and no bucket at r2.dev, past the rules of the zone.",
    remedy="Switch the address off; give the worker a route or custom domain, and the bucket a custom domain.",
    types=tuple(PATHS),
    check=check,
    url="https://developers.cloudflare.com/workers/configuration/routing/workers-dev/",
)
