"""What runs the product: services, and the servers they are placed on."""

from __future__ import annotations

from typing import Literal

import pulumi

from components.balancer import BalancerSpec
from components.function import FunctionSpec
from components.server import Server, ServerArgs, ServerSpec
from components.server.scaling import Target
from components.service import Service, ServiceArgs, ServiceSpec, unit_of
from components.service.unit import ContainerUnit
from stacks.compose.context import Context
from stacks.compose.hosted import run_by, units_of, zone_of


def services(context: Context) -> None:
    """Every service, with its unit for each server block; the units' text holds names only, no endpoint and no secret.
    In another region it is on clusters only, with its logs there and copies of its secrets."""
    for block, spec, place in context.placed("service", ServiceSpec):
        name, runs = place.called(block.name), context.effective.work[block.name].runs
        context.services[name] = Service(
            name,
            ServiceArgs(
                spec=spec,
                site=context.site_of(block, place),
                network=place.network,
                image=image_of(context, block.name, spec),
                hosts={host: runs[host] for host in spec.on if place.home and is_server(context, host)},
                env=shared_env(context),
                copied_to=sorted(spec.regions) if place.home else (),
                copy_of=None if place.home else context.services[block.name],
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
                units=[
                    *(context.services[service].units[block.name] for service, _ in context.on_server(block.name)),
                    *(context.hosted[each.name].unit for each, _ in run_by(context, block.name)),
                ],
                targets=targets,
                health=_health(context, bool(targets)),
                tunnel=context.tunnels.get(block.name),
                alone=_alone(context, block.name),
                zone=zone_of(context, block.name),
                needs=_rules(context) if targets else (),
            ),
        )


def is_server(context: Context, host: str) -> bool:
    """Whether a block that services run on is a server."""
    return context.effective.blocks[host].kind == "server"


def image_of(context: Context, name: str, spec: ServiceSpec | FunctionSpec) -> str:
    """A service's or function's code by digest; raises `BadInput` where the stack has none."""
    key, images = spec.image or name, context.config.images
    if key not in images:
        allowed = f"{key}: <name>@sha256:<digest>, which {name} runs; its CI writes it"
        raise context.config.bad("phaseup:images", f"no {key}", allowed)
    return images[key]


def text_units(context: Context, server: str) -> list[ContainerUnit]:
    """A server's units as text, before anything is built."""
    services = [
        unit_of(
            service,
            spec,
            context.site,
            image_of(context, service, spec),
            shared_env(context),
            running=context.effective.work[service].runs[server],
        )
        for service, spec in context.on_server(server)
    ]
    return [*services, *units_of(context, server)]


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
    arriving = any(each.kind == "balancer" and each.side == "arriving" for each in context.effective.blocks.values())
    return "ELB" if behind and not arriving else "EC2"


def _alone(context: Context, server: str) -> bool:
    """Something on it runs once and may not run twice, not even while a host is exchanged."""
    return any(spec.takes == "schedule" and not spec.idempotent for _, spec in context.on_server(server))


def _rules(context: Context) -> list[pulumi.Resource]:
    # Scaling by requests names the target group, which EC2 Auto Scaling accepts only once a listener rule uses it.
    at_home = [context.home.called(block.name) for block, _ in context.of_kind("balancer", BalancerSpec)]
    return [rule for name in at_home for rule in context.routes[name].rules.values()]
