"""The way between the stack's own networks in two regions."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.network.component import Network
from components.site import Site, child_options


@dataclass(frozen=True)
class PeeringArgs:
    """Two networks of one stack and account; `home` asks, `away` accepts."""

    home: Network
    home_site: Site
    away: Network
    away_site: Site


class Peering(pulumi.ComponentResource):
    """An inter-region VPC peering with a route each way from every table; security groups still decide who may."""

    connection: aws.ec2.VpcPeeringConnection

    def __init__(self, name: str, args: PeeringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:Peering", name, None, opts)
        site, there = args.home_site, args.away_site
        self.connection = aws.ec2.VpcPeeringConnection(
            f"{name}-request",
            region=site.region,
            vpc_id=args.home.vpc_id,
            peer_vpc_id=args.away.vpc_id,
            peer_region=there.region,
            tags=site.tagged(Name=f"{site.prefix}-{name}"),
            opts=child_options(self),
        )
        accepted = aws.ec2.VpcPeeringConnectionAccepter(
            f"{name}-acceptance",
            region=there.region,
            vpc_peering_connection_id=self.connection.id,
            auto_accept=True,
            tags=there.tagged(Name=f"{there.prefix}-{name}"),
            opts=child_options(self),
        )
        self._routes(f"{name}-out", site, args.home, args.away.cidr, accepted)
        self._routes(f"{name}-back", there, args.away, args.home.cidr, accepted)
        self.register_outputs({"connection_id": self.connection.id})

    def _routes(
        self, name: str, site: Site, network: Network, cidr: str, accepted: aws.ec2.VpcPeeringConnectionAccepter
    ) -> None:
        # The public subnets too: where there is no NAT gateway, that is where hosts are.
        for place, table in {"public": network.public_routes, **network.private_routes}.items():
            aws.ec2.Route(
                f"{name}-{place}",
                region=site.region,
                route_table_id=table.id,
                destination_cidr_block=cidr,
                # A route to a connection that nobody accepted yet is refused.
                vpc_peering_connection_id=accepted.vpc_peering_connection_id,
                opts=child_options(self),
            )
