"""What runs the product: services, and the servers they are placed on."""

from __future__ import annotations

from typing import Literal

import pulumi

from components.server import Server, ServerArgs, ServerSpec
from components.server_scaling import Target
from components.service import Service, ServiceArgs, ServiceSpec
from components.service_endpoint import parameter_name
from components.service_unit import ContainerUnit
from stacks.compose.context import Context


def services(context: Context) -> None:
    """Every service, with its unit for each host block; the units' text holds names only, no endpoint and no secret."""
    servers = {block.name: spec for block, spec in context.of_kind("server", ServerSpec)}
    for block, spec in context.of_kind("service", ServiceSpec):
        for host in spec.on:
            if host not in servers:
                raise context.bad(block.name, f"on.{host}", host, f"a server: {', '.join(sorted(servers)) or 'none'}")
            if spec.takes == "schedule" and not spec.idempotent and servers[host].count.max > 1:
                raise context.bad(
                    block.name,
                    f"on.{host}",
                    f"a schedule on {servers[host].count.max} hosts",
                    "a server with count.max 1, or idempotent: true, as every host would run it",
                )
        context.services[block.name] = Service(
            block.name,
            ServiceArgs(
                spec=spec,
                site=context.site_of(block),
                network=context.network,
                image=_image(context, block.name, spec),
                hosts={host: context.effective.work[block.name].runs[host] for host in spec.on},
                parameters={role: parameter_name(context.site, role) for role in spec.uses},
                env={
                    "AWS_REGION": context.site.region,
                    "DOMAIN": context.config.domain,
                    "ENVIRONMENT": context.effective.environment,
                },
            ),
        )


def servers(context: Context) -> None:
    """Every server block, behind the balancer where it serves requests and there is one."""
    for block, spec in context.of_kind("server", ServerSpec):
        targets = _targets(context, block.name)
        context.servers[block.name] = Server(
            block.name,
            ServerArgs(
                spec=spec,
                site=context.site_of(block),
                network=context.network,
                units=[_unit(context, service, block.name) for service, _ in context.on_server(block.name)],
                targets=targets,
                health=_health(context, bool(targets)),
                tunnel=context.tunnels.get(block.name),
                needs=_rules(context) if targets else (),
            ),
        )


def _image(context: Context, name: str, spec: ServiceSpec) -> str:
    key = spec.image or name
    images = context.config.images
    if key not in images:
        raise context.config.bad(
            "phaseup:images", f"no {key}", f"an image for {name}, as {key}: name@sha256:<digest>, by its CI"
        )
    return images[key]


def _unit(context: Context, service: str, host: str) -> ContainerUnit:
    return context.services[service].units[host]


def _targets(context: Context, server: str) -> dict[str, Target]:
    return {
        service: balancer.target(service, server)
        for balancer in context.balancers.values()
        for service, host in balancer.target_groups
        if host == server
    }


def _health(context: Context, behind: bool) -> Literal["EC2", "ELB"]:
    """The balancer's word counts once it has been there for an apply of its own."""
    arriving = any(context.effective.blocks[name].side == "arriving" for name in context.balancers)
    return "ELB" if behind and not arriving else "EC2"


def _rules(context: Context) -> list[pulumi.Resource]:
    # Scaling by requests names the target group, which EC2 Auto Scaling accepts only once a listener rule uses it.
    return [rule for routes in context.routes.values() for rule in routes.rules.values()]
