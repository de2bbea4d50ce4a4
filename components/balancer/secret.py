"""How a balancer tells its own CDN from anybody else's at CloudFront: the addresses are the same, a secret is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from components.network import Network
from components.site import Site, child_options

SECRET_HEADER: Final = "x-origin-secret"
LENGTH: Final = 48
ORIGIN_FACING: Final = "com.amazonaws.global.cloudfront.origin-facing"
"""AWS's own list of the addresses from which CloudFront asks origins."""


@dataclass(frozen=True)
class Known:
    """Who need not say the secret: the addresses of everybody else who may come in."""

    secret: pulumi.Input[str]
    others: pulumi.Input[str]
    """The ARN of an IP set."""

    def rule(self, priority: int, seen: Any) -> Any:
        """The web ACL's: whoever is neither of these is refused."""

        def but(statement: dict[str, Any]) -> dict[str, Any]:
            return {"not_statement": {"statement": statement}}

        says_it = {
            "byte_match_statement": {
                "search_string": self.secret,
                "field_to_match": {"single_header": {"name": SECRET_HEADER}},
                "positional_constraint": "EXACTLY",
                "text_transformations": [{"priority": 0, "type": "NONE"}],
            }
        }
        known = {"ip_set_reference_statement": {"arn": self.others}}
        return {
            "name": "origin",
            "priority": priority,
            "action": {"block": {}},
            "statement": {"and_statement": {"statements": [but(known), but(says_it)]}},
            "visibility_config": seen,
        }


def cloudfront_firewall(
    parent: pulumi.Resource, name: str, site: Site, network: Network, ranges: pulumi.Input[str]
) -> aws.ec2.SecurityGroup:
    """A security group of its own: AWS's list counts as 55 of the 60 rules that one may have (CloudFront developer
    guide, "Use the CloudFront managed prefix list")."""
    group = aws.ec2.SecurityGroup(
        f"{name}-cloudfront-sg",
        region=site.region,
        vpc_id=network.vpc_id,
        description=f"{site.prefix} {name}: CloudFront to the balancer",
        tags=site.tagged(Name=f"{site.prefix}-{name}-cloudfront"),
        opts=child_options(parent),
    )
    aws.vpc.SecurityGroupIngressRule(
        f"{name}-https-from-cloudfront",
        region=site.region,
        security_group_id=group.id,
        description="HTTPS from CloudFront",
        ip_protocol="tcp",
        from_port=443,
        to_port=443,
        prefix_list_id=ranges,
        tags=site.tagged(),
        opts=child_options(parent),
    )
    return group


def made_secret(parent: pulumi.Resource, name: str) -> pulumi.Output[str]:
    """Made once; another one is made by replacing this resource, and refuses until the CDN has it too."""
    return random.RandomPassword(
        f"{name}-cloudfront-secret", length=LENGTH, special=False, opts=child_options(parent)
    ).result


def known(parent: pulumi.Resource, name: str, site: Site, secret: pulumi.Input[str], ranges: Sequence[str]) -> Known:
    """With the addresses that need not say it."""
    others = aws.wafv2.IpSet(
        f"{name}-cloudfront-known",
        region=site.region,
        description=f"{site.prefix} {name}: who may come in without the secret",
        scope="REGIONAL",
        ip_address_version="IPV4",
        addresses=sorted(ranges),
        tags=site.tagged(),
        opts=child_options(parent),
    )
    return Known(secret, others.arn)
