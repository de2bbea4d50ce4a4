"""What the deploying roles may do, and what none of them may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pulumi

READS: Final = "arn:aws:iam::aws:policy/ReadOnlyAccess"
WRITES: Final = "arn:aws:iam::aws:policy/AdministratorAccess"
# What a preview need not see: the contents of what holds data. ReadOnlyAccess lets some of them be read (AWS managed
# policy reference, 2026-10).
CONTENTS: Final = (
    "secretsmanager:GetSecretValue",
    "dynamodb:BatchGetItem",
    "dynamodb:GetItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "sqs:ReceiveMessage",
    "logs:FilterLogEvents",
    "logs:GetLogEvents",
    "logs:StartQuery",
)
# Services whose API is in one region whatever it is asked for (IAM user guide, aws:RequestedRegion, 2026-10).
WITHOUT_REGION: Final = (
    "account:*",
    "budgets:*",
    "ce:*",
    "chatbot:*",
    "cloudfront:*",
    "globalaccelerator:*",
    "health:*",
    "iam:*",
    "kms:*",
    "organizations:*",
    "pricing:*",
    "route53:*",
    "s3:*",
    "shield:*",
    "sts:*",
    "support:*",
    "wafv2:*",
)
EDGE_REGION: Final = "us-east-1"
"""Where certificates, metrics and firewalls of edge services are, whatever region a stack stands in."""


def state_reader(bucket: pulumi.Input[str], storage_key: pulumi.Input[str], keys: Sequence[pulumi.Input[str]]) -> Any:
    """A preview reads states and takes their locks, and decrypts the secrets in them."""
    return _policy(
        {"Sid": "ListStates", "Effect": "Allow", "Action": "s3:ListBucket", "Resource": bucket},
        {"Sid": "ReadStates", "Effect": "Allow", "Action": "s3:GetObject", "Resource": _in(bucket, "*")},
        {
            "Sid": "Locks",
            "Effect": "Allow",
            "Action": ["s3:PutObject", "s3:DeleteObject"],
            "Resource": _in(bucket, ".pulumi/locks/*"),
        },
        {
            "Sid": "Keys",
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
            "Resource": [storage_key, *keys],
        },
        {"Sid": "NoContents", "Effect": "Deny", "Action": list(CONTENTS), "Resource": "*"},
        {
            "Sid": "NoOtherObjects",
            "Effect": "Deny",
            "Action": ["s3:GetObject", "s3:GetObjectVersion"],
            "NotResource": _in(bucket, "*"),
        },
        {
            "Sid": "NoOtherKeys",
            "Effect": "Deny",
            "Action": "kms:Decrypt",
            "NotResource": [storage_key, *keys],
        },
    )


def bounds(
    regions: Sequence[str],
    *,
    foundation: Mapping[str, pulumi.Input[str]],
    bucket: pulumi.Input[str],
    others: Sequence[pulumi.Input[str]],
) -> Any:
    """What an applying role may not, though it may all else: act elsewhere, make keys of long life, and touch what it
    came by. `foundation` are ARNs of roles, provider and keys by name; `others` the keys of other environments."""
    return _policy(
        {
            "Sid": "OtherRegions",
            "Effect": "Deny",
            "NotAction": list(WITHOUT_REGION),
            "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:RequestedRegion": sorted({*regions, EDGE_REGION})}},
        },
        {
            "Sid": "LongLived",
            "Effect": "Deny",
            "Action": ["iam:CreateUser", "iam:CreateAccessKey", "iam:CreateLoginProfile"],
            "Resource": "*",
        },
        {
            "Sid": "Foundation",
            "Effect": "Deny",
            "Action": ["iam:*", "kms:DisableKey", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"],
            "Resource": [foundation[name] for name in sorted(foundation)],
        },
        {
            "Sid": "StateStays",
            "Effect": "Deny",
            "Action": [
                "s3:DeleteBucket",
                "s3:DeleteObjectVersion",
                "s3:PutBucketPolicy",
                "s3:PutBucketVersioning",
                "s3:PutEncryptionConfiguration",
                "s3:PutLifecycleConfiguration",
                "s3:PutReplicationConfiguration",
            ],
            "Resource": [bucket, _in(bucket, "*")],
        },
        {"Sid": "Organization", "Effect": "Deny", "Action": ["account:*", "organizations:*"], "Resource": "*"},
        *([{"Sid": "OtherSecrets", "Effect": "Deny", "Action": "kms:*", "Resource": list(others)}] if others else []),
    )


def _in(bucket: pulumi.Input[str], what: str) -> pulumi.Output[str]:
    return pulumi.Output.concat(bucket, "/", what)


def _policy(*statements: Mapping[str, Any]) -> pulumi.Output[str]:
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": list(statements)}, sort_keys=True)
