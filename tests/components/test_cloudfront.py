"""cdn at CloudFront: one distribution a name, what it keeps, what runs at its edge, and who may ask its origins."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError
from recording import ACCOUNT, Recording, record
from whole import ROUTES, WORKERS, cloudfront, network

from components.balancer import Balancer, BalancerArgs, BalancerSpec
from components.bucket import Bucket, BucketArgs, BucketSpec
from components.cdn import CdnSpec
from components.cdn.edge import viewer_code
from components.site import Site


def build(site: Site, **more: object) -> Recording:
    return record(lambda: cloudfront(site, **more))


def keys(recording: Recording, behaviour: dict[str, Any]) -> tuple[int, int]:
    policies = {e.name: e for e in recording.by_type("aws:cloudfront/cachePolicy:CachePolicy")}
    (found,) = [each for name, each in policies.items() if behaviour["cachePolicyId"].startswith(f"{name}-")]
    return found.inputs["minTtl"], found.inputs["maxTtl"]


def test_a_distribution_for_each_name(site: Site) -> None:
    recording = build(site)
    app = recording.one("front-app")
    assert app.protect
    inputs = app.inputs
    assert (inputs["aliases"], inputs["httpVersion"], inputs["isIpv6Enabled"]) == (
        ["app.example.com"],
        "http2and3",
        True,
    )
    assert inputs["viewerCertificate"]["minimumProtocolVersion"] == "TLSv1.2_2021"
    assert inputs["viewerCertificate"]["sslSupportMethod"] == "sni-only"
    assert inputs["webAclId"].startswith("arn:aws:wafv2:::front-waf-")
    (origin,) = inputs["origins"]
    assert origin["domainName"] == "lb.elb.amazonaws.com"
    assert origin["customOriginConfig"]["originProtocolPolicy"] == "https-only"
    assert origin["originShield"] == {"enabled": True, "originShieldRegion": "eu-west-1"}
    headers = {each["name"]: each["value"] for each in origin["customHeaders"]}
    assert headers == {
        "x-origin-secret": "hush",
        "x-asked-name": "app",
        "x-asked-regions": "eu-west-1=lb.elb.amazonaws.com us-west-2=far.elb.amazonaws.com",
    }
    assert [each["pathPattern"] for each in inputs["orderedCacheBehaviors"]] == ["/api/products*", "/api/me*"]
    ttls = [keys(recording, each) for each in (inputs["defaultCacheBehavior"], *inputs["orderedCacheBehaviors"])]
    assert ttls == [(0, 31536000), (300, 300), (0, 0)]
    assert "POST" in inputs["defaultCacheBehavior"]["allowedMethods"]
    assert inputs["defaultCacheBehavior"]["originRequestPolicyId"].startswith("front-to-origin-")


def test_a_private_bucket_answers_cloudfront_alone(site: Site) -> None:
    recording = build(site)
    inputs = recording.one("front-static").inputs
    (origin,) = inputs["origins"]
    assert origin["originAccessControlId"].startswith("front-signs-")
    assert "customOriginConfig" not in origin
    behaviour = inputs["defaultCacheBehavior"]
    assert behaviour["allowedMethods"] == ["GET", "HEAD", "OPTIONS"]
    assert behaviour.get("originRequestPolicyId") is None, "S3 is asked by its own name"
    pattern = f"arn:aws:cloudfront::{ACCOUNT}:distribution/*"
    made = record(lambda: Bucket("assets", BucketArgs(BucketSpec(store="s3"), site, ACCOUNT, distributions=pattern)))
    condition = {"ArnLike": {"aws:SourceArn": pattern}}
    for resource, action in (("assets-policy", "s3:GetObject"), ("assets-key", "kms:Decrypt")):
        statement = json.loads(made.one(resource).inputs["policy"])["Statement"][-1]
        assert (statement["Sid"], statement["Action"], statement["Condition"]) == ("Cdn", action, condition)
        assert statement["Principal"] == {"Service": "cloudfront.amazonaws.com"}


def test_a_balancer_tells_its_own_cdn_by_a_secret(site: Site) -> None:
    spec = BalancerSpec(beside={"cloudfront": {}})
    recording = record(lambda: Balancer("lb", BalancerArgs(spec, site, network(site), ROUTES, "pl-front")))
    groups = recording.one("lb-lb").inputs["securityGroups"]
    assert [each.rsplit("-", 1)[0] for each in groups] == ["lb-sg", "lb-cloudfront-sg"]
    rule = recording.one("lb-https-from-cloudfront").inputs
    assert (rule["prefixListId"], rule["fromPort"], rule["toPort"]) == ("pl-front", 443, 443)
    first = recording.one("lb-waf").inputs["rules"][0]
    assert (first["name"], first["priority"], first["action"]) == ("origin", 0, {"block": {}})
    known, says = (each["notStatement"]["statement"] for each in first["statement"]["andStatement"]["statements"])
    assert known["ipSetReferenceStatement"]["arn"].startswith("arn:aws:wafv2:::lb-cloudfront-known-")
    assert says["byteMatchStatement"]["fieldToMatch"] == {"singleHeader": {"name": "x-origin-secret"}}
    assert says["byteMatchStatement"]["positionalConstraint"] == "EXACTLY"
    assert says["byteMatchStatement"]["searchString"].startswith("secret-lb-cloudfront-secret-")
    # Everybody else who may come in is known by address, or they would be refused.
    assert "173.245.48.0/20" in recording.one("lb-cloudfront-known").inputs["addresses"]
    plain = record(lambda: Balancer("lb", BalancerArgs(BalancerSpec(), site, network(site), ROUTES)))
    assert plain.one("lb-waf").inputs["rules"][0]["name"] == "rate"
    assert "lb-cloudfront-secret" not in plain.names()


def test_everything_for_all_locations_stands_in_one_region(site: Site) -> None:
    recording = build(replace(site, region="ap-southeast-1"))
    regional = ("acm/", "wafv2/", "lambda/", "cloudwatch/logDeliver")
    found = {
        each.inputs["region"]
        for each in recording.resources
        if each.custom and each.type.removeprefix("aws:").startswith(regional)
    }
    assert found == {"us-east-1"}
    assert recording.one("front-waf").inputs["scope"] == "CLOUDFRONT"
    assert recording.one("front-logs").inputs["region"] == "ap-southeast-1"


def test_names_of_ours_point_at_distributions(site: Site) -> None:
    recording = build(site)
    records = {
        each.inputs["name"]: each.inputs
        for each in recording.by_type("cloudflare:index/dnsRecord:DnsRecord")
        if "proof" not in each.name
    }
    # The zone has `app` itself, and points it at the second of these.
    assert records.keys() == {"app.front.example.com", "static.front.example.com", "static.example.com"}
    assert records["static.example.com"]["content"] == "static.front.example.com"
    assert records["app.front.example.com"]["content"].endswith(".cloudfront.net")
    assert {each["proxied"] for each in records.values()} == {False}


def test_what_runs_at_the_edge(site: Site) -> None:
    recording = build(site)
    code = recording.one("front-viewer").inputs["code"]
    settings = json.loads(code.split("const SETTINGS = ")[1].split(";\n")[0])
    assert settings["cookies"] == ["session"]
    assert settings["rules"] == {
        "app.example.com": {
            "/api/me": "private, no-cache",
            "/api/products": "public, max-age=300, stale-while-revalidate=60",
        },
        "static.example.com": {
            "/": "public, max-age=86400",
            "/_next/static/": "public, max-age=31536000, immutable",
        },
    }
    function = recording.one("front-edge")
    assert function.retain, "copies go hours after the last distribution has let go"
    assert (function.inputs["publish"], function.inputs["architectures"]) == (True, ["x86_64"])
    assert "environment" not in function.inputs, "Lambda@Edge has no variables"
    behaviour = recording.one("front-app").inputs["defaultCacheBehavior"]
    assert {each["eventType"] for each in behaviour["lambdaFunctionAssociations"]} == {
        "origin-request",
        "origin-response",
    }
    assert {each["eventType"] for each in behaviour["functionAssociations"]} == {"viewer-request", "viewer-response"}
    plain = build(site, edge=None)
    assert not {"front-edge", "front-edge-role"} & plain.names()
    assert plain.one("front-app").inputs["defaultCacheBehavior"]["lambdaFunctionAssociations"] == []
    assert [each["name"] for each in plain.one("front-app").inputs["origins"][0]["customHeaders"]] == [
        "x-origin-secret"
    ]


def test_shared_answers_open_no_session(site: Site) -> None:
    recording = build(site)
    shared = recording.one("front-headers-shared").inputs
    assert shared["removeHeadersConfig"] == {"items": [{"header": "Set-Cookie"}]}
    assert "removeHeadersConfig" not in recording.one("front-headers").inputs
    security = shared["securityHeadersConfig"]
    assert security["strictTransportSecurity"]["accessControlMaxAgeSec"] == 365 * 86400
    assert (security["frameOptions"]["frameOption"], security["contentTypeOptions"]) == ("DENY", {"override": True})
    products, mine = recording.one("front-app").inputs["orderedCacheBehaviors"]
    assert products["responseHeadersPolicyId"].startswith("front-headers-shared-")
    assert not mine["responseHeadersPolicyId"].startswith("front-headers-shared-")


def test_settings_have_one_place_and_a_limit() -> None:
    spec = CdnSpec(provider="cloudfront", origins={"a": {"block": "lb"}}, hosts={"a": {"origin": "a"}})
    script = (WORKERS / "viewer.js").read_text()
    with pytest.raises(ValueError, match="0 lines for its settings"):
        viewer_code(script.replace("const SETTINGS", "var SETTINGS"), spec, "example.com")
    with pytest.raises(ValueError, match=r"\d+ bytes at the edge; allowed: 10240"):
        viewer_code(script + "//" + "x" * 10240, spec, "example.com")


def test_a_name_that_is_not_asked_for_any_more_answers_on() -> None:
    def spec(*labels: str) -> CdnSpec:
        names: dict[str, Any] = {label: {"origin": label} for label in labels}
        return CdnSpec(provider="cloudfront", origins={label: {"block": "lb"} for label in labels}, hosts=names)

    held = spec("a", "b").keeps(spec("a"))
    assert held is not None
    assert held.fields == {"hosts": {"b": {"origin": "b"}}, "origins": {"b": {"block": "lb"}}}
    assert spec("a").keeps(spec("a", "b")) is None


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"authority": "globalsign"}, "authority: found set; allowed: nothing with provider cloudfront"),
        ({"origins": {"app": {"block": "lb", "health": "/h"}}}, "origins.app.health: found /h"),
        ({"origins": {"app": {"block": "lb", "shield": "frankfurt-de"}}}, "origins.app.shield: found frankfurt-de"),
        ({"origins": {"app": {"block": "lb", "first_byte_ms": 60001}}}, "origins.app.first_byte_ms: found 60001"),
        ({"cache": {"a": {"host": "app", "ttl": 9, "keys": ["x"]}}}, "cache.a.keys: found x"),
    ],
)
def test_refused(wrong: dict[str, object], told: str) -> None:
    given = {"origins": {"app": {"block": "lb"}}, "hosts": {"app": {"origin": "app"}}, **wrong}
    with pytest.raises(ValidationError) as raised:
        CdnSpec(provider="cloudfront", **given)
    assert told in str(raised.value)
