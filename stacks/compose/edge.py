"""How requests come in: tunnels, balancers, the zone, and which host name goes where."""

from __future__ import annotations

from components.balancer import Balancer, BalancerArgs, BalancerSpec
from components.balancer.routes import BalancerRoutes, BalancerRoutesArgs, Route
from components.server import ServerSpec
from components.server.tunnel import CONNECTOR, Tunnel, TunnelArgs, connector
from components.service import ServiceSpec
from components.service.unit import ContainerUnit
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
                behind=_behind(context, block.name),
                # Contract, or abort, takes it from hosts that are replaced only after the apply.
                leaves_hosts=context.effective.moving_from is not None,
            ),
        )


def connector_of(context: Context, server: str) -> ContainerUnit:
    """A tunnel's unit on its hosts as text, before anything is built."""
    image = context.config.images.get(CONNECTOR_IMAGE, CONNECTOR)
    return connector(server, context.site, image, _behind(context, server))


def _behind(context: Context, server: str) -> list[str]:
    return [name for name, spec in context.on_server(server) if spec.hosts and spec.health is not None]


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
    """The balancer, with a target group for each service that takes requests and each of its hosts."""
    for block, spec in context.of_kind("balancer", BalancerSpec):
        context.balancers[block.name] = Balancer(
            block.name, BalancerArgs(spec, context.site_of(block), context.network, routes_of(context))
        )


def zones(context: Context) -> None:
    """The zone, whose names point at tunnels and balancers by the block that takes requests now."""
    origins = {
        **{server: tunnel.hostname for server, tunnel in context.tunnels.items()},
        **{balancer: made.dns_name for balancer, made in context.balancers.items()},
    }
    for block, spec in context.of_kind("zone", ZoneSpec):
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


def balancer_routes(context: Context) -> None:
    """Certificate and rules, once the zone is there to prove the domain in."""
    for name, balancer in context.balancers.items():
        assert context.zone is not None
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
