"""network: the golden address plan, and what grows in it without moving anything."""

from __future__ import annotations

import re
from dataclasses import replace
from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from recording import Recording, record
from whole import WHOLE, network

from components.network import NetworkSpec
from components.network.acl import OWN_RULES, own_rule
from components.network.plan import TIERS, AddressPlan, address_plan
from components.network.zones import ZONE_IDS, zone_ids
from components.site import Site

# A deployed stack has these addresses: an upgrade that computed others would replace its subnets, and with them every
# database, cache and balancer that hangs on them. The literals are the contract; the code has to agree with them.
PLAN_16 = AddressPlan(
    public=("10.0.224.0/22", "10.0.228.0/22", "10.0.232.0/22", "10.0.236.0/22", "10.0.240.0/22", "10.0.244.0/22"),
    app=("10.0.0.0/19", "10.0.32.0/19", "10.0.64.0/19", "10.0.96.0/19", "10.0.128.0/19", "10.0.160.0/19"),
    data=("10.0.192.0/22", "10.0.196.0/22", "10.0.200.0/22", "10.0.204.0/22", "10.0.208.0/22", "10.0.212.0/22"),
    # For a fourth tier: half of it beside the data subnets, half beside the public ones.
    free=("10.0.216.0/22", "10.0.220.0/22", "10.0.248.0/22", "10.0.252.0/22"),
)
SUBNETS_16 = {
    "net-public-euw1-az1": "10.0.224.0/22",
    "net-public-euw1-az2": "10.0.228.0/22",
    "net-public-euw1-az3": "10.0.232.0/22",
    "net-app-euw1-az1": "10.0.0.0/19",
    "net-app-euw1-az2": "10.0.32.0/19",
    "net-app-euw1-az3": "10.0.64.0/19",
    "net-data-euw1-az1": "10.0.192.0/22",
    "net-data-euw1-az2": "10.0.196.0/22",
    "net-data-euw1-az3": "10.0.200.0/22",
}


def build(site: Site, **spec: object) -> Recording:
    return record(lambda: network(site, **spec))


def test_the_plan_of_a_16_is_what_is_deployed() -> None:
    assert address_plan("10.0.0.0/16") == PLAN_16


def test_zone_ids_of_the_regions_in_use_are_what_is_deployed() -> None:
    assert zone_ids("eu-west-1") == ("euw1-az1", "euw1-az2", "euw1-az3")
    assert zone_ids("eu-central-1") == ("euc1-az1", "euc1-az2", "euc1-az3")
    # use1-az3 takes no EKS control plane and no MSK broker.
    assert zone_ids("us-east-1") == ("use1-az1", "use1-az2", "use1-az4")


def test_no_refused_zone_is_pinned_and_none_twice() -> None:
    pinned = [zone for zones in ZONE_IDS.values() for zone in zones]
    assert len(pinned) == len(set(pinned))
    assert not {"use1-az3", "usw1-az2", "cac1-az3", "apne1-az3"} & set(pinned)
    assert all(re.fullmatch(r"[a-z]{2,4}\d-az[1-6]", zone) for zone in pinned)


@given(st.integers(16, 20), st.integers(0, 2**16 - 1))
def test_any_plan_fills_its_network_without_overlap(prefix: int, position: int) -> None:
    whole = IPv4Network(
        (int(IPv4Network("10.0.0.0/8").network_address) | (position << 8) & ~(2 ** (32 - prefix) - 1), prefix)
    )
    plan = address_plan(str(whole))
    parts = [IPv4Network(each) for each in (*plan.public, *plan.app, *plan.data, *plan.free)]
    assert all(part.subnet_of(whole) for part in parts)
    assert sum(part.num_addresses for part in parts) == whole.num_addresses
    assert not any(a.overlaps(b) for i, a in enumerate(parts) for b in parts[:i])
    # A balancer needs eight free addresses in a /27 at least (Elastic Load Balancing user guide).
    assert all(IPv4Network(each).prefixlen <= 27 for each in plan.public)


@pytest.mark.parametrize(
    ("cidr", "why"),
    [
        ("10.0.0.0/15", "/15"),
        ("10.0.0.0/21", "/21"),
        ("10.0.0.1/16", "host bits"),
        ("8.8.0.0/16", "not private"),
        ("nonsense", "no IPv4 CIDR"),
        ("fd00::/16", "no IPv4 CIDR"),
    ],
)
def test_other_networks_are_refused_with_the_reason(cidr: str, why: str) -> None:
    with pytest.raises(ValueError, match=re.escape(why)):
        address_plan(cidr)


