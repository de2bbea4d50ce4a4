"""kubernetes: an EKS cluster with node groups, add-ons, controllers and namespaces, ready for services."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from components.emitter import Emitter
from components.keys import own_key, volumes_statement
from components.kubernetes.addons import addons_after, addons_before
from components.kubernetes.control_plane import access, control_plane
from components.kubernetes.controllers import controllers, scaler_identity
from components.kubernetes.entrance import entrance
from components.kubernetes.identity import ClusterName
from components.kubernetes.namespaces import Manifest, namespace_objects, storage_class
from components.kubernetes.node_groups import node_groups, scaling_group_of
from components.kubernetes.objects import put
from components.kubernetes.spec import KubernetesSpec
from components.kubernetes.workload import registry_secret
from components.kubernetes.workload_secrets import DOCKER_CONFIG, provider_class, secret_objects
from components.network import Network
from components.service.placement import label_value
from components.site import Site, child_options

NAME_LIMIT = 100
"""Characters of a cluster's name (CreateCluster, EKS API reference)."""


@dataclass(frozen=True)
class KubernetesArgs:
    """What a cluster stands on: a network with a way out, whose app subnets take nodes and pods."""

    spec: KubernetesSpec
    site: Site
    network: Network
    asks_queues: bool = False
    """Services on it are scaled by SQS queues, which KEDA asks."""


