"""The rules on Cloudflare, one by one: what they let pass, what they find, and what tempts them."""

from __future__ import annotations

from typing import Any

import pytest

from policies.guard.cloudflare import (
    always_https,
    dnssec,
    hsts,
    minimum_tls,
    monitors_https,
    names_minimum_tls,
    no_side_entrance,
    origins_proxied,
    rate_limits,
    tls_strict,
    waf,
    worker_date,
)
from policies.guard.resource import Resource
from policies.guard.rule import Rule
from policies.guard.today import TODAY
from tests.policies.asking import UNKNOWN, ask, ask_stack, resource

ZONE = "cloudflare:index/zone:Zone"
SETTING = "cloudflare:index/zoneSetting:ZoneSetting"
OVERRIDE = "cloudflare:index/zoneSettingsOverride:ZoneSettingsOverride"
RECORD = "cloudflare:index/dnsRecord:DnsRecord"
OLD_RECORD = "cloudflare:index/record:Record"
BALANCER = "cloudflare:index/loadBalancer:LoadBalancer"
RULESET = "cloudflare:index/ruleset:Ruleset"
DNSSEC = "cloudflare:index/zoneDnssec:ZoneDnssec"
PLAN = "cloudflare:index/zoneSubscription:ZoneSubscription"
R2_DOMAIN = "cloudflare:index/r2CustomDomain:R2CustomDomain"
CUSTOMER = "cloudflare:index/customHostname:CustomHostname"
HOST = "cloudflare:index/hostnameTlsSetting:HostnameTlsSetting"
SUBDOMAIN = "cloudflare:index/workersScriptSubdomain:WorkersScriptSubdomain"
SCRIPT = "cloudflare:index/workersScript:WorkersScript"
MONITOR = "cloudflare:index/loadBalancerMonitor:LoadBalancerMonitor"
ELB = "aws:lb/loadBalancer:LoadBalancer"
CDN = "aws:cloudfront/distribution:Distribution"


def zone(**options: Any) -> Resource:
    return resource(ZONE, {"name": "shop.example", "type": "full"}, name="zone", **options)


def of_zone(type_: str, name: str, props: dict[str, Any]) -> Resource:
    """Something of that zone, linked to it as a preview knows it, where its id is unknown."""
    return resource(type_, {"zoneId": UNKNOWN, **props}, name=name, depends_on={"zoneId": (zone().urn,)})


def setting(setting_id: str, value: Any) -> Resource:
    return of_zone(SETTING, "setting", {"settingId": setting_id, "value": value})


APP = of_zone(RECORD, "app", {"type": "CNAME", "name": "app.shop.example", "content": UNKNOWN, "proxied": True})
MANAGED = {"action": "execute", "expression": "true", "actionParameters": {"id": "efb7b8c949ac4650a09736fc376e9aee"}}
LIMIT = {"action": "block", "expression": "true", "ratelimit": {"period": 10, "requestsPerPeriod": 100}}


@pytest.mark.parametrize(
    ("rule", "setting_id", "good", "bad"),
    [
        (tls_strict.RULE, "ssl", "strict", "full"),
        (tls_strict.RULE, "ssl", "origin_pull", "flexible"),
        (minimum_tls.RULE, "min_tls_version", "1.2", "1.0"),
        (minimum_tls.RULE, "min_tls_version", "1.3", None),
        (always_https.RULE, "always_use_https", "on", "off"),
    ],
)
def test_a_setting_is_told_and_told_well(rule: Rule, setting_id: str, good: Any, bad: Any) -> None:
    assert ask_stack(rule, zone(), setting(setting_id, good)) == {}
    assert list(ask_stack(rule, zone(), setting(setting_id, bad))) == ["setting"]
    assert list(ask_stack(rule, zone(), setting("websockets", "on"))) == ["zone"]
    assert ask_stack(rule, zone(), setting(setting_id, UNKNOWN)) == {"setting": ["unknown: value"]}
    # Another zone's setting says nothing of this one.
    stray = resource(SETTING, {"settingId": setting_id, "value": good, "zoneId": "023e105f"}, name="stray")
    assert list(ask_stack(rule, zone(), stray)) == ["zone"]


