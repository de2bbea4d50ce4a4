"""The spec of the kind cdn."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import StringConstraints, model_validator

from components.balancer.waf import WafSpec
from components.spec import BlockName, Join, Keeps, Refused, Spec, joined

Label = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
"""A name under the domain. Not the domain itself: Cloudflare proves its own certificate at `_acme-challenge` there."""
Ref = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,48}$")]
ORIGINS = ("balancer", "bucket")
"""Kinds that answer past the zone's proxy. A gateway does not: it asks for Cloudflare's certificate."""
FASTLY_ONLY = ("authority", "brotli")
CLOUDFRONT_ONLY = ("waf", "locations", "metrics", "log_days", "edge")
AWS_REGION = r"[a-z]{2}(-[a-z]+)+-[1-9]"
READ_LIMIT = 60000
"""Milliseconds for which CloudFront waits at most (CloudFront developer guide, "Quotas")."""
CONNECT_LIMIT = 10000


class CdnOriginSpec(Spec):
    """Where requests go that the cache cannot answer; its key is the label that it is asked for."""

    block: BlockName = joined(Join.TRAFFIC)
    """A balancer; with Fastly an R2 bucket, whose own domain is then asked for; with CloudFront one on S3."""
    shield: str | None = joined(Join.NOW, None, pattern=r"^[a-z0-9]+(-[a-z0-9]+)+$")
    """Through which all others ask: one of Fastly's locations, e.g. `frankfurt-de`; with CloudFront an AWS region."""
    health: str | None = joined(Join.NOW, None, pattern=r"^/[!-~]*$")
    """Fastly: a path that answers 200 while the origin is well; with it, another region is asked when this one is
    not."""
    connect_ms: int = joined(Join.NOW, 1000, ge=100, le=60000)
    """Until a connection stands."""
    first_byte_ms: int = joined(Join.NOW, 15000, ge=1000, le=600000)
    """Until an answer begins."""
    between_bytes_ms: int = joined(Join.NOW, 10000, ge=1000, le=600000)
    """Fastly: between two pieces of it."""
    connections: int = joined(Join.NOW, 200, ge=1, le=2000)
    """Fastly: at most so many at once from each of its servers."""

    def check_cloudfront(self, key: str) -> None:
        """What CloudFront has, or cannot."""
        for field in ("health", "between_bytes_ms", "connections"):
            if getattr(self, field) != type(self).model_fields[field].default:
                raise Refused(f"{key}.{field}", getattr(self, field), "nothing with provider cloudfront")
        if self.shield is not None and not re.fullmatch(AWS_REGION, self.shield):
            raise Refused(f"{key}.shield", self.shield, "an AWS region with provider cloudfront")
        for field, limit in (("connect_ms", CONNECT_LIMIT), ("first_byte_ms", READ_LIMIT)):
            if getattr(self, field) > limit:
                raise Refused(f"{key}.{field}", getattr(self, field), f"at most {limit} with provider cloudfront")


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
    ttl: int = joined(Join.NOW, ge=0, le=31536000)
    """Seconds at the edge; with CloudFront in browsers too, and 0 keeps nothing anywhere (`private, no-cache`)."""
    immutable: bool = joined(Join.NOW, False)
    """CloudFront: browsers never ask again, as what changes gets another path."""
    stale_revalidate: int = joined(Join.NOW, 60, ge=0, le=31536000)
    """Seconds after that in which the old answer is served while a new one is fetched."""
    stale_error: int = joined(Join.NOW, 86400, ge=0, le=31536000)
    """Seconds in which it is served while the origin fails."""
    keys: list[Annotated[str, StringConstraints(pattern=r"^([a-z0-9:_-]|\{[1-9]\})+$")]] = joined(Join.NOW, list)
    """Fastly: surrogate keys to purge by; `{1}` is the path's first part, e.g. `supermarket:{1}`."""

    @property
    def header(self) -> str:
        """What browsers are told, and CloudFront's own cache."""
        if self.ttl == 0:
            return "private, no-cache"
        words = ["public", f"max-age={self.ttl}"]
        if self.immutable:
            return ", ".join([*words, "immutable"])
        words += [f"stale-while-revalidate={self.stale_revalidate}"] if self.stale_revalidate else []
        words += [f"stale-if-error={self.stale_error}"] if self.stale_error else []
        return ", ".join(words)


