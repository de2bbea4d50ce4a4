"""The control plane: the EKS cluster with its role, key and logs, and who may enter it."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.keys import own_key
from components.kubernetes.identity import ClusterName
from components.kubernetes.spec import KubernetesSpec
from components.network import Network
from components.policy import document
from components.site import Site, child_options

LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")
ROLE_POLICIES = {
    "base": "AmazonEKSClusterPolicy",
    "compute": "AmazonEKSComputePolicy",
    "storage": "AmazonEKSBlockStoragePolicy",
    "balancing": "AmazonEKSLoadBalancingPolicy",
    "networking": "AmazonEKSNetworkingPolicy",
}
"""The last four are for Auto Mode: a cluster's role can never be exchanged, so that it has them from the first day (EKS
user guide, "Amazon EKS Auto Mode cluster IAM role")."""
ACCESS_POLICIES = {
    "cluster-admin": "AmazonEKSClusterAdminPolicy",
    "admin": "AmazonEKSAdminPolicy",
    "edit": "AmazonEKSEditPolicy",
    "view": "AmazonEKSViewPolicy",
}
MANAGED = "arn:aws:iam::aws:policy/{}"


def control_plane(
    parent: pulumi.Resource, name: str, spec: KubernetesSpec, site: Site, network: Network, cluster: ClusterName
) -> aws.eks.Cluster:
    """All that AWS can never change is chosen here, once for every phase: subnets of three zones, role, key, service
    addresses, no self-managed add-ons and no administrator by birth."""
    key = own_key(parent, f"{name}-secrets-key", site, network.account_id, purpose=f"Kubernetes secrets of {name}")
    role, policies = _role(parent, name, site, key)
    logs = aws.cloudwatch.LogGroup(
        f"{name}-logs",
        region=site.region,
        # EKS writes to this name; made by us before the cluster, it has our retention and key.
        name=f"/aws/eks/{cluster.name}/cluster",
        retention_in_days=spec.log_days,
        kms_key_id=network.logs_key.arn,
        tags=site.tagged(),
        opts=child_options(parent),
    )
    guarded = site.guards_data or site.guards_anchor
    outside = sorted(given.cidr for given in spec.public.values())
    return aws.eks.Cluster(
        f"{name}-cluster",
        region=site.region,
        name=cluster.name,
        version=spec.version,
        role_arn=role.arn,
        bootstrap_self_managed_addons=False,
        access_config={"authentication_mode": "API", "bootstrap_cluster_creator_admin_permissions": False},
        vpc_config={
            "subnet_ids": network.subnet_ids("app", all_zones=True),
            "endpoint_private_access": True,
            "endpoint_public_access": bool(outside),
            **({"public_access_cidrs": outside} if outside else {}),
        },
        kubernetes_network_config={"ip_family": "ipv4", "service_ipv4_cidr": spec.service_cidr},
        encryption_config={"provider": {"key_arn": key.arn}, "resources": ["secrets"]},
        enabled_cluster_log_types=list(LOG_TYPES),
        # Extended support costs six times as much; EKS raises the minor itself at the end of standard support.
        upgrade_policy={"support_type": "STANDARD"},
        zonal_shift_config={"enabled": True},
        deletion_protection=guarded,
        tags=site.tagged(Name=cluster.name),
        opts=child_options(parent, protect=guarded, depends_on=[*policies, logs]),
    )


def access(
    parent: pulumi.Resource, name: str, spec: KubernetesSpec, site: Site, network: Network, cluster: aws.eks.Cluster
) -> list[pulumi.Resource]:
    """Access entries; nobody else gets in, whoever made the cluster included."""
    made: list[pulumi.Resource] = []
    for who, given in sorted(spec.access.items()):
        arn = pulumi.Output.format("arn:aws:iam::{0}:role/{1}", network.account_id, given.role)
        entry = aws.eks.AccessEntry(
            f"{name}-access-{who}",
            region=site.region,
            cluster_name=cluster.name,
            principal_arn=arn,
            type="STANDARD",
            tags=site.tagged(),
            opts=child_options(parent),
        )
        scope = {"type": "namespace", "namespaces": given.namespaces} if given.namespaces else {"type": "cluster"}
        association = aws.eks.AccessPolicyAssociation(
            f"{name}-access-{who}-policy",
            region=site.region,
            cluster_name=cluster.name,
            principal_arn=arn,
            policy_arn=f"arn:aws:eks::aws:cluster-access-policy/{ACCESS_POLICIES[given.level]}",
            access_scope=scope,  # ty: ignore[invalid-argument-type]
            opts=child_options(parent, depends_on=[entry]),
        )
        made.append(association)
    return made


def _role(
    parent: pulumi.Resource, name: str, site: Site, key: aws.kms.Key
) -> tuple[aws.iam.Role, list[pulumi.Resource]]:
    role = aws.iam.Role(
        f"{name}-cluster-role",
        description=f"{site.prefix} {name}: its control plane",
        assume_role_policy=document(
            [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "eks.amazonaws.com"},
                    "Action": ["sts:AssumeRole", "sts:TagSession"],
                }
            ]
        ),
        tags=site.tagged(),
        opts=child_options(parent),
    )
    policies: list[pulumi.Resource] = [
        aws.iam.RolePolicyAttachment(
            f"{name}-cluster-role-{which}",
            role=role.name,
            policy_arn=MANAGED.format(policy),
            opts=child_options(parent),
        )
        for which, policy in ROLE_POLICIES.items()
    ]
    policies.append(
        aws.iam.RolePolicy(
            f"{name}-cluster-role-secrets",
            role=role.name,
            policy=document(
                [
                    {
                        "Sid": "SecretsKey",
                        "Effect": "Allow",
                        "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ListGrants", "kms:DescribeKey"],
                        "Resource": key.arn,
                    }
                ]
            ),
            opts=child_options(parent),
        )
    )
    return role, policies
