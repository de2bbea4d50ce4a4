"""A REST API as one OpenAPI document: its routes, what a request must have, who may call, and the way to the balancer.

One document and not a resource for each place, method and integration: a change of routes is then one update in place,
and what is to be deployed can be told from what is deployed (developer guide, "OpenAPI extensions for API Gateway").
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pulumi

from components.gateway.spec import GatewaySpec, RouteSpec

LONGEST: Final = 29
"""Seconds that a REST API waits for a host (developer guide, "Quotas for configuring and running a REST API")."""
VARIABLE: Final = re.compile(r"\{([A-Za-z0-9_]+)\+?\}")
JSON: Final = "application/json"
KEY_HEADER: Final = "x-api-key"
STRICT: Final = "strict"


@dataclass(frozen=True)
class Doorman:
    """The authorizer: its extension of the document, and the scopes of which a token needs one."""

    extension: Mapping[str, Any]
    type: str
    scopes: Sequence[str] = field(default=())


def document(
    spec: GatewaySpec, *, title: str, hostname: str, link_id: pulumi.Input[str], doorman: Doorman | None
) -> pulumi.Output[str]:
    """The text to import; what is not known yet leaves all of it unknown."""
    paths: dict[str, dict[str, Any]] = {}
    schemas: dict[str, Any] = {}
    for ref, route in sorted(spec.routes.items()):
        method = "x-amazon-apigateway-any-method" if route.method == "ANY" else route.method.lower()
        paths.setdefault(route.path, {})[method] = _operation(ref, route, spec, hostname, link_id, doorman, schemas)
    schemes: dict[str, Any] = {"key": {"type": "apiKey", "name": KEY_HEADER, "in": "header"}}
    if doorman is not None:
        schemes["authorizer"] = {
            "type": "apiKey",
            "name": "Authorization",
            "in": "header",
            "x-amazon-apigateway-authtype": doorman.type,
            "x-amazon-apigateway-authorizer": doorman.extension,
        }
    return pulumi.Output.json_dumps(
        {
            "openapi": "3.0.1",
            "info": {"title": title, "version": "1"},
            "x-amazon-apigateway-request-validators": {
                STRICT: {"validateRequestBody": True, "validateRequestParameters": True}
            },
            "paths": paths,
            "components": {"securitySchemes": schemes, "schemas": schemas},
        }
    )


def _operation(
    ref: str,
    route: RouteSpec,
    spec: GatewaySpec,
    hostname: str,
    link_id: pulumi.Input[str],
    doorman: Doorman | None,
    schemas: dict[str, Any],
) -> dict[str, Any]:
    # All of these are asked for; of one object with several, API Gateway would take each for a way in.
    asked: list[dict[str, list[str]]] = [{"key": []}] if route.key else []
    if route.auth == "authorizer" and doorman is not None:
        asked.append({"authorizer": list(doorman.scopes)})
    made: dict[str, Any] = {
        "parameters": _parameters(route),
        "responses": {},
        "security": asked,
        "x-amazon-apigateway-integration": _integration(route, spec, hostname, link_id),
    }
    if route.require:
        made["x-amazon-apigateway-request-validator"] = STRICT
        if route.require.body is not None:
            # A model's name is letters and digits alone.
            name = "".join(part.title() for part in ref.split("-"))
            schemas[name] = json.loads(route.require.body)
            content = {JSON: {"schema": {"$ref": f"#/components/schemas/{name}"}}}
            made["requestBody"] = {"required": True, "content": content}
    return made


def _parameters(route: RouteSpec) -> list[dict[str, Any]]:
    required = route.require
    queries = dict.fromkeys([*(route.cache.query if route.cache else ()), *(required.query if required else ())])
    given = [
        *(("path", name, True) for name in VARIABLE.findall(route.path)),
        *(("query", name, bool(required and name in required.query)) for name in queries),
        *(("header", name, True) for name in (required.headers if required else ())),
    ]
    return [
        {"in": where, "name": name, "required": needed, "schema": {"type": "string"}} for where, name, needed in given
    ]


def _integration(route: RouteSpec, spec: GatewaySpec, hostname: str, link_id: pulumi.Input[str]) -> dict[str, Any]:
    variables = VARIABLE.findall(route.path)
    made: dict[str, Any] = {
        "type": "http_proxy",
        "httpMethod": route.method,
        "connectionType": "VPC_LINK",
        "connectionId": link_id,
        # The name in the certificate and in the request, by which the balancer routes.
        "uri": f"https://{hostname}{route.path.replace('+}', '}')}",
        "requestParameters": {f"integration.request.path.{each}": f"method.request.path.{each}" for each in variables},
        "passthroughBehavior": "when_no_match",
        "timeoutInMillis": min(spec.timeout, LONGEST) * 1000,
    }
    if route.cache:
        # Without its variables in the key every path of a kind would have one and the same answer.
        made["cacheKeyParameters"] = [
            *(f"method.request.path.{each}" for each in variables),
            *(f"method.request.querystring.{each}" for each in sorted(route.cache.query)),
        ]
    return made