def test_the_older_resource_tells_all_settings_at_once() -> None:
    told = {"ssl": "full", "minTlsVersion": "1.2", "alwaysUseHttps": "on", "securityHeader": {"enabled": True}}
    older = of_zone(OVERRIDE, "all", {"settings": told})
    assert list(ask_stack(tls_strict.RULE, zone(), older)) == ["all"]
    assert ask_stack(minimum_tls.RULE, zone(), older) == {}
    assert ask_stack(always_https.RULE, zone(), older) == {}
    assert list(ask_stack(hsts.RULE, zone(), older)) == ["all"]
    assert list(ask_stack(hsts.RULE, zone(), of_zone(OVERRIDE, "none", {"settings": {}}))) == ["zone"]


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ({"enabled": True, "max_age": 31536000}, ""),
        ({"enabled": True, "max_age": "31536000"}, ""),
        ({"enabled": True, "max_age": 15552000.0}, ""),
        ({"enabled": True, "max_age": 0}, "max_age 0 days"),
        ({"enabled": True}, "max_age 0 days"),
        ({"enabled": True, "max_age": 86400}, "max_age 1 days"),
        ({"enabled": False, "max_age": 31536000}, "off"),
        ({}, "off"),
    ],
)
def test_hsts_is_on_and_lasts(header: dict[str, Any], found: str) -> None:
    told = ask_stack(hsts.RULE, zone(), setting("security_header", {"strict_transport_security": header}))
    assert [text.split("; ")[0] for text in told.get("setting", [])] == ([f"value: found {found}"] if found else [])


def test_hsts_may_be_asked_for_longer() -> None:
    header = {"strict_transport_security": {"enabled": True, "max_age": 31536000}}
    asked = resource(SETTING, {"settingId": "security_header", "value": header}, config={"days": 730})
    assert ask_stack(hsts.RULE, asked) == {
        "it": ["value: found max_age 365 days; allowed: enabled, for at least 730 days"]
    }


@pytest.mark.parametrize(
    ("type_", "props", "breaks"),
    [
        (R2_DOMAIN, {"enabled": True, "minTls": "1.2"}, False),
        (R2_DOMAIN, {"enabled": True}, True),
        (R2_DOMAIN, {"enabled": False}, False),
        (CUSTOMER, {"hostname": "a.example", "ssl": {"settings": {"minTlsVersion": "1.3"}}}, False),
        (CUSTOMER, {"hostname": "a.example", "ssl": {"method": "http"}}, True),
        (CUSTOMER, {"hostname": "a.example"}, False),
        (HOST, {"settingId": "min_tls_version", "value": "1.1"}, True),
        (HOST, {"settingId": "http2", "value": "on"}, False),
    ],
)
def test_names_with_a_minimum_of_their_own(type_: str, props: dict[str, Any], breaks: bool) -> None:
    assert bool(ask(names_minimum_tls.RULE, type_, props)) is breaks


def test_a_paid_plan_runs_its_waf() -> None:
    pro = of_zone(PLAN, "plan", {"ratePlan": {"id": "pro"}})
    managed = of_zone(
        RULESET, "managed", {"phase": "http_request_firewall_managed", "kind": "zone", "rules": [MANAGED]}
    )
    assert ask_stack(waf.RULE, zone(), APP, pro, managed) == {}
    assert list(ask_stack(waf.RULE, zone(), APP, pro)) == ["zone"]
    # Free has nothing to run, and a zone whose names all go elsewhere nothing to guard.
    assert ask_stack(waf.RULE, zone(), APP) == {}
    assert ask_stack(waf.RULE, zone(), pro) == {}
    assert list(ask_stack(waf.RULE, zone(config={"plan": "business"}), APP)) == ["zone"]


@pytest.mark.parametrize(
    "rule",
    [
        {**MANAGED, "enabled": False},
        {**MANAGED, "action": "skip"},
        {**MANAGED, "actionParameters": {"id": "x", "overrides": {"enabled": False}}},
    ],
)
def test_a_waf_that_runs_nothing_is_none(rule: dict[str, Any]) -> None:
    pro = of_zone(PLAN, "plan", {"ratePlan": {"id": "pro"}})
    managed = of_zone(RULESET, "managed", {"phase": "http_request_firewall_managed", "kind": "zone", "rules": [rule]})
    assert list(ask_stack(waf.RULE, zone(), APP, pro, managed)) == ["zone"]


