"""A REST API: routes, plans, a cache, a web ACL, records of use, and the one deployment that its stage shows.

A REST API serves a picture of its routes, not the routes themselves: without a new deployment a change of them is
applied and never seen. So a digest of all that callers meet is the deployment's trigger. A change of it makes a new
deployment, the stage is pointed at that one, and then the old one goes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from components.balancer.component import Balancer
from components.balancer.waf import web_acl
from components.gateway.customers import customers
from components.gateway.document import document
from components.gateway.doorman import doorman
from components.gateway.entrance import Entrance
from components.gateway.spec import GatewaySpec, RouteSpec
from components.gateway.usage import RECORD, usage_stream
from components.network import Network
from components.site import Site, child_options

STAGE: Final = "live"


class Rest:
    """Makes a gateway's REST API as children of its component."""

    def __init__(
        self,
        parent: pulumi.Resource,
        name: str,
        spec: GatewaySpec,
        site: Site,
        *,
        network: Network,
        balancer: Balancer,
        https: aws.lb.Listener,
        domain: str,
        function_arn: pulumi.Input[str] | None,
        retiring: Collection[str],
        own: Sequence[pulumi.Input[str]],
    ) -> None:
        self._parent, self._name, self._spec, self._site = parent, name, spec, site
        hostname = domain if spec.host == "@" else f"{spec.host}.{domain}"
        entrance = Entrance(parent, name, site, network=network, balancer=balancer, https=https, rest=True)
        body = document(
            spec,
            title=f"{site.prefix}-{name}",
            hostname=hostname,
            link_id=entrance.link_id,
            doorman=doorman(parent, name, site, spec.authorizer, function_arn=function_arn, domain=domain),
        )
        self.api = aws.apigateway.RestApi(
            f"{name}-api",
            region=site.region,
            name=f"{site.prefix}-{name}",
            description=f"{site.prefix}: {name}",
            body=body,
            endpoint_configuration={"types": "REGIONAL"},
            api_key_source="HEADER",
            # Its own name would let everybody in past Cloudflare.
            disable_execute_api_endpoint=True,
            tags=site.tagged(Name=f"{site.prefix}-{name}"),
            opts=child_options(parent, protect=site.guards_anchor),
        )
        deployment = aws.apigateway.Deployment(
            f"{name}-deployment",
            region=site.region,
            rest_api=self.api.id,
            description=f"{site.prefix}: {name}",
            triggers={"document": body.apply(lambda text: hashlib.sha256(text.encode()).hexdigest())},
            opts=child_options(parent),
        )
        self.stage = self._stage(deployment)
        self._settings()
        acl = web_acl(parent, f"{name}-waf", spec.waf, site, behind_cloudflare=True, before=name, own=own)
        aws.wafv2.WebAclAssociation(
            f"{name}-waf-on-stage",
            region=site.region,
            resource_arn=self.stage.arn,
            web_acl_arn=acl.arn,
            opts=child_options(parent),
        )
        self.keys = customers(
            parent, name, site, spec, api_id=self.api.id, stage=self.stage.stage_name, retiring=retiring
        )

    def _stage(self, deployment: aws.apigateway.Deployment) -> aws.apigateway.Stage:
        site, spec, name = self._site, self._spec, self._name
        return aws.apigateway.Stage(
            f"{name}-stage",
            region=site.region,
            rest_api=self.api.id,
            stage_name=STAGE,
            description=f"{site.prefix}: {name}",
            deployment=deployment.id,
            cache_cluster_enabled=spec.cache is not None,
            cache_cluster_size=spec.cache.size if spec.cache else None,
            xray_tracing_enabled=spec.tracing,
            access_log_settings={
                "destination_arn": usage_stream(self._parent, name, site, spec.usage).arn,
                "format": json.dumps(RECORD),
            },
            tags=site.tagged(),
            opts=child_options(self._parent),
        )

    def _settings(self) -> None:
        every = self._set("every", "*/*", {})
        for ref, route in self._spec.routes.items():
            if route.throttle or route.cache:
                # By path as JSON pointers write it (terraform-provider-aws issue 9738).
                path = f"{route.path.replace('/', '~1')}/{route.method}"
                self._set(ref, path, _own(route), after=[every])

    def _set(
        self, role: str, path: str, own: dict[str, Any], after: list[pulumi.Resource] | None = None
    ) -> aws.apigateway.MethodSettings:
        throttle = self._spec.throttle
        return aws.apigateway.MethodSettings(
            f"{self._name}-settings-{role}",
            region=self._site.region,
            rest_api=self.api.id,
            stage_name=self.stage.stage_name,
            method_path=path,
            settings={
                "metrics_enabled": True,
                # Logs of each step of a request need the account's role, and may hold what a customer sent.
                "logging_level": "OFF",
                "data_trace_enabled": False,
                "throttling_rate_limit": throttle.rate,
                "throttling_burst_limit": throttle.burst,
                "caching_enabled": False,
                **own,
            },
            opts=child_options(self._parent, depends_on=after),
        )


def _own(route: RouteSpec) -> dict[str, Any]:
    own: dict[str, Any] = {}
    if route.throttle:
        own |= {"throttling_rate_limit": route.throttle.rate, "throttling_burst_limit": route.throttle.burst}
    if route.cache:
        own |= {
            "caching_enabled": True,
            "cache_ttl_in_seconds": route.cache.ttl,
            "cache_data_encrypted": True,
            # Else whoever sends `Cache-Control: max-age=0` empties it.
            "require_authorization_for_cache_control": True,
            "unauthorized_cache_control_header_strategy": "SUCCEED_WITHOUT_RESPONSE_HEADER",
        }
    return own
