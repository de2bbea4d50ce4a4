"""A zone's rulesets: one per phase of Cloudflare's request handling, which allows no second one.

Each rule has a stable `ref`, so that rules before it may come and go without its being made anew.
"""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_cloudflare as cloudflare

from components.zone.plans import LIMITS
from components.zone.spec import CacheRuleSpec, ImagesSpec, OwaspSpec, RateLimitSpec, ZoneSpec

Rule = cloudflare.RulesetRuleArgs
Parameters = cloudflare.RulesetRuleActionParametersArgs

# Identifiers that Cloudflare publishes (WAF documentation, "Managed rulesets reference").
MANAGED = "efb7b8c949ac4650a09736fc376e9aee"
OWASP = "4814384a9e5d4991b9815dcfc25d2f1f"
OWASP_SCORE = "6179ae15870a4bb7b2d480d4843b323c"
"""The one rule of OWASP's that acts, on the score that the others add up to."""
OWN = "own-addresses"
SCORES = {"low": 60, "medium": 40, "high": 25}


def fqdn(label: str, domain: str) -> str:
    """The whole name of a label; `@` is the domain itself."""
    return domain if label == "@" else f"{label}.{domain}"


def slug(label: str) -> str:
    """A label as part of a logical name."""
    return "apex" if label == "@" else label


def rulesets(spec: ZoneSpec, domain: str, own: Sequence[pulumi.Input[str]] = ()) -> dict[str, tuple[str, list[Rule]]]:
    """By role: Cloudflare's phase and its rules; phases without a rule are left out. `own` are the addresses by which
    the stack's own services come."""
    made = {
        "redirects": ("http_request_dynamic_redirect", _redirects(spec, domain)),
        "rewrites": ("http_request_transform", _rewrites(spec.images, domain)),
        "cache": ("http_request_cache_settings", _cache(spec, domain)),
        "firewall": ("http_request_firewall_custom", _firewall(spec, own)),
        "managed": ("http_request_firewall_managed", _managed(spec)),
        "rate-limits": ("http_ratelimit", [_rate_limit(ref, each, domain) for ref, each in spec.rate_limits.items()]),
        "headers": ("http_response_headers_transform", _headers(spec)),
    }
    return {role: (phase, rules) for role, (phase, rules) in made.items() if rules}


def _where(host: str, path: str, domain: str) -> str:
    clauses = [f'http.host eq "{fqdn(host, domain)}"']
    if path != "/":
        clauses.append(f'starts_with(http.request.uri.path, "{path}")')
    return " and ".join(clauses)


def _redirects(spec: ZoneSpec, domain: str) -> list[Rule]:
    return [
        Rule(
            ref="apex" if label == "@" else label,
            description=f"{fqdn(label, domain)} to {fqdn(redirect.to, domain)}",
            expression=f"({_where(label, '/', domain)})",
            action="redirect",
            action_parameters=Parameters(
                from_value=cloudflare.RulesetRuleActionParametersFromValueArgs(
                    status_code=redirect.status,
                    preserve_query_string=True,
                    target_url=cloudflare.RulesetRuleActionParametersFromValueTargetUrlArgs(
                        expression=f'concat("https://{fqdn(redirect.to, domain)}", http.request.uri.path)'
                    ),
                )
            ),
        )
        for label, redirect in spec.redirects.items()
    ]


def _rewrites(images: ImagesSpec | None, domain: str) -> list[Rule]:
    if images is None or images.by == "worker":
        return []
    options = f"fit={images.fit},quality={images.quality},format={images.format}"
    asked = {size: f'any(http.request.uri.args.names[*] eq "{size}")' for size in ("width", "height")}
    # The transformation fetches its original from the same name; its `via` header tells that request from a reader's
    # (Cloudflare Images, "Serve images from custom paths").
    original = 'any(http.request.headers["via"][*] contains "image-resizing")'
    rules = []
    for sizes in (("width", "height"), ("width",), ("height",), ()):
        clauses = [asked[size] if size in sizes else f"not {asked[size]}" for size in asked]
        where = " and ".join([_where(images.host, "/", domain), *clauses, f"not {original}"])
        chosen = "".join(f', ",{size}=", http.request.uri.args["{size}"][0]' for size in sizes)
        rules.append(
            Rule(
                ref="-".join(("images", *sizes)),
                description=f"transform images, {' and '.join(sizes) or 'size'} {'asked for' if sizes else 'as it is'}",
                expression=f"({where})",
                action="rewrite",
                action_parameters=Parameters(
                    uri=cloudflare.RulesetRuleActionParametersUriArgs(
                        path=cloudflare.RulesetRuleActionParametersUriPathArgs(
                            expression=f'concat("/cdn-cgi/image/{options}"{chosen}, http.request.uri.path)'
                        )
                    )
                ),
            )
        )
    return rules