def test_rules_for_the_whole_account_count_for_its_zones() -> None:
    pro = of_zone(PLAN, "plan", {"ratePlan": {"id": "enterprise"}})
    root = resource(
        RULESET, {"phase": "http_request_firewall_managed", "kind": "root", "rules": [MANAGED]}, name="root"
    )
    assert ask_stack(waf.RULE, zone(), APP, pro, root) == {}


def test_requests_are_limited() -> None:
    def limits(**changes: Any) -> Resource:
        props = {"phase": "http_ratelimit", "kind": "zone", "rules": [{**LIMIT, **changes}]}
        return of_zone(RULESET, "limits", props)

    assert ask_stack(rate_limits.RULE, zone(), APP, limits()) == {}
    assert list(ask_stack(rate_limits.RULE, zone(), APP)) == ["zone"]
    assert list(ask_stack(rate_limits.RULE, zone(), APP, limits(action="log"))) == ["zone"]
    assert list(ask_stack(rate_limits.RULE, zone(), APP, limits(enabled=False))) == ["zone"]
    assert ask_stack(rate_limits.RULE, zone()) == {}
    assert ask_stack(rate_limits.RULE, zone(), APP, of_zone("cloudflare:index/rateLimit:RateLimit", "old", {})) == {}


@pytest.mark.parametrize(
    ("status", "breaks"), [("active", False), ("pending", False), ("disabled", True), (None, False)]
)
def test_a_zone_is_signed(status: str | None, breaks: bool) -> None:
    assert bool(ask_stack(dnssec.RULE, zone(), of_zone(DNSSEC, "dnssec", {"status": status}))) is breaks
    assert list(ask_stack(dnssec.RULE, zone())) == ["zone"]
    assert ask_stack(dnssec.RULE, resource(ZONE, {"name": "shop.example", "type": "partial"})) == {}


@pytest.mark.parametrize(
    ("type_", "name", "content", "breaks"),
    [
        ("CNAME", "app.shop.example", "lb-1.eu-west-1.elb.amazonaws.com", True),
        ("CNAME", "app.shop.example", "LB-1.elb.eu-west-1.amazonaws.com.", True),
        ("CNAME", "app.shop.example", "863d63b5.cfargotunnel.com", True),
        ("CNAME", "api.shop.example", "d-cayj29xhp0.execute-api.eu-west-1.amazonaws.com", True),
        ("A", "app.shop.example", "54.72.1.9", True),
        ("AAAA", "app.shop.example", "2a05:d018::1", True),
        ("A", "vpn.shop.example", "10.0.0.9", False),
        ("AAAA", "www.shop.example", "100::", False),
        ("CNAME", "static.shop.example", "d111111abcdef8.cloudfront.net", False),
        ("CNAME", "static.shop.example", "x.sni.global.fastly.net", False),
        ("CNAME", "_280327cf.shop.example", "_d0299.jkddzztszm.acm-validations.aws", False),
        ("TXT", "shop.example", "v=spf1 -all", False),
        ("MX", "shop.example", "mail.shop.example", False),
    ],
)
def test_no_name_leads_past_the_proxy(type_: str, name: str, content: str, breaks: bool) -> None:
    for props in ({"proxied": False}, {}):
        record = of_zone(RECORD, "record", {"type": type_, "name": name, "content": content, **props})
        assert bool(ask_stack(origins_proxied.RULE, zone(), record)) is breaks
    proxied = of_zone(RECORD, "record", {"type": type_, "name": name, "content": content, "proxied": True})
    assert ask_stack(origins_proxied.RULE, proxied) == {}


def test_a_name_that_is_not_known_yet_is_known_by_where_it_comes_from() -> None:
    balancer, cdn = resource(ELB, {}, name="lb"), resource(CDN, {}, name="cdn")
    props = {"type": "CNAME", "name": "app.shop.example", "content": UNKNOWN, "proxied": False}
    to_balancer = resource(RECORD, props, name="app", depends_on={"content": (balancer.urn,)})
    to_cdn = resource(RECORD, props, name="static", depends_on={"content": (cdn.urn,)})
    nowhere = resource(RECORD, props, name="nowhere")
    said = ask_stack(origins_proxied.RULE, balancer, cdn, to_balancer, to_cdn, nowhere)
    assert said == {
        "app": ["proxied: found False for a name of lb; allowed: true"],
        "nowhere": ["unknown: content"],
    }


