"""How requests come in: tunnels, balancers, the zone, and which host name goes where."""

from __future__ import annotations

from components.balancer import Balancer, BalancerArgs, BalancerSpec
from components.balancer_routes import BalancerRoutes, BalancerRoutesArgs, Route
from components.bucket import BucketSpec
from components.server import ServerSpec
from components.server_tunnel import CONNECTOR, Tunnel, TunnelArgs
from components.service import ServiceSpec
from components.zone import Zone, ZoneArgs, ZoneSpec
from stacks.compose.context import Context

CONNECTOR_IMAGE = "cloudflared"
"""The key in the stack's images that pins the tunnel's connector by digest."""


def tunnels(context: Context) -> None:
    """A tunnel for each server block that asks for one, with a route for each host name of its services."""
    for block, spec in context.of_kind("server", ServerSpec):
        if not spec.tunnel:
            continue
        routes = {
            context.hostname(label): service.port
            for _, service in context.on_server(block.name)
            for label in service.hosts
            if service.port is not None
        }
        context.tunnels[block.name] = Tunnel(
            block.name,
            TunnelArgs(
                site=context.site_of(block),
                account_id=context.config.cloudflare_account_id,
                routes=routes,
                image=context.config.images.get(CONNECTOR_IMAGE, CONNECTOR),
            ),
        )


def routes_of(context: Context) -> dict[str, Route]:
    """What a balancer serves: every service that takes requests, with its weights at this point of a move."""
    return {
        block.name: Route(
            hostnames=tuple(sorted(map(context.hostname, spec.hosts))),
            port=spec.port,
            health=spec.health,
            weights=context.effective.work[block.name].weights,
            sticky_seconds=spec.sticky_seconds,
            slow_start=spec.slow_start,
        )
        for block, spec in context.of_kind("service", ServiceSpec)
        if spec.hosts and spec.port is not None and spec.health is not None
    }


def balancers(context: Context) -> None:
    """At most one balancer: two would both want every service."""
    found = list(context.of_kind("balancer", BalancerSpec))
    if len(found) > 1:
        raise context.bad(found[1][0].name, "kind", "a second balancer", "one balancer a stack")
    for block, spec in found:
        context.balancers[block.name] = Balancer(
            block.name, BalancerArgs(spec, context.site_of(block), context.network, routes_of(context))
        )


def zones(context: Context) -> None:
    """At most one zone, whose names point at tunnels and balancers by the block that takes requests now."""
    found = list(context.of_kind("zone", ZoneSpec))
    if len(found) > 1:
        raise context.bad(found[1][0].name, "kind", "a second zone", "one zone a stack")
    origins = {
        **{server: tunnel.hostname for server, tunnel in context.tunnels.items()},
        **{balancer: made.dns_name for balancer, made in context.balancers.items()},
    }
    for block, spec in found:
        _answered(context, block.name, spec, set(origins))
        context.zones[block.name] = Zone(
            block.name,
            ZoneArgs(
                spec=spec,
                site=context.site_of(block),
                account_id=context.config.cloudflare_account_id,
                domain=context.config.domain,
                origins=origins,
            ),
        )


def _answered(context: Context, zone: str, spec: ZoneSpec, origins: set[str]) -> None:
    """Each public name leads to something that answers it, and no two services answer the same one."""
    served: dict[str, str] = {}
    for block, service in context.of_kind("service", ServiceSpec):
        for label in service.hosts:
            if label in served:
                raise context.bad(block.name, f"hosts.{label}", label, f"a name that {served[label]} does not answer")
            served[label] = block.name
    for bucket, bucket_spec in context.of_kind("bucket", BucketSpec):
        if bucket_spec.domain:
            served.setdefault(bucket_spec.domain, bucket.name)
    for label, host in spec.hosts.items():
        if host.to not in origins:
            allowed = f"a server with tunnel: true, or a balancer: {', '.join(sorted(origins)) or 'none here'}"
            raise context.bad(zone, f"hosts.{label}.to", host.to, allowed)
        if label not in served:
            allowed = f"a name that a service has among its hosts: {', '.join(sorted(served)) or 'none'}"
            raise context.bad(zone, f"hosts.{label}", label, allowed)


def balancer_routes(context: Context) -> None:
    """Certificate and rules, once the zone is there to prove the domain in."""
    for name, balancer in context.balancers.items():
        if context.zone is None:
            raise context.bad(name, "kind", "a balancer without a zone", "a zone, in which its certificate is proved")
        context.routes[name] = BalancerRoutes(
            name,
            BalancerRoutesArgs(
                site=context.site_of(context.effective.blocks[name]),
                balancer=balancer,
                domain=context.config.domain,
                zone_id=context.zone.zone_id,
                routes=routes_of(context),
            ),
        )