def test_a_region_without_three_usable_zones_is_refused() -> None:
    with pytest.raises(ValueError, match="us-west-1"):
        zone_ids("us-west-1")


@pytest.mark.parametrize("azs", [1, 2, 3])
def test_all_subnets_are_there_whatever_is_in_use(site: Site, azs: int) -> None:
    recording = build(site, azs=azs)
    subnets = {each.name: each.inputs for each in recording.by_type("aws:ec2/subnet:Subnet")}
    assert {name: given["cidrBlock"] for name, given in subnets.items()} == SUBNETS_16
    assert {given["availabilityZoneId"] for given in subnets.values()} == set(zone_ids("eu-west-1"))
    assert not any(given["mapPublicIpOnLaunch"] for given in subnets.values())
    assert len(recording.by_type("aws:ec2/routeTable:RouteTable")) == 4


def test_growing_only_adds(site: Site) -> None:
    """Every URN of the smallest network is in the largest, with the same inputs but for the NAT of a route."""
    small = build(site, azs=1, nat="one")
    large = build(site, azs=3, nat="per_az", endpoints={"ecr.api": {}, "ecr.dkr": {}})
    after = {each.urn: each.inputs for each in large.resources}
    for each in small.resources:
        if each.type == "aws:ec2/route:Route":
            before, then = dict(each.inputs), dict(after[each.urn])
            before.pop("natGatewayId", None), then.pop("natGatewayId", None)
            assert before == then
        else:
            assert after[each.urn] == each.inputs, each.name


@pytest.mark.parametrize(
    ("nat", "gateways", "targets"),
    [
        ("none", [], []),
        ("one", ["az1"], ["az1", "az1", "az1"]),
        ("per_az", ["az1", "az2"], ["az1", "az2", "az1"]),
    ],
)
def test_nat(site: Site, nat: str, gateways: list[str], targets: list[str]) -> None:
    recording = build(site, azs=2, nat=nat)
    made = recording.by_type("aws:ec2/natGateway:NatGateway")
    assert sorted(each.name for each in made) == [f"net-nat-euw1-{zone}" for zone in gateways]
    for each in made:
        zone = each.name.removeprefix("net-nat-")
        assert each.inputs["subnetId"].startswith(f"net-public-{zone}")
        assert any("net-public-routes-internet" in urn for urn in each.depends_on)
    routes = sorted(each.name for each in recording.resources if each.name.startswith("net-nat-route-"))
    assert len(routes) == len(targets)
    for name, zone in zip(routes, targets, strict=True):
        assert recording.one(name).inputs["natGatewayId"].startswith(f"net-nat-euw1-{zone}")
        assert recording.one(name).inputs["destinationCidrBlock"] == "0.0.0.0/0"


def test_a_region_may_do_without_a_way_out(site: Site) -> None:
    for region, nat, gateways in ((site.region, "none", 0), (site.region, "same", 2), ("eu-south-2", "none", 2)):
        recording = build(site, azs=2, nat="per_az", regions={region: {"nat": nat}})
        assert len(recording.by_type("aws:ec2/natGateway:NatGateway")) == gateways, (region, nat)
        assert len([each for each in recording.resources if "-nat-route-" in each.name]) == (3 if gateways else 0)


def test_allow_listed_addresses_are_all_taken_and_outlive_their_gateways(site: Site) -> None:
    without = build(site, azs=1, nat="none", allow_listed=True)
    addresses = without.by_type("aws:ec2/eip:Eip")
    assert len(addresses) == 3
    assert all(each.protect and each.inputs["tags"]["allow-listed"] == "true" for each in addresses)
    with_all = {each.urn: each.inputs for each in build(site, azs=3, nat="per_az", allow_listed=True).resources}
    assert all(with_all[each.urn] == each.inputs for each in addresses)
    plain = build(site, azs=1, nat="one").by_type("aws:ec2/eip:Eip")
    assert [(each.protect, each.inputs["tags"]["allow-listed"]) for each in plain] == [(False, "false")]


