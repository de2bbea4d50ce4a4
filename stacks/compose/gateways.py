"""Gateways: what checks tokens and limits before a balancer."""

from __future__ import annotations

import pulumi

from components.balancer import BalancerSpec
from components.gateway import Gateway, GatewayArgs, GatewaySpec
from stacks.compose.context import Context


def gateways(context: Context, zone_id: pulumi.Output[str]) -> None:
    """A gateway in each region, in front of that region's balancer, with a name for each of the zone's hosts that are
    its on either side of a move."""
    for block, spec, place in context.placed("gateway", GatewaySpec):
        name = place.called(block.name)
        balancer = next(place.called(each.name) for each, _ in context.of_kind("balancer", BalancerSpec))
        context.gateways[name] = Gateway(
            name,
            GatewayArgs(
                spec=spec,
                site=context.site_of(block, place),
                network=place.network,
                balancer=context.balancers[balancer],
                routes=context.routes[balancer],
                domain=context.config.domain,
                hosts={label: context.hostname(label) for label in hosts_of(context, block.name)},
                zone_id=zone_id if place.home else None,
            ),
        )


def hosts_of(context: Context, gateway: str) -> list[str]:
    """The labels that a gateway answers, or is about to."""
    return [
        label
        for label, share in context.effective.shares.items()
        if any(origin.block == gateway for origin in share.now)
    ]
