"""Checks of clusters and of services on them: what EKS and Kubernetes refuse by name, place or address."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Network

from components.broker import BrokerSpec
from components.cache import CacheSpec
from components.kubernetes import KubernetesSpec
from components.kubernetes.component import NAME_LIMIT
from components.kubernetes.workload_cron import cron
from components.network import NetworkSpec
from components.service import ServiceSpec
from components.spec import Refused
from stacks.compose.clusters import clusters_in
from stacks.compose.context import Context
from stacks.compose.places import Place
from stacks.compose.pods import workloads
from stacks.models.bad_input import plain

ROLE_LIMIT = 56
"""Characters of an IAM role's logical name: 64 in all (CreateRole, IAM API reference), of which the autoname takes
eight."""
GROUP_LIMIT = 55
"""Characters of a node group's logical name: 63 in all (CreateNodegroup, EKS API reference), of which the autoname
takes eight."""


def clusters_reach_out(context: Context) -> None:
    """Nodes join, and pods pull, through the public endpoints of AWS and of registries."""
    for _, network in context.of_kind("network", NetworkSpec):
        for block, cluster in context.of_kind("kubernetes", KubernetesSpec):
            if network.nat == "none":
                raise context.bad(block.name, "kind", "a cluster in a network with nat none", "nat one or per_az")
            for region in cluster.regions:
                if network.way_out(region) == "none":
                    raise context.bad(block.name, f"regions.{region}", "a network with nat none there", "nat same")


def service_addresses_are_free(context: Context) -> None:
    """A pod that talks to a network with the addresses of Services would never get there."""
    for block, spec in context.of_kind("kubernetes", KubernetesSpec):
        taken = {place.region: place.cidr for place in context.places.values()}
        for _, network in context.of_kind("network", NetworkSpec):
            taken |= {f"peer {name}": peer.cidr for name, peer in network.peers.items()}
        for where, cidr in taken.items():
            if IPv4Network(spec.service_cidr).overlaps(IPv4Network(cidr)):
                allowed = f"a range that does not overlap {cidr} of {where}"
                raise context.bad(block.name, "service_cidr", spec.service_cidr, allowed)


def cluster_names_fit(context: Context) -> None:
    """Physical names are the stack's, the block's and the region's."""
    for block, spec, place in context.placed("kubernetes", KubernetesSpec):
        name = place.called(block.name)
        cluster = f"{context.site.prefix}-{name}"
        if len(cluster) > NAME_LIMIT:
            raise context.bad(block.name, "kind", f"{cluster}, {len(cluster)} characters", f"{NAME_LIMIT} at most")
        for group in spec.nodes:
            if len(f"{name}-{group}-nodes") > GROUP_LIMIT:
                found = f"{name}-{group}-nodes, {len(name) + len(group) + 7} characters"
                raise context.bad(block.name, f"nodes.{group}", found, f"names within {GROUP_LIMIT} together")


def services_fit_clusters(context: Context) -> None:
    """Their namespace is the cluster's, their names and figures are what Kubernetes takes, their queue is one."""
    for block, spec, place in context.placed("service", ServiceSpec):
        here = clusters_in(context, place)
        if not place.home and not here.keys() & spec.on.keys():
            allowed = f"a region of a cluster that it is on: {', '.join(_regions(context, spec)) or 'none'}"
            raise context.bad(block.name, f"regions.{place.region}", place.region, allowed)
        for host in here.keys() & spec.on.keys():
            _fits(context, block.name, spec, host, here[host], place)
        try:
            made = workloads(context, block, spec, place)
            if made and spec.every is not None:
                cron(spec.every)
        except Refused as refused:
            raise context.bad(block.name, refused.key, plain(refused.found), refused.allowed) from None


def schedules_run_in_one_place(context: Context) -> None:
    """A second host, or a second region, would do the same once more."""
    for block, spec in context.of_kind("service", ServiceSpec):
        if spec.takes != "schedule" or spec.idempotent:
            continue
        runs = sorted(host for host, running in context.effective.work[block.name].runs.items() if running)
        if len(runs) > 1:
            raise context.bad(block.name, "on", f"a schedule on {' and '.join(runs)}", "idempotent: true, or one host")
        if spec.regions:
            allowed = "idempotent: true, or no region beside home"
            raise context.bad(block.name, "regions", f"a schedule in {', '.join(sorted(spec.regions))} too", allowed)


def _fits(context: Context, name: str, spec: ServiceSpec, host: str, cluster: KubernetesSpec, place: Place) -> None:
    placed = spec.on[host]
    if placed.namespace not in cluster.namespaces:
        allowed = f"one of the namespaces of {host}: {', '.join(cluster.namespaces)}"
        raise context.bad(name, f"on.{host}.namespace", placed.namespace or "null", allowed)
    role = f"{place.called(name)}-on-{host}-role"
    if len(role) > ROLE_LIMIT:
        found = f"{role}, {len(role)} characters"
        raise context.bad(name, f"on.{host}", found, f"block names that are shorter together: {ROLE_LIMIT} at most")
    for key, value in placed.on_nodes.items():
        labels = [{"node-group": group, **of.labels} for group, of in cluster.nodes.items()]
        if not any(each.get(key) == value for each in labels):
            known = sorted({f"{each}={text}" for of in labels for each, text in of.items()})
            raise context.bad(name, f"on.{host}.on_nodes.{key}", value, f"a node group's label: {', '.join(known)}")
    queue = placed.scaling.queue if placed.scaling else None
    filled = context.effective.roles.get(queue.role) if queue else None
    if queue and filled:
        fills = context.effective.blocks[filled].spec
        if queue.lengths and not (isinstance(fills, CacheSpec) and fills.use == "queue"):
            allowed = "the role of a cache with use: queue"
            raise context.bad(name, f"on.{host}.scaling.queue.role", queue.role, allowed)
        if queue.queue is not None and not (isinstance(fills, BrokerSpec) and queue.queue in fills.queues):
            there = ", ".join(fills.queues) if isinstance(fills, BrokerSpec) else ""
            allowed = f"a queue of an SQS broker that fills {queue.role}: {there or 'none here'}"
            raise context.bad(name, f"on.{host}.scaling.queue.queue", queue.queue, allowed)


def _regions(context: Context, spec: ServiceSpec) -> list[str]:
    return sorted(
        region
        for block, cluster in context.of_kind("kubernetes", KubernetesSpec)
        if block.name in spec.on
        for region in cluster.regions
    )


RULES: tuple[Callable[[Context], None], ...] = (
    clusters_reach_out,
    service_addresses_are_free,
    cluster_names_fit,
    services_fit_clusters,
    schedules_run_in_one_place,
)
