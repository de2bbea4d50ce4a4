"""Who a host is: its role, its instance profile, and no more rights than its units need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.policy import document, service_trust
from components.server.cloud_init import METRICS_NAMESPACE
from components.service.unit import ContainerUnit
from components.site import Site, child_options


@dataclass(frozen=True)
class Identity:
    """`ready` is what must exist before a host boots."""

    role: aws.iam.Role
    profile: aws.iam.InstanceProfile
    ready: tuple[pulumi.Resource, ...]


def make_identity(
    parent: pulumi.Resource,
    name: str,
    site: Site,
    *,
    account_id: pulumi.Input[str],
    units: Sequence[ContainerUnit],
    statements: Sequence[Mapping[str, Any]],
) -> Identity:
    """A role for EC2 with Session Manager, its own metrics, what `statements` add, and one policy a unit."""
    role = aws.iam.Role(
        f"{name}-role",
        description=f"{site.prefix} {name}: its hosts",
        assume_role_policy=service_trust("ec2.amazonaws.com"),
        tags=site.tagged(),
        opts=child_options(parent),
    )
    ready: list[pulumi.Resource] = [
        _policy(parent, f"{name}-host", role, [*_host_statements(site, account_id, units), *statements])
    ]
    for unit in units:
        if unit.statements:
            ready.append(_policy(parent, f"{name}-may-{unit.name}", role, unit.statements))
        ready += unit.needs
    profile = aws.iam.InstanceProfile(f"{name}-profile", role=role.name, tags=site.tagged(), opts=child_options(parent))
    return Identity(role, profile, tuple(ready))


def _host_statements(
    site: Site, account_id: pulumi.Input[str], units: Sequence[ContainerUnit]
) -> list[Mapping[str, Any]]:
    statements: list[Mapping[str, Any]] = [
        # Not AmazonSSMManagedInstanceCore: that may read every parameter of the account, other hosts' tunnel tokens
        # too (Systems Manager user guide, "Add Session Manager permissions to an existing IAM role").
        {
            "Sid": "SessionManager",
            "Effect": "Allow",
            "Action": [
                "ssm:UpdateInstanceInformation",
                "ssmmessages:CreateControlChannel",
                "ssmmessages:CreateDataChannel",
                "ssmmessages:OpenControlChannel",
                "ssmmessages:OpenDataChannel",
            ],
            "Resource": "*",
        },
        {
            "Sid": "OwnMetrics",
            "Effect": "Allow",
            "Action": "cloudwatch:PutMetricData",
            "Resource": "*",
            "Condition": {"StringEquals": {"cloudwatch:namespace": METRICS_NAMESPACE}},
        },
        {"Sid": "OwnDimensions", "Effect": "Allow", "Action": ["ec2:DescribeTags"], "Resource": "*"},
    ]
    if any(".dkr.ecr." in unit.image for unit in units):
        statements += [
            {"Sid": "RegistryLogin", "Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"},
            {
                "Sid": "RegistryPull",
                "Effect": "Allow",
                "Action": ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                "Resource": pulumi.Output.format("arn:aws:ecr:{0}:{1}:repository/*", site.region, account_id),
            },
        ]
    return statements


def _policy(
    parent: pulumi.Resource, name: str, role: aws.iam.Role, statements: Sequence[Mapping[str, Any]]
) -> aws.iam.RolePolicy:
    return aws.iam.RolePolicy(name, role=role.name, policy=document(statements), opts=child_options(parent))
