"""A service's objects on the clusters that it is placed on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pulumi

from components.firewall import let_in
from components.kubernetes.component import Kubernetes
from components.kubernetes.manifests import disruption_budget
from components.kubernetes.namespaces import Manifest
from components.kubernetes.objects import put
from components.kubernetes.workload import Workload, config_map, deployment, service_account
from components.kubernetes.workload_cron import cron_job
from components.kubernetes.workload_network import service, target_group_binding, traffic
from components.kubernetes.workload_scaling import autoscalers
from components.kubernetes.workload_secrets import provider_class, secret_objects
from components.site import Site

if TYPE_CHECKING:
    from components.server.scaling import Target


@dataclass(frozen=True)
class PodsHost:
    """The service on one cluster."""

    cluster: Kubernetes
    workload: Workload
    needs: Sequence[pulumi.Resource] = ()
    """What must exist before a pod starts: its rights, what its roles are mounted from, a rule that uses its target
    group."""
    target: Target | None = None
    """The balancer's target group, for a service that takes requests."""
    balancers: Sequence[str] = ()
    """CIDRs of the subnets that the balancer stands in."""
    data: Sequence[str] = ()
    """CIDRs of the data subnets."""
    data_ports: Sequence[int] = ()


@dataclass(frozen=True)
class PodsArgs:
    """`hosts` are by cluster block."""

    site: Site
    hosts: Mapping[str, PodsHost]
    secrets: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """ARNs of the service's own secrets, by variable."""


class Pods(pulumi.ComponentResource):
    """Deployment or CronJob, and all that belongs to it, on each cluster."""

    objects: dict[str, dict[str, pulumi.Resource]]
    """By cluster block and role."""

    def __init__(self, name: str, args: PodsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:Pods", name, None, opts)
        self.objects = {host: self._on(f"{name}-on-{host}", of, args) for host, of in sorted(args.hosts.items())}
        self.register_outputs({"clusters": sorted(self.objects)})

    def _on(self, name: str, of: PodsHost, args: PodsArgs) -> dict[str, pulumi.Resource]:
        made: dict[str, pulumi.Resource] = {}
        cluster, first = of.cluster, [*of.cluster.ready, *of.needs]
        if of.target is not None:
            made["from-balancer"] = self._way_in(name, of, of.target, args.site)
        for role, manifest, is_work in _manifests(of, args.secrets):
            # Pods come after what they mount, who they are, and the target group that says when they are ready.
            needs = [*first, *made.values()] if is_work else list(cluster.ready)
            made[role] = put(self, f"{name}-{role}", manifest, cluster.entrance, needs)
        return made

    def _way_in(self, name: str, of: PodsHost, target: Target, site: Site) -> pulumi.Resource:
        return let_in(
            self,
            f"{name}-from-balancer",
            site,
            of.cluster.security_group_id,
            target.port,
            f"{of.workload.name} from its balancer",
            referenced_security_group_id=target.security_group_id,
        )


def _manifests(of: PodsHost, secrets: Mapping[str, pulumi.Input[str]]) -> Iterator[tuple[str, Manifest, bool]]:
    """(role, object, whether it makes pods or needs them), in the order in which they are made."""
    workload = of.workload
    yield "account", service_account(workload), False
    yield "config", config_map(workload), False
    yield "traffic", traffic(workload, balancers=of.balancers, data=of.data, data_ports=of.data_ports), False
    if secrets:
        arns = pulumi.Output.all(**secrets)
        objects = arns.apply(lambda found: secret_objects({variable: (arn, "") for variable, arn in found.items()}))
        region = of.cluster.named.region
        yield (
            "secrets",
            provider_class(workload.secret, workload.namespace, region=region, objects=objects, keys=list(secrets)),
            False,
        )
    if workload.service.every is not None:
        yield "job", cron_job(workload), True
        return
    if workload.service.port is not None:
        yield "service", service(workload), False
    if of.target is not None:
        yield "target", target_group_binding(workload, of.target.arn), True
    yield "deployment", deployment(workload), True
    yield "disruptions", disruption_budget(workload), False
    for role, manifest in autoscalers(workload).items():
        yield role, manifest, True
