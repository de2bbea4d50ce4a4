"""Manifests as Pulumi resources of their own types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.kubernetes.namespaces import Manifest
from components.site import child_options

TYPES: dict[tuple[str, str], Any] = {
    ("v1", "ConfigMap"): kubernetes.core.v1.ConfigMap,
    ("v1", "LimitRange"): kubernetes.core.v1.LimitRange,
    ("v1", "Namespace"): kubernetes.core.v1.Namespace,
    ("v1", "ResourceQuota"): kubernetes.core.v1.ResourceQuota,
    ("v1", "Service"): kubernetes.core.v1.Service,
    ("v1", "ServiceAccount"): kubernetes.core.v1.ServiceAccount,
    ("apps/v1", "Deployment"): kubernetes.apps.v1.Deployment,
    ("autoscaling/v2", "HorizontalPodAutoscaler"): kubernetes.autoscaling.v2.HorizontalPodAutoscaler,
    ("batch/v1", "CronJob"): kubernetes.batch.v1.CronJob,
    ("networking.k8s.io/v1", "NetworkPolicy"): kubernetes.networking.v1.NetworkPolicy,
    ("policy/v1", "PodDisruptionBudget"): kubernetes.policy.v1.PodDisruptionBudget,
    ("rbac.authorization.k8s.io/v1", "ClusterRole"): kubernetes.rbac.v1.ClusterRole,
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"): kubernetes.rbac.v1.ClusterRoleBinding,
    ("storage.k8s.io/v1", "StorageClass"): kubernetes.storage.v1.StorageClass,
}
"""What the API server itself knows; every other kind is a custom resource, whose definition a controller brings."""


def put(
    parent: pulumi.Resource,
    logical: str,
    manifest: Manifest,
    provider: kubernetes.Provider,
    needs: Sequence[pulumi.Resource],
) -> pulumi.Resource:
    """One object; keys of a manifest are the SDK's wire names already."""
    options = child_options(parent, provider=provider, depends_on=list(needs))
    version, kind = manifest["apiVersion"], manifest["kind"]
    body: dict[str, Any] = {key: value for key, value in manifest.items() if key not in ("apiVersion", "kind")}
    cls = TYPES.get((version, kind))
    if cls is None:
        return kubernetes.apiextensions.CustomResource(logical, api_version=version, kind=kind, opts=options, **body)
    return cls(logical, opts=options, **{_snake(key): value for key, value in body.items()})


def _snake(key: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key)
