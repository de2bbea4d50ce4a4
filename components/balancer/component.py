"""balancer: an Application Load Balancer in front of whatever serves requests, whichever kind of host that is.

Certificate, HTTPS listener and rules are a component of their own (balancer_routes.py): they need the zone, whose names
in turn need this balancer's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import pulumi
import pulumi_aws as aws

from components.balancer.logs import PREFIXES, balancer_log_bucket
from components.balancer.route import Route
from components.balancer.secret import Known, cloudfront_firewall, known, made_secret
from components.balancer.sources import BESIDE, CLOUDFLARE_RANGES, LIST_SIZE
from components.balancer.waf import WafSpec, web_acl
from components.emitter import Emitter
from components.network import Network
from components.server.scaling import Target
from components.site import Site, child_options
from components.spec import Join, RegionName, Spec, joined

NAME_LIMIT = 24
"""Characters of a target group's logical name: 32 in all (CreateTargetGroup), of which the autoname takes eight."""


class BesideSpec(Spec):
    """A network beside Cloudflare whose addresses may open a connection."""


class BalancerRegionSpec(Spec):
    """The same balancer in one more region."""


class BalancerSpec(Spec):
    """One public balancer, in each of its regions."""

    sources: Literal["cloudflare", "world"] = joined(Join.MAX, "cloudflare", order=("cloudflare", "world"))
    """Who may open a connection; `cloudflare` where every name of the zone is proxied."""
    beside: dict[Literal["fastly", "cloudfront"], BesideSpec] = joined(Join.UNION, dict)
    """Who else may, by HTTPS alone: a CDN that asks past the zone's proxy. CloudFront says a secret too, as anybody may
    have a distribution."""
    waf: WafSpec = joined(Join.NOW, WafSpec)
    """What is refused before it reaches a host."""
    idle_seconds: int = joined(Join.NOW, 60, ge=1, le=4000)
    """How long an idle connection stays open; longer than the hosts' own keep-alive is a source of 502."""
    drain_seconds: int = joined(Join.NOW, 60, ge=0, le=3600)
    """How long a leaving host may finish its requests."""
    log_days: int = joined(Join.MAX, 90, ge=1, le=3650)
    """How long access and connection logs are kept."""
    regions: dict[RegionName, BalancerRegionSpec] = joined(Join.UNION, dict)
    """Regions beside the stack's own; the zone's load balancing, or a gateway behind it, shares requests out."""


@dataclass(frozen=True)
class BalancerArgs:
    """`routes` are the services it serves, by name."""

    spec: BalancerSpec
    site: Site
    network: Network
    routes: Mapping[str, Route] = field(default_factory=dict)
    cloudfront: pulumi.Input[str] | None = None
    """The region's list of CloudFront's addresses, where it may come in."""
    secret: pulumi.Input[str] | None = None
    """What CloudFront says, where another region's balancer has it made already."""
    own: Sequence[pulumi.Input[str]] = ()
    """The addresses by which the stack's own services come."""


