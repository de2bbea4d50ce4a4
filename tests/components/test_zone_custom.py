"""zone: customers' own names, their certificates, and where their requests go."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError
from recording import Recording, record

from components.site import Site
from components.zone import Host, Origin, Zone, ZoneArgs, ZoneSpec

SPEC: dict[str, Any] = {
    "plan": "pro",
    "hosts": {"app": {"to": "lb"}, "api": {"to": "lb"}},
    "fallback": "app",
    "custom_hostnames": {"shop.acme.org": {}, "buy.globex.net": {"proof": "txt", "min_tls": "1.3"}},
}
NAME = "cloudflare:index/customHostname:CustomHostname"


def build(site: Site, retiring: tuple[str, ...] = (), **changes: object) -> Recording:
    hosts = {label: Host([Origin("lb", "eu-west-1", "lb.amazonaws.com")]) for label in SPEC["hosts"]}
    spec = ZoneSpec(**{**SPEC, **changes})
    return record(lambda: Zone("edge", ZoneArgs(spec, site, "a" * 32, "example.com", lambda _: hosts, retiring)))


def test_a_certificate_for_each_and_one_origin_for_all(site: Site) -> None:
    recording = build(site)
    assert {each.name: (each.inputs["hostname"], each.inputs["ssl"]) for each in recording.by_type(NAME)} == {
        "edge-customer-shop.acme.org": (
            "shop.acme.org",
            {"method": "http", "type": "dv", "settings": {"minTlsVersion": "1.2", "http2": "on", "tls13": "on"}},
        ),
        "edge-customer-buy.globex.net": (
            "buy.globex.net",
            {"method": "txt", "type": "dv", "settings": {"minTlsVersion": "1.3", "http2": "on", "tls13": "on"}},
        ),
    }
    assert recording.one("edge-fallback").inputs["origin"] == "app.example.com"
    assert recording.one("edge-host-app").inputs["proxied"] is True


def test_only_the_name_that_is_armed_loses_its_protection(site: Site) -> None:
    names = {"edge-customer-shop.acme.org", "edge-customer-buy.globex.net"}
    for given, left in (((), names), (("edge-customer-shop.acme.org",), {"edge-customer-buy.globex.net"})):
        assert {each.name for each in build(site, given).by_type(NAME) if each.protect} == left
    assert not any(each.protect for each in build(replace(site, retiring=True)).by_type(NAME))
    assert not any(each.protect for each in build(replace(site, protect_anchors=False)).by_type(NAME))


def test_one_more_name_leaves_the_rest(site: Site) -> None:
    before = {each.urn: each.inputs for each in build(site).resources}
    more = build(site, custom_hostnames={"a.initech.com": {}, **SPEC["custom_hostnames"]})
    after = {each.urn: each.inputs for each in more.resources}
    assert {urn: inputs for urn, inputs in before.items() if after.get(urn) != inputs} == {}
    assert {urn.rsplit("::", 1)[1] for urn in after.keys() - before.keys()} == {"edge-customer-a.initech.com"}


def test_without_them_there_is_nothing_of_it(site: Site) -> None:
    recording = build(site, custom_hostnames={}, fallback=None)
    assert not recording.by_type(NAME)
    assert "edge-fallback" not in recording.names()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"fallback": None}, "fallback: found None; allowed: one of hosts, for 2 custom_hostnames"),
        ({"fallback": "www"}, "fallback: found www; allowed: one of hosts: api, app"),
        ({"custom_hostnames": {"Shop.acme.org": {}}}, "match pattern"),
        ({"custom_hostnames": {"localhost": {}}}, "match pattern"),
        ({"custom_hostnames": {"*.acme.org": {}}}, "match pattern"),
        ({"custom_hostnames": {"shop.acme.org": {"min_tls": "1.1"}}}, "'1.2' or '1.3'"),
        (
            {"custom_hostnames": {f"s{n}.acme.org": {} for n in range(50_001)}},
            "custom_hostnames: found 50001 hostnames; allowed: at most 50000 below plan enterprise",
        ),
    ],
)
def test_refused(changes: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        ZoneSpec(**{**SPEC, **changes})


def test_names_outlive_a_way_down_and_point_where_they_did() -> None:
    low = ZoneSpec(plan="pro", hosts=SPEC["hosts"], custom_hostnames={"shop.acme.org": {}}, fallback="api")
    held = ZoneSpec(**SPEC).keeps(low)
    assert held is not None
    assert held.fields == {"custom_hostnames": {"buy.globex.net": {"proof": "txt", "min_tls": "1.3"}}}
    bare = ZoneSpec(**SPEC).keeps(ZoneSpec(plan="pro", hosts=SPEC["hosts"]))
    assert bare is not None
    assert bare.fields["fallback"] == "app"
    assert low.keeps(ZoneSpec(**SPEC)) is None
    assert set(low.members("edge")) == {"edge-customer-shop.acme.org"}
