"""Namespaces for services: a ceiling, sizes for pods that state none, and no traffic that nobody asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from components.kubernetes.spec import NamespaceSpec

Manifest = dict[str, Any]
"""A Kubernetes object, keys as on the wire."""

DNS_PORTS = ({"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"})
MANAGED_BY = {"app.kubernetes.io/managed-by": "phaseup"}


def namespace_objects(
    name: str, spec: NamespaceSpec, version: str, labels: Mapping[str, str]
) -> Iterator[tuple[str, Manifest]]:
    """The objects of one namespace with their roles; the namespace comes first."""
    quota = spec.quota
    yield (
        "namespace",
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {
                "name": name,
                "labels": {
                    **MANAGED_BY,
                    **labels,
                    "pod-security.kubernetes.io/enforce": "restricted",
                    "pod-security.kubernetes.io/enforce-version": f"v{version}",
                    "pod-security.kubernetes.io/warn": "restricted",
                    # A pod counts as ready once its target group says so: a rollout waits for the balancer.
                    "elbv2.k8s.aws/pod-readiness-gate-inject": "enabled",
                },
            },
        },
    )
    yield (
        "quota",
        {
            "apiVersion": "v1",
            "kind": "ResourceQuota",
            "metadata": _named("ceiling", name),
            "spec": {
                "hard": {
                    "requests.cpu": str(quota.cpu),
                    "requests.memory": f"{quota.memory}Gi",
                    "limits.memory": f"{2 * quota.memory}Gi",
                    "pods": str(quota.pods),
                    # Balancers belong to the program; a Service of this type would make one that it does not know.
                    "services.loadbalancers": "0",
                    "services.nodeports": "0",
                }
            },
        },
    )
    yield (
        "limits",
        {
            "apiVersion": "v1",
            "kind": "LimitRange",
            "metadata": _named("sizes", name),
            "spec": {
                "limits": [
                    {
                        "type": "Container",
                        "defaultRequest": {"cpu": "100m", "memory": "128Mi"},
                        "default": {"memory": "256Mi"},
                    }
                ]
            },
        },
    )
    yield "deny", network_policy("deny-all", name, {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]})
    yield (
        "dns",
        network_policy(
            "allow-dns",
            name,
            {
                "podSelector": {},
                "policyTypes": ["Egress"],
                "egress": [
                    {
                        "to": [
                            {
                                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
                                "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
                            }
                        ],
                        "ports": [dict(port) for port in DNS_PORTS],
                    }
                ],
            },
        ),
    )


def storage_class(key_arn: Any) -> Manifest:
    """The default class: encrypted gp3 with our key, which outlives its claim, made in the zone of the pod."""
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {
            "name": "gp3",
            "labels": MANAGED_BY,
            "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
        },
        "provisioner": "ebs.csi.aws.com",
        "parameters": {"type": "gp3", "encrypted": "true", "kmsKeyId": key_arn, "csi.storage.k8s.io/fstype": "ext4"},
        "reclaimPolicy": "Retain",
        "allowVolumeExpansion": True,
        "volumeBindingMode": "WaitForFirstConsumer",
    }


def network_policy(policy: str, namespace: str, spec: Manifest) -> Manifest:
    """A NetworkPolicy of one namespace."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": _named(policy, namespace),
        "spec": spec,
    }


def _named(name: str, namespace: str) -> Manifest:
    return {"name": name, "namespace": namespace, "labels": dict(MANAGED_BY)}
