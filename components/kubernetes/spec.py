"""The spec of the kind kubernetes: one EKS cluster, its node groups, who may enter it, and its namespaces."""

from __future__ import annotations

import re
from ipaddress import IPv4Network
from typing import Literal

from pydantic import model_validator

from components.server.spec import INSTANCE, CountSpec, architecture
from components.spec import Join, Refused, RegionName, Spec, joined

NAME = r"^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$"
"""Names of node groups and namespaces: a Kubernetes label that leaves room for what stands before it."""
AUTOSCALERS = {"1.35": "v1.35.2", "1.36": "v1.36.1"}
"""The cluster autoscaler of each Kubernetes minor; the two must be equal (kubernetes/autoscaler, cluster-autoscaler
README, "Releases"; tags cluster-autoscaler-1.35.2 and -1.36.1, 2026-08)."""
ADD_ONS = (
    "vpc-cni",
    "kube-proxy",
    "eks-pod-identity-agent",
    "coredns",
    "aws-ebs-csi-driver",
    "metrics-server",
)


class PoolInstanceSpec(Spec):
    """One instance type of a pool; its key is the type."""


class TaintSpec(Spec):
    """Keeps pods away that do not tolerate it; its key is the taint's."""

    value: str = joined(Join.NOW, "true", max_length=63)
    """Compared by the pod's toleration."""
    effect: Literal["NO_SCHEDULE", "PREFER_NO_SCHEDULE", "NO_EXECUTE"] = joined(Join.NOW, "NO_SCHEDULE")
    """What happens to pods that do not tolerate it."""


class NodeGroupSpec(Spec):
    """Nodes of one make. What AWS can never change about a node group is fixed; for another make add another group."""

    instance: str | None = joined(Join.MAX, None, pattern=INSTANCE)
    """Its one instance type, in the launch template: a change rolls through the group node by node."""
    pool: dict[str, PoolInstanceSpec] = joined(Join.FIXED, dict)
    """Instead of `instance`, several types of like size: spot needs the choice. Never changes (CreateNodegroup,
    EKS API reference)."""
    capacity: Literal["on_demand", "spot"] = joined(Join.FIXED, "on_demand")
    """How its nodes are bought."""
    architecture: Literal["arm64", "x86_64"] = joined(Join.FIXED, "arm64")
    """Of its instance types, and so of its images."""
    image: Literal["al2023", "bottlerocket"] = joined(Join.FIXED, "al2023")
    """The nodes' operating system, in the version that EKS keeps for the cluster's."""
    count: CountSpec = joined(Join.MAX, CountSpec)
    """Least and most nodes; between the two the cluster autoscaler decides."""
    disk: int = joined(Join.MAX, 50, ge=20, le=16384)
    """GiB for images and logs, encrypted gp3."""
    labels: dict[str, str] = joined(Join.NOW, dict)
    """Node labels, for selectors."""
    taints: dict[str, TaintSpec] = joined(Join.NOW, dict)
    """Taints by key."""
    unavailable_percent: int = joined(Join.NOW, 25, ge=1, le=100)
    """Share of the nodes that an update takes away at once."""

    @model_validator(mode="after")
    def _consistent(self) -> NodeGroupSpec:
        if (self.instance is None) == (not self.pool):
            raise Refused("instance", self.instance or "null", "either an instance or a pool of several")
        if len(self.pool) == 1:
            raise Refused("pool", next(iter(self.pool)), "two types or more; one is given as instance")
        if self.capacity == "spot" and not self.pool:
            raise Refused("capacity", "spot", "on_demand with a single instance type; spot needs a pool")
        for kind in self.instances:
            if architecture(kind) != self.architecture:
                raise Refused("architecture", self.architecture, f"{architecture(kind)}, which {kind} has")
        return self

    @property
    def instances(self) -> tuple[str, ...]:
        """Its instance types, in the order of preference."""
        return (self.instance,) if self.instance else tuple(self.pool)


class AddonSpec(Spec):
    """One EKS add-on; its key is AWS's name."""

    version: str | None = joined(Join.NOW, None, pattern=r"^v\d+\.\d+\.\d+-eksbuild\.\d+$")
    """An exact version; null takes EKS's default for the cluster's version when the add-on is made."""


class AccessSpec(Spec):
    """Who may enter: one IAM role of the cluster's own account."""

    role: str = joined(Join.FIXED, pattern=r"^[A-Za-z0-9_+=,.@/-]+$", max_length=512)
    """The role's name, with its path, e.g. `deploy/apply`."""
    level: Literal["cluster-admin", "admin", "edit", "view"] = joined(Join.FIXED, "view")
    """Which of EKS's access policies it gets."""
    namespaces: list[str] = joined(Join.FIXED, list)
    """Where; empty is everywhere."""


class NetworkRangeSpec(Spec):
    """One range of addresses from which the public endpoint may be reached."""

    cidr: str = joined(Join.NOW)
    """IPv4, at least a /8."""

    @model_validator(mode="after")
    def _narrow(self) -> NetworkRangeSpec:
        try:
            network = IPv4Network(self.cidr)
        except ValueError:
            raise Refused("cidr", self.cidr, "an IPv4 network, e.g. 198.51.100.0/24") from None
        if network.prefixlen < 8:
            raise Refused("cidr", self.cidr, "a /8 or smaller: the endpoint is not for the world")
        return self


