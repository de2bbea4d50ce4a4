"""The network: one VPC on a fixed address plan, in which later phases only add."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pulumi
import pulumi_aws as aws
from pydantic import model_validator

from components.keys import log_groups_statement, own_key
from components.network.acl import PEER_RULES, lock_defaults, own_rule, tier_acls
from components.network.flow_logs import FlowLogsSpec, flow_logs
from components.network.plan import TIERS, address_plan
from components.network.routes import gateway_endpoints, nat_gateways, private_routes, public_routes
from components.network.zones import zone_ids
from components.site import Site, child_options
from components.spec import Join, Refused, RegionName, Spec, joined


class EndpointSpec(Spec):
    """One interface endpoint; its key is AWS's service name behind `com.amazonaws.<region>.`."""

    private_dns: bool = joined(Join.NOW, True)
    """Whether the service's public name resolves to the endpoint inside the VPC."""


class PeerSpec(Spec):
    """One VPC to peer with."""

    vpc: str = joined(Join.FIXED, pattern=r"^vpc-[0-9a-f]{8,17}$")
    """The peer's VPC id."""
    cidr: str = joined(Join.FIXED)
    """The peer's addresses; must not overlap ours."""
    number: int = joined(Join.FIXED, ge=1, le=99)
    """The peer's place among the data tier's ACL rules; never given to another peer."""
    owner: str | None = joined(Join.FIXED, None, pattern=r"^\d{12}$")
    """The peer's account, if it is another one; that side then accepts the peering."""
    region: str | None = joined(Join.FIXED, None)
    """The peer's region, if it is another one; that side then accepts the peering."""


class NetworkRegionSpec(Spec):
    """A network of the same shape in one more region."""

    nat: Literal["none", "same"] = joined(Join.MAX, "same", order=("none", "same"))
    """Its way out: as at home, or none where databases alone stand there."""


class NetworkSpec(Spec):
    """How much of the plan is in use."""

    azs: int = joined(Join.MAX, 2, ge=1, le=3)
    """Zones in which things are placed; the subnets of all three exist from the first day."""
    nat: Literal["none", "one", "per_az"] = joined(Join.MAX, "none", order=("none", "one", "per_az"))
    """Outgoing traffic of the app and data subnets; `one` is a single point of failure and pays for crossing zones."""
    allow_listed: bool = joined(Join.FIXED, False)
    """Others hold our outgoing addresses in allow lists: all three are taken at once and never given back."""
    endpoints: dict[str, EndpointSpec] = joined(Join.UNION, dict)
    """Interface endpoints by service name, e.g. `ecr.api`; S3 and DynamoDB have gateway endpoints without asking."""
    flow_logs: FlowLogsSpec = joined(Join.UNION, FlowLogsSpec)
    """Where accepted and rejected flows are logged."""
    peers: dict[str, PeerSpec] = joined(Join.UNION, dict)
    """Peered VPCs by name."""
    regions: dict[RegionName, NetworkRegionSpec] = joined(Join.UNION, dict)
    """Regions beside the stack's own: a network in each, with addresses from the register, peered with the first."""

    @model_validator(mode="after")
    def _peer_numbers_differ(self) -> NetworkSpec:
        taken: dict[int, str] = {}
        for name, peer in self.peers.items():
            if peer.number in taken:
                raise Refused(f"peers.{name}.number", peer.number, f"another number: {taken[peer.number]} has this one")
            taken[peer.number] = name
        return self

    def way_out(self, region: str) -> Literal["none", "one", "per_az"]:
        """`nat` as it is in `region`, home or another."""
        beside = self.regions.get(region)
        return self.nat if beside is None or beside.nat == "same" else "none"


@dataclass(frozen=True)
class NetworkArgs:
    """`cidr` is the block that the address register gives this stack in this region."""

    spec: NetworkSpec
    site: Site
    cidr: str
    beside: Mapping[str, str] = field(default_factory=dict)
    """CIDR by region of the stack's own networks that this one is peered with."""


