"""Gateways: what checks tokens and limits before a balancer."""

from __future__ import annotations

import pulumi

from components.balancer import BalancerSpec
from components.function.component import ALIAS
from components.gateway import Gateway, GatewayArgs, GatewaySpec
from stacks.compose.context import Context
from stacks.compose.places import Place


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
                # A REST API's one name is its own, wherever the zone points it.
                hosts={
                    label: context.hostname(label)
                    for label in ([spec.host] if spec.host else hosts_of(context, block.name))
                },
                zone_id=zone_id if place.home else None,
                function_arn=_function(context, spec, place),
                retiring=context.config.retire,
                own=context.own_addresses,
            ),
        )


def _function(context: Context, spec: GatewaySpec, place: Place) -> pulumi.Output[str] | None:
    """The ARN of the function that a REST API asks, from its names: functions are made after the zone, and so after
    this."""
    asked = spec.authorizer.function if spec.authorizer else None
    if asked is None:
        return None
    return pulumi.Output.format(
        "arn:aws:lambda:{0}:{1}:function:{2}-{3}:{4}",
        place.region, place.network.account_id, context.site.prefix, asked, ALIAS,
    )  # fmt: skip


def hosts_of(context: Context, gateway: str) -> list[str]:
    """The labels that a gateway answers, or is about to."""
    return [
        label
        for label, share in context.effective.shares.items()
        if any(origin.block == gateway for origin in share.now)
    ]
