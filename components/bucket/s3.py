"""The S3 half of the kind bucket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws

from components.bucket.copies import Copies
from components.bucket.security import cdn_statement, secure
from components.bucket.spec import BucketSpec
from components.keys import own_key
from components.log_bucket import log_bucket
from components.site import Site, child_options

ABANDONED_UPLOAD_DAYS = 7
LOG_DAYS = 90


class S3Store:
    """A private, versioned bucket under its own key, with lifecycle, optional access logs and copies elsewhere."""

    def __init__(
        self,
        parent: pulumi.Resource,
        name: str,
        spec: BucketSpec,
        site: Site,
        account_id: pulumi.Input[str],
        readers: Mapping[str, pulumi.Input[str]],
        distributions: pulumi.Input[str] | None = None,
    ) -> None:
        self._parent, self._name, self._site = parent, name, site
        # Multi-Region, because that can never be turned on later and a copy in another region may want the same key.
        self.key = own_key(
            parent,
            f"{name}-key",
            site,
            account_id,
            purpose=f"{name}: objects",
            statements=[cdn_statement("kms:Decrypt", "*", distributions)] if distributions is not None else [],
            multi_region=True,
        )
        self.bucket = aws.s3.Bucket(
            f"{name}-bucket",
            region=site.region,
            force_destroy=False,
            tags=site.tagged(Name=f"{site.prefix}-{name}"),
            opts=child_options(parent, protect=site.guards_data),
        )
        versioning = secure(parent, name, self.bucket, self.key.arn, site.region, readers, distributions=distributions)
        aws.s3.BucketLifecycleConfiguration(
            f"{name}-lifecycle",
            region=site.region,
            bucket=self.bucket.id,
            rules=_rules(spec),
            # S3 wants versions on before rules about them.
            opts=child_options(parent, depends_on=[versioning]),
        )
        if spec.access_logs:
            self._access_logs(account_id)
        if spec.replicas:
            Copies(parent, name, spec.replicas, site, account_id, self.bucket, self.key, versioning)

    def _access_logs(self, account_id: pulumi.Input[str]) -> None:
        name, site = self._name, self._site

        def writers(arn: pulumi.Output[str]) -> list[dict[str, Any]]:
            return [
                {
                    "Sid": "AccessLogs",
                    "Effect": "Allow",
                    "Principal": {"Service": "logging.s3.amazonaws.com"},
                    "Action": "s3:PutObject",
                    "Resource": pulumi.Output.concat(arn, "/*"),
                    "Condition": {
                        "StringEquals": {"aws:SourceAccount": account_id},
                        "ArnLike": {"aws:SourceArn": self.bucket.arn},
                    },
                }
            ]

        logs, policy = log_bucket(self._parent, f"{name}-access-logs", site, retention_days=LOG_DAYS, writers=writers)
        aws.s3.BucketLogging(
            f"{name}-logging",
            region=site.region,
            bucket=self.bucket.id,
            target_bucket=logs.id,
            target_prefix=f"{name}/",
            opts=child_options(self._parent, depends_on=[policy]),
        )


def _rules(spec: BucketSpec) -> list[aws.s3.BucketLifecycleConfigurationRuleArgs]:
    everything = aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix="")
    rules = [
        aws.s3.BucketLifecycleConfigurationRuleArgs(
            id="leftovers",
            status="Enabled",
            filter=everything,
            abort_incomplete_multipart_upload=(
                aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                    days_after_initiation=ABANDONED_UPLOAD_DAYS
                )
            ),
            noncurrent_version_expiration=aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                noncurrent_days=spec.noncurrent_days
            ),
        )
    ]
    if spec.tiers:
        rules.append(
            aws.s3.BucketLifecycleConfigurationRuleArgs(
                id="tiers",
                status="Enabled",
                filter=everything,
                transitions=[
                    aws.s3.BucketLifecycleConfigurationRuleTransitionArgs(storage_class=tier, days=days)
                    for tier, days in sorted(spec.tiers.items(), key=lambda item: item[1])
                ],
            )
        )
    if spec.expire_days is not None:
        rules.append(
            aws.s3.BucketLifecycleConfigurationRuleArgs(
                id="expire",
                status="Enabled",
                filter=everything,
                expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=spec.expire_days),
            )
        )
    return rules
