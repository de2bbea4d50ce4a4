"""gateway: an API that checks tokens, keys and limits, in front of the balancer that routes.

An HTTP API has no web ACL of its own: AWS WAF takes REST APIs only. Cloudflare's stands before it, the balancer's
behind it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_aws as aws
import pulumi_cloudflare as cloudflare

from components.balancer.component import Balancer
from components.balancer.routes import BalancerRoutes
from components.emitter import Emitter
from components.gateway.domains import domains, truststore
from components.gateway.entrance import Entrance
from components.gateway.rest import Rest
from components.gateway.spec import GatewaySpec, ThrottleSpec
from components.network import Network
from components.site import Site, child_options

__all__ = ["Gateway", "GatewayArgs", "GatewaySpec"]

STAGE: Final = "$default"
"""The stage whose name is not part of the path."""
LOGGED: Final = {
    "time": "$context.requestTimeEpoch",
    "request": "$context.requestId",
    "host": "$context.domainName",
    "route": "$context.routeKey",
    "method": "$context.httpMethod",
    "path": "$context.path",
    "status": "$context.status",
    "latency_ms": "$context.responseLatency",
    "integration_ms": "$context.integrationLatency",
    "bytes": "$context.responseLength",
    # Who used how much: the tokens' subject and client, for usage and for bills.
    "subject": "$context.authorizer.claims.sub",
    "client": "$context.authorizer.claims.client_id",
    "agent": "$context.identity.userAgent",
    "authorizer_error": "$context.authorizer.error",
    "integration_error": "$context.integrationErrorMessage",
}


@dataclass(frozen=True)
class GatewayArgs:
    """`hosts` are full names by label; `routes` are those of `balancer`, with the certificate of the domain.

    `zone_id` is the Cloudflare zone that shows its client certificate from then on; one gateway of a zone says so.
    `function_arn` is what a REST API's authorizer asks; `retiring` are logical names of keys that are armed to go; by
    the addresses `own` the stack's own services come."""

    spec: GatewaySpec
    site: Site
    network: Network
    balancer: Balancer
    routes: BalancerRoutes
    domain: str
    hosts: Mapping[str, str]
    zone_id: pulumi.Input[str] | None = None
    function_arn: pulumi.Input[str] | None = None
    retiring: Collection[str] = ()
    own: Sequence[pulumi.Input[str]] = ()


