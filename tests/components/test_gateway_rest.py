"""gateway as a REST API: its document, its one deployment, plans and keys, cache, authorizers, records, the way in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError
from recording import ACCOUNT, Recording, record

from components.alarms.catalogue import CATALOGUE
from components.balancer import Balancer, BalancerArgs, BalancerSpec
from components.balancer.routes import BalancerRoutes, BalancerRoutesArgs
from components.emitter import Emitter
from components.gateway import Gateway, GatewayArgs, GatewaySpec
from components.network import Network, NetworkArgs, NetworkSpec
from components.site import Site

FUNCTION = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:meal-prod-pass:live"
SPEC: dict[str, Any] = {
    "api": "rest",
    "host": "api",
    "routes": {
        "health": {"method": "GET", "path": "/health", "auth": "none"},
        "product": {
            "method": "GET", "path": "/v1/products/{id}", "auth": "none", "key": True,
            "cache": {"ttl": 60, "query": ["currency"]}, "throttle": {"rate": 50, "burst": 10},
        },
        "order": {
            "method": "POST", "path": "/v1/orders", "auth": "none", "key": True,
            "require": {"query": ["dry"], "headers": ["X-Request-Id"], "body": '{"type": "object"}'},
        },
        "rest": {"path": "/v1/{proxy+}", "auth": "none"},
    },
    "plans": {"free": {"rate": 1, "burst": 2, "quota": {"requests": 1000}}, "pro": {"rate": 50, "burst": 100}},
    "customers": {"acme": {"plan": "pro"}, "globex": {"plan": "free"}},
    "cache": {"size": "1.6"},
}  # fmt: skip
PROTECTED = {"gate-api", "gate-way", "gate-truststore", "gate-records", "gate-key-acme", "gate-key-globex"}


def spec(**changes: object) -> GatewaySpec:
    return GatewaySpec.model_validate({**SPEC, **changes})


def build(site: Site, retiring: Mapping[str, object] | None = None, **changes: object) -> Recording:
    def made() -> Gateway:
        network = Network("net", NetworkArgs(NetworkSpec(), site, "10.0.0.0/16"))
        balancer = Balancer("lb", BalancerArgs(BalancerSpec(), site, network))
        routes = BalancerRoutes("lb", BalancerRoutesArgs(site, balancer, "example.com", "zone", {}))
        return Gateway(
            "gate",
            GatewayArgs(
                spec(**changes), site, network, balancer, routes, "example.com", {"api": "api.example.com"}, "zone",
                function_arn=FUNCTION, retiring=retiring or {},
            ),
        )  # fmt: skip

    return record(made)


def document(recording: Recording) -> dict[str, Any]:
    return json.loads(recording.one("gate-api").inputs["body"])


def own(recording: Recording) -> set[str]:
    return {name for name in recording.names() if name.startswith("gate-")}


def test_an_open_route_and_one_with_a_key(site: Site) -> None:
    paths = document(build(site))["paths"]
    assert paths["/health"] == {
        "get": {
            "parameters": [],
            "responses": {},
            "security": [],
            "x-amazon-apigateway-integration": {
                "type": "http_proxy",
                "httpMethod": "GET",
                "connectionType": "VPC_LINK",
                "connectionId": link(build(site)),
                "uri": "https://api.example.com/health",
                "requestParameters": {},
                "passthroughBehavior": "when_no_match",
                "timeoutInMillis": 29000,
            },
        }
    }
    product = paths["/v1/products/{id}"]["get"]
    assert product["security"] == [{"key": []}]
    assert product["parameters"] == [
        {"in": "path", "name": "id", "required": True, "schema": {"type": "string"}},
        {"in": "query", "name": "currency", "required": False, "schema": {"type": "string"}},
    ]


def link(recording: Recording) -> str:
    each = recording.one("gate-link")
    return f"gate-link-{hashlib.sha256(f'{each.type} gate-link'.encode()).hexdigest()[:8]}"


def test_what_is_kept_is_told_apart_by_its_variables_too(site: Site) -> None:
    recording = build(site)
    integration = document(recording)["paths"]["/v1/products/{id}"]["get"]["x-amazon-apigateway-integration"]
    assert integration["cacheKeyParameters"] == ["method.request.path.id", "method.request.querystring.currency"]
    assert integration["requestParameters"] == {"integration.request.path.id": "method.request.path.id"}
    settings = {each: recording.one(f"gate-settings-{each}").inputs for each in ("every", "product")}
    assert settings["every"]["methodPath"] == "*/*"
    assert settings["every"]["settings"]["cachingEnabled"] is False
    assert settings["product"]["methodPath"] == "~1v1~1products~1{id}/GET"
    assert settings["product"]["settings"] == {
        "metricsEnabled": True, "loggingLevel": "OFF", "dataTraceEnabled": False,
        "throttlingRateLimit": 50, "throttlingBurstLimit": 10, "cachingEnabled": True, "cacheTtlInSeconds": 60,
        "cacheDataEncrypted": True, "requireAuthorizationForCacheControl": True,
        "unauthorizedCacheControlHeaderStrategy": "SUCCEED_WITHOUT_RESPONSE_HEADER",
    }  # fmt: skip
    assert {name for name in own(recording) if "settings" in name} == {"gate-settings-every", "gate-settings-product"}


def test_a_greedy_route_of_any_method(site: Site) -> None:
    (method,) = document(build(site))["paths"]["/v1/{proxy+}"].items()
    assert method[0] == "x-amazon-apigateway-any-method"
    integration = method[1]["x-amazon-apigateway-integration"]
    assert (integration["uri"], integration["httpMethod"]) == ("https://api.example.com/v1/{proxy}", "ANY")
    assert integration["requestParameters"] == {"integration.request.path.proxy": "method.request.path.proxy"}


def test_what_a_request_must_have(site: Site) -> None:
    whole = document(build(site))
    order = whole["paths"]["/v1/orders"]["post"]
    assert order["x-amazon-apigateway-request-validator"] == "strict"
    assert whole["x-amazon-apigateway-request-validators"]["strict"] == {
        "validateRequestBody": True, "validateRequestParameters": True,
    }  # fmt: skip
    assert {(each["in"], each["name"]): each["required"] for each in order["parameters"]} == {
        ("query", "dry"): True, ("header", "X-Request-Id"): True,
    }  # fmt: skip
    reference = order["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    assert whole["components"]["schemas"] == {reference.rpartition("/")[2]: {"type": "object"}}


def test_the_stage_shows_the_one_deployment_whose_trigger_is_the_document(site: Site) -> None:
    recording = build(site)
    body = recording.one("gate-api").inputs["body"]
    deployment = recording.one("gate-deployment")
    assert deployment.inputs["triggers"] == {"document": hashlib.sha256(body.encode()).hexdigest()}
    stage = recording.one("gate-stage").inputs
    assert (stage["stageName"], stage["cacheClusterEnabled"], stage["cacheClusterSize"]) == ("live", True, "1.6")
    assert stage["xrayTracingEnabled"] is True
    assert not deployment.delete_before_replace
    uncached = build(site, cache=None, routes={"all": {"path": "/v1/{proxy+}", "auth": "none"}}).one("gate-stage")
    assert uncached.inputs["cacheClusterEnabled"] is False
    assert "cacheClusterSize" not in uncached.inputs


@pytest.mark.parametrize(
    ("changes", "anew"),
    [
        ({"routes": {**SPEC["routes"], "more": {"path": "/v2/{proxy+}", "auth": "none"}}}, True),
        ({"routes": {**SPEC["routes"], "health": {**SPEC["routes"]["health"], "key": True}}}, True),
        ({"timeout": 10}, True),
        ({"authorizer": {"function": "pass"}}, True),
        ({"throttle": {"rate": 5, "burst": 5}}, False),
        ({"plans": {**SPEC["plans"], "gold": {"rate": 9, "burst": 9}}}, False),
        ({"customers": {**SPEC["customers"], "initech": {"plan": "free"}}}, False),
        ({"cache": {"size": "6.1"}}, False),
        ({"tracing": False}, False),
        ({"waf": {"rate": 100}}, False),
    ],
)  # fmt: skip
def test_a_new_deployment_is_due_where_callers_meet_something_else(
    site: Site, changes: dict[str, object], anew: bool
) -> None:
    before, after = (build(site, None, **each).one("gate-deployment") for each in ({}, changes))
    assert (before.inputs["triggers"] != after.inputs["triggers"]) is anew


def test_plans_and_the_keys_in_them(site: Site) -> None:
    recording = build(site)
    free, pro = (recording.one(f"gate-plan-{each}").inputs for each in ("free", "pro"))
    assert free["quotaSettings"] == {"limit": 1000, "period": "MONTH"}
    assert free["throttleSettings"] == {"rateLimit": 1, "burstLimit": 2}
    assert "quotaSettings" not in pro
    assert [stage["stage"] for stage in pro["apiStages"]] == ["live"]
    key = recording.one("gate-key-acme")
    assert (key.inputs["name"], key.inputs["enabled"]) == ("meal-prod-gate-acme", True)
    assert "value" not in key.inputs, "AWS makes it"
    held = recording.one("gate-key-acme-plan")
    assert held.delete_before_replace
    assert held.inputs["usagePlanId"].startswith("gate-plan-pro-")
    assert held.inputs["keyType"] == "API_KEY"


def test_one_more_customer_or_plan_leaves_the_rest(site: Site) -> None:
    before = {each.urn: each.inputs for each in build(site).resources}
    more = build(
        site,
        customers={"aaa": {"plan": "gold"}, **SPEC["customers"]},
        plans={"gold": {"rate": 9, "burst": 9}, **SPEC["plans"]},
    )
    after = {each.urn: each.inputs for each in more.resources}
    assert {urn: inputs for urn, inputs in before.items() if after.get(urn) != inputs} == {}
    assert {urn.rsplit("::", 1)[1] for urn in after.keys() - before.keys()} == {
        "gate-plan-gold", "gate-key-aaa", "gate-key-aaa-plan",
    }  # fmt: skip


def test_only_the_key_that_is_armed_loses_its_protection_and_opens_nothing(site: Site) -> None:
    assert {each.name for each in build(site).resources if each.protect and each.name.startswith("gate-")} == PROTECTED
    armed = build(site, retiring={"gate-key-acme": {}})
    assert {each.name for each in armed.resources if each.protect and each.name.startswith("gate-")} == (
        PROTECTED - {"gate-key-acme"}
    )
    assert armed.one("gate-key-acme").inputs["enabled"] is False
    assert armed.one("gate-key-globex").inputs["enabled"] is True
    assert armed.urns() == build(site).urns()


def test_a_function_that_is_asked(site: Site) -> None:
    routes = {"all": {"path": "/v1/{proxy+}", "auth": "authorizer", "key": True}}
    recording = build(site, routes=routes, cache=None, authorizer={"function": "pass", "ttl": 60})
    whole = document(recording)
    assert whole["paths"]["/v1/{proxy+}"]["x-amazon-apigateway-any-method"]["security"] == [
        {"key": []}, {"authorizer": []},
    ]  # fmt: skip
    scheme = whole["components"]["securitySchemes"]["authorizer"]
    assert scheme["x-amazon-apigateway-authtype"] == "custom"
    asked = scheme["x-amazon-apigateway-authorizer"]
    assert asked["authorizerUri"] == (
        f"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{FUNCTION}/invocations"
    )
    assert (asked["type"], asked["authorizerResultTtlInSeconds"]) == ("request", 60)
    rights = json.loads(recording.one("gate-caller-rights").inputs["policy"])["Statement"]
    assert [(each["Action"], each["Resource"]) for each in rights] == [("lambda:InvokeFunction", FUNCTION)]


def test_users_of_its_own(site: Site) -> None:
    routes = {"all": {"path": "/v1/{proxy+}", "auth": "authorizer"}}
    cognito = {"clients": {"web": {"callbacks": ["https://app.@/back"]}}}
    recording = build(site, routes=routes, cache=None, authorizer={"cognito": cognito})
    whole = document(recording)
    asked = whole["paths"]["/v1/{proxy+}"]["x-amazon-apigateway-any-method"]["security"]
    assert asked == [{"authorizer": ["openid", "email"]}]
    scheme = whole["components"]["securitySchemes"]["authorizer"]
    assert scheme["x-amazon-apigateway-authtype"] == "cognito_user_pools"
    (arn,) = scheme["x-amazon-apigateway-authorizer"]["providerARNs"]
    assert "gate-users" in arn
    pool, client = recording.one("gate-users"), recording.one("gate-client-web").inputs
    assert (pool.protect, pool.inputs["deletionProtection"]) == (True, "ACTIVE")
    assert pool.inputs["usernameAttributes"] == ["email"]
    assert pool.inputs["usernameConfiguration"] == {"caseSensitive": False}
    assert client["callbackUrls"] == ["https://app.example.com/back"]
    assert (client["generateSecret"], client["allowedOauthFlows"]) == (False, ["code"])
    armed = build(replace(site, retiring=True), routes=routes, cache=None, authorizer={"cognito": cognito})
    assert armed.one("gate-users").retain, "its users stay where they are"
    assert armed.one("gate-users").inputs["deletionProtection"] == "INACTIVE"


def test_the_record_of_every_request(site: Site) -> None:
    recording = build(site)
    settings = recording.one("gate-stage").inputs["accessLogSettings"]
    assert "gate-usage-stream" in settings["destinationArn"]
    line = json.loads(settings["format"])
    assert line["customer_key"] == "$context.identity.apiKeyId"
    assert "$context.identity.apiKey" not in line.values(), "a key's value is in no log"
    stream = recording.one("gate-usage-stream").inputs
    assert stream["name"] == "amazon-apigateway-meal-prod-gate"
    written = stream["extendedS3Configuration"]
    assert written["prefix"] == "usage/!{timestamp:yyyy/MM/dd}/"
    assert (written["compressionFormat"], written["bufferingInterval"]) == ("GZIP", 300)
    (rule,) = recording.one("gate-records-expiry").inputs["rules"]
    assert (rule["filter"], rule["expiration"]) == ({"prefix": "usage/"}, {"days": 731})


def test_the_way_in_and_out(site: Site) -> None:
    recording = build(site)
    api = recording.one("gate-api").inputs
    assert (api["disableExecuteApiEndpoint"], api["endpointConfiguration"]) == (True, {"types": "REGIONAL"})
    assert recording.one("gate-link").type == "aws:apigateway/vpcLink:VpcLink"
    assert recording.one("gate-way").inputs["enforceSecurityGroupInboundRulesOnPrivateLinkTraffic"] == "off"
    assert not {name for name in own(recording) if name.startswith("gate-link-")}, "PrivateLink is no group's"
    domain = recording.one("gate-api-domain").inputs
    assert domain["mutualTlsAuthentication"]["truststoreUri"].startswith("s3://")
    assert recording.one("gate-api-mapping").inputs["stage"] == "live"
    acl = recording.one("gate-waf")
    assert acl.inputs["description"] == "meal-prod: before gate"
    on = recording.one("gate-waf-on-stage").inputs
    assert on["resourceArn"].startswith("arn:aws:apigateway:::gate-stage-")
    rate = next(rule for rule in acl.inputs["rules"] if rule["name"] == "rate")["statement"]["rateBasedStatement"]
    assert rate["forwardedIpConfig"]["headerName"] == "CF-Connecting-IP"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"host": None}, r"host: found None; allowed: the label of the one name"),
        ({"jwt": {"issuer": "https://app.@/", "audience": ["x"]}}, "jwt: found set; allowed: nothing with api: rest"),
        ({"cors": {"origins": ["https://app.@"]}}, "cors: found set; allowed: nothing with api: rest"),
        ({"regions": {"eu-central-1": {}}}, "regions: found eu-central-1; allowed: none with plans"),
        (
            {"customers": {"acme": {"plan": "gold"}}},
            "customers.acme.plan: found gold; allowed: one of plans: free, pro",
        ),
        ({"plans": {}, "customers": {}}, "routes.product.key: found True; allowed: false, or plans"),
        ({"cache": None}, "routes.product.cache: found set; allowed: nothing without cache of the gateway"),
        ({"routes": {"a": {"path": "/a"}}}, "routes.a.auth: found jwt; allowed: none or authorizer"),
        (
            {"routes": {"a": {"path": "/a", "auth": "authorizer"}}},
            "routes.a.auth: found authorizer; allowed: none, or an authorizer",
        ),
        (
            {"routes": {"a": {"path": "/a", "auth": "none", "cache": {}}}},
            "routes.a.cache: found ANY; allowed: nothing but with method GET",
        ),
        (
            {"routes": {"a": {"method": "GET", "path": "/a", "auth": "none", "require": {"body": "{}"}}}},
            "routes.a.require.body: found GET; allowed: nothing but with method POST",
        ),
        (
            {"routes": {"a": {"method": "POST", "path": "/a", "auth": "none", "require": {"body": "{oops"}}}},
            "routes.a.require.body: found no JSON",
        ),
        (
            {"routes": {"a": {"method": "POST", "path": "/a", "auth": "none", "require": {"body": "[]"}}}},
            "routes.a.require.body: found list; allowed: a JSON schema, which is an object",
        ),
        (
            {"routes": {"a": {"path": "/v1/{id}", "auth": "none"}, "b": {"path": "/v1/{name}/x", "auth": "none"}}},
            r"routes.b.path: found \{name\}; allowed: \{id\}",
        ),
        ({"authorizer": {}}, "function: found None; allowed: either function or cognito"),
        ({"plans": {"free": {"rate": 0, "burst": 1}}}, "greater than 0"),
        ({"cache": {"size": "2"}}, "'0.5', '1.6'"),
        ({"api": "http"}, "host: found set; allowed: nothing with api: http; rest has it"),
    ],
)
def test_refused(changes: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        spec(**changes)


@pytest.mark.parametrize(
    ("route", "told"),
    [
        ({"auth": "authorizer"}, "routes.a.auth: found authorizer; allowed: none or jwt with api: http"),
        ({"auth": "none", "key": True}, "routes.a.key: found set; allowed: nothing with api: http"),
        ({"auth": "none", "cache": {}}, "routes.a.cache: found set; allowed: nothing with api: http"),
        ({"auth": "none", "require": {}}, "routes.a.require: found set; allowed: nothing with api: http"),
    ],
)
def test_an_http_api_has_none_of_it(route: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        GatewaySpec(routes={"a": {"path": "/a", **route}})


def test_what_alarms_can_watch(site: Site) -> None:
    emitters: list[Emitter] = []

    def made() -> None:
        network = Network("net", NetworkArgs(NetworkSpec(), site, "10.0.0.0/16"))
        balancer = Balancer("lb", BalancerArgs(BalancerSpec(), site, network))
        routes = BalancerRoutes("lb", BalancerRoutesArgs(site, balancer, "example.com", "zone", {}))
        args = GatewayArgs(spec(), site, network, balancer, routes, "example.com", {"api": "api.example.com"})
        emitters.append(Gateway("gate", args).emitter)

    record(made)
    (emitter,) = emitters
    assert set(emitter.members["group"]) == {"ApiName", "Stage"}
    read = CATALOGUE[emitter.kind]
    assert {name: metric.names for name, metric in read.items()}.items() >= {
        "errors": ("5XXError",), "refused": ("4XXError",), "latency": ("Latency",), "cache_hits": ("CacheHitCount",),
        "hit_rate": ("CacheHitCount", "CacheMissCount"), "error_rate": ("5XXError", "Count"),
    }.items()  # fmt: skip


def test_a_probe_has_no_key() -> None:
    assert spec().open_to("GET", "/health")
    assert not spec().open_to("GET", "/v1/products/1")
    assert spec().open_to("GET", "/v1/products")


def test_the_authorizer_is_a_function() -> None:
    given = spec(authorizer={"function": "pass"})
    given.check_among({"pass": "function", "gate": "gateway"})
    with pytest.raises(ValueError, match=r"authorizer\.function: found pass; allowed: a function: none here"):
        given.check_among({"pass": "service"})


def test_customers_outlive_a_way_down_with_their_plans() -> None:
    low = spec(customers={"globex": {"plan": "free"}}, plans={"free": {"rate": 1, "burst": 2}})
    held = spec().keeps(low)
    assert held is not None
    assert held.fields == {"customers": {"acme": {"plan": "pro"}}, "plans": {"pro": {"rate": 50.0, "burst": 100}}}
    assert held.what == "customers.acme"
    assert low.keeps(spec()) is None
    assert set(spec().members("gate")) == {"gate-key-acme", "gate-key-globex"}
