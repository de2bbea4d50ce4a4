"""A bucket that only AWS's log delivery writes to: private, encrypted, TLS only, expiring."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components.site import Site, child_options
from components.tls_only import bucket_tls_only


def log_bucket(
    parent: pulumi.Resource,
    name: str,
    site: Site,
    *,
    retention_days: int,
    expiring: str = "",
    writers: Callable[[pulumi.Output[str]], Sequence[Mapping[str, Any]]],
) -> tuple[aws.s3.Bucket, aws.s3.BucketPolicy]:
    """The bucket and its policy (log delivery checks the policy when it is switched on, so depend on it).

    `writers` makes the policy statements from the bucket's ARN; `expiring` is the prefix of what expires. Encryption is
    SSE-S3: balancer access logs accept no KMS key (Elastic Load Balancing user guide, "Access logs": "the only
    server-side encryption option").
    """
    # Armed, all of it leaves the state and stays: a bucket with logs in it cannot be deleted; its own expiry empties
    # it in time.
    kept = True if site.retiring else None
    bucket = aws.s3.Bucket(
        name,
        region=site.region,
        tags=site.tagged(Name=f"{site.prefix}-{name}"),
        opts=child_options(parent, protect=site.guards_data, retain_on_delete=kept),
    )
    aws.s3.BucketOwnershipControls(
        f"{name}-ownership",
        region=site.region,
        bucket=bucket.id,
        rule={"object_ownership": "BucketOwnerEnforced"},
        opts=child_options(parent, retain_on_delete=kept),
    )
    block = aws.s3.BucketPublicAccessBlock(
        f"{name}-private",
        region=site.region,
        bucket=bucket.id,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=child_options(parent, retain_on_delete=kept),
    )
    aws.s3.BucketServerSideEncryptionConfiguration(
        f"{name}-encryption",
        region=site.region,
        bucket=bucket.id,
        rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}],
        opts=child_options(parent, retain_on_delete=kept),
    )
    aws.s3.BucketLifecycleConfiguration(
        f"{name}-expiry",
        region=site.region,
        bucket=bucket.id,
        rules=[
            {
                "id": "expire",
                "status": "Enabled",
                "filter": {"prefix": expiring},
                "expiration": {"days": retention_days},
                "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
            }
        ],
        opts=child_options(parent, retain_on_delete=kept),
    )
    policy = aws.s3.BucketPolicy(
        f"{name}-policy",
        region=site.region,
        bucket=bucket.id,
        policy=pulumi.Output.json_dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    bucket_tls_only(bucket.arn),
                    *writers(bucket.arn),
                ],
            }
        ),
        opts=child_options(parent, retain_on_delete=kept, depends_on=[block]),
    )
    return bucket, policy