class Network(pulumi.ComponentResource):
    """A VPC with public, app and data subnets in three pinned zones, its ways out, its flow logs and its logs key."""

    vpc_id: pulumi.Output[str]
    account_id: pulumi.Output[str]
    """Whose account this is, without a lookup."""
    cidr: str
    zones: tuple[str, str, str]
    """Zone ids, in the order in which they are filled."""
    placed: tuple[str, ...]
    """The zones in which things are placed."""
    subnets: dict[str, dict[str, aws.ec2.Subnet]]
    """By tier (`public`, `app`, `data`), then by zone id."""
    public_routes: aws.ec2.RouteTable
    private_routes: dict[str, aws.ec2.RouteTable]
    """By zone id."""
    nat_addresses: dict[str, pulumi.Output[str]]
    """Addresses that outgoing traffic comes from, by zone id."""
    logs_key: aws.kms.Key
    """The key of every log group in this network's stack; one for all, as each key is billed."""
    internet: aws.ec2.Route
    """The public subnets' way out: what boots there waits for it."""

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:Network", name, None, opts)
        spec, site = args.spec, args.site
        plan = address_plan(args.cidr)
        self.cidr = args.cidr
        self.zones = zone_ids(site.region)
        self.placed = self.zones[: spec.azs]
        vpc = aws.ec2.Vpc(
            f"{name}-vpc",
            region=site.region,
            cidr_block=args.cidr,
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags=site.tagged(Name=f"{site.prefix}-{name}"),
            opts=child_options(self, protect=site.guards_anchor),
        )
        self.vpc_id, self.account_id = vpc.id, vpc.owner_id
        lock_defaults(self, name, site, vpc)
        self.subnets = {
            tier: {
                zone: aws.ec2.Subnet(
                    f"{name}-{tier}-{zone}",
                    region=site.region,
                    vpc_id=vpc.id,
                    availability_zone_id=zone,
                    cidr_block=plan.of(tier)[slot],
                    # A public address is asked for by what needs one, never given to whatever lands here.
                    map_public_ip_on_launch=False,
                    tags=site.tagged(
                        Name=f"{site.prefix}-{name}-{tier}-{zone}", tier=tier, **CLUSTER_TAGS.get(tier, {})
                    ),
                    opts=child_options(self),
                )
                for slot, zone in enumerate(self.zones)
            }
            for tier in TIERS
        }
        self.public_routes, self.internet = public_routes(self, name, site, vpc, self.subnets["public"])
        self.private_routes = private_routes(self, name, site, vpc, self.subnets)
        addresses = nat_gateways(
            self,
            name,
            site,
            mode=spec.way_out(site.region),
            zones=self.placed,
            allow_listed=spec.allow_listed,
            public=self.subnets["public"],
            private=self.private_routes,
            internet=self.internet,
        )
        self.nat_addresses = {zone: address.public_ip for zone, address in addresses.items()}
        gateway_endpoints(self, name, site, vpc, [self.public_routes, *self.private_routes.values()])
        tier_acls(
            self,
            name,
            site,
            vpc=vpc,
            cidr=args.cidr,
            subnets=self.subnets,
            peers={
                **{peer: (PEER_RULES + given.number, given.cidr) for peer, given in spec.peers.items()},
                **{region: (own_rule(cidr), cidr) for region, cidr in args.beside.items()},
            },
        )
        self._endpoints(name, spec, site)
        self._peers(name, spec, site)
        self.logs_key = own_key(
            self,
            f"{name}-logs-key",
            site,
            self.account_id,
            purpose="log groups",
            statements=[log_groups_statement(site, self.account_id)],
        )
        flow_logs(self, f"{name}-flow", spec.flow_logs, site, vpc=vpc, key_arn=self.logs_key.arn)
        self.register_outputs(
            {
                "vpc_id": self.vpc_id,
                "subnets": {
                    tier: {zone: subnet.id for zone, subnet in by_zone.items()}
                    for tier, by_zone in self.subnets.items()
                },
                "nat_addresses": self.nat_addresses,
            }
        )

    def subnet_ids(
        self, tier: Literal["public", "app", "data"], *, all_zones: bool = False
    ) -> list[pulumi.Output[str]]:
        """One tier's ids in the zones in use; `all_zones` for subnet groups, which span all three from the start."""
        zones = self.zones if all_zones else self.placed
        return [self.subnets[tier][zone].id for zone in zones]

    def _endpoints(self, name: str, spec: NetworkSpec, site: Site) -> None:
        if not spec.endpoints:
            return
        group = aws.ec2.SecurityGroup(
            f"{name}-endpoints",
            region=site.region,
            vpc_id=self.vpc_id,
            description="HTTPS from inside the VPC to AWS's own services",
            tags=site.tagged(Name=f"{site.prefix}-{name}-endpoints"),
            opts=child_options(self),
        )
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-endpoints-https",
            region=site.region,
            security_group_id=group.id,
            description="HTTPS from the VPC",
            cidr_ipv4=self.cidr,
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            tags=site.tagged(),
            opts=child_options(self),
        )
        for service, endpoint in spec.endpoints.items():
            aws.ec2.VpcEndpoint(
                f"{name}-endpoint-{service.replace('.', '-')}",
                region=site.region,
                vpc_id=self.vpc_id,
                service_name=f"com.amazonaws.{site.region}.{service}",
                vpc_endpoint_type="Interface",
                private_dns_enabled=endpoint.private_dns,
                subnet_ids=self.subnet_ids("app"),
                security_group_ids=[group.id],
                tags=site.tagged(Name=f"{site.prefix}-{name}-{service}"),
                opts=child_options(self),
            )

    def _peers(self, name: str, spec: NetworkSpec, site: Site) -> None:
        for peer, given in spec.peers.items():
            connection = aws.ec2.VpcPeeringConnection(
                f"{name}-peer-{peer}",
                region=site.region,
                vpc_id=self.vpc_id,
                peer_vpc_id=given.vpc,
                peer_owner_id=given.owner,
                peer_region=given.region,
                auto_accept=True if given.owner is None and given.region is None else None,
                tags=site.tagged(Name=f"{site.prefix}-{name}-{peer}"),
                opts=child_options(self),
            )
            # The public subnets too: where there is no NAT gateway, that is where hosts are.
            for place, table in {"public": self.public_routes, **self.private_routes}.items():
                aws.ec2.Route(
                    f"{name}-peer-{peer}-{place}",
                    region=site.region,
                    route_table_id=table.id,
                    destination_cidr_block=given.cidr,
                    vpc_peering_connection_id=connection.id,
                    opts=child_options(self),
                )


CLUSTER_TAGS = {"public": {"kubernetes.io/role/elb": "1"}, "app": {"kubernetes.io/role/internal-elb": "1"}}
"""What the AWS load balancer controller looks for (EKS user guide); from the start, so a cluster changes no subnet."""
