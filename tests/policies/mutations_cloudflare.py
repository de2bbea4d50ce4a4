"""One property of a recorded phase broken for each rule on Cloudflare."""

from __future__ import annotations

from typing import Final

from tests.policies.mutation import GONE, Mutation

SETTING: Final = "cloudflare:index/zoneSetting:ZoneSetting"
RULESET: Final = "cloudflare:index/ruleset:Ruleset"
RECORD: Final = "cloudflare:index/dnsRecord:DnsRecord"
MONITOR: Final = "cloudflare:index/loadBalancerMonitor:LoadBalancerMonitor"

MVP: Final = "wholesale/mvp/prod"
GROWTH: Final = "meal/growth/prod"
WORLD: Final = "smartcart/users-1m/prod"

MUTATIONS: dict[str, Mutation] = {
    "a certificate of an origin is not checked": Mutation(
        "cloudflare-tls-strict", MVP, SETTING, "edge-setting-ssl", ("value",), "full"
    ),
    "nobody says how an origin is reached": Mutation(
        "cloudflare-tls-strict", GROWTH, SETTING, "edge-setting-ssl", urn_name="edge-zone"
    ),
    "TLS 1.1 at the edge": Mutation(
        "cloudflare-minimum-tls", GROWTH, SETTING, "edge-setting-min-tls-version", ("value",), "1.1"
    ),
    "a bucket's domain with Cloudflare's default": Mutation(
        "cloudflare-names-minimum-tls",
        GROWTH,
        "cloudflare:index/r2CustomDomain:R2CustomDomain",
        "images-domain",
        ("minTls",),
    ),
    "plain HTTP is answered": Mutation(
        "cloudflare-always-https", GROWTH, SETTING, "edge-setting-always-use-https", ("value",), "off"
    ),
    "HSTS for no time": Mutation(
        "cloudflare-hsts",
        GROWTH,
        SETTING,
        "edge-setting-security-header",
        ("value", "strict_transport_security", "max_age"),
        0,
    ),
    "HSTS off": Mutation(
        "cloudflare-hsts",
        GROWTH,
        SETTING,
        "edge-setting-security-header",
        ("value", "strict_transport_security", "enabled"),
        False,
    ),
    "a paid plan without its WAF": Mutation("cloudflare-waf", GROWTH, RULESET, "edge-managed", urn_name="edge-zone"),
    "a WAF that runs nothing": Mutation(
        "cloudflare-waf", WORLD, RULESET, "edge-managed", ("rules",), [], urn_name="edge-zone"
    ),
    "no limit on requests": Mutation("cloudflare-rate-limits", MVP, RULESET, "edge-rate-limits", urn_name="edge-zone"),
    "a limit that only logs": Mutation(
        "cloudflare-rate-limits", MVP, RULESET, "edge-rate-limits", ("rules", 0, "action"), "log", urn_name="edge-zone"
    ),
    "a zone that is not signed": Mutation(
        "cloudflare-dnssec", GROWTH, "cloudflare:index/zoneDnssec:ZoneDnssec", "edge-dnssec", urn_name="edge-zone"
    ),
    "DNSSEC switched off": Mutation(
        "cloudflare-dnssec",
        GROWTH,
        "cloudflare:index/zoneDnssec:ZoneDnssec",
        "edge-dnssec",
        ("status",),
        "disabled",
        urn_name="edge-zone",
    ),
    "a balancer's name past the proxy": Mutation(
        "cloudflare-origins-proxied", GROWTH, RECORD, "edge-host-api", ("proxied",), False
    ),
    "a tunnel's name past the proxy": Mutation(
        "cloudflare-origins-proxied", MVP, RECORD, "edge-host-app", ("proxied",), GONE
    ),
    "a load balancer past the proxy": Mutation(
        "cloudflare-origins-proxied",
        WORLD,
        "cloudflare:index/loadBalancer:LoadBalancer",
        "edge-balance-app",
        ("proxied",),
        False,
    ),
    "a worker at workers.dev": Mutation(
        "cloudflare-no-side-entrance",
        WORLD,
        "cloudflare:index/workersScriptSubdomain:WorkersScriptSubdomain",
        "edge-api-subdomain",
        ("enabled",),
        True,
    ),
    "a worker without a date": Mutation(
        "cloudflare-worker-date",
        WORLD,
        "cloudflare:index/workersScript:WorkersScript",
        "edge-api-script",
        ("compatibilityDate",),
    ),
    "a monitor that asks by HTTP": Mutation(
        "cloudflare-monitors-https", WORLD, MONITOR, "edge-balance-api-monitor", ("type",), "http"
    ),
    "a monitor that takes any certificate": Mutation(
        "cloudflare-monitors-https", WORLD, MONITOR, "edge-balance-app-monitor", ("allowInsecure",), True
    ),
}
