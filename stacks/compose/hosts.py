"""What runs the product: services, and the servers they are placed on."""

from __future__ import annotations

from typing import Literal

import pulumi

from components.function import FunctionSpec
from components.server import Server, ServerArgs, ServerSpec
from components.server.scaling import Target
from components.service import Service, ServiceArgs, ServiceSpec, unit_of
from components.service.unit import ContainerUnit
from stacks.compose.context import Context


def services(context: Context) -> None:
    """Every service, with its unit for each host block; the units' text holds names only, no endpoint and no secret."""
    for block, spec in context.of_kind("service", ServiceSpec):
        context.services[block.name] = Service(
            block.name,
            ServiceArgs(
                spec=spec,
                site=context.site_of(block),
                network=context.network,
                image=image_of(context, block.name, spec),
                hosts={host: context.effective.work[block.name].runs[host] for host in spec.on},
                env=shared_env(context),
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
                units=[context.services[service].units[block.name] for service, _ in context.on_server(block.name)],
                targets=targets,
                health=_health(context, bool(targets)),
                tunnel=context.tunnels.get(block.name),
                needs=_rules(context) if targets else (),
            ),
        )


def image_of(context: Context, name: str, spec: ServiceSpec | FunctionSpec) -> str:
    """A service's or function's code by digest; raises `BadInput` where the stack has none."""
    key, images = spec.image or name, context.config.images
    if key not in images:
        allowed = f"{key}: <name>@sha256:<digest>, which {name} runs; its CI writes it"
        raise context.config.bad("phaseup:images", f"no {key}", allowed)
    return images[key]


def text_units(context: Context, server: str) -> list[ContainerUnit]:
    """A server's units as text, before anything is built."""
    return [
        unit_of(
            service,
            spec,
            context.site,
            server,
            image_of(context, service, spec),
            shared_env(context),
            running=context.effective.work[service].runs[server],
        )
        for service, spec in context.on_server(server)
    ]


def shared_env(context: Context) -> dict[str, str]:
    """What every service may know about where it runs; no phase, so that a move restarts nothing by itself."""
    return {
        "AWS_REGION": context.site.region,
        "DOMAIN": context.config.domain,
        "ENVIRONMENT": context.effective.environment,
    }


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
