"""The record of a REST API's requests, from which bills are made: access logs, by Firehose, into a bucket.

The stage writes to Firehose and not to CloudWatch Logs: a REST API may do that only with a role in the settings of the
account's whole region, which no single stack owns (developer guide, "Set up CloudWatch API logging" and "Log API calls
to Amazon Data Firehose", 2026-11). The stream's name must begin as it does.
"""

from __future__ import annotations

from typing import Final

import pulumi
import pulumi_aws as aws

from components.gateway.rest_spec import UsageSpec
from components.log_bucket import log_bucket
from components.policy import service_trust
from components.site import Site, child_options

RECORD: Final = {
    "time": "$context.requestTimeEpoch",
    "request": "$context.requestId",
    "customer_key": "$context.identity.apiKeyId",
    "user": "$context.authorizer.claims.sub",
    "principal": "$context.authorizer.principalId",
    "method": "$context.httpMethod",
    "route": "$context.resourcePath",
    "status": "$context.status",
    "bytes": "$context.responseLength",
    "latency_ms": "$context.responseLatency",
    "integration_ms": "$context.integrationLatency",
    "waf": "$context.waf.status",
    "error": "$context.error.responseType",
}
"""One line a request. `customer_key` is a key's id, never its value; the stack's outputs say whose it is."""
PREFIX: Final = "usage/"


def usage_stream(parent: pulumi.Resource, name: str, site: Site, spec: UsageSpec) -> aws.kinesis.FirehoseDeliveryStream:
    """What the stage writes to; a bucket behind it holds a gzipped file of JSON lines for each few minutes."""
    role = aws.iam.Role(
        f"{name}-usage",
        description=f"{site.prefix} {name}: writes the record of its requests",
        assume_role_policy=service_trust("firehose.amazonaws.com"),
        tags=site.tagged(),
        opts=child_options(parent),
    )
    bucket, policy = log_bucket(
        parent, f"{name}-records", site, retention_days=spec.days, expiring=PREFIX, writers=lambda _: []
    )
    rights = aws.iam.RolePolicy(
        f"{name}-usage-rights",
        role=role.id,
        policy=pulumi.Output.json_dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": [
                            "s3:AbortMultipartUpload",
                            "s3:GetBucketLocation",
                            "s3:ListBucket",
                            "s3:ListBucketMultipartUploads",
                            "s3:PutObject",
                        ],
                        "Resource": [bucket.arn, pulumi.Output.concat(bucket.arn, "/*")],
                    }
                ],
            }
        ),
        opts=child_options(parent),
    )
    return aws.kinesis.FirehoseDeliveryStream(
        f"{name}-usage-stream",
        region=site.region,
        name=f"amazon-apigateway-{site.prefix}-{name}",
        destination="extended_s3",
        extended_s3_configuration={
            "bucket_arn": bucket.arn,
            "role_arn": role.arn,
            "prefix": f"{PREFIX}!{{timestamp:yyyy/MM/dd}}/",
            "error_output_prefix": "failed/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd}/",
            "buffering_interval": spec.flush_seconds,
            "buffering_size": 64,
            "compression_format": "GZIP",
            "processing_configuration": {
                "enabled": True,
                "processors": [
                    {
                        "type": "AppendDelimiterToRecord",
                        "parameters": [{"parameter_name": "Delimiter", "parameter_value": "\\n"}],
                    }
                ],
            },
        },
        server_side_encryption={"enabled": True, "key_type": "AWS_OWNED_CMK"},
        tags=site.tagged(),
        # It tries its rights, and the bucket's policy, when it is made.
        opts=child_options(parent, depends_on=[rights, policy]),
    )
