"""Checks of what customers are given: the name of a REST API, their own names, and secrets that two know."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from components.gateway import GatewaySpec
from components.service import ServiceSpec
from components.worker import WorkerSpec
from components.zone import ZoneSpec
from stacks.compose.context import Context
from stacks.compose.gateways import hosts_of

ROUTES = 1000
"""Routes of a zone (Cloudflare Workers documentation, "Limits")."""
STREAM_LIMIT = 64
"""Characters of a delivery stream's name (CreateDeliveryStream, Amazon Data Firehose API reference)."""
PREFIX_LIMIT = 63
"""Characters of a sign-in domain's prefix (CreateUserPoolDomain, Amazon Cognito API reference)."""
RESERVED = ("aws", "amazon", "cognito")
"""Words that such a prefix must not have in it."""


def rest_apis(context: Context) -> Iterator[tuple[str, GatewaySpec]]:
    """The gateways that are REST APIs."""
    for block, spec in context.of_kind("gateway", GatewaySpec):
        if spec.api == "rest":
            yield block.name, spec


def rest_apis_have_one_name(context: Context) -> None:
    """It asks the balancer for its own host, whichever name it was called by."""
    for name, spec in rest_apis(context):
        for label in hosts_of(context, name):
            if label != spec.host:
                zone = next(block.name for block, given in context.of_kind("zone", ZoneSpec) if label in given.hosts)
                allowed = f"another block: {name} is a REST API, which answers {spec.host} alone"
                raise context.bad(zone, f"hosts.{label}.to", name, allowed)


def names_fit(context: Context) -> None:
    """Of what a REST API has beside itself."""
    for name, spec in rest_apis(context):
        stream = f"amazon-apigateway-{context.site.prefix}-{name}"
        if len(stream) > STREAM_LIMIT:
            raise context.bad(
                name, "kind", f"{stream}, {len(stream)} characters", f"a block name within {STREAM_LIMIT}"
            )
        prefix = f"{context.site.prefix}-{name}"
        if not spec.users:
            continue
        if len(prefix) > PREFIX_LIMIT or any(word in prefix for word in RESERVED):
            allowed = f"a name within {PREFIX_LIMIT} characters and without {', '.join(RESERVED)}: it is the sign-in's"
            raise context.bad(name, "authorizer.cognito", prefix, allowed)


def customers_names_are_theirs(context: Context) -> None:
    """A name of the domain is no customer's own, and a zone has so many routes."""
    domain = context.config.domain
    for block, zone in context.of_kind("zone", ZoneSpec):
        for hostname in zone.custom_hostnames:
            if hostname == domain or hostname.endswith(f".{domain}"):
                allowed = f"a name outside {domain}, which has hosts of its own"
                raise context.bad(block.name, f"custom_hostnames.{hostname}", hostname, allowed)
        routes = [
            (worker.name, key, len(zone.custom_hostnames) if route.host == "*" else 1)
            for worker, spec in context.of_kind("worker", WorkerSpec)
            for key, route in spec.routes.items()
        ]
        if sum(count for *_, count in routes) > ROUTES:
            worker, key, _ = max(routes, key=lambda each: each[2])
            found = f"{sum(count for *_, count in routes)} routes of workers"
            raise context.bad(worker, f"routes.{key}", found, f"at most {ROUTES} in a zone")


def secrets_are_shared(context: Context) -> None:
    """A secret that a worker takes from a service is made there."""
    services = {block.name: spec for block, spec in context.of_kind("service", ServiceSpec)}
    for block, spec in context.of_kind("worker", WorkerSpec):
        for key, secret in spec.secrets.items():
            if secret.of is None:
                continue
            service = services.get(secret.of)
            if service is None:
                allowed = f"a service: {', '.join(sorted(services)) or 'none here'}"
                raise context.bad(block.name, f"secrets.{key}.of", secret.of, allowed)
            if key not in service.secrets or service.secrets[key].generate is None:
                allowed = f"a service with a generated secret {key}"
                raise context.bad(block.name, f"secrets.{key}.of", secret.of, allowed)


RULES: tuple[Callable[[Context], None], ...] = (
    rest_apis_have_one_name,
    names_fit,
    customers_names_are_theirs,
    secrets_are_shared,
)
