"""What every S3 bucket of ours has, wherever it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws

from components.site import child_options
from components.tls_only import bucket_tls_only


def secure(
    parent: pulumi.Resource,
    name: str,
    bucket: aws.s3.Bucket,
    key_arn: pulumi.Input[str],
    region: str,
    readers: Mapping[str, pulumi.Input[str]] | None = None,
    *,
    distributions: pulumi.Input[str] | None = None,
    retain: bool | None = None,
) -> aws.s3.BucketVersioning:
    """Own key, only the owner's objects, nothing public, versions, TLS 1.2 or newer; `readers` are ARNs of roles.

    `distributions` is the pattern of the ARNs of those that may read. `retain`: all of it leaves the state and stays,
    as the bucket does.
    """
    aws.s3.BucketServerSideEncryptionConfiguration(
        f"{name}-encryption",
        region=region,
        bucket=bucket.id,
        rules=[
            aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
                apply_server_side_encryption_by_default=(
                    aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
                        sse_algorithm="aws:kms", kms_master_key_id=key_arn
                    )
                ),
                bucket_key_enabled=True,
            )
        ],
        opts=child_options(parent, retain_on_delete=retain),
    )
    aws.s3.BucketOwnershipControls(
        f"{name}-ownership",
        region=region,
        bucket=bucket.id,
        rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
        opts=child_options(parent, retain_on_delete=retain),
    )
    block = aws.s3.BucketPublicAccessBlock(
        f"{name}-private",
        region=region,
        bucket=bucket.id,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=child_options(parent, retain_on_delete=retain),
    )
    versioning = aws.s3.BucketVersioning(
        f"{name}-versions",
        region=region,
        bucket=bucket.id,
        versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
        opts=child_options(parent, retain_on_delete=retain),
    )
    tls = bucket_tls_only(bucket.arn)
    statements = [tls, {**tls, "Sid": "Tls12", "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}}}]
    statements += [
        {
            "Sid": f"Read{reader.title().replace('-', '')}",
            "Effect": "Allow",
            "Principal": {"AWS": role},
            "Action": ["s3:GetObject", "s3:ListBucket"],
            "Resource": [bucket.arn, pulumi.Output.concat(bucket.arn, "/*")],
        }
        for reader, role in sorted((readers or {}).items())
    ]
    if distributions is not None:
        statements.append(cdn_statement("s3:GetObject", pulumi.Output.concat(bucket.arn, "/*"), distributions))
    aws.s3.BucketPolicy(
        f"{name}-policy",
        region=region,
        bucket=bucket.id,
        policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": statements}),
        opts=child_options(parent, retain_on_delete=retain, depends_on=[block]),
    )
    return versioning


def cdn_statement(action: str, resource: pulumi.Input[str], distributions: pulumi.Input[str]) -> dict[str, Any]:
    """Lets CloudFront read for some distributions (CloudFront developer guide, "Restrict access to an Amazon S3
    origin")."""
    return {
        "Sid": "Cdn",
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": action,
        "Resource": resource,
        "Condition": {"ArnLike": {"aws:SourceArn": distributions}},
    }
