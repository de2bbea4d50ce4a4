"""A KMS key of our own, with a policy that names who may use it through which service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components.site import Site, child_options

DELETION_WINDOW_DAYS = 30
"""The longest that KMS offers: what a key encrypted is lost with the key."""


def own_key(
    parent: pulumi.Resource,
    name: str,
    site: Site,
    account_id: pulumi.Input[str],
    *,
    purpose: str,
    statements: Sequence[Mapping[str, Any]] = (),
    region: str | None = None,
    multi_region: bool = False,
    retain: bool | None = None,
) -> aws.kms.Key:
    """A rotated key and its alias `alias/<prefix>-<name>`. The account's own IAM policies may grant its use, and
    `statements` add the services that use it. `multi_region` can never be turned on later (CreateKey, AWS KMS API
    reference). `retain`: the key leaves the state and stays, for what it encrypted stays too."""
    policy = pulumi.Output.json_dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "AccountPolicies",
                    "Effect": "Allow",
                    "Principal": {"AWS": pulumi.Output.format("arn:aws:iam::{0}:root", account_id)},
                    "Action": "kms:*",
                    "Resource": "*",
                },
                *statements,
            ],
        }
    )
    key = aws.kms.Key(
        name,
        region=region or site.region,
        multi_region=multi_region,
        description=f"{site.prefix}: {purpose}",
        enable_key_rotation=True,
        deletion_window_in_days=DELETION_WINDOW_DAYS,
        policy=policy,
        tags=site.tagged(Name=f"{site.prefix}-{name}"),
        opts=child_options(parent, protect=site.guards_data, retain_on_delete=retain),
    )
    aws.kms.Alias(
        f"{name}-alias",
        region=region or site.region,
        name=f"alias/{site.prefix}-{name}",
        target_key_id=key.key_id,
        opts=child_options(parent),
    )
    return key


def log_groups_statement(site: Site, account_id: pulumi.Input[str]) -> dict[str, Any]:
    """Lets CloudWatch Logs encrypt this account's log groups (CloudWatch Logs user guide, "Encrypt log data")."""
    return {
        "Sid": "LogGroups",
        "Effect": "Allow",
        "Principal": {"Service": f"logs.{site.region}.amazonaws.com"},
        "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
        "Resource": "*",
        "Condition": {
            "ArnLike": {
                "kms:EncryptionContext:aws:logs:arn": pulumi.Output.format(
                    "arn:aws:logs:{0}:{1}:log-group:*", site.region, account_id
                )
            }
        },
    }


def volumes_statement(site: Site, account_id: pulumi.Input[str]) -> dict[str, Any]:
    """Lets this account's principals use the key through EC2, as the policy of `aws/ebs` does.

    It covers the scaling group's service-linked role without naming it: KMS refuses a principal that does not exist
    yet, which in a fresh account that role does not.
    """
    return through_statement("Volumes", "ec2", site, account_id)


def through_statement(sid: str, service: str, site: Site, account_id: pulumi.Input[str]) -> dict[str, Any]:
    """Lets this account's principals use the key through one service, for what that service lets them do."""
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [
            "kms:Encrypt",
            "kms:Decrypt",
            "kms:ReEncrypt*",
            "kms:GenerateDataKey*",
            "kms:CreateGrant",
            "kms:DescribeKey",
        ],
        "Resource": "*",
        "Condition": {
            "StringEquals": {
                "kms:CallerAccount": account_id,
                "kms:ViaService": f"{service}.{site.region}.amazonaws.com",
            }
        },
    }