def _cache(spec: ZoneSpec, domain: str) -> list[Rule]:
    rules = []
    for ref, cached in spec.cache.items():
        where = _where(cached.host, cached.path, domain)
        rules.append(
            Rule(
                ref=ref,
                description=f"cache {fqdn(cached.host, domain)}{cached.path}",
                expression=f"({where})",
                action="set_cache_settings",
                action_parameters=_kept(cached),
            )
        )
        if cached.bypass_cookie:
            rules.append(
                Rule(
                    ref=f"{ref}-bypass",
                    description=f"never cache for {cached.bypass_cookie}",
                    expression=f'({where} and http.cookie contains "{cached.bypass_cookie}=")',
                    action="set_cache_settings",
                    action_parameters=Parameters(cache=False),
                )
            )
    return rules


def _kept(cached: CacheRuleSpec) -> Parameters:
    # `bypass_by_default` keeps only what the origin says may be kept; `respect_origin` would keep a bare 200 for hours.
    edge = (
        cloudflare.RulesetRuleActionParametersEdgeTtlArgs(mode="bypass_by_default")
        if cached.edge_ttl is None
        else cloudflare.RulesetRuleActionParametersEdgeTtlArgs(mode="override_origin", default=cached.edge_ttl)
    )
    browser = (
        cloudflare.RulesetRuleActionParametersBrowserTtlArgs(mode="respect_origin")
        if cached.browser_ttl is None
        else cloudflare.RulesetRuleActionParametersBrowserTtlArgs(mode="override_origin", default=cached.browser_ttl)
    )
    return Parameters(cache=True, edge_ttl=edge, browser_ttl=browser)


def _firewall(spec: ZoneSpec, own: Sequence[pulumi.Input[str]]) -> list[Rule]:
    rules = [
        Rule(ref=ref, description=ref.replace("-", " "), expression=rule.when, action=rule.action)
        for ref, rule in spec.firewall.items()
    ]
    return [*([_own(own)] if spec.rate_limits else []), *rules]


def _own(addresses: Sequence[pulumi.Input[str]]) -> Rule:
    """Services ask each other by their public names, all of them by a handful of addresses: what limits a visitor would
    stop the stack. A rule of its own, as no plan below Business lets a rate limit look at addresses; there from the
    start, off without addresses, so that a ruleset neither comes nor goes with the network's ways out."""
    listed = pulumi.Output.all(*addresses).apply(lambda each: f"ip.src in {{{' '.join(sorted(each))}}}")
    return Rule(
        ref=OWN,
        description="the stack's own addresses are not counted",
        expression=listed if addresses else "false",
        enabled=bool(addresses),
        action="skip",
        action_parameters=Parameters(phases=["http_ratelimit"]),
    )


def _managed(spec: ZoneSpec) -> list[Rule]:
    if not LIMITS[spec.plan].managed_rules:
        return []
    return [
        Rule(
            ref=ref,
            description=description,
            expression="true",
            action="execute",
            action_parameters=Parameters(id=ruleset, overrides=_owasp(spec.owasp) if ref == "owasp" else None),
        )
        for ref, description, ruleset in (
            ("managed", "Cloudflare managed ruleset", MANAGED),
            ("owasp", "OWASP core ruleset", OWASP),
        )
    ]


def _owasp(owasp: OwaspSpec | None) -> cloudflare.RulesetRuleActionParametersOverridesArgs | None:
    if owasp is None:
        return None
    return cloudflare.RulesetRuleActionParametersOverridesArgs(
        # Each level holds the rules of the ones before it, so what is above is switched off.
        categories=[
            cloudflare.RulesetRuleActionParametersOverridesCategoryArgs(
                category=f"paranoia-level-{level}", enabled=False
            )
            for level in range(owasp.paranoia + 1, 5)
        ],
        rules=[
            cloudflare.RulesetRuleActionParametersOverridesRuleArgs(
                id=OWASP_SCORE, action="block", score_threshold=SCORES[owasp.threshold]
            )
        ],
    )


def _rate_limit(ref: str, limit: RateLimitSpec, domain: str) -> Rule:
    path = f'starts_with(http.request.uri.path, "{limit.path}")'
    where = f'http.host eq "{fqdn(limit.host, domain)}" and {path}' if limit.host else path
    return Rule(
        ref=ref,
        description=f"{limit.requests} requests in {limit.period} s",
        expression=f"({where})",
        action="block",
        ratelimit=cloudflare.RulesetRuleRatelimitArgs(
            characteristics=["cf.colo.id", "ip.src"],
            period=limit.period,
            requests_per_period=limit.requests,
            mitigation_timeout=limit.timeout,
        ),
    )


def _headers(spec: ZoneSpec) -> list[Rule]:
    if not spec.response_headers:
        return []
    return [
        Rule(
            ref="response-headers",
            description="headers of every response",
            expression="true",
            action="rewrite",
            action_parameters=Parameters(
                headers={
                    header: cloudflare.RulesetRuleActionParametersHeadersArgs(operation="set", value=value)
                    for header, value in sorted(spec.response_headers.items())
                }
            ),
        )
    ]
