"""Daily snapshots of a volume: Data Lifecycle Manager takes them, keeps as many as is asked for, and costs nothing."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.hosted.spec import HostedSpec
from components.policy import service_trust
from components.site import Site, child_options


def daily_snapshots(
    parent: pulumi.Resource,
    name: str,
    site: Site,
    spec: HostedSpec,
    key: aws.kms.Key,
    account_id: pulumi.Input[str],
) -> None:
    """One policy, and its role. One volume holds data and log of an engine, so a snapshot is what a power cut would
    leave, from which both engines start again (PostgreSQL documentation, "File System Level Backup")."""
    role = aws.iam.Role(
        f"{name}-snapshots",
        description=f"{site.prefix} {name}: snapshots of its volume",
        assume_role_policy=service_trust("dlm.amazonaws.com", account_id=account_id),
        tags=site.tagged(),
        opts=child_options(parent),
    )
    rights = aws.iam.RolePolicyAttachment(
        f"{name}-snapshots-rights",
        role=role.name,
        policy_arn="arn:aws:iam::aws:policy/service-role/AWSDataLifecycleManagerServiceRole",
        opts=child_options(parent),
    )
    aws.dlm.LifecyclePolicy(
        f"{name}-snapshots-daily",
        region=site.region,
        description=f"{site.prefix} {name} daily",
        execution_role_arn=role.arn,
        state="ENABLED",
        policy_details={
            "resource_types": ["VOLUME"],
            # One tag is enough to match, so it is one that a single volume has.
            "target_tags": {"Name": f"{site.prefix}-{name}"},
            "schedules": [
                {
                    "name": "daily",
                    "create_rule": {"interval": 24, "interval_unit": "HOURS", "times": spec.snapshot_time},
                    "retain_rule": {"count": spec.snapshot_days},
                    "copy_tags": True,
                    "tags_to_add": {"made": "daily"},
                }
            ],
        },
        tags=site.tagged(),
        opts=child_options(parent, depends_on=[rights, key]),
    )
