"""Where a domain's manual snapshots go: a bucket of ours and the role with which OpenSearch writes there.

AWS keeps its own hourly snapshots for 14 days inside the service, and they go with the domain. A manual one is taken by
registering the bucket as a repository (`PUT _snapshot/<name>` with `snapshot_role_arn`) and outlives it.
"""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.bucket.security import secure
from components.policy import service_trust
from components.site import Site, child_options

NONCURRENT_DAYS = 30
ABANDONED_UPLOAD_DAYS = 7


class Snapshots:
    """Incremental snapshots share files, so nothing current ever expires here by age."""

    def __init__(
        self,
        parent: pulumi.Resource,
        name: str,
        site: Site,
        account_id: pulumi.Input[str],
        key: aws.kms.Key,
    ) -> None:
        # The last snapshot of a retired domain lies here: the bucket leaves the state and stays.
        kept = True if site.retiring else None
        self.bucket = aws.s3.Bucket(
            f"{name}-snapshots",
            region=site.region,
            force_destroy=False,
            tags=site.tagged(Name=f"{site.prefix}-{name}-snapshots"),
            opts=child_options(parent, protect=site.guards_data, retain_on_delete=kept),
        )
        versioning = secure(parent, f"{name}-snapshots", self.bucket, key.arn, site.region, retain=kept)
        aws.s3.BucketLifecycleConfiguration(
            f"{name}-snapshots-lifecycle",
            region=site.region,
            bucket=self.bucket.id,
            rules=[
                aws.s3.BucketLifecycleConfigurationRuleArgs(
                    id="leftovers",
                    status="Enabled",
                    filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
                    abort_incomplete_multipart_upload=(
                        aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                            days_after_initiation=ABANDONED_UPLOAD_DAYS
                        )
                    ),
                    noncurrent_version_expiration=(
                        aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                            noncurrent_days=NONCURRENT_DAYS
                        )
                    ),
                )
            ],
            opts=child_options(parent, retain_on_delete=kept, depends_on=[versioning]),
        )
        self.role = aws.iam.Role(
            f"{name}-snapshot-role",
            description=f"{site.prefix} {name}: snapshots",
            assume_role_policy=service_trust("es.amazonaws.com", account_id=account_id),
            tags=site.tagged(),
            opts=child_options(parent),
        )
        aws.iam.RolePolicy(
            f"{name}-snapshot-rights",
            role=self.role.name,
            policy=pulumi.Output.json_dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Sid": "List",
                            "Effect": "Allow",
                            "Action": "s3:ListBucket",
                            "Resource": self.bucket.arn,
                        },
                        {
                            "Sid": "Objects",
                            "Effect": "Allow",
                            "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
                            "Resource": pulumi.Output.concat(self.bucket.arn, "/*"),
                        },
                        {
                            "Sid": "ObjectKeys",
                            "Effect": "Allow",
                            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
                            "Resource": key.arn,
                            "Condition": {"StringEquals": {"kms:ViaService": f"s3.{site.region}.amazonaws.com"}},
                        },
                    ],
                },
                sort_keys=True,
            ),
            opts=child_options(parent),
        )
