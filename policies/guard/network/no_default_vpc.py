"""Nothing stands in the default VPC, whose subnets are all public and whose range nobody chose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sized
from typing import Final

from pulumi_policy.proxy import UnknownValueError

from ..resource import Resource
from ..rule import Rule

ADOPTED: Final = ("aws:ec2/defaultVpc:DefaultVpc", "aws:ec2/defaultSubnet:DefaultSubnet")
PLACES: Final[Mapping[str, tuple[str, ...]]] = {
    "aws:ec2/instance:Instance": ("subnetId", "networkInterfaces", "launchTemplate", "primaryNetworkInterface"),
    "aws:ec2/securityGroup:SecurityGroup": ("vpcId",),
    "aws:autoscaling/group:Group": ("vpcZoneIdentifiers",),
    "aws:rds/instance:Instance": ("dbSubnetGroupName", "replicateSourceDb"),
    "aws:rds/cluster:Cluster": ("dbSubnetGroupName",),
    "aws:elasticache/cluster:Cluster": ("subnetGroupName", "replicationGroupId"),
    "aws:elasticache/replicationGroup:ReplicationGroup": ("subnetGroupName",),
    "aws:docdb/cluster:Cluster": ("dbSubnetGroupName",),
    "aws:redshift/cluster:Cluster": ("clusterSubnetGroupName",),
    "aws:mq/broker:Broker": ("subnetIds",),
}
"""By type, the properties one of which must say where it stands; where none does, AWS takes the default VPC."""


def check(resource: Resource) -> Iterator[str]:
    """That a property is there is known before what it holds is."""
    if resource.type in ADOPTED:
        yield "type: found a resource of the default VPC; allowed: a VPC of the program's own"
        return
    places = PLACES[resource.type]
    if not any(_given(resource, key) for key in places):
        yield f"{places[0]}: found none, which is the default VPC; allowed: a place in a VPC of the program's own"


def _given(resource: Resource, key: str) -> bool:
    try:
        value = resource.props.get(key)
    except UnknownValueError:
        return True
    return value is not None and value != "" and not (isinstance(value, Sized) and len(value) == 0)


RULE = Rule(
    name="network-no-default-vpc",
    severity="medium",
    description="Nothing is put into the account's default VPC, by name or by naming no place.",
    remedy="Give it a subnet, a subnet group or a VPC that the program makes.",
    types=(*ADOPTED, *PLACES),
    check=check,
)