class QuotaSpec(Spec):
    """What all pods of a namespace may ask for together."""

    cpu: int = joined(Join.MAX, 16, ge=1)
    """Cores requested."""
    memory: int = joined(Join.MAX, 32, ge=1)
    """GiB requested; limits may be twice as much."""
    pods: int = joined(Join.MAX, 100, ge=1)
    """Pods at the same time."""


class NamespaceSpec(Spec):
    """One namespace for services: traffic is denied by default, and pods run under the restricted profile."""

    quota: QuotaSpec = joined(Join.MAX, QuotaSpec)
    """Its ceiling."""


class ImageRegistrySpec(Spec):
    """A private image registry; its key is the host name. Its login is a secret that an operator fills in with Docker's
    `config.json` for that host. ECR in this account needs no entry."""


class PresentSpec(Spec):
    """One node group that stands in a region too."""


class ClusterRegionSpec(Spec):
    """The same cluster once more, in one region beside home; its key is the region."""

    nodes: dict[str, PresentSpec] = joined(Join.UNION, dict)
    """Those of the node groups that stand there, by name; empty is all of them."""


class KubernetesSpec(Spec):
    """An EKS cluster."""

    version: str = joined(Join.FIXED, "1.35", pattern=r"^1\.\d\d$")
    """Kubernetes minor; raised by one in an apply of its own, outside phases. Quoted, as 1.40 is no number."""
    nodes: dict[str, NodeGroupSpec] = joined(Join.UNION, min_length=1)
    """Node groups by name."""
    access: dict[str, AccessSpec] = joined(Join.UNION, min_length=1)
    """Who may enter, by name; the role that applies this program is one of them, with level cluster-admin."""
    public: dict[str, NetworkRangeSpec] = joined(Join.UNION, dict)
    """From where the endpoint may be reached outside the VPC, by name; none closes it to the outside."""
    service_cidr: str = joined(Join.FIXED, "172.20.0.0/16")
    """Addresses of Services; overlaps no network that pods talk to."""
    addons: dict[str, AddonSpec] = joined(Join.UNION, dict)
    """Add-ons whose version is pinned; all of them are installed."""
    namespaces: dict[str, NamespaceSpec] = joined(Join.UNION, min_length=1)
    """Namespaces for services, by name."""
    registries: dict[str, ImageRegistrySpec] = joined(Join.UNION, dict)
    """Private registries by host name, e.g. `ghcr.io`."""
    regions: dict[RegionName, ClusterRegionSpec] = joined(Join.UNION, dict)
    """Regions beside home in which the same cluster stands."""
    log_days: Literal[7, 14, 30, 60, 90, 180, 365] = joined(Join.MAX, 90)
    """How long the control plane's logs are kept, audit among them, and those of pods that are no service's."""

    @model_validator(mode="after")
    def _consistent(self) -> KubernetesSpec:
        if self.version not in AUTOSCALERS:
            raise Refused("version", self.version, ", ".join(AUTOSCALERS))
        for name in sorted(self.addons.keys() - set(ADD_ONS)):
            raise Refused(f"addons.{name}", name, ", ".join(ADD_ONS))
        for region in self.regions:
            for name in self.regions[region].nodes:
                if name not in self.nodes:
                    raise Refused(f"regions.{region}.nodes.{name}", name, f"one of nodes: {', '.join(self.nodes)}")
            if all(group.taints for group in self.there(region).nodes.values()):
                found, allowed = ", ".join(self.regions[region].nodes), "a group without taints among them"
                raise Refused(f"regions.{region}.nodes", found, allowed)
        if all(group.taints for group in self.nodes.values()):
            raise Refused("nodes", ", ".join(self.nodes), "a group without taints, where the cluster's own pods run")
        if not any(who.level == "cluster-admin" and not who.namespaces for who in self.access.values()):
            raise Refused(
                "access", ", ".join(self.access), "a cluster-admin: the one who makes the cluster gets nothing"
            )
        for key, names in (("nodes", self.nodes), ("namespaces", self.namespaces)):
            _checked_names(key, names)
        try:
            services = IPv4Network(self.service_cidr)
        except ValueError:
            raise Refused("service_cidr", self.service_cidr, "an IPv4 network, e.g. 172.20.0.0/16") from None
        if not services.is_private or not 12 <= services.prefixlen <= 24:
            raise Refused("service_cidr", self.service_cidr, "a private /12 to /24")
        return self

    def there(self, region: str) -> KubernetesSpec:
        """The cluster as it stands in a region beside home, or at home."""
        present = self.regions[region].nodes if region in self.regions else {}
        nodes = {name: group for name, group in self.nodes.items() if not present or name in present}
        return self.model_copy(update={"nodes": nodes})


def _checked_names(key: str, names: dict[str, NodeGroupSpec] | dict[str, NamespaceSpec]) -> None:
    for name in names:
        if not re.fullmatch(NAME, name) or name in RESERVED or name.startswith("kube-"):
            raise Refused(f"{key}.{name}", name, f"a name that matches {NAME} and is none of the cluster's own")


RESERVED = frozenset({"default", "keda", "access", "addon", "cluster"})
"""Namespaces that the cluster has of its own, and roles that names of its resources carry."""
