"""zone: names, settings and rules as Cloudflare takes them, and every limit of every plan, on both of its sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from pydantic import ValidationError
from recording import Recording, record

from components.site import Site
from components.zone import Host, Origin, Zone, ZoneArgs, ZoneSpec
from components.zone.plans import LIMITS

HOSTS = {"app": {"to": "app"}, "api": {"to": "app"}}
RECORD, RULESET, SETTING = (
    f"cloudflare:index/{each}" for each in ("dnsRecord:DnsRecord", "ruleset:Ruleset", "zoneSetting:ZoneSetting")
)


ADDRESSES = {"app": "t1.cfargotunnel.com", "lb": "lb.elb.amazonaws.com"}


def build(site: Site, hosts_of: dict[str, Host] | None = None, own: Sequence[str] = (), **given: object) -> Recording:
    spec = ZoneSpec(**{"plan": "free", "hosts": HOSTS, **given})
    found = {
        label: Host([Origin(host.to, site.region, ADDRESSES[host.to])], health="/health")
        for label, host in spec.hosts.items()
    }
    return record(
        lambda: Zone(
            "edge",
            ZoneArgs(
                spec=spec,
                site=site,
                account_id="cf-account",
                domain="example.com",
                hosts=lambda _: found if hosts_of is None else hosts_of,
                own=own,
            ),
        )
    )


def rules(recording: Recording, role: str) -> dict[str, dict[str, object]]:
    return {each["ref"]: each for each in recording.one(f"edge-{role}").inputs["rules"]}


def settings(recording: Recording) -> dict[str, object]:
    return {each.inputs["settingId"]: each.inputs["value"] for each in recording.by_type(SETTING)}


def test_zone_is_an_anchor_and_full(site: Site) -> None:
    zone = build(site).one("edge-zone")
    assert zone.inputs == {"account": {"id": "cf-account"}, "name": "example.com", "type": "full"}
    assert zone.protect
    assert not build(replace(site, protect_data=False, protect_anchors=False)).one("edge-zone").protect
    assert not build(replace(site, retiring=True)).one("edge-zone").protect


def test_free_is_no_subscription_and_what_is_paid_comes_before_what_needs_it(site: Site) -> None:
    assert "edge-plan" not in build(site).names()
    pro, business = build(site, plan="pro"), build(site, plan="business")
    plan = pro.one("edge-plan")
    assert (plan.inputs["frequency"], plan.inputs["ratePlan"]) == ("monthly", {"id": "pro"})
    assert business.one("edge-plan").urn == plan.urn
    assert business.one("edge-plan").inputs["ratePlan"] == {"id": "business"}
    needy = [*pro.by_type(RULESET), *pro.by_type(SETTING)]
    assert needy
    assert all(plan.urn in each.depends_on for each in needy)


def test_traffic_switches_in_place(site: Site) -> None:
    old = build(site).one("edge-host-api")
    new = build(site, hosts={"app": {"to": "lb"}, "api": {"to": "lb"}}).one("edge-host-api")
    assert old.urn == new.urn
    changed = {key for key in old.inputs if old.inputs[key] != new.inputs[key]}
    assert changed == {"content"}
    assert (old.inputs["name"], old.inputs["type"], old.inputs["proxied"], old.inputs["ttl"]) == (
        "api.example.com",
        "CNAME",
        True,
        1,
    )
    assert new.inputs["content"] == "lb.elb.amazonaws.com"


def test_a_block_that_answers_nothing_is_refused(site: Site) -> None:
    with pytest.raises(Exception, match=r"edge\.hosts\.app\.to: app answers no requests; allowed: api"):
        build(site, {"api": Host([Origin("lb", site.region, "lb.elb.amazonaws.com")])})


def test_host_points_at_a_server_or_balancer() -> None:
    spec = ZoneSpec(plan="free", hosts={"api": {"to": "db"}})
    with pytest.raises(ValueError, match=r"hosts\.api\.to: found db; allowed: a server, balancer or gateway: app"):
        spec.check_among({"db": "postgres", "app": "server"})
    ZoneSpec(plan="free", hosts=HOSTS).check_among({"app": "balancer"})


def test_a_domain_without_mail_says_so(site: Site) -> None:
    recording = build(site)
    given = {
        (each.inputs["type"], each.inputs["name"], each.inputs["content"])
        for each in recording.by_type(RECORD)
        if each.name.startswith("edge-no-mail")
    }
    assert given == {
        ("MX", "example.com", "."),
        ("TXT", "example.com", '"v=spf1 -all"'),
        ("TXT", "_dmarc.example.com", '"v=DMARC1; p=reject; sp=reject; adkim=s; aspf=s"'),
    }
    assert recording.one("edge-no-mail-mx").inputs["priority"] == 0
    assert not [each for each in build(site, mail=True).by_type(RECORD) if "no-mail" in each.name]


def test_settings_that_every_plan_has(site: Site) -> None:
    found = settings(build(site))
    assert found == {
        "ssl": "strict",
        "min_tls_version": "1.2",
        "tls_1_3": "on",
        "0rtt": "off",
        "always_use_https": "on",
        "automatic_https_rewrites": "on",
        "http3": "on",
        "websockets": "on",
        "browser_check": "on",
        "early_hints": "on",
        "browser_cache_ttl": 0,
        "security_header": {
            "strict_transport_security": {
                "enabled": True,
                "max_age": 31536000,
                "include_subdomains": True,
                "preload": False,
                "nosniff": True,
            }
        },
    }


def test_pro_adds_its_own_settings(site: Site) -> None:
    pro = settings(build(site, plan="pro", polish="lossy", webp=True, images={"host": "images"}))
    assert {key: pro[key] for key in pro.keys() - settings(build(site)).keys()} == {
        "polish": "lossy",
        "webp": "on",
        "image_resizing": "on",
    }
    plain = settings(build(site, plan="pro"))
    assert (plain["polish"], plain["webp"], plain["image_resizing"]) == ("off", "off", "off")


def test_rulesets_one_per_phase_after_the_plan(site: Site) -> None:
    recording = build(
        site,
        plan="pro",
        redirects={"@": {"to": "app"}},
        cache={"static": {"host": "static", "edge_ttl": 7200}},
        firewall={"no-dotfiles": {"when": 'starts_with(http.request.uri.path, "/.")'}},
        rate_limits={"api": {"path": "/v1/", "requests": 100}},
        images={"host": "images"},
    )
    sets = recording.by_type(RULESET)
    assert {each.name: each.inputs["phase"] for each in sets} == {
        "edge-redirects": "http_request_dynamic_redirect",
        "edge-rewrites": "http_request_transform",
        "edge-cache": "http_request_cache_settings",
        "edge-firewall": "http_request_firewall_custom",
        "edge-managed": "http_request_firewall_managed",
        "edge-rate-limits": "http_ratelimit",
        "edge-headers": "http_response_headers_transform",
    }
    plan = recording.one("edge-plan").urn
    assert all(plan in each.depends_on for each in sets)
    assert {each.inputs["kind"] for each in sets} == {"zone"}
    refs = [rule["ref"] for each in sets for rule in each.inputs["rules"]]
    assert len(refs) == len(set(refs))


def test_free_has_no_managed_ruleset_and_no_empty_ones(site: Site) -> None:
    assert {each.name for each in build(site).by_type(RULESET)} == {"edge-headers"}


def test_cache_rule_with_figures_and_without(site: Site) -> None:
    found = rules(
        build(
            site,
            cache={
                "static": {"host": "static", "edge_ttl": 2592000, "browser_ttl": 604800},
                "products": {"host": "api", "path": "/v1/products/", "bypass_cookie": "session_token"},
            },
        ),
        "cache",
    )
    assert list(found) == ["static", "products", "products-bypass"]
    assert found["static"]["expression"] == '(http.host eq "static.example.com")'
    assert found["static"]["actionParameters"] == {
        "cache": True,
        "edgeTtl": {"mode": "override_origin", "default": 2592000},
        "browserTtl": {"mode": "override_origin", "default": 604800},
    }
    assert found["products"]["actionParameters"] == {
        "cache": True,
        "edgeTtl": {"mode": "bypass_by_default"},
        "browserTtl": {"mode": "respect_origin"},
    }
    where = 'http.host eq "api.example.com" and starts_with(http.request.uri.path, "/v1/products/")'
    assert found["products"]["expression"] == f"({where})"
    assert found["products-bypass"]["expression"] == f'({where} and http.cookie contains "session_token=")'
    assert found["products-bypass"]["actionParameters"] == {"cache": False}


def test_images_are_transformed_by_what_the_request_asks(site: Site) -> None:
    found = rules(build(site, plan="pro", images={"host": "images"}), "rewrites")
    path = {ref: rule["actionParameters"]["uri"]["path"]["expression"] for ref, rule in found.items()}
    options = "/cdn-cgi/image/fit=contain,quality=80,format=webp"
    width, height = ('http.request.uri.args["width"][0]', 'http.request.uri.args["height"][0]')
    assert path == {
        "images-width-height": f'concat("{options}", ",width=", {width}, ",height=", {height}, http.request.uri.path)',
        "images-width": f'concat("{options}", ",width=", {width}, http.request.uri.path)',
        "images-height": f'concat("{options}", ",height=", {height}, http.request.uri.path)',
        "images": f'concat("{options}", http.request.uri.path)',
    }
    # Without this the transformation would fetch itself.
    loop = 'not any(http.request.headers["via"][*] contains "image-resizing")'
    assert all(loop in rule["expression"] for rule in found.values())


def test_rate_limit_counts_per_address_and_place(site: Site) -> None:
    rule = rules(build(site, rate_limits={"api": {"path": "/v1/", "requests": 100}}), "rate-limits")["api"]
    assert rule["expression"] == '(starts_with(http.request.uri.path, "/v1/"))'
    assert rule["action"] == "block"
    assert rule["ratelimit"] == {
        "characteristics": ["cf.colo.id", "ip.src"],
        "period": 10,
        "requestsPerPeriod": 100,
        "mitigationTimeout": 10,
    }


def test_redirect_keeps_path_and_query(site: Site) -> None:
    recording = build(site, redirects={"@": {"to": "app"}, "www": {"to": "app"}})
    assert list(rules(recording, "redirects")) == ["apex", "www"]
    value = rules(recording, "redirects")["apex"]["actionParameters"]["fromValue"]
    assert value == {
        "statusCode": 301,
        "preserveQueryString": True,
        "targetUrl": {"expression": 'concat("https://app.example.com", http.request.uri.path)'},
    }
    apex = recording.one("edge-redirect-apex").inputs
    assert (apex["name"], apex["type"], apex["content"], apex["proxied"]) == ("example.com", "AAAA", "100::", True)


def test_tiering_is_on_before_its_topology(site: Site) -> None:
    recording = build(site)
    assert recording.one("edge-tiering").urn in recording.one("edge-smart-tiering").depends_on
    assert recording.one("edge-dnssec").inputs["status"] == "active"


def test_outputs_are_registered_once_and_children_are_its_own(site: Site) -> None:
    recording = build(site)
    (component,) = [each for each in recording.resources if each.type == "phaseup:index:Zone"]
    assert len(recording.outputs[component.urn]) == 1
    assert {each.parent for each in recording.resources if each.custom} == {component.urn}


LIMITED = {"rate_limits": {"api": {"path": "/v1/", "requests": 100}}}


def test_the_stack_s_own_addresses_are_spared_from_rate_limits_before_any_other_rule(site: Site) -> None:
    """A rule of its own: no plan below Business lets a rate limit look at addresses."""
    refused = {"no-dotfiles": {"when": 'starts_with(http.request.uri.path, "/.")'}}
    found = rules(build(site, own=["192.0.2.2", "192.0.2.1"], firewall=refused, **LIMITED), "firewall")
    assert list(found) == ["own-addresses", "no-dotfiles"]
    own = found["own-addresses"]
    assert (own["action"], own["enabled"]) == ("skip", True)
    assert own["actionParameters"] == {"phases": ["http_ratelimit"]}
    assert own["expression"] == "ip.src in {192.0.2.1 192.0.2.2}"


def test_without_a_way_out_the_rule_is_there_and_off(site: Site) -> None:
    own = rules(build(site, **LIMITED), "firewall")["own-addresses"]
    assert (own["enabled"], own["expression"]) == (False, "false")


def test_the_rule_that_spares_them_counts_as_one_of_the_plan_s() -> None:
    most = LIMITS["free"].custom_rules
    spec(firewall=many(most - 1, {"when": "true"}), **LIMITED)
    with pytest.raises(ValidationError, match=f"firewall: found {most + 1} rules; allowed: at most {most} on"):
        spec(firewall=many(most, {"when": "true"}), **LIMITED)


def spec(**given: object) -> ZoneSpec:
    return ZoneSpec(**{"plan": "free", "hosts": HOSTS, **given})


def many(count: int, of: dict[str, object]) -> dict[str, object]:
    return {f"r{index}": of for index in range(count)}


@pytest.mark.parametrize("plan", LIMITS)
@pytest.mark.parametrize(
    ("key", "limit", "of"),
    [
        ("cache", "cache_rules", {"host": "api"}),
        ("firewall", "custom_rules", {"when": "true"}),
        ("rate_limits", "rate_limits", {"path": "/", "requests": 1}),
        ("redirects", "redirects", {"to": "app"}),
    ],
)
def test_count_of_rules_by_plan(plan: str, key: str, limit: str, of: dict[str, object]) -> None:
    allowed = getattr(LIMITS[plan], limit)
    spec(plan=plan, **{key: many(allowed, of)})
    with pytest.raises(ValidationError, match=f"{key}: found {allowed + 1} rules; allowed: at most {allowed} on"):
        spec(plan=plan, **{key: many(allowed + 1, of)})


@pytest.mark.parametrize("plan", LIMITS)
def test_shortest_edge_ttl_by_plan(plan: str) -> None:
    least = LIMITS[plan].edge_ttl
    spec(plan=plan, cache={"api": {"host": "api", "edge_ttl": least}})
    if least > 1:
        with pytest.raises(
            ValidationError, match=rf"cache\.api\.edge_ttl: found {least - 1}; allowed: at least {least}"
        ):
            spec(plan=plan, cache={"api": {"host": "api", "edge_ttl": least - 1}})


def test_a_bypass_is_a_rule_of_its_own() -> None:
    with pytest.raises(ValidationError, match="cache: found 12 rules; allowed: at most 10"):
        spec(cache=many(6, {"host": "api", "bypass_cookie": "session_token"}))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (
            {"rate_limits": {"a": {"path": "/", "requests": 1, "period": 60}}},
            "rate_limits.a.period: found 60; allowed: 10 s",
        ),
        ({"rate_limits": {"a": {"path": "/", "requests": 1, "timeout": 60}}}, "rate_limits.a.timeout: found 60"),
        ({"rate_limits": {"a": {"path": "/", "requests": 1, "host": "api"}}}, "rate_limits.a.host: found api"),
        (
            {"plan": "pro", "rate_limits": {"a": {"path": "/", "requests": 1, "period": 120}}},
            "found 120; allowed: 10, 60 s on plan pro",
        ),
        ({"plan": "pro", "rate_limits": {"a": {"path": "/", "requests": 1, "host": "www"}}}, "one of hosts: api, app"),
        ({"plan": "pro", "firewall": {"a": {"when": 'http.host matches "x"'}}}, "no regular expression"),
        ({"polish": "lossy"}, "polish: found lossy; allowed: nothing on plan free"),
        ({"images": {"host": "images"}}, "images: found set; allowed: nothing on plan free"),
        ({"plan": "pro", "webp": True}, "webp: found True"),
        ({"redirects": {"api": {"to": "app"}}}, "redirects.api: found api"),
        ({"redirects": {"www": {"to": "web"}}}, "redirects.www.to: found web; allowed: one of hosts: api, app"),
        ({"plan": "gold"}, "'free', 'pro', 'business' or 'enterprise'"),
        ({"hosts": {"API": {"to": "app"}}}, "match pattern"),
        ({"cache": {"api": {"host": "api", "path": '/"x'}}}, "match pattern"),
        ({"minify": True}, "Extra inputs"),
    ],
)
def test_refused(wrong: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        spec(**wrong)


def test_owasp_looks_as_closely_as_asked(site: Site) -> None:
    as_shipped = rules(build(site, plan="pro"), "managed")
    assert set(as_shipped) == {"managed", "owasp"}
    assert "overrides" not in as_shipped["owasp"]["actionParameters"]
    strict = rules(build(site, plan="pro", owasp={"paranoia": 2, "threshold": "high"}), "managed")
    overrides = strict["owasp"]["actionParameters"]["overrides"]
    assert [each["category"] for each in overrides["categories"]] == ["paranoia-level-3", "paranoia-level-4"]
    assert not any(each["enabled"] for each in overrides["categories"])
    assert [(each["action"], each["scoreThreshold"]) for each in overrides["rules"]] == [("block", 25)]
    assert "overrides" not in strict["managed"]["actionParameters"]
    with pytest.raises(ValidationError, match=r"owasp: found set; allowed: nothing on plan free"):
        ZoneSpec.model_validate({"plan": "free", "owasp": {}})