class Gateway(pulumi.ComponentResource):
    """The API with its routes, authorizer, stage, logs, names, and its way to the balancer."""

    rest: Rest | None
    """Where it is a REST API."""
    targets: dict[str, pulumi.Output[str]]
    """By label: what the zone's record of a host points at."""

    def __init__(self, name: str, args: GatewayArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:Gateway", name, None, opts)
        self._name, self._spec, self._site, self._domain = name, args.spec, args.site, args.domain
        self.rest = None
        if args.spec.api == "rest":
            self.rest = self._make_rest(args)
            self.api_id, mapped, stage = self.rest.api.id, self.rest.api.id, self.rest.stage.stage_name
        else:
            made = self._make_http(args)
            self.api_id, mapped, stage = self._api.id, made.api_id, made.name
        self.targets = domains(
            self,
            name,
            args.site,
            hosts=args.hosts,
            certificate_arn=args.routes.certificate_arn,
            trusted=truststore(self, f"{name}-truststore", args.site),
            api_id=mapped,
            stage=stage,
        )
        if args.zone_id is not None:
            cloudflare.AuthenticatedOriginPullsSettings(
                f"{name}-origin-pulls", zone_id=args.zone_id, enabled=True, opts=child_options(self)
            )
        self.register_outputs({"api_id": self.api_id, "targets": self.targets})

    def _make_rest(self, args: GatewayArgs) -> Rest:
        return Rest(
            self,
            self._name,
            args.spec,
            args.site,
            network=args.network,
            balancer=args.balancer,
            https=args.routes.listener,
            domain=args.domain,
            function_arn=args.function_arn,
            retiring=args.retiring,
            own=args.own,
        )

    def _make_http(self, args: GatewayArgs) -> aws.apigatewayv2.Stage:
        site, name = self._site, self._name
        self._api = aws.apigatewayv2.Api(
            f"{name}-api",
            region=site.region,
            name=f"{site.prefix}-{name}",
            description=f"{site.prefix}: {name}",
            protocol_type="HTTP",
            # Its own name would let everybody in past Cloudflare.
            disable_execute_api_endpoint=True,
            cors_configuration=self._cors(),
            tags=site.tagged(Name=f"{site.prefix}-{name}"),
            opts=child_options(self, protect=site.guards_anchor),
        )
        entrance = Entrance(
            self,
            name,
            site,
            network=args.network,
            balancer=args.balancer,
            https=args.routes.listener,
        )
        integration = aws.apigatewayv2.Integration(
            f"{name}-to-balancer",
            region=site.region,
            api_id=self._api.id,
            integration_type="HTTP_PROXY",
            integration_method="ANY",
            integration_uri=entrance.listener_arn,
            connection_type="VPC_LINK",
            connection_id=entrance.link_id,
            payload_format_version="1.0",
            timeout_milliseconds=args.spec.timeout * 1000,
            # The name in the certificate, and in the handshake; the balancer has one for all hosts.
            tls_config={"server_name_to_verify": args.domain},
            # The balancer routes by host.
            request_parameters={"overwrite:header.host": "$context.domainName"},
            opts=child_options(self),
        )
        return self._stage(args.network, self._routes(integration))

    @property
    def emitter(self) -> Emitter:
        """What alarms can watch: requests, their latency, errors of either side, and a REST API's cache."""
        if self.rest is not None:
            dimensions = {"ApiName": self.rest.api.name, "Stage": self.rest.stage.stage_name}
            return Emitter("rest-gateway", members={"group": dimensions})
        return Emitter("gateway", members={"group": {"ApiId": self.api_id}})

    def _cors(self) -> Any:
        cors = self._spec.cors
        if cors is None:
            return None
        return {
            "allow_origins": [origin.replace("@", self._domain) for origin in cors.origins],
            "allow_methods": list(cors.methods),
            "allow_headers": list(cors.headers),
            "allow_credentials": cors.credentials,
            "max_age": cors.max_age,
        }

    def _routes(self, integration: aws.apigatewayv2.Integration) -> dict[str, aws.apigatewayv2.Route]:
        authorizer = self._authorizer()
        return {
            ref: aws.apigatewayv2.Route(
                f"{self._name}-route-{ref}",
                region=self._site.region,
                api_id=self._api.id,
                route_key=route.key_of,
                target=pulumi.Output.concat("integrations/", integration.id),
                authorization_type="JWT" if route.auth == "jwt" else "NONE",
                authorizer_id=authorizer.id if authorizer and route.auth == "jwt" else None,
                opts=child_options(self),
            )
            for ref, route in self._spec.routes.items()
        }

    def _authorizer(self) -> aws.apigatewayv2.Authorizer | None:
        jwt = self._spec.jwt
        if jwt is None:
            return None
        return aws.apigatewayv2.Authorizer(
            f"{self._name}-jwt",
            region=self._site.region,
            api_id=self._api.id,
            name=f"{self._site.prefix}-{self._name}-jwt",
            authorizer_type="JWT",
            identity_sources=["$request.header.Authorization"],
            jwt_configuration={
                "issuer": jwt.issuer.replace("@", self._domain),
                "audiences": list(jwt.audience),
            },
            opts=child_options(self),
        )

    def _stage(self, network: Network, routes: Mapping[str, aws.apigatewayv2.Route]) -> aws.apigatewayv2.Stage:
        site, spec = self._site, self._spec
        logs = aws.cloudwatch.LogGroup(
            f"{self._name}-access",
            region=site.region,
            # Below this name log delivery adds nothing to the account's one resource policy, which has a size limit.
            name=f"/aws/vendedlogs/{site.prefix}-{self._name}",
            retention_in_days=spec.log_days,
            kms_key_id=network.logs_key.arn,
            tags=site.tagged(),
            opts=child_options(self),
        )
        return aws.apigatewayv2.Stage(
            f"{self._name}-stage",
            region=site.region,
            api_id=self._api.id,
            name=STAGE,
            description=f"{site.prefix}: {self._name}",
            auto_deploy=True,
            default_route_settings={**_throttled(spec.throttle), "detailed_metrics_enabled": True},
            route_settings=[
                {"route_key": route.key_of, **_throttled(route.throttle), "detailed_metrics_enabled": True}
                for _, route in sorted(spec.routes.items())
                if route.throttle
            ],
            access_log_settings={"destination_arn": logs.arn, "format": json.dumps(LOGGED)},
            tags=site.tagged(),
            # Settings of a route that is not there are refused.
            opts=child_options(self, depends_on=list(routes.values())),
        )


def _throttled(throttle: ThrottleSpec) -> dict[str, int]:
    return {"throttling_rate_limit": throttle.rate, "throttling_burst_limit": throttle.burst}
