"""Who a pod is: Pod Identity. A role belongs to one service account of this cluster, and to nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.policy import document
from components.site import Site, child_options


@dataclass(frozen=True)
class ClusterName:
    """A cluster as policies name it, known before it is made."""

    name: str
    region: str
    account_id: pulumi.Input[str]

    @property
    def arn(self) -> pulumi.Output[str]:
        """The cluster's ARN."""
        return pulumi.Output.format("arn:aws:eks:{0}:{1}:cluster/{2}", self.region, self.account_id, self.name)


def pod_role(
    parent: pulumi.Resource,
    name: str,
    site: Site,
    cluster: ClusterName,
    *,
    purpose: str,
    managed: Mapping[str, str] | None = None,
    statements: Sequence[Mapping[str, Any]] = (),
) -> tuple[aws.iam.Role, list[pulumi.Resource]]:
    """A role that only pods of `cluster` can take on, and its policies; `managed` are AWS's own by role name.

    EKS tags the session (`sts:TagSession`); account and cluster are checked, so that no other cluster can hand the role
    out (EKS user guide, "Create IAM role with trust policy required by EKS Pod Identity").
    """
    role = aws.iam.Role(
        f"{name}-role",
        description=f"{site.prefix}: {purpose}",
        assume_role_policy=document(
            [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "pods.eks.amazonaws.com"},
                    "Action": ["sts:AssumeRole", "sts:TagSession"],
                    "Condition": {
                        "StringEquals": {"aws:SourceAccount": cluster.account_id},
                        "ArnEquals": {"aws:SourceArn": cluster.arn},
                    },
                }
            ]
        ),
        tags=site.tagged(),
        opts=child_options(parent),
    )
    policies: list[pulumi.Resource] = [
        aws.iam.RolePolicyAttachment(f"{name}-{which}", role=role.name, policy_arn=arn, opts=child_options(parent))
        for which, arn in (managed or {}).items()
    ]
    if statements:
        policies.append(
            aws.iam.RolePolicy(
                f"{name}-policy", role=role.name, policy=document(statements), opts=child_options(parent)
            )
        )
    return role, policies


def associate(
    parent: pulumi.Resource,
    name: str,
    site: Site,
    cluster_name: pulumi.Input[str],
    *,
    namespace: str,
    service_account: str,
    role: aws.iam.Role,
    needs: Sequence[pulumi.Resource] = (),
) -> aws.eks.PodIdentityAssociation:
    """Gives the role to the pods of one service account."""
    return aws.eks.PodIdentityAssociation(
        f"{name}-identity",
        region=site.region,
        cluster_name=cluster_name,
        namespace=namespace,
        service_account=service_account,
        role_arn=role.arn,
        tags=site.tagged(),
        opts=child_options(parent, depends_on=list(needs)),
    )