class EdgeSpec(Spec):
    """A function at CloudFront's regional caches (Lambda@Edge): it tells the cache what a rule says of stale answers,
    and asks the nearest of several regions."""

    memory: int = joined(Join.MAX, 128, ge=128, le=10240)
    """MiB."""
    timeout: int = joined(Join.MAX, 5, ge=1, le=30)
    """Seconds."""


class CdnSpec(Spec):
    """A CDN that answers names of the zone beside Cloudflare."""

    provider: Literal["fastly", "cloudfront"] = joined(Join.FIXED)
    """Whose."""
    authority: Literal["certainly", "lets-encrypt", "globalsign"] = joined(Join.FIXED, "certainly")
    """Fastly: who issues the certificates; another one is another certificate."""
    origins: dict[Label, CdnOriginSpec] = joined(Join.UNION, min_length=1)
    """By the label that is asked for."""
    hosts: dict[Label, CdnHostSpec] = joined(Join.UNION, min_length=1)
    """By label."""
    cache: dict[Ref, CdnCacheSpec] = joined(Join.UNION, dict)
    """By name. What no rule fits is kept as long as the origin says, and not at all where it says nothing."""
    waf: WafSpec = joined(Join.NOW, WafSpec)
    """CloudFront: what is refused before it reaches the cache."""
    locations: Literal["100", "200", "all"] = joined(Join.MAX, "all", order=("100", "200", "all"))
    """CloudFront: where it answers: in North America and Europe, there and in Asia, Africa and the Middle East,
    everywhere."""
    metrics: bool = joined(Join.MAX, True)
    """CloudFront: the share of requests that the cache answers, and how long origins take; paid for by name."""
    log_days: int = joined(Join.MAX, 90, ge=1, le=3650)
    """CloudFront: how long access logs are kept."""
    edge: EdgeSpec | None = joined(Join.UNION, None)
    """CloudFront: what runs at its regional caches. It leaves the state without being deleted, since copies of it go
    hours after the last name has stopped using it (CloudFront developer guide, "Delete Lambda@Edge functions and
    replicas")."""
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
    """Fastly: beside gzip. CloudFront has both."""

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
        self._of_provider()
        for header in self.response_headers:
            if not header.replace("-", "").isalnum():
                raise Refused(f"response_headers.{header}", header, "a header's name")
        return self

    def _of_provider(self) -> None:
        for key in CLOUDFRONT_ONLY if self.provider == "fastly" else FASTLY_ONLY:
            if getattr(self, key) != type(self).model_fields[key].get_default(call_default_factory=True):
                raise Refused(key, "set", f"nothing with provider {self.provider}")
        if self.provider == "cloudfront":
            for label, origin in self.origins.items():
                origin.check_cloudfront(f"origins.{label}")
        for name, rule in self.cache.items():
            if self.provider == "cloudfront" and rule.keys:
                raise Refused(f"cache.{name}.keys", ", ".join(rule.keys), "nothing with provider cloudfront")
            if self.provider == "fastly" and (rule.ttl == 0 or rule.immutable):
                key = "immutable" if rule.immutable else "ttl"
                raise Refused(f"cache.{name}.{key}", getattr(rule, key), "at least 1 s, as the origin says the rest")

    def keeps(self, lower: Spec) -> Keeps | None:
        """A name at CloudFront is a distribution, which goes with its block: not asked for any more, it answers on."""
        assert isinstance(lower, CdnSpec)
        lost = {label: host for label, host in self.hosts.items() if label not in lower.hosts}
        if self.provider != "cloudfront" or not lost:
            return None
        origins = {host.origin: self.origins[host.origin] for host in lost.values() if host.origin not in lower.origins}
        fields = {
            "hosts": {label: host.model_dump() for label, host in lost.items()},
            "origins": {label: origin.model_dump(exclude_defaults=True) for label, origin in origins.items()},
        }
        why = "a distribution is a serving anchor, which goes only with its block"
        return Keeps({key: each for key, each in fields.items() if each}, f"hosts {', '.join(sorted(lost))}", why)

    def check_among(self, kinds: Mapping[str, str]) -> None:
        """Origins answer requests of the whole internet."""
        able = sorted(block for block, kind in kinds.items() if kind in ORIGINS)
        for label, origin in self.origins.items():
            if origin.block in kinds and origin.block not in able:
                allowed = f"a balancer or bucket: {', '.join(able) or 'none here'}"
                raise Refused(f"origins.{label}.block", origin.block, allowed)
