"""The balancer's access logs and connection logs, in a bucket of their own."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.log_bucket import log_bucket
from components.site import Site

PREFIXES = {"access": "access", "connections": "connections"}


def balancer_log_bucket(
    parent: pulumi.Resource, name: str, site: Site, *, account_id: pulumi.Input[str], retention_days: int
) -> tuple[aws.s3.Bucket, aws.s3.BucketPolicy]:
    """The bucket and the policy under which the log delivery service writes (Elastic Load Balancing user guide, "Enable
    access logs": the service principal that replaced the regional accounts)."""
    return log_bucket(
        parent,
        name,
        site,
        retention_days=retention_days,
        writers=lambda arn: [
            {
                "Sid": "Delivery",
                "Effect": "Allow",
                "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
                "Action": "s3:PutObject",
                "Resource": [
                    pulumi.Output.format("{0}/{1}/AWSLogs/{2}/*", arn, prefix, account_id)
                    for prefix in PREFIXES.values()
                ],
                "Condition": {
                    "ArnLike": {
                        "aws:SourceArn": pulumi.Output.format(
                            "arn:aws:elasticloadbalancing:{0}:{1}:loadbalancer/*", site.region, account_id
                        )
                    }
                },
            }
        ],
    )
