"""cdn: a service that answers in Cloudflare's place, its VCL to the letter, certificates and records of each name."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError
from recording import Recording, record

from components.cdn import Cdn, CdnArgs, CdnOrigin, CdnSpec
from components.cdn.vcl import backend, credentials, snippets, turn_of
from components.site import Site

RECORD, TLS = "cloudflare:index/dnsRecord:DnsRecord", "fastly:index/tlsSubscription:TlsSubscription"
SPEC: dict[str, Any] = {
    "provider": "fastly",
    "origins": {"api": {"block": "lb", "health": "/health"}, "images": {"block": "images", "shield": "frankfurt-de"}},
    "hosts": {"api": {"origin": "api"}, "cdn": {"origin": "images"}},
}
ORIGINS = {
    "api": [
        CdnOrigin("lb", "lb.elb.amazonaws.com", "api.example.com"),
        CdnOrigin("lb-eu-central-1", "other.elb.amazonaws.com", "api.example.com"),
    ],
    "images": [CdnOrigin("images", "images.example.com", "images.example.com")],
}


def build(site: Site, **spec: object) -> Recording:
    args = CdnArgs(
        spec=CdnSpec(**{**SPEC, **spec}),
        site=site,
        domain="example.com",
        zone_id="zone",
        target="j.sni.global.fastly.net",
        origins=ORIGINS,
        zoned={"api"},
    )
    return record(lambda: Cdn("cdn", args))


def service(recording: Recording) -> dict[str, Any]:
    return recording.one("cdn-service").inputs


def named(items: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in items}


def test_a_service_for_all_names(site: Site) -> None:
    inputs = service(build(site))
    assert inputs["name"] == "meal-prod-cdn"
    assert (inputs["activate"], inputs["forceDestroy"], inputs["http3"], inputs["defaultTtl"]) == (True, False, True, 0)
    assert inputs["domains"] == [{"name": "api.example.com"}, {"name": "cdn.example.com"}]
    assert inputs["requestSettings"] == [
        {"name": "tls", "forceSsl": True},
        {"name": "credentials", "action": "pass", "requestCondition": "credentials"},
    ]


def test_origins_are_asked_by_their_own_name_over_verified_tls(site: Site) -> None:
    backends = named(service(build(site))["backends"])
    assert set(backends) == {"api-lb", "api-lb-eu-central-1", "images-images"}
    assert backends["api-lb"] == {
        "name": "api-lb",
        "address": "lb.elb.amazonaws.com",
        "port": 443,
        "useSsl": True,
        "sslCheckCert": True,
        "sslCertHostname": "api.example.com",
        "sslSniHostname": "api.example.com",
        "minTlsVersion": "1.2",
        "overrideHost": "api.example.com",
        "requestCondition": "to-api-lb",
        "healthcheck": "api-lb",
        "connectTimeout": 1000,
        "firstByteTimeout": 15000,
        "betweenBytesTimeout": 10000,
        "maxConn": 200,
    }
    assert backends["images-images"]["shield"] == "frankfurt-de"
    assert "healthcheck" not in backends["images-images"]
    checks = named(service(build(site))["healthchecks"])
    assert set(checks) == {"api-lb", "api-lb-eu-central-1"}
    assert (checks["api-lb"]["host"], checks["api-lb"]["path"]) == ("api.example.com", "/health")


def test_the_next_region_is_asked_while_the_first_is_not_well(site: Site) -> None:
    conditions = named(service(build(site))["conditions"])
    mine, other = "backend.F_api_lb.healthy", "backend.F_api_lb_eu_central_1.healthy"
    host = '(req.http.host == "api.example.com")'
    assert conditions["to-api-lb"]["statement"] == f"{host} && (({mine}) || (!{mine} && !{other}))"
    assert conditions["to-api-lb-eu-central-1"]["statement"] == f"{host} && ((!{mine} && {other}))"
    assert conditions["to-images-images"]["statement"] == '(req.http.host == "cdn.example.com")'


def test_without_a_check_there_is_no_turn(site: Site) -> None:
    inputs = service(build(site, origins={**SPEC["origins"], "api": {"block": "lb"}}))
    assert set(named(inputs["backends"])) == {"api-lb", "images-images"}
    assert inputs["healthchecks"] == []


@pytest.mark.parametrize("well", range(8))
def test_exactly_one_backend_has_its_turn(well: int) -> None:
    """Whichever of three are well, one condition holds: the first well one's, or the first's where none is."""
    names = ["a", "b", "c"]
    state = {f"backend.F_{name}.healthy": bool(well >> at & 1) for at, name in enumerate(names)}

    def holds(condition: str) -> bool:
        for variable, value in state.items():
            condition = condition.replace(variable, str(value))
        return bool(eval(condition.replace("!", " not ").replace("&&", "and").replace("||", "or")))

    turns = [name for at, name in enumerate(names) if holds(turn_of(names, at))]
    assert turns == [next((name for name in names if state[f"backend.F_{name}.healthy"]), "a")]


def test_an_origin_that_no_name_asks_is_left_out(site: Site) -> None:
    inputs = service(build(site, hosts={"api": {"origin": "api"}}))
    assert set(named(inputs["backends"])) == {"api-lb", "api-lb-eu-central-1"}


def test_somebody_s_requests_pass(site: Site) -> None:
    conditions = named(service(build(site, bypass_cookies=["session_token", "admin"]))["conditions"])
    assert conditions["credentials"] == {
        "name": "credentials",
        "type": "REQUEST",
        "priority": 10,
        "statement": "req.http.Authorization || req.http.Cookie:admin || req.http.Cookie:session_token",
    }
    assert credentials([]) == "req.http.Authorization"


def test_rules_of_the_cache_to_the_letter(site: Site) -> None:
    cache = {
        "products": {
            "host": "api",
            "path": "/v1/products/",
            "ttl": 300,
            "stale_revalidate": 600,
            "keys": ["catalogue", "{2}:{3}"],
        },
        "all": {"host": "api", "ttl": 60},
    }
    given = named(service(build(site, cache=cache))["snippets"])
    assert given["cache-products"] == {
        "name": "cache-products",
        "type": "fetch",
        "priority": 113,
        "content": (
            'if (req.http.host == "api.example.com" && req.url.path ~ "^/v1/products/" && beresp.status == 200 '
            '&& !(beresp.http.Set-Cookie || beresp.http.Cache-Control ~ "(?i)(private|no-store|no-cache)")) {\n'
            "  set beresp.ttl = 300s;\n"
            "  set beresp.ttl -= std.atoi(beresp.http.Age);\n"
            "  set beresp.stale_while_revalidate = 600s;\n"
            "  set beresp.stale_if_error = 86400s;\n"
            '  set beresp.http.Surrogate-Control = "max-age=300, stale-while-revalidate=600, stale-if-error=86400";\n'
            '  if (req.url.path ~ "^/([^/]+)/([^/]+)/([^/]+)") {\n'
            "    set beresp.http.Surrogate-Key = beresp.http.Surrogate-Key "
            '" catalogue " re.group.2 ":" re.group.3;\n'
            "  }\n"
            "}\n"
        ),
    }
    # The last one that fits counts, and the longer path comes later, whatever is written first.
    assert given["cache-all"]["priority"] < given["cache-products"]["priority"]
    assert "Surrogate-Key" not in given["cache-all"]["content"]


def test_every_snippet_is_balanced_and_none_returns_before_fastly_s_own() -> None:
    spec = CdnSpec(**SPEC, cache={"a": {"host": "api", "ttl": 1, "keys": ["all", "x:{1}-y"]}})
    for name, snippet in snippets(spec, "example.com").items():
        for one, other in ("{}", "()"):
            assert snippet.content.count(one) == snippet.content.count(other), name
        assert snippet.content.count('"') % 2 == 0, name
        assert snippet.content.endswith("\n")
        if snippet.subroutine == "recv":
            assert "return" not in snippet.content
        if snippet.subroutine == "fetch" and "return" in snippet.content:
            assert "return(deliver_stale)" in snippet.content


def test_the_client_is_who_fastly_sees(site: Site) -> None:
    content = named(service(build(site))["snippets"])["client"]["content"]
    assert content == (
        "if (fastly.ff.visits_this_service == 0 && req.restarts == 0) {\n"
        "  set req.http.CF-Connecting-IP = client.ip;\n"
        "}\n"
    )


def test_headers_and_compression(site: Site) -> None:
    given = named(service(build(site))["snippets"])
    assert (
        'set resp.http.Strict-Transport-Security = "max-age=31536000; includeSubDomains";'
        in given["headers"]["content"]
    )
    assert 'set resp.http.X-Frame-Options = "DENY";' in given["headers"]["content"]
    assert "beresp.brotli" in given["compress"]["content"]
    assert service(build(site))["productEnablement"] == {"brotliCompression": True}
    assert service(build(site))["gzips"] == []
    plain = service(build(site, brotli=False, hsts_days=0))
    assert "compress" not in named(plain["snippets"])
    assert "application/json" in plain["gzips"][0]["contentTypes"]
    assert "productEnablement" not in plain
    assert "Strict-Transport-Security" not in named(plain["snippets"])["headers"]["content"]


def test_a_certificate_and_a_proof_for_each_name(site: Site) -> None:
    recording = build(site)
    tls = recording.one("cdn-tls-api")
    assert tls.inputs == {
        "certificateAuthority": "certainly",
        "domains": ["api.example.com"],
        "commonName": "api.example.com",
        "forceDestroy": False,
    }
    assert recording.one("cdn-service").urn in tls.depends_on
    proof = recording.one("cdn-proof-api").inputs
    assert (proof["name"], proof["type"], proof["proxied"]) == ("_acme-challenge.api.example.com", "CNAME", False)
    assert proof["content"].endswith(".fastly-validations.com")
    assert recording.one("cdn-proof-api").urn in recording.one("cdn-valid-api").depends_on
    assert recording.one("cdn-valid-api").inputs["subscriptionId"].startswith("cdn-tls-api-")


def test_a_name_of_the_zone_s_has_no_second_record(site: Site) -> None:
    recording = build(site)
    assert "cdn-host-api" not in recording.names()
    assert recording.one("cdn-host-cdn").inputs == {
        "zoneId": "zone",
        "name": "cdn.example.com",
        "type": "CNAME",
        "content": "j.sni.global.fastly.net",
        "ttl": 300,
        "proxied": False,
    }


def test_one_more_name_touches_the_service_alone(site: Site) -> None:
    before = {each.urn: each.inputs for each in build(site).resources}
    after = build(site, hosts={**SPEC["hosts"], "app": {"origin": "api"}})
    later = {each.urn: each.inputs for each in after.resources}
    changed = {urn.rsplit("::", 1)[1] for urn, inputs in before.items() if later[urn] != inputs}
    assert changed == {"cdn-service"}
    assert len(after.by_type(TLS)) == 3


def test_guarded_until_armed(site: Site) -> None:
    assert build(site).one("cdn-service").protect
    for free in (replace(site, retiring=True), replace(site, protect_anchors=False)):
        recording = build(free)
        assert not any(each.protect for each in recording.resources)
        assert service(recording)["forceDestroy"] is True
        assert {each.inputs["forceDestroy"] for each in recording.by_type(TLS)} == {True}


def test_names_in_vcl() -> None:
    assert backend("api-lb-eu-central-1") == "F_api_lb_eu_central_1"


def test_the_sdk_is_imported_only_for_a_component() -> None:
    code = (
        "import sys; from components.cdn import CdnSpec; assert 'pulumi_fastly' not in sys.modules; "
        "from components.cdn import Cdn; assert 'pulumi_fastly' not in sys.modules; "
        "import components.cdn.fastly; assert 'pulumi_fastly' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"provider": "akamai"}, "'fastly' or 'cloudfront'"),
        ({"provider": None}, "'fastly'"),
        ({"hosts": {"api": {"origin": "web"}}}, r"hosts\.api\.origin: found web; allowed: one of origins: api, images"),
        ({"hosts": {"@": {"origin": "api"}}}, "match pattern"),
        ({"hosts": {}}, "at least 1 item"),
        ({"origins": {}}, "at least 1 item"),
        ({"cache": {"a": {"host": "www", "ttl": 60}}}, r"cache\.a\.host: found www; allowed: one of hosts: api, cdn"),
        ({"cache": {"a": {"host": "api", "ttl": 0}}}, r"cache\.a\.ttl: found 0; allowed: at least 1 s"),
        ({"cache": {"a": {"host": "api", "ttl": 9, "immutable": True}}}, r"cache\.a\.immutable: found True"),
        ({"edge": {}}, r"edge: found set; allowed: nothing with provider fastly"),
        ({"locations": "100"}, r"locations: found set; allowed: nothing with provider fastly"),
        ({"cache": {"a": {"host": "api", "path": '/"; error 900; "', "ttl": 1}}}, "match pattern"),
        (
            {"cache": {"a": {"host": "api", "ttl": 1}, "b": {"host": "api", "ttl": 2}}},
            r"cache\.b: found api/; allowed: another host or path than a's",
        ),
        ({"cache": {"a": {"host": "api", "ttl": 1, "keys": ["{0}"]}}}, "match pattern"),
        ({"cache": {"a": {"host": "api", "ttl": 1, "keys": ['x"y']}}}, "match pattern"),
        ({"bypass_cookies": ["a b"]}, "match pattern"),
        ({"response_headers": {"X": 'a"b'}}, "match pattern"),
        ({"response_headers": {"X: y": "a"}}, r"response_headers\.X: y"),
        ({"origins": {"api": {"block": "lb", "shield": "Frankfurt"}}}, "match pattern"),
    ],
)
def test_refused(wrong: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        CdnSpec(**{**SPEC, **wrong})


def test_origins_are_reached_by_the_internet() -> None:
    spec = CdnSpec(**SPEC)
    spec.check_among({"lb": "balancer", "images": "bucket"})
    with pytest.raises(ValueError, match=r"origins\.api\.block: found lb; allowed: a balancer or bucket: images"):
        spec.check_among({"lb": "server", "images": "bucket"})
