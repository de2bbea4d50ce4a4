"""gateway: routes and who may take them, limits, logs, the way to the balancer, and who may come in."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from pydantic import ValidationError
from recording import Recording, record

from components.balancer import Balancer, BalancerArgs, BalancerSpec
from components.balancer.routes import BalancerRoutes, BalancerRoutesArgs
from components.gateway import Gateway, GatewayArgs, GatewaySpec
from components.gateway.domains import CA
from components.network import Network, NetworkArgs, NetworkSpec
from components.site import Site

SPEC = {
    "routes": {
        "health": {"method": "GET", "path": "/health", "auth": "none"},
        "products": {
            "method": "GET",
            "path": "/v1/products/{proxy+}",
            "auth": "none",
            "throttle": {"rate": 50, "burst": 10},
        },
        "api": {"path": "/v1/{proxy+}"},
    },
    "jwt": {"issuer": "https://app.@/", "audience": ["meal"]},
}
IN, OUT = (f"aws:vpc/securityGroup{each}Rule:SecurityGroup{each}Rule" for each in ("Ingress", "Egress"))
DOMAIN = "aws:apigatewayv2/domainName:DomainName"


def gateway(site: Site, hosts: dict[str, str] | None = None, zone: str | None = "zone", **spec: object) -> Gateway:
    network = Network("net", NetworkArgs(NetworkSpec(), site, "10.0.0.0/16"))
    balancer = Balancer("lb", BalancerArgs(BalancerSpec(), site, network))
    routes = BalancerRoutes("lb", BalancerRoutesArgs(site, balancer, "example.com", "zone", {}))
    return Gateway(
        "gate",
        GatewayArgs(
            spec=GatewaySpec.model_validate({**SPEC, **spec}),
            site=site,
            network=network,
            balancer=balancer,
            routes=routes,
            domain="example.com",
            hosts={"api": "api.example.com"} if hosts is None else hosts,
            zone_id=zone,
        ),
    )


def build(site: Site, hosts: dict[str, str] | None = None, **spec: object) -> Recording:
    return record(lambda: gateway(site, hosts, **spec))


def test_its_own_name_is_shut(site: Site) -> None:
    api = build(site).one("gate-api")
    assert (api.inputs["protocolType"], api.inputs["disableExecuteApiEndpoint"]) == ("HTTP", True)
    assert api.protect
    assert not build(replace(site, retiring=True)).one("gate-api").protect


def test_routes_by_name_with_or_without_a_token(site: Site) -> None:
    recording = build(site)
    taken = {
        each.name: (each.inputs["routeKey"], each.inputs["authorizationType"], "authorizerId" in each.inputs)
        for each in recording.by_type("aws:apigatewayv2/route:Route")
    }
    assert taken == {
        "gate-route-health": ("GET /health", "NONE", False),
        "gate-route-products": ("GET /v1/products/{proxy+}", "NONE", False),
        "gate-route-api": ("ANY /v1/{proxy+}", "JWT", True),
    }
    authorizer = recording.one("gate-jwt").inputs
    assert authorizer["jwtConfiguration"] == {"issuer": "https://app.example.com/", "audiences": ["meal"]}
    assert authorizer["identitySources"] == ["$request.header.Authorization"]
    # Without anything that asks for a token there is no issuer to be asked for.
    assert "gate-jwt" not in build(site, jwt=None, routes={"all": {"path": "/{proxy+}", "auth": "none"}}).names()


def test_limits_of_all_routes_and_of_one(site: Site) -> None:
    stage = build(site, throttle={"rate": 2000, "burst": 800}).one("gate-stage")
    assert stage.inputs["defaultRouteSettings"] == {
        "throttlingRateLimit": 2000, "throttlingBurstLimit": 800, "detailedMetricsEnabled": True,
    }  # fmt: skip
    assert stage.inputs["routeSettings"] == [
        {
            "routeKey": "GET /v1/products/{proxy+}",
            "throttlingRateLimit": 50,
            "throttlingBurstLimit": 10,
            "detailedMetricsEnabled": True,
        }
    ]
    assert (stage.inputs["name"], stage.inputs["autoDeploy"]) == ("$default", True)
    assert {each.rsplit("::", 1)[1] for each in stage.depends_on} >= {"gate-route-products", "gate-route-api"}


def test_a_line_for_each_request_tells_who_used_what(site: Site) -> None:
    recording = build(site, log_days=365)
    logs = recording.one("gate-access").inputs
    assert logs["name"] == f"/aws/vendedlogs/{site.prefix}-gate"
    assert logs["retentionInDays"] == 365
    assert logs["kmsKeyId"]
    line = json.loads(recording.one("gate-stage").inputs["accessLogSettings"]["format"])
    assert {line["status"], line["subject"], line["latency_ms"]} == {
        "$context.status", "$context.authorizer.claims.sub", "$context.responseLatency",
    }  # fmt: skip


def test_the_way_to_the_balancer_is_private_and_encrypted(site: Site) -> None:
    recording = build(site)
    way = recording.one("gate-way").inputs
    assert (way["loadBalancerType"], way["internal"]) == ("network", True)
    assert all(each.startswith("net-app-") for each in way["subnets"])
    group = recording.one("gate-way-to").inputs
    assert (group["targetType"], group["protocol"], group["port"]) == ("alb", "TCP", 443)
    assert (group["healthCheck"]["protocol"], group["healthCheck"]["matcher"]) == ("HTTPS", "404")
    target = recording.one("gate-way-target")
    assert ":loadbalancer/" in target.inputs["targetId"] or target.inputs["targetId"].startswith("arn:")
    assert any(each.endswith("::lb-https") for each in target.depends_on)
    integration = recording.one("gate-to-balancer").inputs
    assert (integration["integrationType"], integration["connectionType"]) == ("HTTP_PROXY", "VPC_LINK")
    assert integration["tlsConfig"] == {"serverNameToVerify": "example.com"}
    assert integration["requestParameters"] == {"overwrite:header.host": "$context.domainName"}
    assert integration["timeoutMilliseconds"] == 30000


def test_a_link_spans_all_zones_from_the_start(site: Site) -> None:
    link = build(site).one("gate-link").inputs
    assert len(link["subnetIds"]) == 3
    assert len(link["securityGroupIds"]) == 1


def test_each_hop_lets_in_the_one_before_it_and_nobody_else(site: Site) -> None:
    recording = build(site)
    hops = {
        (
            each.name,
            each.inputs["securityGroupId"].split("-sg")[0],
            each.inputs["referencedSecurityGroupId"].split("-sg")[0],
        )
        for type_ in (IN, OUT)
        for each in recording.by_type(type_)
        if each.name.startswith("gate-")
    }
    assert hops == {
        ("gate-link-to-way", "gate-link", "gate-way"),
        ("gate-way-from-link", "gate-way", "gate-link"),
        ("gate-way-to-balancer", "gate-way", "lb"),
        ("gate-balancer-from-way", "lb", "gate-way"),
    }
    assert {each.inputs["fromPort"] for each in recording.by_type(IN) if each.name.startswith("gate-")} == {443}


def test_only_cloudflare_may_come_in(site: Site) -> None:
    recording = build(site)
    domain = recording.one("gate-api-domain").inputs
    assert domain["domainName"] == "api.example.com"
    assert domain["domainNameConfiguration"]["securityPolicy"] == "TLS_1_2"
    assert domain["mutualTlsAuthentication"]["truststoreUri"].endswith("/origin-pull-ca.pem")
    assert domain["mutualTlsAuthentication"]["truststoreUri"].startswith("s3://gate-truststore")
    trusted = recording.one("gate-truststore-ca").inputs
    assert trusted["content"] == CA.read_text()
    assert trusted["content"].count("BEGIN CERTIFICATE") == 1
    assert recording.one("gate-truststore-versions").inputs["versioningConfiguration"] == {"status": "Enabled"}
    assert all(
        value
        for key, value in recording.one("gate-truststore-private").inputs.items()
        if key.startswith(("block", "ign"))
    )


def test_cloudflare_shows_its_certificate_as_long_as_there_is_a_gateway(site: Site) -> None:
    assert build(site).one("gate-origin-pulls").inputs == {"zoneId": "zone", "enabled": True}
    # Beside home the zone has been told already.
    beside = record(lambda: gateway(site, zone=None))
    assert "gate-origin-pulls" not in beside.names()


def test_a_name_for_each_host(site: Site) -> None:
    recording = build(site, {"api": "api.example.com", "@": "example.com"})
    assert {each.name for each in recording.by_type(DOMAIN)} == {"gate-api-domain", "gate-apex-domain"}
    assert {each.name for each in recording.by_type("aws:apigatewayv2/apiMapping:ApiMapping")} == {
        "gate-api-mapping", "gate-apex-mapping",
    }  # fmt: skip
    assert not build(site, {}).by_type(DOMAIN)


def test_armed_its_bucket_may_go_with_what_is_in_it(site: Site) -> None:
    assert build(site).one("gate-truststore").inputs["forceDestroy"] is False
    assert build(site).one("gate-truststore").protect
    armed = build(replace(site, retiring=True))
    assert armed.one("gate-truststore").inputs["forceDestroy"] is True
    assert armed.one("gate-way").inputs["enableDeletionProtection"] is False


def test_cors_is_answered_by_the_gateway(site: Site) -> None:
    cors = build(site, cors={"origins": ["https://app.@"], "credentials": True}).one("gate-api").inputs
    assert cors["corsConfiguration"]["allowOrigins"] == ["https://app.example.com"]
    assert cors["corsConfiguration"]["allowCredentials"] is True
    assert "corsConfiguration" not in build(site).one("gate-api").inputs


def test_alarms_know_it_by_its_api(site: Site) -> None:
    made: list[Gateway] = []
    record(lambda: made.append(gateway(site)))
    emitter = made[0].emitter
    assert (emitter.kind, set(emitter.members["group"])) == ("gateway", {"ApiId"})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"api": "rest"}, r"api"),
        ({"routes": {}}, r"routes"),
        ({"jwt": None}, r"routes\.api\.auth: found jwt; allowed: none, or jwt with an issuer"),
        ({"routes": {"a": {"path": "/x"}, "b": {"path": "/x"}}}, r"routes\.b: found ANY /x; .* that a does not have"),
        ({"routes": {"a": {"path": "v1"}}}, r"routes\.a\.path"),
        ({"routes": {"a": {"path": "/{proxy+}/more"}}}, r"routes\.a\.path"),
        ({"routes": {"a": {"path": "/x", "method": "FETCH"}}}, r"routes\.a\.method"),
        ({"jwt": {"issuer": "http://app.@/", "audience": ["meal"]}}, r"jwt\.issuer"),
        ({"jwt": {"issuer": "https://app.@/", "audience": []}}, r"jwt\.audience"),
        ({"timeout": 31}, r"timeout"),
        ({"log_days": 45}, r"log_days"),
        ({"regions": {"Frankfurt": {}}}, r"regions"),
        (
            {
                "api": "rest",
                "host": "api",
                "jwt": None,
                "routes": {"a": {"path": "/x", "auth": "none"}},
                "plans": {"free": {"rate": 1, "burst": 1}},
                "regions": {"eu-central-1": {}},
            },
            r"regions: found eu-central-1; allowed: none with plans, which one region has",
        ),
    ],
)
def test_what_api_gateway_would_refuse_is_refused_here(given: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        GatewaySpec.model_validate({**SPEC, **given})


def test_the_most_exact_route_decides_whether_a_token_is_asked_for() -> None:
    spec = GatewaySpec.model_validate(SPEC)
    assert spec.open_to("GET", "/health")
    assert not spec.open_to("POST", "/health")
    assert not spec.open_to("GET", "/v1/orders")
    assert spec.open_to("GET", "/v1/products/7") is True
    shut = {"all": {"path": "/{proxy+}", "auth": "none"}, "one": {"method": "GET", "path": "/health"}}
    assert not GatewaySpec.model_validate({**SPEC, "routes": shut}).open_to("GET", "/health")
    named = {"one": {"path": "/a.b/{id}", "auth": "none"}}
    assert GatewaySpec.model_validate({"routes": named}).open_to("PUT", "/a.b/7")
    assert not GatewaySpec.model_validate({"routes": named}).open_to("PUT", "/axb/7")
    assert not GatewaySpec.model_validate({"routes": named}).open_to("PUT", "/a.b/7/8")
