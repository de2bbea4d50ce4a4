"""The spec of the kind cdn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import StringConstraints, model_validator

from components.spec import BlockName, Join, Refused, Spec, joined

Label = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
"""A name under the domain. Not the domain itself: Cloudflare proves its own certificate at `_acme-challenge` there."""
Ref = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,48}$")]
ORIGINS = ("balancer", "bucket")
"""Kinds that answer past the zone's proxy. A gateway does not: it asks for Cloudflare's certificate."""


class CdnOriginSpec(Spec):
    """Where requests go that the cache cannot answer; its key is the label that it is asked for."""

    block: BlockName = joined(Join.TRAFFIC)
    """A balancer, or an R2 bucket, whose own domain is then asked for."""
    shield: str | None = joined(Join.NOW, None, pattern=r"^[a-z0-9]+(-[a-z0-9]+)+$")
    """One of Fastly's locations, e.g. `frankfurt-de`, through which all others ask."""
    health: str | None = joined(Join.NOW, None, pattern=r"^/[!-~]*$")
    """A path that answers 200 while the origin is well; with it, another region is asked when this one is not."""
    connect_ms: int = joined(Join.NOW, 1000, ge=100, le=60000)
    """Until a connection stands."""
    first_byte_ms: int = joined(Join.NOW, 15000, ge=1000, le=600000)
    """Until an answer begins."""
    between_bytes_ms: int = joined(Join.NOW, 10000, ge=1000, le=600000)
    """Between two pieces of it."""
    connections: int = joined(Join.NOW, 200, ge=1, le=2000)
    """At most so many at once from each of Fastly's servers."""


class CdnHostSpec(Spec):
    """A name that it answers; its key is the label. A name that the zone has too is answered, with a certificate, from
    the day the zone points it here; any other gets its record from this block."""

    origin: str = joined(Join.NOW)
    """The key of an origin."""


class CdnCacheSpec(Spec):
    """How long answers are kept, whatever the origin says; of several that fit the longest path counts."""

    host: Label = joined(Join.NOW)
    """Whose requests: one of hosts."""
    path: str = joined(Join.NOW, "/", pattern=r"^/[A-Za-z0-9._~/-]*$")
    """Only paths that start so."""
    ttl: int = joined(Join.NOW, ge=1, le=31536000)
    """Seconds at the edge."""
    stale_revalidate: int = joined(Join.NOW, 60, ge=0, le=31536000)
    """Seconds after that in which the old answer is served while a new one is fetched."""
    stale_error: int = joined(Join.NOW, 86400, ge=0, le=31536000)
    """Seconds in which it is served while the origin fails."""
    keys: list[Annotated[str, StringConstraints(pattern=r"^([a-z0-9:_-]|\{[1-9]\})+$")]] = joined(Join.NOW, list)
    """Surrogate keys to purge by; `{1}` is the path's first part, e.g. `supermarket:{1}`."""


class CdnSpec(Spec):
    """A CDN that answers names of the zone beside Cloudflare."""

    provider: Literal["fastly"] = joined(Join.FIXED)
    """Whose."""
    authority: Literal["certainly", "lets-encrypt", "globalsign"] = joined(Join.FIXED, "certainly")
    """Who issues the certificates; another one is another certificate."""
    origins: dict[Label, CdnOriginSpec] = joined(Join.UNION, min_length=1)
    """By the label that is asked for."""
    hosts: dict[Label, CdnHostSpec] = joined(Join.UNION, min_length=1)
    """By label."""
    cache: dict[Ref, CdnCacheSpec] = joined(Join.UNION, dict)
    """By name. What no rule fits is kept as long as the origin says, and not at all where it says nothing."""
    bypass_cookies: list[Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$")]] = joined(Join.NOW, list)
    """Requests with one of these cookies are somebody's, and neither answered from the cache nor kept; likewise every
    request with `Authorization`."""
    hsts_days: int = joined(Join.NOW, 365, ge=0, le=730)
    """How long browsers insist on TLS; 0 switches HSTS off."""
    response_headers: dict[str, Annotated[str, StringConstraints(pattern=r"^[ !#-~]*$")]] = joined(
        Join.NOW, lambda: {"Referrer-Policy": "strict-origin-when-cross-origin", "X-Frame-Options": "DENY"}
    )
    """Set on every response."""
    http3: bool = joined(Join.NOW, True)
    brotli: bool = joined(Join.NOW, True)
    """Beside gzip."""

    @model_validator(mode="after")
    def _valid(self) -> CdnSpec:
        for label, host in self.hosts.items():
            if host.origin not in self.origins:
                allowed = f"one of origins: {', '.join(sorted(self.origins))}"
                raise Refused(f"hosts.{label}.origin", host.origin, allowed)
        seen: dict[tuple[str, str], str] = {}
        for name, rule in self.cache.items():
            if rule.host not in self.hosts:
                raise Refused(f"cache.{name}.host", rule.host, f"one of hosts: {', '.join(sorted(self.hosts))}")
            other = seen.setdefault((rule.host, rule.path), name)
            if other != name:
                raise Refused(f"cache.{name}", f"{rule.host}{rule.path}", f"another host or path than {other}'s")
        for header in self.response_headers:
            if not header.replace("-", "").isalnum():
                raise Refused(f"response_headers.{header}", header, "a header's name")
        return self

    def check_among(self, kinds: Mapping[str, str]) -> None:
        """Origins answer requests of the whole internet."""
        able = sorted(block for block, kind in kinds.items() if kind in ORIGINS)
        for label, origin in self.origins.items():
            if origin.block in kinds and origin.block not in able:
                allowed = f"a balancer or bucket: {', '.join(able) or 'none here'}"
                raise Refused(f"origins.{label}.block", origin.block, allowed)