class Kubernetes(pulumi.ComponentResource):
    """An EKS cluster; services are placed in its namespaces through `entrance`."""

    cluster: aws.eks.Cluster
    cluster_name: str
    named: ClusterName
    """The cluster as IAM policies name it."""
    security_group_id: pulumi.Output[str]
    """Of nodes and pods: what databases let in."""
    nodes: dict[str, aws.eks.NodeGroup]
    """By node group."""
    entrance: kubernetes.Provider
    """The provider of everything inside."""
    namespaces: dict[str, kubernetes.core.v1.Namespace]
    """By name."""
    registries: dict[str, aws.secretsmanager.Secret]
    """Logins of private image registries, by host."""
    scaler: aws.iam.Role | None = None
    """KEDA's role, where it asks queues."""
    ready: list[pulumi.Resource]
    """What a service waits for: controllers and namespaces."""

    def __init__(self, name: str, args: KubernetesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:Kubernetes", name, None, opts)
        spec, site, network = args.spec, args.site, args.network
        self.cluster_name = f"{site.prefix}-{name}"
        if len(self.cluster_name) > NAME_LIMIT:
            raise ValueError(f"{self.cluster_name}: longer than the {NAME_LIMIT} characters of a cluster's name")
        if IPv4Network(spec.service_cidr).overlaps(IPv4Network(network.cidr)):
            raise ValueError(f"{name}: service_cidr {spec.service_cidr} overlaps the network's {network.cidr}")
        self.named = ClusterName(self.cluster_name, site.region, network.account_id)
        self.cluster = control_plane(self, name, spec, site, network, self.named)
        self.security_group_id = self.cluster.vpc_config.apply(lambda given: given.cluster_security_group_id or "")
        allowed = access(self, name, spec, site, network, self.cluster)
        volumes_key = own_key(
            self,
            f"{name}-volumes-key",
            site,
            network.account_id,
            purpose=f"{name}: disks of nodes, and volumes of pods",
            statements=[volumes_statement(site, network.account_id)],
        )
        before = addons_before(self, name, spec, site, cluster=self.cluster, named=self.named)
        self.nodes = node_groups(
            self,
            name,
            spec,
            site,
            cluster=self.cluster,
            network=network,
            volumes_key_arn=volumes_key.arn,
            # Without the routes out of its subnets a node cannot join.
            needs=[*before, network],
        )
        after = addons_after(
            self,
            name,
            spec,
            site,
            cluster=self.cluster,
            named=self.named,
            volumes_key_arn=volumes_key.arn,
            nodes=list(self.nodes.values()),
        )
        lines = aws.cloudwatch.LogGroup(
            f"{name}-pods-logs",
            region=site.region,
            name=f"/{site.prefix}/{name}",
            retention_in_days=spec.log_days,
            kms_key_id=network.logs_key.arn,
            tags=site.tagged(),
            opts=child_options(self),
        )
        self.registries = {host: self._registry_login(name, host, site) for host in sorted(spec.registries)}
        self.entrance = entrance(self, name, site, self.cluster, self.cluster_name, allowed)
        known: list[pulumi.Resource] = []
        if args.asks_queues:
            self.scaler, known = scaler_identity(self, name, site, self.named, self.cluster)
        released = controllers(
            self,
            name,
            site,
            named=self.named,
            cluster=self.cluster,
            vpc_id=network.vpc_id,
            version=spec.version,
            logs=f"/{site.prefix}/{name}",
            entrance=self.entrance,
            needs=[*self.nodes.values(), *after, lines],
            scaler=known,
        )
        self._inside(f"{name}-storage-gp3", storage_class(volumes_key.arn), [])
        self.namespaces = {}
        for namespace in sorted(spec.namespaces):
            self._namespace(name, namespace, spec, site)
        self.ready = [*released.values(), *self.namespaces.values()]
        for namespace in sorted(spec.namespaces):
            for host, secret in self.registries.items():
                self.ready.append(self._registry_in(name, namespace, host, secret, released["secrets"]))
        self.register_outputs(
            {
                "cluster": self.cluster.name,
                "endpoint": self.cluster.endpoint,
                "security_group_id": self.security_group_id,
            }
        )

    @property
    def emitter(self) -> Emitter:
        """What alarms can watch without an agent: the control plane, and the scaling group behind each node group."""
        return Emitter(
            "kubernetes",
            members={"cluster": {"ClusterName": self.cluster.name}},
            followers={
                group: {"AutoScalingGroupName": nodes.resources.apply(scaling_group_of)}
                for group, nodes in sorted(self.nodes.items())
            },
        )

    def _namespace(self, name: str, namespace: str, spec: KubernetesSpec, site: Site) -> None:
        labels = {f"phaseup/{key}": label_value(value) for key, value in sorted(site.tags.items()) if key in LABELLED}
        for role, manifest in namespace_objects(namespace, spec.namespaces[namespace], spec.version, labels):
            first = [self.namespaces[namespace]] if namespace in self.namespaces else []
            made = self._inside(f"{name}-{namespace}-{role}", manifest, first)
            if isinstance(made, kubernetes.core.v1.Namespace):
                self.namespaces[namespace] = made

    def _registry_login(self, name: str, host: str, site: Site) -> aws.secretsmanager.Secret:
        return aws.secretsmanager.Secret(
            f"{name}-registry-{host}",
            region=site.region,
            description=f"Login of {host} as Docker's config.json; filled in by an operator",
            recovery_window_in_days=30,
            tags=site.tagged(),
            opts=child_options(self, protect=site.guards_data),
        )

    def _registry_in(
        self, name: str, namespace: str, host: str, secret: aws.secretsmanager.Secret, driver: pulumi.Resource
    ) -> pulumi.Resource:
        # Pods mount before they pull, so the login is there in time, read with each pod's own role.
        manifest = provider_class(
            registry_secret(host),
            namespace,
            region=self.named.region,
            objects=secret.arn.apply(lambda arn: secret_objects({DOCKER_CONFIG: (arn, "")})),
            keys=[DOCKER_CONFIG],
            kind="kubernetes.io/dockerconfigjson",
        )
        return self._inside(f"{name}-{namespace}-registry-{host}", manifest, [self.namespaces[namespace], driver])

    def _inside(self, logical: str, manifest: Manifest, needs: Sequence[pulumi.Resource]) -> pulumi.Resource:
        return put(self, logical, manifest, self.entrance, needs)


LABELLED = ("system", "environment", "owner", "block")
"""Tags that namespaces carry as labels, for the bill's split by namespace."""
