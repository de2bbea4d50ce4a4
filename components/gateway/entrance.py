"""The way from the gateway into the network: a VPC link, and an internal Network Load Balancer that hands its
connections to the balancer as they are, TLS and all.

A REST API's link is of the first version. With the second the stage's name comes before the path that the balancer is
asked for, and what takes it away is told for mapping templates, which a proxy integration has none of (developer guide,
"Private integrations for REST APIs", 2026-11; docs/decisions/0044-a-rest-gateway.md).

API Gateway documents private integrations with load balancers that are private; the balancer is a public one. A Network
Load Balancer may have an internet-facing one behind it (Elastic Load Balancing user guide, "Use an Application Load
Balancer as a target"), and so the way never leaves the network.
"""

from __future__ import annotations

from typing import Final

import pulumi
import pulumi_aws as aws

from components.balancer.component import Balancer, fitted
from components.network import Network
from components.site import Site, child_options

HTTPS: Final = 443


class Entrance:
    """`link_id` and `listener_arn` are what an integration names; `rest`: of a REST API."""

    def __init__(
        self,
        parent: pulumi.Resource,
        name: str,
        site: Site,
        *,
        network: Network,
        balancer: Balancer,
        https: aws.lb.Listener,
        rest: bool = False,
    ) -> None:
        self._parent, self._name, self._site = parent, name, site
        link_group = None if rest else self._group("link", network, "the VPC link")
        way_group = self._group("way", network, "the way to the balancer")
        if link_group is not None:
            self._allow("link", link_group, "way", way_group)
        self._allow("way", way_group, "balancer", balancer.security_group)
        # Both span all three zones from the start, as a link can never change its subnets.
        subnets = network.subnet_ids("app", all_zones=True)
        way = aws.lb.LoadBalancer(
            f"{name}-way",
            name_prefix=fitted(f"{name}-way", name),
            region=site.region,
            load_balancer_type="network",
            internal=True,
            ip_address_type="ipv4",
            security_groups=[way_group.id],
            # A REST API comes by PrivateLink, which no group knows as a source (Elastic Load Balancing user guide,
            # "Update the security groups for your Network Load Balancer").
            enforce_security_group_inbound_rules_on_private_link_traffic="off" if rest else None,
            subnets=subnets,
            enable_cross_zone_load_balancing=True,
            enable_deletion_protection=site.guards_anchor,
            tags=site.tagged(Name=f"{site.prefix}-{name}-way"),
            opts=child_options(parent, protect=site.guards_anchor),
        )
        self.listener_arn = self._forward(way, network, balancer, https).arn
        self.link_id = (
            self._link(way, site)
            if link_group is None
            else aws.apigatewayv2.VpcLink(
                f"{name}-link",
                region=site.region,
                name=f"{site.prefix}-{name}",
                security_group_ids=[link_group.id],
                subnet_ids=subnets,
                tags=site.tagged(),
                opts=child_options(parent),
            ).id
        )

    def _link(self, way: aws.lb.LoadBalancer, site: Site) -> pulumi.Output[str]:
        return aws.apigateway.VpcLink(
            f"{self._name}-link",
            region=site.region,
            name=f"{site.prefix}-{self._name}",
            description=f"{site.prefix}: {self._name} to the balancer",
            target_arn=way.arn,
            tags=site.tagged(),
            opts=child_options(self._parent),
        ).id

    def _forward(
        self, way: aws.lb.LoadBalancer, network: Network, balancer: Balancer, https: aws.lb.Listener
    ) -> aws.lb.Listener:
        site, name = self._site, self._name
        group = aws.lb.TargetGroup(
            f"{name}-way-to",
            name_prefix=fitted(f"{name}-way-to", name),
            region=site.region,
            vpc_id=network.vpc_id,
            target_type="alb",
            port=HTTPS,
            protocol="TCP",
            health_check={
                "enabled": True,
                "protocol": "HTTPS",
                "port": "traffic-port",
                "path": "/",
                # The balancer's answer to a name it does not know: it is there, whatever stands behind it.
                "matcher": "404",
                "interval": 10,
                "timeout": 6,
                "healthy_threshold": 3,
                "unhealthy_threshold": 3,
            },
            tags=site.tagged(),
            opts=child_options(self._parent),
        )
        aws.lb.TargetGroupAttachment(
            f"{name}-way-target",
            region=site.region,
            target_group_arn=group.arn,
            target_id=balancer.load_balancer.arn,
            port=HTTPS,
            # A balancer can be a target only on a port that it listens on.
            opts=child_options(self._parent, depends_on=[https]),
        )
        return aws.lb.Listener(
            f"{name}-way-https",
            region=site.region,
            load_balancer_arn=way.arn,
            port=HTTPS,
            protocol="TCP",
            default_actions=[{"type": "forward", "target_group_arn": group.arn}],
            tags=site.tagged(),
            opts=child_options(self._parent),
        )

    def _group(self, role: str, network: Network, what: str) -> aws.ec2.SecurityGroup:
        site, name = self._site, f"{self._name}-{role}"
        return aws.ec2.SecurityGroup(
            f"{name}-sg",
            region=site.region,
            vpc_id=network.vpc_id,
            description=f"{site.prefix} {self._name}: {what}",
            tags=site.tagged(Name=f"{site.prefix}-{name}"),
            opts=child_options(self._parent),
        )

    def _allow(
        self, source: str, from_group: aws.ec2.SecurityGroup, target: str, to_group: aws.ec2.SecurityGroup
    ) -> None:
        for end, role, group, other in (
            (aws.vpc.SecurityGroupEgressRule, f"{source}-to-{target}", from_group, to_group),
            (aws.vpc.SecurityGroupIngressRule, f"{target}-from-{source}", to_group, from_group),
        ):
            end(
                f"{self._name}-{role}",
                region=self._site.region,
                security_group_id=group.id,
                description=f"{self._name}: {source} to {target}",
                referenced_security_group_id=other.id,
                ip_protocol="tcp",
                from_port=HTTPS,
                to_port=HTTPS,
                tags=self._site.tagged(),
                opts=child_options(self._parent),
            )
