"""The spec of the kind zone, checked against what its plan allows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated, Literal

from pydantic import StringConstraints, model_validator

from components.spec import BlockName, Join, Keeps, Refused, Spec, joined
from components.zone.load_balancing import LoadBalancingSpec
from components.zone.plans import LIMITS, PLANS, Plan

Label = Annotated[str, StringConstraints(pattern=r"^(@|[a-z0-9]([a-z0-9-]*[a-z0-9])?)$")]
"""A name under the zone's domain; `@` is the domain itself."""
Ref = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,48}$")]
"""A rule's name, which is also its `ref` at Cloudflare: a rule keeps its identity when others come before it."""


Hostname = Annotated[
    str,
    StringConstraints(pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$", max_length=253),
]
"""A whole name of somebody else's, in lower case."""
MOST_CUSTOM = 50_000
"""Custom hostnames below Enterprise (Cloudflare for SaaS documentation, "Plans", 2026-11)."""
IMAGE_RULES = 4
"""URL rewrites that image transformations take: by width, by height, by both, by neither."""


class HostSpec(Spec):
    """One public name."""

    to: BlockName = joined(Join.TRAFFIC)
    """The block that answers: a server behind its tunnel, a balancer, or a gateway."""
    cdn: BlockName | None = joined(Join.TRAFFIC, None)
    """A CDN to which the whole name goes instead, while Cloudflare fails or to try it: not proxied, so no rule, limit
    or worker of the zone sees its requests."""


class CacheRuleSpec(Spec):
    """What the edge keeps for one host, or for one path of it."""

    host: Label = joined(Join.NOW)
    """Whose requests."""
    path: str = joined(Join.NOW, "/", pattern=r"^/[^\"\s*]*$")
    """Only paths that start so."""
    edge_ttl: int | None = joined(Join.NOW, None, ge=1)
    """Seconds at the edge, whatever the origin says; null leaves it to the origin's `s-maxage`, and what carries no
    `Cache-Control` is not kept. The way to go below the plan's shortest TTL."""
    browser_ttl: int | None = joined(Join.NOW, None, ge=0)
    """Seconds in browsers; null leaves it to the origin."""
    bypass_cookie: str | None = joined(Join.NOW, None, pattern=r"^[A-Za-z0-9_-]+$")
    """Requests with this cookie are never answered from the cache."""


class RedirectSpec(Spec):
    """A name that only points elsewhere; the key is the name."""

    to: Label = joined(Join.NOW)
    """The host it points to; path and query are kept."""
    status: Literal[301, 302, 307, 308] = joined(Join.NOW, 301)


class FirewallRuleSpec(Spec):
    """One custom rule of the firewall."""

    when: str = joined(Join.NOW, min_length=1)
    """An expression of Cloudflare's Rules language."""
    action: Literal["block", "managed_challenge", "js_challenge", "challenge"] = joined(Join.NOW, "block")


class RateLimitSpec(Spec):
    """Requests that one client address may make, counted per Cloudflare data centre."""

    path: str = joined(Join.NOW, pattern=r"^/[^\"\s*]*$")
    """Only paths that start so."""
    host: Label | None = joined(Join.NOW, None)
    """Only this host; Free cannot tell hosts apart."""
    requests: int = joined(Join.NOW, ge=1)
    """Allowed in a period."""
    period: int = joined(Join.NOW, 10)
    """Seconds."""
    timeout: int = joined(Join.NOW, 10)
    """Seconds for which the client is then refused."""


class OwaspSpec(Spec):
    """How much OWASP's managed ruleset looks for, and how much is too much."""

    paranoia: Literal[1, 2, 3, 4] = joined(Join.NOW, 1)
    """Higher looks for more, and takes more honest requests for attacks."""
    threshold: Literal["low", "medium", "high"] = joined(Join.NOW, "medium")
    """A score of 60, 40 or 25 blocks: `high` is the most sensitive."""


class ImagesSpec(Spec):
    """Transforms every image of one host on its way out; `?width=` and `?height=` of the request choose the size."""

    host: Label = joined(Join.NOW)
    fit: Literal["scale-down", "contain", "cover", "crop", "pad"] = joined(Join.NOW, "contain")
    quality: int = joined(Join.NOW, 80, ge=1, le=100)
    format: Literal["auto", "webp", "avif"] = joined(Join.NOW, "webp")
    by: Literal["rule", "worker"] = joined(Join.LATE, "rule")
    """`rule`: the zone rewrites each request to its transformation. `worker`: a worker asks for it, and the zone only
    allows that. While both are there, the worker lets through what the rule has rewritten."""


class CustomHostnameSpec(Spec):
    """A customer's own name, e.g. of a white-label shop, whose CNAME points at the fallback's. It is the customer's: it
    leaves only by `retire`."""

    proof: Literal["http", "txt"] = joined(Join.NOW, "http")
    """How Cloudflare sees that a certificate may be issued: at the name itself once its CNAME points here, or, before
    that and so without a gap, in a TXT record of the customer's."""
    min_tls: Literal["1.2", "1.3"] = joined(Join.NOW, "1.2")
    """The oldest TLS that visitors may speak."""


class ZoneSpec(Spec):
    """A Cloudflare zone."""

    plan: Plan = joined(Join.MAX, order=PLANS)
    """What is subscribed to. Every rule below is checked against it."""
    hosts: dict[Label, HostSpec] = joined(Join.UNION, dict)
    """Proxied CNAMEs by label."""
    redirects: dict[Label, RedirectSpec] = joined(Join.UNION, dict)
    """Names that point to another host."""
    cache: dict[Ref, CacheRuleSpec] = joined(Join.UNION, dict)
    """Cache rules; of several that match a request the last one counts."""
    firewall: dict[Ref, FirewallRuleSpec] = joined(Join.UNION, dict)
    """Custom firewall rules, in order."""
    owasp: OwaspSpec | None = joined(Join.UNION, None)
    """OWASP's managed ruleset, which with Cloudflare's own is on from Pro up; null leaves it as Cloudflare ships it."""
    rate_limits: dict[Ref, RateLimitSpec] = joined(Join.UNION, dict)
    """Rate limits, in order."""
    response_headers: dict[str, str] = joined(
        Join.NOW,
        lambda: {"Referrer-Policy": "strict-origin-when-cross-origin", "X-Frame-Options": "DENY"},
    )
    """Set on every response; HSTS and `X-Content-Type-Options` come with the zone's settings."""
    hsts_days: int = joined(Join.NOW, 365, ge=0, le=730)
    """How long browsers insist on TLS; 0 switches HSTS off."""
    polish: Literal["off", "lossless", "lossy"] = joined(Join.NOW, "off")
    """Recompresses images at the edge (Pro and up)."""
    webp: bool = joined(Join.NOW, False)
    """Polish also serves WebP to browsers that take it (Pro and up)."""
    images: ImagesSpec | None = joined(Join.UNION, None)
    """Image transformations (Pro and up)."""
    load_balancing: LoadBalancingSpec | None = joined(Join.UNION, None)
    """Hosts over several regions, probed and weighed; an add-on of every plan. It carries the traffic of a move that
    changes where a host's requests go, if one of the two phases has it."""
    custom_hostnames: dict[Hostname, CustomHostnameSpec] = joined(Join.UNION, dict)
    """Customers' own names (Cloudflare for SaaS): 100 are included, each more is 0.10 USD a month. They belong into a
    stack's overrides rather than into a phase. A worker with a route of host `*` answers them: what stands behind a
    balancer knows only names of the domain."""
    fallback: Label | None = joined(Join.UNION, None)
    """The host that customers' names point at, and to which their requests go."""
    mail: bool = joined(Join.FIXED, False)
    """Whether the domain has mail. Without, it says so (null MX, SPF, DMARC), and nobody can pose as it."""

    @model_validator(mode="after")
    def _names_exist(self) -> ZoneSpec:
        for label in self.redirects.keys() & self.hosts.keys():
            raise Refused(f"redirects.{label}", label, "a name that is not among hosts")
        for label, redirect in self.redirects.items():
            if redirect.to not in self.hosts:
                raise Refused(f"redirects.{label}.to", redirect.to, f"one of hosts: {_listed(self.hosts)}")
        for ref, limit in self.rate_limits.items():
            if limit.host is not None and limit.host not in self.hosts:
                raise Refused(f"rate_limits.{ref}.host", limit.host, f"one of hosts: {_listed(self.hosts)}")
        if self.custom_hostnames and self.fallback is None:
            raise Refused("fallback", None, f"one of hosts, for {len(self.custom_hostnames)} custom_hostnames")
        if self.fallback is not None and self.fallback not in self.hosts:
            raise Refused("fallback", self.fallback, f"one of hosts: {_listed(self.hosts)}")
        if self.webp and self.polish == "off":
            raise Refused("webp", True, "true only with polish lossless or lossy, which makes the WebP")
        return self

    def members(self, name: str) -> Collection[str]:
        """Customers' own names, which go one by one."""
        return {f"{name}-customer-{hostname}" for hostname in self.custom_hostnames}

    def keeps(self, lower: Spec) -> Keeps | None:
        """A customer's name outlives a way down, and points where it did."""
        assert isinstance(lower, ZoneSpec)
        gone = {name: given for name, given in self.custom_hostnames.items() if name not in lower.custom_hostnames}
        if not gone:
            return None
        kept = {name: given.model_dump(mode="json", exclude_defaults=True) for name, given in gone.items()}
        fields = {"custom_hostnames": kept, **({} if lower.fallback else {"fallback": self.fallback})}
        what = ", ".join(f"custom_hostnames.{name}" for name in gone)
        return Keeps(fields, what, "customers use these names; one goes by itself, with retire")

    def check_among(self, kinds: Mapping[str, str]) -> None:
        """A host points at a block that takes requests."""
        able = sorted(block for block, kind in kinds.items() if kind in ("server", "balancer", "gateway"))
        for label, host in self.hosts.items():
            if host.to not in able:
                allowed = f"a server, balancer or gateway: {', '.join(able) or 'none here'}"
                raise Refused(f"hosts.{label}.to", host.to, allowed)
            if host.cdn is not None and kinds.get(host.cdn) != "cdn":
                cdns = ", ".join(sorted(block for block, kind in kinds.items() if kind == "cdn"))
                raise Refused(f"hosts.{label}.cdn", host.cdn, f"a cdn: {cdns or 'none here'}")

    @model_validator(mode="after")
    def _within_plan(self) -> ZoneSpec:
        limits = LIMITS[self.plan]
        if self.load_balancing:
            self.load_balancing.check_plan(self.plan)
        if self.plan != "enterprise" and len(self.custom_hostnames) > MOST_CUSTOM:
            found = f"{len(self.custom_hostnames)} hostnames"
            raise Refused("custom_hostnames", found, f"at most {MOST_CUSTOM} below plan enterprise")
        transforms = bool(self.response_headers) + (IMAGE_RULES if self.images and self.images.by == "rule" else 0)
        cache_rules = sum(2 if rule.bypass_cookie else 1 for rule in self.cache.values())
        for key, count, limit in (
            ("cache", cache_rules, limits.cache_rules),
            ("redirects", len(self.redirects), limits.redirects),
            ("response_headers", transforms, limits.transforms),
            # With rate limits one more, which spares the stack's own addresses.
            ("firewall", len(self.firewall) + bool(self.rate_limits), limits.custom_rules),
            ("rate_limits", len(self.rate_limits), limits.rate_limits),
        ):
            if count > limit:
                raise Refused(key, f"{count} rules", f"at most {limit} on plan {self.plan}")
        for ref, cached in self.cache.items():
            if cached.edge_ttl is not None and cached.edge_ttl < limits.edge_ttl:
                raise Refused(
                    f"cache.{ref}.edge_ttl",
                    cached.edge_ttl,
                    f"at least {limits.edge_ttl} s on plan {self.plan}; null leaves it to the origin's s-maxage",
                )
        for ref, limited in self.rate_limits.items():
            for key, value, allowed in (
                ("period", limited.period, limits.rate_periods),
                ("timeout", limited.timeout, limits.rate_timeouts),
            ):
                if value not in allowed:
                    choices = ", ".join(map(str, allowed))
                    raise Refused(f"rate_limits.{ref}.{key}", value, f"{choices} s on plan {self.plan}")
            if limited.host is not None and not limits.rate_by_host:
                raise Refused(f"rate_limits.{ref}.host", limited.host, f"nothing on plan {self.plan}: path only")
        for ref, rule in self.firewall.items():
            if " matches " in rule.when and not limits.regex:
                raise Refused(f"firewall.{ref}.when", rule.when, f"no regular expression (matches) on plan {self.plan}")
        for key, value in (("polish", self.polish), ("webp", self.webp), ("images", self.images)):
            if value not in ("off", False, None) and not limits.image_settings:
                shown = "set" if key == "images" else value
                raise Refused(key, shown, f"nothing on plan {self.plan}; pro and up")
        if self.owasp and not limits.managed_rules:
            raise Refused(
                "owasp", "set", f"nothing on plan {self.plan}, which has Cloudflare's free ruleset; pro and up"
            )
        return self


def _listed(names: dict[str, HostSpec]) -> str:
    return ", ".join(sorted(names)) or "none here"