def test_a_proof_of_which_nothing_is_known_yet_is_told_by_its_certificate() -> None:
    certificate = resource("aws:acm/certificate:Certificate", {}, name="certificate")
    props = {"type": UNKNOWN, "name": UNKNOWN, "content": UNKNOWN, "proxied": False}
    proof = resource(RECORD, props, name="proof", depends_on={"content": (certificate.urn,)})
    assert ask_stack(origins_proxied.RULE, certificate, proof) == {}


def test_hosts_of_mail_and_names_that_are_direct_on_purpose_pass() -> None:
    address = {"type": "A", "content": "54.72.1.9", "proxied": False}
    mail = of_zone(RECORD, "mail", {**address, "name": "mail.shop.example"})
    ssh = resource(RECORD, {**address, "name": "ssh.shop.example"}, name="ssh", config={"direct": ["ssh.shop.example"]})
    goes = of_zone(RECORD, "mx", {"type": "MX", "name": "shop.example", "content": "mail.shop.example."})
    assert ask_stack(origins_proxied.RULE, mail, ssh, goes) == {}
    assert list(ask_stack(origins_proxied.RULE, mail, ssh)) == ["mail"]


def test_a_load_balancer_is_proxied_and_an_old_record_is_one() -> None:
    old = of_zone(OLD_RECORD, "old", {"type": "A", "name": "app.shop.example", "value": "54.72.1.9"})
    balancer = of_zone(BALANCER, "balance", {"name": "app.shop.example"})
    assert list(ask_stack(origins_proxied.RULE, old, balancer)) == ["old", "balance"]
    assert ask_stack(origins_proxied.RULE, of_zone(BALANCER, "balance", {"proxied": True})) == {}


@pytest.mark.parametrize(
    ("type_", "props", "found"),
    [
        (SUBDOMAIN, {"enabled": False, "previewsEnabled": False}, 0),
        (SUBDOMAIN, {"enabled": True, "previewsEnabled": True}, 2),
        (SUBDOMAIN, {"enabled": False, "previewsEnabled": True}, 1),
        ("cloudflare:index/r2ManagedDomain:R2ManagedDomain", {"enabled": True}, 1),
        ("cloudflare:index/r2ManagedDomain:R2ManagedDomain", {"enabled": False}, 0),
        ("cloudflare:index/worker:Worker", {"name": "x"}, 0),
        ("cloudflare:index/worker:Worker", {"name": "x", "subdomain": {"enabled": True}}, 1),
    ],
)
def test_nothing_answers_beside_the_zone(type_: str, props: dict[str, Any], found: int) -> None:
    assert len(ask(no_side_entrance.RULE, type_, props)) == found


def test_a_worker_has_a_date_that_is_not_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TODAY, "2026-11-22")
    assert ask(worker_date.RULE, SCRIPT, {"compatibilityDate": "2026-04-01"}) == []
    assert ask(worker_date.RULE, SCRIPT, {"compatibilityDate": "2024-11-22"}) == []
    assert ask(worker_date.RULE, SCRIPT, {"compatibilityDate": "2024-11-21"})
    assert ask(worker_date.RULE, SCRIPT, {"compatibilityDate": ""})
    assert ask(worker_date.RULE, SCRIPT, {})
    assert ask(worker_date.RULE, SCRIPT, {"compatibilityDate": "2026-04-01"}, config={"days": 30})


@pytest.mark.parametrize(
    ("props", "breaks"),
    [
        ({"type": "https", "allowInsecure": False}, False),
        ({"type": "https"}, False),
        ({"type": "https", "allowInsecure": True}, True),
        ({"type": "http"}, True),
        ({}, True),
        ({"type": "tcp"}, False),
    ],
)
def test_monitors_ask_as_visitors_do(props: dict[str, Any], breaks: bool) -> None:
    assert bool(ask(monitors_https.RULE, MONITOR, props)) is breaks