class Balancer(pulumi.ComponentResource):
    """The balancer, its security group, logs, web ACL, the redirect to HTTPS, and a target group a service and host."""

    load_balancer: aws.lb.LoadBalancer
    security_group: aws.ec2.SecurityGroup
    target_groups: dict[tuple[str, str], aws.lb.TargetGroup]
    """By service and host block."""
    dns_name: pulumi.Output[str]
    zone_id: pulumi.Output[str]
    """Of the balancer's own name, for Route 53 aliases."""
    secret: pulumi.Input[str] | None
    """What it knows CloudFront's requests by, where they may come in."""

    def __init__(self, name: str, args: BalancerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:Balancer", name, None, opts)
        spec, site, network = args.spec, args.site, args.network
        self._routes = args.routes
        self.security_group = self._firewall(name, args)
        bucket, policy = balancer_log_bucket(
            self, f"{name}-logs", site, account_id=network.account_id, retention_days=spec.log_days
        )
        self.load_balancer = aws.lb.LoadBalancer(
            f"{name}-lb",
            name_prefix=fitted(f"{name}-lb", name),
            region=site.region,
            load_balancer_type="application",
            internal=False,
            ip_address_type="ipv4",
            security_groups=[self.security_group.id, *self._cloudfront(name, args)],
            # All three zones: a balancer's zones are where it can be reached, and cost nothing by themselves.
            subnets=network.subnet_ids("public", all_zones=True),
            enable_deletion_protection=site.guards_anchor,
            drop_invalid_header_fields=True,
            desync_mitigation_mode="defensive",
            enable_http2=True,
            enable_zonal_shift=True,
            idle_timeout=spec.idle_seconds,
            access_logs={"bucket": bucket.bucket, "prefix": PREFIXES["access"], "enabled": True},
            connection_logs={"bucket": bucket.bucket, "prefix": PREFIXES["connections"], "enabled": True},
            tags=site.tagged(Name=f"{site.prefix}-{name}"),
            opts=child_options(self, protect=site.guards_anchor, depends_on=[policy]),
        )
        self.dns_name, self.zone_id = self.load_balancer.dns_name, self.load_balancer.zone_id
        self.target_groups = {
            (service, host): self._target_group(name, service, host, route, args)
            for service, route in sorted(args.routes.items())
            for host in sorted(route.weights)
        }
        aws.lb.Listener(
            f"{name}-http",
            region=site.region,
            load_balancer_arn=self.load_balancer.arn,
            port=80,
            protocol="HTTP",
            default_actions=[
                {"type": "redirect", "redirect": {"port": "443", "protocol": "HTTPS", "status_code": "HTTP_301"}}
            ],
            tags=site.tagged(),
            opts=child_options(self),
        )
        acl = web_acl(
            self,
            f"{name}-waf",
            spec.waf,
            site,
            behind_cloudflare=spec.sources == "cloudflare",
            known=self._known(name, args),
            own=args.own,
        )
        aws.wafv2.WebAclAssociation(
            f"{name}-waf-on",
            region=site.region,
            resource_arn=self.load_balancer.arn,
            web_acl_arn=acl.arn,
            opts=child_options(self),
        )
        self.register_outputs(
            {"dns_name": self.dns_name, "zone_id": self.zone_id, "security_group_id": self.security_group.id}
        )

    @property
    def emitter(self) -> Emitter:
        """What alarms can watch: the balancer, and behind it each service on each host block."""
        suffix = self.load_balancer.arn_suffix
        return Emitter(
            "balancer",
            members={"group": {"LoadBalancer": suffix}},
            followers={
                f"{service}-on-{host}": {"LoadBalancer": suffix, "TargetGroup": group.arn_suffix}
                for (service, host), group in self.target_groups.items()
            },
        )

    def target(self, service: str, host: str) -> Target:
        """What the hosts of one block need to serve one service."""
        group = self.target_groups[service, host]
        return Target(
            arn=group.arn,
            port=self._routes[service].port,
            security_group_id=self.security_group.id,
            label=pulumi.Output.concat(self.load_balancer.arn_suffix, "/", group.arn_suffix),
        )

    def _cloudfront(self, name: str, args: BalancerArgs) -> list[pulumi.Output[str]]:
        self.secret = None
        if "cloudfront" not in args.spec.beside or args.spec.sources == "world":
            return []
        if args.cloudfront is None:
            raise ValueError(f"{name}: CloudFront may come in, so its list of addresses must be given")
        self.secret = args.secret if args.secret is not None else made_secret(self, name)
        return [cloudfront_firewall(self, name, args.site, args.network, args.cloudfront).id]

    def _known(self, name: str, args: BalancerArgs) -> Known | None:
        if self.secret is None:
            return None
        ranges = [*CLOUDFLARE_RANGES, *(cidr for each in args.spec.beside for cidr in BESIDE.get(each, ()))]
        return known(self, name, args.site, self.secret, ranges)

    def _firewall(self, name: str, args: BalancerArgs) -> aws.ec2.SecurityGroup:
        site = args.site
        group = aws.ec2.SecurityGroup(
            f"{name}-sg",
            region=site.region,
            vpc_id=args.network.vpc_id,
            description=f"{site.prefix} {name}: the balancer",
            tags=site.tagged(Name=f"{site.prefix}-{name}"),
            opts=child_options(self),
        )
        source: dict[str, pulumi.Input[str]] = {"cidr_ipv4": "0.0.0.0/0"}
        if args.spec.sources == "cloudflare":
            ranges = aws.ec2.ManagedPrefixList(
                f"{name}-cloudflare",
                region=site.region,
                name=f"{site.prefix}-{name}-cloudflare",
                address_family="IPv4",
                max_entries=LIST_SIZE,
                entries=[{"cidr": cidr, "description": "Cloudflare"} for cidr in CLOUDFLARE_RANGES],
                tags=site.tagged(),
                opts=child_options(self),
            )
            source = {"prefix_list_id": ranges.id}
        for role, port in (("http", 80), ("https", 443)):
            # Named by who comes in: from `cloudflare` to `world` the new rule is there before the old one goes.
            aws.vpc.SecurityGroupIngressRule(
                f"{name}-{role}-from-{args.spec.sources}",
                region=site.region,
                security_group_id=group.id,
                description=f"{role.upper()} from {args.spec.sources}",
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
                tags=site.tagged(),
                opts=child_options(self),
                **source,
            )
        # Where the world may come in, nobody needs a rule of their own.
        for source_name in sorted(BESIDE.keys() & args.spec.beside) if args.spec.sources != "world" else ():
            cidrs = BESIDE[source_name]
            ranges = aws.ec2.ManagedPrefixList(
                f"{name}-{source_name}",
                region=site.region,
                name=f"{site.prefix}-{name}-{source_name}",
                address_family="IPv4",
                max_entries=len(cidrs),
                entries=[{"cidr": cidr, "description": source_name} for cidr in cidrs],
                tags=site.tagged(),
                opts=child_options(self),
            )
            aws.vpc.SecurityGroupIngressRule(
                f"{name}-https-from-{source_name}",
                region=site.region,
                security_group_id=group.id,
                description=f"HTTPS from {source_name}",
                ip_protocol="tcp",
                from_port=443,
                to_port=443,
                prefix_list_id=ranges.id,
                tags=site.tagged(),
                opts=child_options(self),
            )
        aws.vpc.SecurityGroupEgressRule(
            f"{name}-to-hosts",
            region=site.region,
            security_group_id=group.id,
            description="Hosts in this VPC",
            cidr_ipv4=args.network.cidr,
            ip_protocol="tcp",
            from_port=1024,
            to_port=65535,
            tags=site.tagged(),
            opts=child_options(self),
        )
        return group

    def _target_group(self, name: str, service: str, host: str, route: Route, args: BalancerArgs) -> aws.lb.TargetGroup:
        logical = f"{name}-{service}-on-{host}"
        health = route.health
        return aws.lb.TargetGroup(
            logical,
            name_prefix=fitted(logical, service),
            region=args.site.region,
            vpc_id=args.network.vpc_id,
            port=route.port,
            protocol="HTTP",
            protocol_version="HTTP1",
            target_type="ip" if host in route.by_address else "instance",
            deregistration_delay=args.spec.drain_seconds,
            slow_start=route.slow_start,
            load_balancing_algorithm_type="least_outstanding_requests" if route.slow_start == 0 else "round_robin",
            health_check={
                "enabled": True,
                "protocol": "HTTP",
                "port": "traffic-port",
                "path": health.path,
                "matcher": "200",
                "interval": health.interval,
                "timeout": health.timeout,
                "healthy_threshold": health.healthy,
                "unhealthy_threshold": health.unhealthy,
            },
            stickiness={
                "enabled": route.sticky_seconds is not None,
                "type": "lb_cookie",
                "cookie_duration": route.sticky_seconds or 86400,
            },
            tags=args.site.tagged(service=service),
            opts=child_options(self),
        )


def fitted(logical: str, meaning: str) -> str | None:
    """What stands before a random end in the name of a balancer or target group where its logical name is too long for
    an autoname, as it is with a region in it; None where it is not. Elastic Load Balancing allows six characters."""
    return f"{meaning[:5]}-" if len(logical) > NAME_LIMIT else None
