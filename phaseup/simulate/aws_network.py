"""What AWS fills in of networks, hosts and balancers: addresses, names, zones."""

from __future__ import annotations

from typing import Final

from phaseup.graph.values import Value
from phaseup.simulate.aws_regions import balancer_zone, dns_suffix, zones
from phaseup.simulate.context import Context
from phaseup.simulate.rules import OutputRule


def _vpc(context: Context) -> dict[str, Value]:
    return {
        "defaultNetworkAclId": f"acl-0{context.hex(16, 'acl')}",
        "defaultRouteTableId": f"rtb-0{context.hex(16, 'rtb')}",
        "mainRouteTableId": f"rtb-0{context.hex(16, 'rtb')}",
        "defaultSecurityGroupId": f"sg-0{context.hex(16, 'sg')}",
        "dhcpOptionsId": f"dopt-0{context.hex(16, 'dopt')}",
        "ipv6AssociationId": "",
        "ipv6CidrBlock": "",
    }


def _subnet(context: Context) -> dict[str, Value]:
    listed = zones(context.region)
    name, id_ = context.text("availabilityZone"), context.text("availabilityZoneId")
    zone = next((zone for zone in listed if zone.name == name or zone.id == id_), listed[0])
    return {
        "availabilityZone": name or zone.name,
        "availabilityZoneId": id_ or zone.id,
        "ipv6CidrBlockAssociationId": "",
        "privateDnsHostnameTypeOnLaunch": "ip-name",
    }


def _address(context: Context, salt: str = "ip") -> str:
    parts = [int(context.hex(8, salt)[index : index + 2], 16) for index in (0, 2, 4)]
    return f"54.{parts[0] % 250 + 1}.{parts[1]}.{parts[2] % 254 + 1}"


def _private(context: Context) -> str:
    parts = [int(context.hex(6, "private")[index : index + 2], 16) for index in (0, 2, 4)]
    return f"10.{parts[0]}.{parts[1]}.{parts[2] % 254 + 1}"


def _eip(context: Context) -> dict[str, Value]:
    address = _address(context)
    return {
        "allocationId": context.id,
        "publicIp": address,
        "publicDns": f"ec2-{address.replace('.', '-')}.{context.region}.compute.amazonaws.com",
        "associationId": "",
        "carrierIp": "",
        "customerOwnedIp": "",
        "privateIp": "",
        "privateDns": "",
        "ptrRecord": "",
    }


def _nat(context: Context) -> dict[str, Value]:
    return {
        "publicIp": _address(context),
        "privateIp": _private(context),
        "networkInterfaceId": f"eni-0{context.hex(16, 'eni')}",
        "associationId": f"eipassoc-0{context.hex(16, 'association')}",
    }


def _endpoint(context: Context) -> dict[str, Value]:
    interface = context.text("vpcEndpointType") == "Interface"
    service = context.text("serviceName").rsplit(".", 1)[-1]
    name = f"{context.id}-{context.letters(8, 'dns')}.{service}.{context.region}.vpce.amazonaws.com"
    zone = f"Z{context.letters(13, 'zone').upper()}"
    return {
        "state": "available",
        "prefixListId": "" if interface else f"pl-{context.hex(8, 'pl')}",
        "cidrBlocks": [] if interface else ["3.5.64.0/21", "52.218.0.0/17"],
        "dnsEntries": [{"dnsName": name, "hostedZoneId": zone}] if interface else [],
        "networkInterfaceIds": [f"eni-0{context.hex(16, 'eni')}"] if interface else [],
        "requesterManaged": False,
    }


def _instance(context: Context) -> dict[str, Value]:
    address, private = _address(context), _private(context)
    return {
        "instanceState": "running",
        "publicIp": address,
        "publicDns": f"ec2-{address.replace('.', '-')}.{context.region}.compute.amazonaws.com",
        "privateIp": private,
        "privateDns": f"ip-{private.replace('.', '-')}.{context.region}.compute.internal",
        "primaryNetworkInterfaceId": f"eni-0{context.hex(16, 'eni')}",
        "availabilityZone": zones(context.region)[0].name,
        "instanceLifecycle": "",
        "outpostArn": "",
        "passwordData": "",
        "spotInstanceRequestId": "",
    }


def _template(_context: Context) -> dict[str, Value]:
    return {"latestVersion": 1, "defaultVersion": 1}


def _balancer(context: Context) -> dict[str, Value]:
    name = context.text("name", context.name)
    number = int(context.hex(8, "dns"), 16)
    front = "internal-" if context.inputs.get("internal") is True else ""
    host = f"{front}{name}-{number}.{context.region}.elb.{dns_suffix(context.region)}"
    if context.text("loadBalancerType") == "network":
        host = f"{name}-{context.hex(16, 'arn')}.elb.{context.region}.{dns_suffix(context.region)}"
    return {
        "arnSuffix": context.id.split(":loadbalancer/", 1)[-1],
        "dnsName": host.lower(),
        "zoneId": balancer_zone(context.region),
        "vpcId": f"vpc-0{context.hex(16, 'vpc')}",
        "ipAddressType": "ipv4",
    }


def _target_group(context: Context) -> dict[str, Value]:
    return {"arnSuffix": context.id.rsplit(":", 1)[-1], "loadBalancerArns": [], "ipAddressType": "ipv4"}


RULES: Final[dict[str, OutputRule]] = {
    "aws:ec2/vpc:Vpc": _vpc,
    "aws:ec2/subnet:Subnet": _subnet,
    "aws:ec2/eip:Eip": _eip,
    "aws:ec2/natGateway:NatGateway": _nat,
    "aws:ec2/vpcEndpoint:VpcEndpoint": _endpoint,
    "aws:ec2/instance:Instance": _instance,
    "aws:ec2/launchTemplate:LaunchTemplate": _template,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": lambda c: {"securityGroupRuleId": c.id},
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": lambda c: {"securityGroupRuleId": c.id},
    "aws:lb/loadBalancer:LoadBalancer": _balancer,
    "aws:lb/targetGroup:TargetGroup": _target_group,
}
