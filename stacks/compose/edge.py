"""How requests come in: tunnels, balancers, the zone, and which host name goes where."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.balancer import Balancer, BalancerArgs, BalancerSpec
from components.balancer.routes import BalancerRoutes, BalancerRoutesArgs
from components.balancer.secret import ORIGIN_FACING
from components.server import ServerSpec
from components.server.tunnel import CONNECTOR, Tunnel, TunnelArgs, connector
from components.service import ServiceSpec
from components.service.unit import ContainerUnit
from components.zone import Host, Origin, Zone, ZoneArgs, ZoneSpec
from stacks.compose.context import Context
from stacks.compose.gateways import gateways
from stacks.compose.places import Place
from stacks.compose.routing import routes_of
from stacks.moves.shares import Origin as Answering

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


def balancers(context: Context) -> None:
    """A balancer in each region, with a target group for each service that takes requests and each of its hosts."""
    for block, spec, place in context.placed("balancer", BalancerSpec):
        name = place.called(block.name)
        context.balancers[name] = Balancer(
            name,
            BalancerArgs(
                spec,
                context.site_of(block, place),
                place.network,
                routes_of(context, place),
                _cloudfront_of(spec, place),
                # One secret in every region, as a distribution says one.
                None if place.home else context.balancers[block.name].secret,
                own=context.own_addresses,
            ),
        )


def _cloudfront_of(spec: BalancerSpec, place: Place) -> pulumi.Output[str] | None:
    """AWS's list of CloudFront's addresses in a region, where they may come in."""
    if "cloudfront" not in spec.beside:
        return None
    return aws.ec2.get_managed_prefix_list_output(name=ORIGIN_FACING, region=place.region).id


def zones(context: Context) -> None:
    """The zone, whose names point at tunnels, balancers and gateways by what takes requests now. A balancer's rules and
    a gateway's names come in between: their certificates are proved in the zone, and its names are theirs."""

    def hosts(zone_id: pulumi.Output[str]) -> dict[str, Host]:
        balancer_routes(context, zone_id)
        gateways(context, zone_id)
        return {label: _host(context, label) for _, spec in context.of_kind("zone", ZoneSpec) for label in spec.hosts}

    for block, spec in context.of_kind("zone", ZoneSpec):
        context.zones[block.name] = Zone(
            block.name,
            ZoneArgs(
                spec=spec,
                site=context.site_of(block),
                account_id=context.config.cloudflare_account_id,
                domain=context.config.domain,
                hosts=hosts,
                retiring=context.config.retire,
                own=context.own_addresses,
            ),
        )


def balancer_routes(context: Context, zone_id: pulumi.Output[str]) -> None:
    """Certificate and rules of each region's balancer; one record proves the domain for all."""
    proof: pulumi.Output[str] | None = None
    for block, _, place in context.placed("balancer", BalancerSpec):
        name = place.called(block.name)
        context.routes[name] = BalancerRoutes(
            name,
            BalancerRoutesArgs(
                site=context.site_of(block, place),
                balancer=context.balancers[name],
                domain=context.config.domain,
                zone_id=zone_id,
                routes=routes_of(context, place),
                proof=proof,
            ),
        )
        proof = context.routes[name].proof


def _host(context: Context, label: str) -> Host:
    share = context.effective.shares[label]
    answering = [share.first, *(origin for origin in share.now if origin != share.first)]
    return Host(
        origins=[
            Origin(
                name=context.places[each.region].called(each.block),
                region=each.region,
                address=_address(context, label, each),
                weight=share.now[each],
            )
            for each in answering
        ],
        health=health_path(context, label),
        cdn=_cdn(context, label),
        weighed=share.moves,
    )


def _cdn(context: Context, label: str) -> pulumi.Input[str] | None:
    """Where a CDN has the name point that the whole of its requests goes to."""
    named = next((spec.hosts[label].cdn for _, spec in context.of_kind("zone", ZoneSpec) if label in spec.hosts), None)
    return context.cdn_targets[named, label] if named else None


def _address(context: Context, label: str, origin: Answering) -> pulumi.Input[str]:
    name = context.places[origin.region].called(origin.block)
    if name in context.tunnels:
        return context.tunnels[name].hostname
    if name in context.gateways:
        return context.gateways[name].targets[label]
    return context.balancers[name].dns_name


def health_path(context: Context, label: str) -> str:
    """Where the service that answers a name says how it is: of several the one without paths, which gets the rest."""
    answering = [
        spec for _, spec in context.of_kind("service", ServiceSpec) if label in spec.hosts and spec.health is not None
    ]
    found = next((spec for spec in answering if not spec.paths), answering[0])
    assert found.health is not None
    return found.health.path
