"""How subnets reach the world: internet gateway, NAT by zone, a private route table a zone, gateway endpoints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import pulumi
import pulumi_aws as aws

from components.site import Site, child_options

ANYWHERE = "0.0.0.0/0"
GATEWAY_ENDPOINTS = ("s3", "dynamodb")
"""Free, and without them this traffic would be billed by the NAT gateway."""


def public_routes(
    parent: pulumi.Resource, name: str, site: Site, vpc: aws.ec2.Vpc, subnets: Mapping[str, aws.ec2.Subnet]
) -> tuple[aws.ec2.RouteTable, aws.ec2.Route]:
    """The internet gateway and the one table of the public subnets; the route, so that what needs the way can wait."""
    gateway = aws.ec2.InternetGateway(
        f"{name}-igw",
        region=site.region,
        vpc_id=vpc.id,
        tags=site.tagged(Name=f"{site.prefix}-{name}"),
        opts=child_options(parent),
    )
    table = _table(parent, f"{name}-public-routes", site, vpc)
    way = aws.ec2.Route(
        f"{name}-public-routes-internet",
        region=site.region,
        route_table_id=table.id,
        destination_cidr_block=ANYWHERE,
        gateway_id=gateway.id,
        opts=child_options(parent),
    )
    for zone, subnet in subnets.items():
        _associate(parent, f"{name}-public-routes-{zone}", site, table, subnet)
    return table, way


def private_routes(
    parent: pulumi.Resource,
    name: str,
    site: Site,
    vpc: aws.ec2.Vpc,
    subnets: Mapping[str, Mapping[str, aws.ec2.Subnet]],
) -> dict[str, aws.ec2.RouteTable]:
    """One table a zone from the first day, for the app and data subnets there."""
    tables: dict[str, aws.ec2.RouteTable] = {}
    for zone in subnets["app"]:
        tables[zone] = _table(parent, f"{name}-private-routes-{zone}", site, vpc)
        for tier in ("app", "data"):
            _associate(parent, f"{name}-{tier}-routes-{zone}", site, tables[zone], subnets[tier][zone])
    return tables


def nat_gateways(
    parent: pulumi.Resource,
    name: str,
    site: Site,
    *,
    mode: Literal["none", "one", "per_az"],
    zones: tuple[str, ...],
    allow_listed: bool,
    public: Mapping[str, aws.ec2.Subnet],
    private: Mapping[str, aws.ec2.RouteTable],
    internet: aws.ec2.Route,
) -> dict[str, aws.ec2.Eip]:
    """NAT gateways by zone, and the private default routes; the addresses they send from, by zone.

    Growing from one to several adds gateways and turns each other zone's route to its own in place. Addresses in
    others' allow lists are all taken at once, so that no later change of `mode` gives one back.
    """
    gateways: dict[str, aws.ec2.NatGateway] = {}
    addresses: dict[str, aws.ec2.Eip] = {}
    serving = {"none": (), "one": zones[:1], "per_az": zones}[mode]
    for zone in private if allow_listed else serving:
        addresses[zone] = aws.ec2.Eip(
            f"{name}-nat-address-{zone}",
            region=site.region,
            domain="vpc",
            tags=site.tagged(**{"Name": f"{site.prefix}-{name}-nat-{zone}", "allow-listed": str(allow_listed).lower()}),
            opts=child_options(parent, protect=allow_listed and site.guards_data),
        )
    for zone in serving:
        gateways[zone] = aws.ec2.NatGateway(
            f"{name}-nat-{zone}",
            region=site.region,
            subnet_id=public[zone].id,
            allocation_id=addresses[zone].allocation_id,
            tags=site.tagged(Name=f"{site.prefix}-{name}-{zone}"),
            opts=child_options(parent, depends_on=[internet]),
        )
    for zone, table in private.items() if gateways else ():
        aws.ec2.Route(
            f"{name}-nat-route-{zone}",
            region=site.region,
            route_table_id=table.id,
            destination_cidr_block=ANYWHERE,
            nat_gateway_id=gateways.get(zone, gateways[zones[0]]).id,
            opts=child_options(parent),
        )
    return addresses


def gateway_endpoints(
    parent: pulumi.Resource, name: str, site: Site, vpc: aws.ec2.Vpc, tables: list[aws.ec2.RouteTable]
) -> None:
    """S3 and DynamoDB without NAT, from every subnet."""
    for service in GATEWAY_ENDPOINTS:
        aws.ec2.VpcEndpoint(
            f"{name}-{service}",
            region=site.region,
            vpc_id=vpc.id,
            service_name=f"com.amazonaws.{site.region}.{service}",
            vpc_endpoint_type="Gateway",
            route_table_ids=[table.id for table in tables],
            tags=site.tagged(Name=f"{site.prefix}-{name}-{service}"),
            opts=child_options(parent),
        )


def _table(parent: pulumi.Resource, name: str, site: Site, vpc: aws.ec2.Vpc) -> aws.ec2.RouteTable:
    # Routes are resources of their own: inline ones would delete what a peer or a later NAT adds.
    return aws.ec2.RouteTable(
        name,
        region=site.region,
        vpc_id=vpc.id,
        tags=site.tagged(Name=f"{site.prefix}-{name}"),
        opts=child_options(parent),
    )


def _associate(
    parent: pulumi.Resource, name: str, site: Site, table: aws.ec2.RouteTable, subnet: aws.ec2.Subnet
) -> None:
    aws.ec2.RouteTableAssociation(
        name, region=site.region, route_table_id=table.id, subnet_id=subnet.id, opts=child_options(parent)
    )
