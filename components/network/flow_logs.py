"""VPC flow logs: to a CloudWatch log group under the network's key, or to a bucket of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pulumi
import pulumi_aws as aws

from components.log_bucket import log_bucket
from components.policy import service_trust
from components.site import Site, child_options
from components.spec import Join, Spec, joined


class FlowLogsSpec(Spec):
    """What is logged, where to, for how long."""

    to: Literal["cloudwatch", "s3"] = joined(Join.FIXED, "cloudwatch")
    """`cloudwatch` can be searched at once, `s3` is cheaper; a flow log cannot change its destination."""
    traffic: Literal["ALL", "ACCEPT", "REJECT"] = joined(Join.FIXED, "ALL")
    """Which flows; EC2 cannot change it on a flow log."""
    interval: Literal[60, 600] = joined(Join.FIXED, 600)
    """Longest aggregation in seconds; EC2 cannot change it on a flow log."""
    retention_days: Literal[30, 60, 90, 180, 365, 400, 731, 1827, 3653] = joined(Join.MAX, 90)
    """Days that flows are kept; the values that CloudWatch Logs accepts."""


def flow_logs(
    parent: pulumi.Resource,
    name: str,
    spec: FlowLogsSpec,
    site: Site,
    *,
    vpc: aws.ec2.Vpc,
    key_arn: pulumi.Input[str],
) -> aws.ec2.FlowLog:
    """The flow log of `vpc`, with the log group and role, or the bucket, that it writes to."""
    shared: dict[str, Any] = {
        "region": site.region,
        "vpc_id": vpc.id,
        "traffic_type": spec.traffic,
        "max_aggregation_interval": spec.interval,
        "tags": site.tagged(Name=f"{site.prefix}-{name}"),
    }
    if spec.to == "s3":
        bucket, policy = log_bucket(
            parent,
            f"{name}-bucket",
            site,
            retention_days=spec.retention_days,
            writers=lambda arn: _delivery_statements(arn, vpc.owner_id),
        )
        return aws.ec2.FlowLog(
            name,
            log_destination_type="s3",
            log_destination=bucket.arn,
            opts=child_options(parent, depends_on=[policy]),
            **shared,
        )
    group = aws.cloudwatch.LogGroup(
        f"{name}-group",
        region=site.region,
        name=f"/{site.prefix}/{name}",
        retention_in_days=spec.retention_days,
        kms_key_id=key_arn,
        tags=site.tagged(),
        opts=child_options(parent),
    )
    role = aws.iam.Role(
        f"{name}-role",
        description=f"{site.prefix}: VPC flow logs write to their log group",
        assume_role_policy=service_trust("vpc-flow-logs.amazonaws.com", account_id=vpc.owner_id),
        tags=site.tagged(),
        opts=child_options(parent),
    )
    grant = aws.iam.RolePolicy(
        f"{name}-write",
        role=role.name,
        policy=pulumi.Output.json_dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
                        "Resource": [group.arn, pulumi.Output.concat(group.arn, ":*")],
                    },
                    {"Effect": "Allow", "Action": "logs:DescribeLogGroups", "Resource": "*"},
                ],
            }
        ),
        opts=child_options(parent),
    )
    return aws.ec2.FlowLog(
        name,
        log_destination_type="cloud-watch-logs",
        log_destination=group.arn,
        iam_role_arn=role.arn,
        opts=child_options(parent, depends_on=[grant]),
        **shared,
    )


def _delivery_statements(bucket_arn: pulumi.Output[str], account: pulumi.Output[str]) -> Sequence[Mapping[str, Any]]:
    """What log delivery needs (VPC user guide, "Publish flow logs to Amazon S3")."""
    caller = {"aws:SourceAccount": account}
    return [
        {
            "Sid": "DeliveryWrite",
            "Effect": "Allow",
            "Principal": {"Service": "delivery.logs.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": pulumi.Output.format("{0}/AWSLogs/{1}/*", bucket_arn, account),
            "Condition": {"StringEquals": {**caller, "s3:x-amz-acl": "bucket-owner-full-control"}},
        },
        {
            "Sid": "DeliveryCheck",
            "Effect": "Allow",
            "Principal": {"Service": "delivery.logs.amazonaws.com"},
            "Action": ["s3:GetBucketAcl", "s3:ListBucket"],
            "Resource": bucket_arn,
            "Condition": {"StringEquals": caller},
        },
    ]
