"""Checks of public names: somebody answers each, in every region that it is shared out over."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from components.balancer import BalancerSpec
from components.bucket import BucketSpec
from components.cdn import CdnSpec
from components.gateway import GatewaySpec
from components.server import ServerSpec
from components.service import ServiceSpec
from components.zone import ZoneSpec
from components.zone.load_balancing import MOST_POOLS
from components.zone.spec import HostSpec
from stacks.compose.context import Context
from stacks.compose.edge import health_path
from stacks.compose.routing import below, counterpart
from stacks.moves import EffectiveBlock, regions_of


def names_answered(context: Context) -> None:
    """Each name and path belongs to one service, and points at something that reaches it."""
    served = _served(context)
    for bucket, bucket_spec in context.of_kind("bucket", BucketSpec):
        if bucket_spec.domain in served:
            raise context.bad(bucket.name, "domain", bucket_spec.domain or "", "a name of its own, not a service's")
    servers = {block.name: server.tunnel for block, server in context.of_kind("server", ServerSpec)}
    able = {name for name, tunnel in servers.items() if tunnel}
    able |= {block.name for block, _ in context.of_kind("balancer", BalancerSpec)}
    able |= {block.name for block, _ in context.of_kind("gateway", GatewaySpec)}
    for block, zone in context.of_kind("zone", ZoneSpec):
        for label, host in zone.hosts.items():
            if host.to not in able:
                allowed = (
                    f"a server with tunnel: true, a balancer, or a gateway: {', '.join(sorted(able)) or 'none here'}"
                )
                raise context.bad(block.name, f"hosts.{label}.to", host.to, allowed)
            if label not in served:
                allowed = f"a name among a service's hosts: {', '.join(sorted(served)) or 'none'}"
                raise context.bad(block.name, f"hosts.{label}", label, allowed)
            if host.to not in servers:
                continue
            for service in _behind(context, block, label, host.to, served[label]):
                if host.to not in context.effective.work[service].runs:
                    raise context.bad(
                        block.name, f"hosts.{label}.to", host.to, f"where {service} runs, which answers it"
                    )
                spec = context.effective.blocks[service].spec
                if isinstance(spec, ServiceSpec) and spec.paths:
                    raise context.bad(service, f"hosts.{label}.paths", ", ".join(spec.paths), "none behind a tunnel")


def _behind(context: Context, zone: EffectiveBlock, label: str, server: str, services: list[str]) -> Iterator[str]:
    """The services that a name's server has to run: those of the side of a move that points the name there."""
    sides = [side for side in ("old", "new") if (at := _host(getattr(zone, side), label)) and at.to == server]
    for service in services:
        if any(getattr(context.effective.blocks[service], side) is not None for side in sides):
            yield service


def _host(zone: object, label: str) -> HostSpec | None:
    return zone.hosts.get(label) if isinstance(zone, ZoneSpec) else None


def _served(context: Context) -> dict[str, list[str]]:
    """Who answers each name; several by their paths, or on two sides of a move."""
    served: dict[str, list[str]] = {}
    for block, spec in context.of_kind("service", ServiceSpec):
        for label in spec.hosts:
            for other in served.setdefault(label, []):
                _apart(context, label, block, context.effective.blocks[other])
            served[label].append(block.name)
        # Not one service on the other side, say.
        counterpart(context, block)
    return served


def _apart(context: Context, label: str, block: EffectiveBlock, other: EffectiveBlock) -> None:
    assert isinstance(block.spec, ServiceSpec)
    assert isinstance(other.spec, ServiceSpec)
    together = {block.side, other.side} != {"arriving", "leaving"}
    if together and not (block.spec.paths and other.spec.paths) and block.spec.paths == other.spec.paths:
        raise context.bad(
            block.name, f"hosts.{label}", label, f"a name that {other.name} does not answer, or paths of it"
        )
    for path in block.spec.paths:
        for taken in other.spec.paths:
            if (below(path, taken) or below(taken, path)) and (together or path != taken):
                allowed = f"a path that neither is nor lies around {taken}, which {other.name} answers"
                raise context.bad(block.name, f"hosts.{label}.paths", path, allowed)


def gateways_have_balancers(context: Context) -> None:
    """A gateway hands on to the balancer of its region."""
    balancers = list(context.of_kind("balancer", BalancerSpec))
    for block, spec in context.of_kind("gateway", GatewaySpec):
        if not balancers:
            raise context.bad(block.name, "kind", "a gateway without a balancer", "a block of kind balancer too")
        beside = balancers[0][1].regions
        for region in spec.regions:
            if region not in beside:
                allowed = f"one of {balancers[0][0].name}'s regions: {', '.join(sorted(beside)) or 'none'}"
                raise context.bad(block.name, f"regions.{region}", region, allowed)


def names_in_regions(context: Context) -> None:
    """What stands in several regions is reached in all of them, and the service behind it runs there."""
    served = _served(context)
    for block, zone in context.of_kind("zone", ZoneSpec):
        reached = {context.site.region}
        nearest = {cdn.name for cdn, spec in context.of_kind("cdn", CdnSpec) if spec.edge}
        for label, host in zone.hosts.items():
            beside = regions_of(context.effective.blocks[host.to].spec)
            reached |= set(beside)
            if beside and zone.load_balancing is None and host.cdn not in nearest:
                allowed = f"load balancing, as {host.to} stands in {', '.join(sorted(beside))} too"
                raise context.bad(block.name, "load_balancing", "null", allowed)
            for service in served[label]:
                runs_in = regions_of(context.effective.blocks[service].spec)
                for region in sorted(set(beside) - set(runs_in)):
                    allowed = f"{region} too, where {host.to} answers {label} for it"
                    raise context.bad(service, "regions", ", ".join(sorted(runs_in)) or "none", allowed)
        if zone.load_balancing is None:
            continue
        for region in sorted(zone.load_balancing.named_regions() - reached):
            key = "weights" if region in zone.load_balancing.weights else "geo"
            allowed = f"a region where a host is answered: {', '.join(sorted(reached))}"
            raise context.bad(block.name, f"load_balancing.{key}.{region}", region, allowed)


def pools_within_limits(context: Context) -> None:
    """Below Enterprise an account has so many pools; here are those of this stack."""
    for block, zone in context.of_kind("zone", ZoneSpec):
        pools = sum(len(context.effective.shares[label].now) for label in zone.hosts)
        if zone.load_balancing and zone.plan != "enterprise" and pools > MOST_POOLS:
            allowed = f"at most {MOST_POOLS} pools, one a host and region, below plan enterprise"
            raise context.bad(block.name, "load_balancing", f"{pools} pools", allowed)


def probes_get_in(context: Context) -> None:
    """A probe has no token: with one asked for, every region would look unwell."""
    for _, zone in context.of_kind("zone", ZoneSpec):
        for label in zone.hosts if zone.load_balancing else ():
            path = health_path(context, label)
            for origin in context.effective.shares[label].now:
                gateway = context.effective.blocks[origin.block].spec
                if isinstance(gateway, GatewaySpec) and not gateway.open_to("GET", path):
                    allowed = f"a route with auth: none for GET {path}, which the zone's load balancing probes"
                    raise context.bad(origin.block, "routes", ", ".join(sorted(gateway.routes)), allowed)


RULES: tuple[Callable[[Context], None], ...] = (
    names_answered,
    gateways_have_balancers,
    names_in_regions,
    pools_within_limits,
    probes_get_in,
)
