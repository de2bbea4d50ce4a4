"""What each controller may do in AWS, and no more."""

from __future__ import annotations

from typing import Any

import pulumi

from components.kubernetes.identity import ClusterName


def may_bind(named: ClusterName) -> list[dict[str, Any]]:
    """To find and fill target groups; no more of what the controller's own policy lists (docs/install/iam_policy.json,
    v3.5.0). Balancers, and the ways in from them, belong to the program."""
    return [
        {
            "Sid": "Find",
            "Effect": "Allow",
            "Action": [
                "ec2:DescribeAvailabilityZones",
                "ec2:DescribeInstances",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcs",
                "elasticloadbalancing:DescribeTargetGroupAttributes",
                "elasticloadbalancing:DescribeTargetGroups",
                "elasticloadbalancing:DescribeTargetHealth",
            ],
            "Resource": "*",
        },
        {
            "Sid": "Fill",
            "Effect": "Allow",
            "Action": ["elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"],
            "Resource": pulumi.Output.format(
                "arn:aws:elasticloadbalancing:{0}:{1}:targetgroup/*/*", named.region, named.account_id
            ),
        },
    ]


def may_scale(named: ClusterName) -> list[dict[str, Any]]:
    """To see every group, and to size those of this cluster (cluster-autoscaler, cloudprovider/aws/README.md)."""
    return [
        {
            "Sid": "See",
            "Effect": "Allow",
            "Action": [
                "autoscaling:DescribeAutoScalingGroups",
                "autoscaling:DescribeAutoScalingInstances",
                "autoscaling:DescribeLaunchConfigurations",
                "autoscaling:DescribeScalingActivities",
                "autoscaling:DescribeTags",
                "ec2:DescribeImages",
                "ec2:DescribeInstanceTypes",
                "ec2:DescribeLaunchTemplateVersions",
                "ec2:GetInstanceTypesFromInstanceRequirements",
            ],
            "Resource": "*",
        },
        {
            "Sid": "SeeEmptyGroups",
            "Effect": "Allow",
            "Action": "eks:DescribeNodegroup",
            "Resource": pulumi.Output.format(
                "arn:aws:eks:{0}:{1}:nodegroup/{2}/*", named.region, named.account_id, named.name
            ),
        },
        {
            "Sid": "Size",
            "Effect": "Allow",
            "Action": ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"],
            "Resource": "*",
            "Condition": {"StringEquals": {f"aws:ResourceTag/k8s.io/cluster-autoscaler/{named.name}": "owned"}},
        },
    ]


def may_log(group: str, named: ClusterName) -> list[dict[str, Any]]:
    """To write lines to log groups that exist: those of the stack's services, and `group` for all other pods."""
    prefix = group.rsplit("/", 1)[0]
    return [
        {
            "Sid": "Write",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            "Resource": pulumi.Output.format(
                "arn:aws:logs:{0}:{1}:log-group:{2}/*", named.region, named.account_id, prefix
            ),
        }
    ]
