"""zone: the product's domain at Cloudflare, with its names, settings and rules."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_cloudflare as cloudflare

from components.site import Site, child_options
from components.zone.balancing import Balancing
from components.zone.custom import custom_hostnames
from components.zone.origins import Host
from components.zone.rules import fqdn, rulesets, slug
from components.zone.spec import ZoneSpec

__all__ = ["Zone", "ZoneArgs", "ZoneSpec"]

DAY = 86400
ORIGINLESS = "100::"
"""The discard prefix (RFC 6666): a proxied name that only rules ever answer."""

# Settings that every plan may set. Not here, because they are no more: brotli (always on since 2024-06), minify
# (2024-08), mobile_redirect, server_side_exclude, mirage (2026-01).
ALWAYS: Mapping[str, object] = {
    "ssl": "strict",
    "min_tls_version": "1.2",
    "tls_1_3": "on",
    # 0-RTT requests can be replayed by whoever records them.
    "0rtt": "off",
    "always_use_https": "on",
    "automatic_https_rewrites": "on",
    "http3": "on",
    "websockets": "on",
    "browser_check": "on",
    "early_hints": "on",
    # 0: browsers keep what the origin or a cache rule says.
    "browser_cache_ttl": 0,
}


@dataclass(frozen=True)
class ZoneArgs:
    """`hosts` tells where each host's requests go, by label. It is asked with the zone's id once the zone is there, as
    what answers some names proves its certificate in the zone first. `retiring` are logical names of customers' names
    that are armed to go."""

    spec: ZoneSpec
    site: Site
    account_id: pulumi.Input[str]
    domain: str
    hosts: Callable[[pulumi.Output[str]], Mapping[str, Host]]
    retiring: Collection[str] = ()
    own: Sequence[pulumi.Input[str]] = ()
    """The addresses by which the stack's own services come."""


