"""Who may reach what holds data: security groups by who they stand for."""

from __future__ import annotations

import pulumi

from components.hosted import HostedSpec
from components.hosted.spec import TAKEN_OVER_BY
from stacks.compose.context import Context
from stacks.moves import EffectiveBlock, predecessor


def clients_of(context: Context, block: EffectiveBlock) -> dict[str, pulumi.Input[str]]:
    """Security groups of the servers and clusters whose services use a role that the block fills, or is about to fill,
    and of the functions that do. All of them stand at home: a rule elsewhere cannot name them."""
    if not context.seat(block.name).home:
        return {}
    roles = context.roles_filled_by(block)
    clients = {
        host: context.servers[host].security_group.id
        if host in context.servers
        else context.clusters[host].security_group_id
        for role in sorted(roles)
        for host in context.users_of(role)
    }
    for host in servers_loading(context, block):
        clients[host] = context.servers[host].security_group.id
    for role in sorted(roles):
        for name in context.functions_using(role):
            group = context.functions[name].security_group
            # Only the network reaches what is here, which a function's spec has been held to.
            assert group is not None
            clients[name] = group.id
    return dict(sorted(clients.items()))


def servers_loading(context: Context, block: EffectiveBlock) -> list[str]:
    """The servers that bring a block their data, which it takes over."""
    before = predecessor(block, context.effective.blocks) if block.side == "arriving" else None
    if before is None or not isinstance(spec := before.spec, HostedSpec) or block.kind != TAKEN_OVER_BY[spec.engine]:
        return []
    return [spec.on]


def networks_of(context: Context, block: EffectiveBlock) -> dict[str, str]:
    """The addresses that reach what a block holds in its seat beside its clients' groups: at home those of all other
    regions, elsewhere the home's, whose services use it, and its own."""
    seat = context.seat(block.name)
    return networks_elsewhere(context) if seat.home else {place.region: place.cidr for place in (context.home, seat)}


def networks_elsewhere(context: Context) -> dict[str, str]:
    """The addresses of the stack's networks in other regions, whose services write to what is at home: a rule here
    cannot name a security group from there."""
    return {place.region: place.cidr for place in context.places.values() if not place.home}
