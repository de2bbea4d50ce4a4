"""Access logs of distributions: CloudWatch's delivery, from us-east-1, into a bucket at home."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from components.cdn.edge import GLOBAL
from components.log_bucket import log_bucket
from components.site import Site, child_options

NAME_LIMIT: Final = 60
"""Characters of the name of a delivery's source (PutDeliverySource, CloudWatch Logs API reference)."""


def deliver(
    parent: pulumi.Resource,
    name: str,
    site: Site,
    *,
    account_id: pulumi.Input[str],
    days: int,
    distributions: Mapping[str, aws.cloudfront.Distribution],
) -> None:
    """One line of JSON a request (CloudFront developer guide, "Configure standard logging (v2)")."""

    def writers(arn: pulumi.Output[str]) -> list[dict[str, Any]]:
        return [
            {
                "Sid": "AccessLogs",
                "Effect": "Allow",
                "Principal": {"Service": "delivery.logs.amazonaws.com"},
                "Action": "s3:PutObject",
                "Resource": pulumi.Output.concat(arn, "/*"),
                "Condition": {
                    "StringEquals": {"aws:SourceAccount": account_id, "s3:x-amz-acl": "bucket-owner-full-control"},
                    "ArnLike": {
                        "aws:SourceArn": pulumi.Output.format(
                            "arn:aws:logs:{0}:{1}:delivery-source:*", GLOBAL, account_id
                        )
                    },
                },
            }
        ]

    bucket, policy = log_bucket(parent, f"{name}-logs", site, retention_days=days, writers=writers)
    destination = aws.cloudwatch.LogDeliveryDestination(
        f"{name}-logs-to",
        region=GLOBAL,
        name=f"{site.prefix}-{name}",
        output_format="json",
        delivery_destination_configuration={"destination_resource_arn": bucket.arn},
        tags=site.tagged(),
        opts=child_options(parent, depends_on=[policy]),
    )
    for label, distribution in distributions.items():
        source = aws.cloudwatch.LogDeliverySource(
            f"{name}-logs-of-{label}",
            region=GLOBAL,
            name=f"{site.prefix}-{name}-{label}",
            log_type="ACCESS_LOGS",
            resource_arn=distribution.arn,
            tags=site.tagged(),
            opts=child_options(parent),
        )
        aws.cloudwatch.LogDelivery(
            f"{name}-logs-{label}",
            region=GLOBAL,
            delivery_source_name=source.name,
            delivery_destination_arn=destination.arn,
            s3_delivery_configurations=[
                {"suffix_path": f"{label}/{{yyyy}}/{{MM}}/{{dd}}", "enable_hive_compatible_path": False}
            ],
            tags=site.tagged(),
            opts=child_options(parent),
        )
