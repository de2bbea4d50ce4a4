"""EKS add-ons: what a node needs to become ready comes before the nodes, what runs on nodes after them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from components.kubernetes.control_plane import MANAGED
from components.kubernetes.identity import ClusterName, pod_role
from components.kubernetes.spec import KubernetesSpec
from components.site import Site, child_options

BEFORE_NODES: Final = ("vpc-cni", "kube-proxy", "eks-pod-identity-agent")
AFTER_NODES: Final = ("coredns", "aws-ebs-csi-driver", "metrics-server")

SETTINGS: Final[Mapping[str, Mapping[str, Any]]] = {
    # Network policies are enforced by the plugin itself; prefixes let a node carry its full count of pods.
    "vpc-cni": {"enableNetworkPolicy": "true", "env": {"ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": "1"}},
    "coredns": {"autoScaling": {"enabled": True, "minReplicas": 2, "maxReplicas": 10}},
    "metrics-server": {"replicas": 2},
}
"""An add-on's configuration values, by its own JSON Schema (`aws eks describe-addon-configuration`)."""


def addons_before(
    parent: pulumi.Resource,
    name: str,
    spec: KubernetesSpec,
    site: Site,
    *,
    cluster: aws.eks.Cluster,
    named: ClusterName,
) -> list[pulumi.Resource]:
    """The network plugin with a role of its own, kube-proxy, and the agent that hands roles to pods."""
    role, policies = pod_role(
        parent,
        f"{name}-cni",
        site,
        named,
        purpose=f"network plugin of {name}",
        managed={"policy": MANAGED.format("AmazonEKS_CNI_Policy")},
    )
    identities = {"vpc-cni": ("aws-node", role)}
    return [_addon(parent, name, addon, spec, site, cluster, identities.get(addon), policies) for addon in BEFORE_NODES]


def addons_after(
    parent: pulumi.Resource,
    name: str,
    spec: KubernetesSpec,
    site: Site,
    *,
    cluster: aws.eks.Cluster,
    named: ClusterName,
    volumes_key_arn: pulumi.Input[str],
    nodes: Sequence[pulumi.Resource],
) -> list[pulumi.Resource]:
    """DNS, volumes and metrics; they wait for nodes, without which they would stay degraded."""
    role, policies = pod_role(
        parent,
        f"{name}-volumes",
        site,
        named,
        purpose=f"volumes of {name}",
        managed={"csi": MANAGED.format("service-role/AmazonEBSCSIDriverPolicy")},
        statements=[
            {
                "Sid": "VolumesKey",
                "Effect": "Allow",
                "Action": ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
                "Resource": volumes_key_arn,
            },
            {
                "Sid": "VolumesKeyGrants",
                "Effect": "Allow",
                "Action": ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
                "Resource": volumes_key_arn,
                "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}},
            },
        ],
    )
    identities = {"aws-ebs-csi-driver": ("ebs-csi-controller-sa", role)}
    return [
        _addon(parent, name, addon, spec, site, cluster, identities.get(addon), [*policies, *nodes])
        for addon in AFTER_NODES
    ]


def _addon(
    parent: pulumi.Resource,
    name: str,
    addon: str,
    spec: KubernetesSpec,
    site: Site,
    cluster: aws.eks.Cluster,
    identity: tuple[str, aws.iam.Role] | None,
    needs: Sequence[pulumi.Resource],
) -> aws.eks.Addon:
    given, settings = spec.addons.get(addon), SETTINGS.get(addon)
    more: dict[str, Any] = {}
    if given is not None and given.version is not None:
        more["addon_version"] = given.version
    if settings is not None:
        more["configuration_values"] = json.dumps(settings, sort_keys=True)
    if identity is not None:
        account, role = identity
        more["pod_identity_associations"] = [{"service_account": account, "role_arn": role.arn}]
    return aws.eks.Addon(
        f"{name}-addon-{addon}",
        region=site.region,
        cluster_name=cluster.name,
        addon_name=addon,
        resolve_conflicts_on_create="OVERWRITE",
        resolve_conflicts_on_update="PRESERVE",
        tags=site.tagged(),
        opts=child_options(parent, depends_on=list(needs)),
        **more,
    )