def test_private_subnets_of_a_zone_share_its_own_table_and_public_ones_the_gateway(site: Site) -> None:
    recording = build(site)
    for each in recording.by_type("aws:ec2/routeTableAssociation:RouteTableAssociation"):
        tier, _, zone = each.name.removeprefix("net-").partition("-routes-")
        table = "net-public-routes" if tier == "public" else f"net-private-routes-{zone}"
        subnet_tier = "public" if tier == "public" else tier
        assert re.fullmatch(rf"{table}-[0-9a-f]{{8}}", each.inputs["routeTableId"])
        assert re.fullmatch(rf"net-{subnet_tier}-{zone}-[0-9a-f]{{8}}", each.inputs["subnetId"])
    assert len(recording.by_type("aws:ec2/routeTableAssociation:RouteTableAssociation")) == 9
    way = recording.one("net-public-routes-internet").inputs
    assert way["gatewayId"].startswith("net-igw-")


def test_gateway_endpoints_are_in_every_table(site: Site) -> None:
    recording = build(site)
    for service in ("s3", "dynamodb"):
        endpoint = recording.one(f"net-{service}").inputs
        assert endpoint["vpcEndpointType"] == "Gateway"
        assert endpoint["serviceName"] == f"com.amazonaws.eu-west-1.{service}"
        assert len(set(endpoint["routeTableIds"])) == 4


def test_interface_endpoints_by_name(site: Site) -> None:
    assert "net-endpoints" not in build(site).names()
    recording = build(site, azs=2, endpoints={"ecr.api": {}, "secretsmanager": {"private_dns": False}})
    endpoint = recording.one("net-endpoint-ecr-api").inputs
    assert endpoint["serviceName"] == "com.amazonaws.eu-west-1.ecr.api"
    assert [subnet.rsplit("-", 1)[0] for subnet in endpoint["subnetIds"]] == ["net-app-euw1-az1", "net-app-euw1-az2"]
    assert endpoint["privateDnsEnabled"]
    assert not recording.one("net-endpoint-secretsmanager").inputs["privateDnsEnabled"]
    rule = recording.one("net-endpoints-https").inputs
    assert (rule["cidrIpv4"], rule["fromPort"], rule["toPort"]) == ("10.0.0.0/16", 443, 443)


def test_defaults_are_empty_and_every_subnet_has_an_acl_of_its_tier(site: Site) -> None:
    recording = build(site)
    for name in ("net-default-group", "net-default-acl"):
        assert (recording.one(name).inputs["ingress"], recording.one(name).inputs["egress"]) == ([], [])
    assert recording.one("net-default-routes").inputs["routes"] == []
    associated = {
        each.inputs["subnetId"].rsplit("-", 1)[0]: each.inputs["networkAclId"].rsplit("-", 1)[0]
        for each in recording.by_type("aws:ec2/networkAclAssociation:NetworkAclAssociation")
    }
    assert associated == {subnet: f"net-{subnet.split('-')[1]}-acl" for subnet in SUBNETS_16}


def test_data_speaks_with_this_network_and_its_peers_only(site: Site) -> None:
    peers = {"old": {"vpc": "vpc-12345678", "cidr": "10.9.0.0/16", "number": 7}}
    recording = build(site, peers=peers)
    rules = [
        (each.inputs["ruleNumber"], each.inputs["cidrBlock"], each.inputs["egress"])
        for each in recording.by_type("aws:ec2/networkAclRule:NetworkAclRule")
        if each.name.startswith("net-data-acl-")
    ]
    assert sorted(rules) == [
        (100, "10.0.0.0/16", False),
        (100, "10.0.0.0/16", True),
        (207, "10.9.0.0/16", False),
        (207, "10.9.0.0/16", True),
    ]
    connection = recording.one("net-peer-old").inputs
    assert (connection["peerVpcId"], connection["autoAccept"]) == ("vpc-12345678", True)
    ways = {each.name: each.inputs["routeTableId"] for each in recording.resources if "net-peer-old-" in each.name}
    # From the public subnets too: without NAT that is where hosts are.
    assert set(ways) == {"net-peer-old-public", *(f"net-peer-old-{zone}" for zone in zone_ids("eu-west-1"))}
    assert ways["net-peer-old-public"].startswith("net-public-routes-")


def test_a_new_peer_renumbers_no_rule(site: Site) -> None:
    old = {"old": {"vpc": "vpc-12345678", "cidr": "10.9.0.0/16", "number": 1}}
    before = build(site, peers=old)
    after = build(site, peers={"a-new-one": {"vpc": "vpc-87654321", "cidr": "10.8.0.0/16", "number": 2}, **old})
    then = {each.urn: each.inputs for each in after.resources}
    assert all(then[each.urn] == each.inputs for each in before.resources)


def test_a_peer_elsewhere_is_accepted_there(site: Site) -> None:
    recording = build(
        site, peers={"far": {"vpc": "vpc-12345678", "cidr": "10.9.0.0/16", "number": 1, "region": "us-east-1"}}
    )
    assert "autoAccept" not in recording.one("net-peer-far").inputs