class Zone(pulumi.ComponentResource):
    """A zone with its subscription, DNSSEC, names, settings, caching tiers and one ruleset per phase."""

    def __init__(self, name: str, args: ZoneArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:Zone", name, None, opts)
        self._name, self._spec, self._site, self.domain = name, args.spec, args.site, args.domain
        self._own = args.own
        site = args.site
        self.zone = cloudflare.Zone(
            f"{name}-zone",
            account=cloudflare.ZoneAccountArgs(id=args.account_id),
            name=args.domain,
            type="full",
            # A zone is data and anchor at once: with it go every name and every rule.
            opts=child_options(self, protect=site.guards_data or site.guards_anchor),
        )
        self.zone_id = self.zone.id
        self._paid = self._subscription()
        self._records: dict[str, pulumi.Resource] = {}
        cloudflare.ZoneDnssec(f"{name}-dnssec", zone_id=self.zone_id, status="active", opts=child_options(self))
        hosts = args.hosts(self.zone_id)
        self.hostnames = self._names(args, hosts)
        self.load_balancers = self._balance(args, hosts)
        self.custom_hostnames = custom_hostnames(
            self,
            name,
            args.spec,
            site,
            zone_id=self.zone_id,
            domain=args.domain,
            records=self._records,
            retiring=args.retiring,
        )
        self._settings()
        self._tiers()
        self.rulesets = self._rules()
        self.register_outputs(
            {"zone_id": self.zone_id, "name_servers": self.zone.name_servers, "hostnames": self.hostnames}
        )

    def _subscription(self) -> list[pulumi.Resource]:
        # A zone starts free, and free is no subscription: the API has none to read (cloudflare/terraform-provider-
        # cloudflare issue 7083). Nor can the provider end one, its delete calls nothing: on the way down the plan is
        # kept (stacks/moves/holds.py).
        if self._spec.plan == "free":
            return []
        return [
            cloudflare.ZoneSubscription(
                f"{self._name}-plan",
                zone_id=self.zone_id,
                frequency="monthly",
                rate_plan=cloudflare.ZoneSubscriptionRatePlanArgs(id=self._spec.plan),
                opts=child_options(self),
            )
        ]

    def _names(self, args: ZoneArgs, hosts: Mapping[str, Host]) -> dict[str, str]:
        spec, hostnames = self._spec, {}
        for label, host in spec.hosts.items():
            if label not in hosts or not hosts[label].origins:
                raise ValueError(
                    f"{self._name}.hosts.{label}.to: {host.to} answers no requests; "
                    f"allowed: {', '.join(sorted(hosts)) or 'no block here'}"
                )
            hostnames[label] = fqdn(label, args.domain)
            given = hosts[label]
            content = given.origins[0].address if given.cdn is None else given.cdn
            self._records[label] = self._record(
                f"host-{slug(label)}", hostnames[label], "CNAME", content, proxied=given.cdn is None
            )
        for label in spec.redirects:
            self._record(f"redirect-{slug(label)}", fqdn(label, args.domain), "AAAA", ORIGINLESS, proxied=True)
        if not spec.mail:
            self._record("no-mail-mx", args.domain, "MX", ".", priority=0)
            self._record("no-mail-spf", args.domain, "TXT", '"v=spf1 -all"')
            self._record(
                "no-mail-dmarc", f"_dmarc.{args.domain}", "TXT", '"v=DMARC1; p=reject; sp=reject; adkim=s; aspf=s"'
            )
        return hostnames

    def _balance(self, args: ZoneArgs, hosts: Mapping[str, Host]) -> dict[str, cloudflare.LoadBalancer]:
        spec = self._spec.load_balancing
        if spec is None:
            return {}
        balancing = Balancing(
            self,
            self._name,
            spec,
            self._site,
            account_id=args.account_id,
            zone_id=self.zone_id,
            domain=args.domain,
        )
        # A load balancer would outrank the record that points past it.
        return {label: balancing.balance(label, hosts[label]) for label in self._spec.hosts}

    def _record(
        self,
        role: str,
        hostname: str,
        type_: str,
        content: pulumi.Input[str],
        *,
        proxied: bool = False,
        priority: int | None = None,
    ) -> cloudflare.DnsRecord:
        return cloudflare.DnsRecord(
            f"{self._name}-{role}",
            zone_id=self.zone_id,
            name=hostname,
            type=type_,
            content=content,
            # 1 is "automatic", the only TTL of a proxied name.
            ttl=1,
            proxied=proxied,
            priority=priority,
            opts=child_options(self),
        )

    def _settings(self) -> None:
        spec = self._spec
        settings: dict[str, object] = dict(ALWAYS)
        settings["security_header"] = {
            "strict_transport_security": {
                "enabled": spec.hsts_days > 0,
                "max_age": spec.hsts_days * DAY,
                "include_subdomains": True,
                "preload": False,
                "nosniff": True,
            }
        }
        # A setting that leaves the program keeps its value at Cloudflare: where the plan has it, it is always stated.
        if spec.plan != "free":
            settings["polish"] = spec.polish
            settings["webp"] = "on" if spec.webp else "off"
            settings["image_resizing"] = "on" if spec.images else "off"
        for setting, value in settings.items():
            cloudflare.ZoneSetting(
                f"{self._name}-setting-{setting.replace('_', '-')}",
                zone_id=self.zone_id,
                setting_id=setting,
                value=value,
                opts=child_options(self, depends_on=self._paid),
            )

    def _tiers(self) -> None:
        # Smart topology chooses the upper tier, and does nothing unless tiering itself is on.
        tiering = cloudflare.ArgoTieredCaching(
            f"{self._name}-tiering", zone_id=self.zone_id, value="on", opts=child_options(self)
        )
        cloudflare.TieredCache(
            f"{self._name}-smart-tiering",
            zone_id=self.zone_id,
            value="on",
            opts=child_options(self, depends_on=[tiering]),
        )

    def _rules(self) -> dict[str, cloudflare.Ruleset]:
        return {
            role: cloudflare.Ruleset(
                f"{self._name}-{role}",
                zone_id=self.zone_id,
                kind="zone",
                phase=phase,
                name=f"{self._site.prefix} {role}",
                description=f"{self._site.prefix}: {role}",
                rules=rules,
                # Rules beyond the plan are refused, so the plan comes first.
                opts=child_options(self, depends_on=self._paid),
            )
            for role, (phase, rules) in rulesets(self._spec, self.domain, self._own).items()
        }
