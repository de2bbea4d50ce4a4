"""Services on clusters: the text of each, and its objects once all that they name is there."""

from __future__ import annotations

from collections.abc import Iterator

import pulumi

from components.aurora import AuroraSpec
from components.balancer import Balancer, BalancerSpec
from components.broker import BrokerSpec
from components.cache import CacheSpec
from components.hosted import HostedSpec
from components.kubernetes.mounts import Mount, Mounts, MountsArgs
from components.kubernetes.pods import Pods, PodsArgs, PodsHost
from components.kubernetes.workload import Workload
from components.network.plan import address_plan
from components.postgres import PostgresSpec
from components.search import SearchSpec
from components.server import ServerSpec
from components.service import ServiceSpec
from stacks.compose.clusters import clusters_in, registry_of
from stacks.compose.context import Context
from stacks.compose.hosts import image_of, shared_env
from stacks.compose.places import Place
from stacks.compose.telemetry import collector_env
from stacks.moves import EffectiveBlock

PORTS = {PostgresSpec: 5432, AuroraSpec: 5432, CacheSpec: 6379, SearchSpec: 443}
"""Where what holds data in the data subnets answers."""


def mounts(context: Context) -> None:
    """Each role, for the pods that use it."""
    for _, spec, place in context.placed("service", ServiceSpec):
        for role in spec.uses:
            name = place.called(role)
            if name in context.mounts or name not in context.endpoints:
                continue
            found = [
                Mount(host, context.clusters[place.called(host)], namespace)
                for host, namespace in sorted(set(_namespaces(context, role, place)))
            ]
            if found:
                context.mounts[name] = Mounts(name, MountsArgs(role, context.endpoints[name], found))


def _namespaces(context: Context, role: str, place: Place) -> Iterator[tuple[str, str]]:
    here = clusters_in(context, place)
    for _, spec, at in context.placed("service", ServiceSpec):
        for host, placed in spec.on.items():
            if at is place and role in spec.uses and host in here and placed.namespace:
                yield host, placed.namespace


def pods(context: Context) -> None:
    """Every service's objects on each cluster that it is placed on."""
    for block, spec, place in context.placed("service", ServiceSpec):
        name = place.called(block.name)
        hosts = {
            host: _host(context, block, spec, host, workload, place)
            for host, workload in workloads(context, block, spec, place).items()
        }
        if hosts:
            site = context.site_of(block, place)
            context.pods[name] = Pods(name, PodsArgs(site, hosts, context.services[name].secret_arns))


def workloads(context: Context, block: EffectiveBlock, spec: ServiceSpec, place: Place) -> dict[str, Workload]:
    """A service as text, by cluster block, before anything is built; raises `Refused` for what a cluster does not
    run."""
    image = image_of(context, block.name, spec)
    return {
        host: Workload(
            name=block.name,
            service=spec,
            placed=placed,
            image=image,
            env={**shared_env(context), "AWS_REGION": place.region, **collector_env(context, host)},
            registry=registry_of(context, host, image),
            running=context.effective.work[block.name].runs[host],
            queues_in=context.site.region,
            waits=context.waits(spec),
        )
        for host, placed in spec.on.items()
        if host in clusters_in(context, place)
    }


def _host(
    context: Context, block: EffectiveBlock, spec: ServiceSpec, host: str, workload: Workload, place: Place
) -> PodsHost:
    name = place.called(block.name)
    needs: list[pulumi.Resource] = list(context.identities[name].ready[host])
    for role in spec.uses:
        made = context.mounts.get(place.called(role))
        if made is not None:
            needs.append(made.made[host, workload.namespace])
    balancer: Balancer | None = None
    for front, _ in context.of_kind("balancer", BalancerSpec):
        made_here = context.balancers.get(place.called(front.name))
        if made_here is not None and (block.name, host) in made_here.target_groups:
            balancer = made_here
            # The controller holds a pod back until its target group is in use and finds it healthy.
            needs += context.routes[place.called(front.name)].rules.values()
    return PodsHost(
        cluster=context.clusters[place.called(host)],
        workload=workload,
        needs=needs,
        target=balancer.target(block.name, host) if balancer else None,
        balancers=address_plan(place.cidr).public if balancer else (),
        # What has no copy here is reached at home.
        data=[
            *(subnet for at in dict.fromkeys((context.home.cidr, place.cidr)) for subnet in address_plan(at).data),
            *sorted({subnet for role in spec.uses for subnet in _servers(context, role)}),
        ],
        data_ports=sorted({port for role in spec.uses for port in _ports(context, role)}),
    )


def _ports(context: Context, role: str) -> Iterator[int]:
    filled = context.effective.roles.get(role)
    for block in context.effective.blocks.values():
        if block.name == filled or block.takes_over == role:
            yield from (port for kind, port in PORTS.items() if isinstance(block.spec, kind))
            if isinstance(block.spec, HostedSpec):
                yield block.spec.listens
            if isinstance(block.spec, BrokerSpec) and block.spec.port is not None:
                yield block.spec.port


def _servers(context: Context, role: str) -> Iterator[str]:
    """The subnet of a server that hosts what fills a role."""
    filled = context.effective.blocks.get(context.effective.roles.get(role, ""))
    if filled is not None and isinstance(filled.spec, HostedSpec):
        server = context.effective.blocks[filled.spec.on].spec
        assert isinstance(server, ServerSpec)
        yield address_plan(context.home.cidr).of(server.subnets)[filled.spec.zone - 1]