def test_peers_with_one_number_are_refused() -> None:
    peer = {"vpc": "vpc-12345678", "cidr": "10.9.0.0/16", "number": 1}
    with pytest.raises(ValidationError, match=r"peers\.b\.number: found 1; allowed: another number: a has this one"):
        NetworkSpec(peers={"a": peer, "b": peer})


def test_flow_logs_to_cloudwatch_under_our_key(site: Site) -> None:
    recording = build(site)
    group, log = recording.one("net-flow-group").inputs, recording.one("net-flow").inputs
    assert group["name"] == "/meal-prod/net-flow"
    assert group["retentionInDays"] == 90
    assert "net-logs-key" in group["kmsKeyId"]
    assert (log["logDestinationType"], log["trafficType"]) == ("cloud-watch-logs", "ALL")
    assert "aws:SourceAccount" in recording.one("net-flow-role").inputs["assumeRolePolicy"]


def test_flow_logs_to_a_bucket_that_only_delivery_writes_to(site: Site) -> None:
    recording = build(site, flow_logs={"to": "s3", "retention_days": 365})
    assert recording.one("net-flow").inputs["logDestinationType"] == "s3"
    assert recording.one("net-flow-bucket").protect
    policy = recording.one("net-flow-bucket-policy").inputs["policy"]
    assert "delivery.logs.amazonaws.com" in policy
    assert '"aws:SecureTransport": "false"' in policy
    assert recording.one("net-flow-bucket-expiry").inputs["rules"][0]["expiration"]["days"] == 365
    assert all(value is True for key, value in recording.one("net-flow-bucket-private").inputs.items() if "lock" in key)
    assert "net-flow-group" not in recording.names()


def test_nothing_is_looked_up(site: Site) -> None:
    """Zones and account come from data and from outputs: no lookup can change under a deployed network."""
    assert build(site, azs=3, nat="per_az").calls == []


def test_another_region_has_its_own_zones_in_its_names(site: Site) -> None:
    recording = build(replace(site, region="us-east-1"))
    zones = {each.inputs["availabilityZoneId"] for each in recording.by_type("aws:ec2/subnet:Subnet")}
    assert zones == {"use1-az1", "use1-az2", "use1-az4"}
    assert {f"net-{tier}-use1-az4" for tier in TIERS} <= recording.names()


def peered(site: Site) -> Recording:
    return record(lambda: WHOLE["Peering"](site))


def test_two_regions_find_each_other_from_every_table(site: Site) -> None:
    made = peered(site)
    request, acceptance = made.one("net-eu-central-1-peering-request"), made.one("net-eu-central-1-peering-acceptance")
    assert (request.inputs["region"], request.inputs["peerRegion"]) == ("eu-west-1", "eu-central-1")
    assert "autoAccept" not in request.inputs  # a requester cannot accept across regions
    assert (acceptance.inputs["region"], acceptance.inputs["autoAccept"]) == ("eu-central-1", True)
    routes = [
        each for each in made.resources if each.name.startswith("net-eu-central-1-peering-") and "Route" in each.type
    ]
    ways = {(each.inputs["region"], each.inputs["destinationCidrBlock"]) for each in routes}
    assert ways == {("eu-west-1", "10.1.0.0/16"), ("eu-central-1", "10.0.0.0/16")}
    assert len(routes) == 2 * 4  # one public and three private tables each


def test_the_data_tier_lets_the_other_region_in(site: Site) -> None:
    rules = {
        each.name: each.inputs
        for each in peered(site).resources
        if each.type == "aws:ec2/networkAclRule:NetworkAclRule"
    }
    for name, cidr in (
        ("net-data-acl-eu-central-1", "10.1.0.0/16"),
        ("net-eu-central-1-data-acl-eu-west-1", "10.0.0.0/16"),
    ):
        for direction in ("in", "out"):
            assert rules[f"{name}-{direction}"]["cidrBlock"] == cidr


def test_no_two_of_our_networks_share_a_rule_number() -> None:
    private = [
        *IPv4Network("10.0.0.0/8").subnets(new_prefix=16),
        *IPv4Network("172.16.0.0/12").subnets(new_prefix=16),
        IPv4Network("192.168.0.0/16"),
    ]
    numbers = [own_rule(str(each)) for each in private]
    assert len(set(numbers)) == len(private)
    assert all(OWN_RULES <= number <= 32766 for number in numbers)
