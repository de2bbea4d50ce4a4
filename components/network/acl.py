"""Locked defaults, and one network ACL a tier.

A subnet without an ACL of its own falls to the VPC's default one, and a resource without a security group to the
default group; both are emptied here, so that what was forgotten has no network instead of an open one.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network

import pulumi
import pulumi_aws as aws

from components.site import Site, child_options

OPEN_RULE = 100
PEER_RULES = 200
"""A peer's rule is this plus the peer's own number: EC2 cannot renumber a rule, so list positions would not do."""

OWN_RULES = 1000
"""Where the rules for the stack's own networks in other regions start."""


def own_rule(cidr: str) -> int:
    """The rule number for one of our own /16 networks: its own, whichever others come and go."""
    return OWN_RULES + (int(IPv4Network(cidr).network_address) >> 16 & 0xFFF)


def lock_defaults(parent: pulumi.Resource, name: str, site: Site, vpc: aws.ec2.Vpc) -> None:
    """Empty the VPC's default security group, network ACL and route table."""
    tags = site.tagged(Name=f"{site.prefix}-{name}-unused")
    aws.ec2.DefaultSecurityGroup(
        f"{name}-default-group",
        region=site.region,
        vpc_id=vpc.id,
        ingress=[],
        egress=[],
        tags=tags,
        opts=child_options(parent),
    )
    aws.ec2.DefaultNetworkAcl(
        f"{name}-default-acl",
        region=site.region,
        default_network_acl_id=vpc.default_network_acl_id,
        ingress=[],
        egress=[],
        tags=tags,
        # AWS counts a new subnet to this ACL until its own association lands; that is no drift of ours.
        opts=child_options(parent, ignore_changes=["subnetIds"]),
    )
    aws.ec2.DefaultRouteTable(
        f"{name}-default-routes",
        region=site.region,
        default_route_table_id=vpc.default_route_table_id,
        routes=[],
        tags=tags,
        opts=child_options(parent),
    )


def tier_acls(
    parent: pulumi.Resource,
    name: str,
    site: Site,
    *,
    vpc: aws.ec2.Vpc,
    cidr: str,
    subnets: Mapping[str, Mapping[str, aws.ec2.Subnet]],
    peers: Mapping[str, tuple[int, str]],
) -> None:
    """One ACL a tier: public and app pass everything on to the security groups; data speaks only with this VPC and with
    `peers` (rule number and CIDR by name)."""
    for tier, by_zone in subnets.items():
        acl = aws.ec2.NetworkAcl(
            f"{name}-{tier}-acl",
            region=site.region,
            vpc_id=vpc.id,
            tags=site.tagged(Name=f"{site.prefix}-{name}-{tier}"),
            opts=child_options(parent),
        )
        partners = {"any": (OPEN_RULE, "0.0.0.0/0")}
        if tier == "data":
            partners = {"inside": (OPEN_RULE, cidr)}
            partners |= peers
        _rules(parent, f"{name}-{tier}-acl", site, acl, partners)
        for zone, subnet in by_zone.items():
            aws.ec2.NetworkAclAssociation(
                f"{name}-{tier}-acl-{zone}",
                region=site.region,
                network_acl_id=acl.id,
                subnet_id=subnet.id,
                opts=child_options(parent),
            )


def _rules(
    parent: pulumi.Resource, name: str, site: Site, acl: aws.ec2.NetworkAcl, partners: Mapping[str, tuple[int, str]]
) -> None:
    for partner, (number, cidr) in partners.items():
        for direction in ("in", "out"):
            aws.ec2.NetworkAclRule(
                f"{name}-{partner}-{direction}",
                region=site.region,
                network_acl_id=acl.id,
                egress=direction == "out",
                protocol="-1",
                rule_action="allow",
                rule_number=number,
                cidr_block=cidr,
                from_port=0,
                to_port=0,
                opts=child_options(parent),
            )
