"""Who a function is: a role that may write its own logs and dead letters, read its own queue, and no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components.function.spec import FunctionSpec
from components.policy import document, service_trust
from components.site import Site, child_options

# Lambda makes and takes away the network interfaces; EC2 knows no narrower resource for them (Lambda developer guide,
# "Giving Lambda functions access to resources in an Amazon VPC").
INTERFACES = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
]


def make_role(
    parent: pulumi.Resource,
    name: str,
    site: Site,
    spec: FunctionSpec,
    *,
    account_id: pulumi.Input[str],
    logs: aws.cloudwatch.LogGroup,
    dead_letters: aws.sqs.Queue,
    queue: aws.sqs.Queue | None,
    parameters: Sequence[str],
) -> tuple[aws.iam.Role, list[pulumi.Resource]]:
    """The role, and what must be attached before Lambda looks. Rights to the roles it uses are added by the roles'
    endpoints; `parameters` are the names that say where these are."""
    function_arn = pulumi.Output.format(
        "arn:aws:lambda:{0}:{1}:function:{2}-{3}", site.region, account_id, site.prefix, name
    )
    role = aws.iam.Role(
        f"{name}-role",
        description=f"{site.prefix} {name}: its function",
        assume_role_policy=service_trust("lambda.amazonaws.com"),
        tags=site.tagged(),
        opts=child_options(parent),
    )
    statements: list[Mapping[str, Any]] = [
        {
            "Sid": "Logs",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": pulumi.Output.concat(logs.arn, ":*"),
        },
        {"Sid": "DeadLetters", "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": dead_letters.arn},
    ]
    if spec.tracing:
        statements.append(
            {
                "Sid": "Traces",
                "Effect": "Allow",
                "Action": ["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
                "Resource": "*",
            }
        )
    if queue is not None:
        statements.append(
            {
                "Sid": "Queue",
                "Effect": "Allow",
                "Action": [
                    "sqs:ChangeMessageVisibility",
                    "sqs:DeleteMessage",
                    "sqs:GetQueueAttributes",
                    "sqs:ReceiveMessage",
                ],
                "Resource": queue.arn,
            }
        )
    if parameters:
        statements.append(
            {
                "Sid": "Roles",
                "Effect": "Allow",
                "Action": "ssm:GetParameter",
                "Resource": [
                    pulumi.Output.format("arn:aws:ssm:{0}:{1}:parameter{2}", site.region, account_id, parameter)
                    for parameter in parameters
                ],
            }
        )
    if spec.vpc:
        statements += [
            {"Sid": "Interfaces", "Effect": "Allow", "Action": INTERFACES, "Resource": "*"},
            # The right above is Lambda's to use, not the code's.
            {
                "Sid": "InterfacesNotByCode",
                "Effect": "Deny",
                "Action": INTERFACES,
                "Resource": "*",
                "Condition": {"ArnEquals": {"lambda:SourceFunctionArn": function_arn}},
            },
        ]
    policy = aws.iam.RolePolicy(
        f"{name}-rights", role=role.name, policy=document(statements), opts=child_options(parent)
    )
    return role, [policy]
