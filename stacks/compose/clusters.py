"""Kubernetes clusters, and who a service's pods are on them."""

from __future__ import annotations

from components.kubernetes import Kubernetes, KubernetesArgs, KubernetesSpec
from components.kubernetes.pod_identity import PodIdentity, PodIdentityArgs, PodIdentityHost
from components.service import ServiceSpec
from components.service.endpoint import parameter_name
from stacks.compose.brokers import scaled_by
from stacks.compose.context import Context
from stacks.compose.hosts import image_of
from stacks.compose.places import Place


def clusters(context: Context) -> None:
    """A cluster in each region of the block."""
    for block, spec, place in context.placed("kubernetes", KubernetesSpec):
        name = place.called(block.name)
        context.clusters[name] = Kubernetes(
            name,
            KubernetesArgs(
                spec.there(place.region),
                context.site_of(block, place),
                place.network,
                asks_queues=bool(scaled_by(context, block.name)),
            ),
        )


def identities(context: Context) -> None:
    """A role for the pods of each service on each cluster; the roles that it uses add their rights to it."""
    for block, spec, place in context.placed("service", ServiceSpec):
        hosts = {
            host: PodIdentityHost(
                cluster=context.clusters[place.called(host)],
                namespace=placed.namespace or "",
                registry=registry_of(context, host, image_of(context, block.name, spec)),
            )
            for host, placed in spec.on.items()
            if host in clusters_in(context, place)
        }
        if not hosts:
            continue
        name, site = place.called(block.name), context.site_of(block, place)
        context.identities[name] = PodIdentity(
            name,
            PodIdentityArgs(
                service=block.name,
                site=site,
                hosts=hosts,
                parameters=[parameter_name(site, role) for role in spec.uses],
                secrets=list(context.services[name].secret_arns.values()),
            ),
        )


def clusters_in(context: Context, place: Place) -> dict[str, KubernetesSpec]:
    """The cluster blocks that stand in a place."""
    return {block.name: spec for block, spec, at in context.placed("kubernetes", KubernetesSpec) if at is place}


def registry_of(context: Context, host: str, image: str) -> str | None:
    """The private registry of a cluster that an image comes from."""
    spec = context.effective.blocks[host].spec
    assert isinstance(spec, KubernetesSpec)
    first = image.partition("/")[0]
    return first if first in spec.registries else None
