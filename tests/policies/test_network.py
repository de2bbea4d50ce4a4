"""Rules on networks."""

from __future__ import annotations

from typing import Any

import pytest

from policies.guard.network import (
    balancer_headers,
    balancer_logs,
    balancer_protected,
    default_group_closed,
    flow_logs,
    https_only,
    imds_v2,
    no_default_vpc,
    no_open_ingress,
    no_public_address,
    regions,
    residency,
    s3_endpoint,
    tls_version,
)
from policies.guard.network.ranges import public, world
from policies.guard.resource import Resource
from tests.policies.asking import UNKNOWN, ask, ask_stack, resource

GROUP = "aws:ec2/securityGroup:SecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
GROUP_RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
INSTANCE = "aws:ec2/instance:Instance"
LISTENER = "aws:lb/listener:Listener"
DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
DATABASE = "aws:rds/instance:Instance"


def urn(type_: str, name: str) -> str:
    """As the helper makes them."""
    return f"urn:pulumi:meal-prod::phaseup::{type_}::{name}"


def open_to(cidr: str, port: int = 443, protocol: str = "tcp", **more: Any) -> Resource:
    """A rule of group `group`."""
    props = {"cidrIpv4": cidr, "ipProtocol": protocol, "fromPort": port, "toPort": port, **more}
    return resource(INGRESS, props, name="rule", depends_on={"securityGroupId": (urn(GROUP, "group"),)})


def behind(type_: str, key: str = "securityGroups", name: str = "user") -> Resource:
    """What stands behind group `group`."""
    return resource(type_, name=name, depends_on={key: (urn(GROUP, "group"),)})


def group(ingress: Any = None) -> Resource:
    """Group `group` of network `vpc`."""
    return resource(GROUP, {"ingress": ingress}, name="group", depends_on={"vpcId": (urn(VPC, "vpc"),)})


@pytest.mark.parametrize(
    ("cidr", "expected"),
    [
        ("0.0.0.0/0", True),
        ("::/0", True),
        ("0.0.0.0/1", True),
        ("128.0.0.0/1", True),
        ("64.0.0.0/7", True),
        ("2000::/3", True),
        ("10.0.0.0/8", False),
        ("fc00::/7", False),
        ("8.0.0.0/8", False),
        ("203.0.113.7/32", False),
        ("2001:db8::/32", False),
        ("sg-1", False),
    ],
)
def test_the_world_is_also_its_halves(cidr: str, expected: bool) -> None:
    assert world(cidr) is expected


def test_the_internet_is_what_is_nobodys_own() -> None:
    assert [public(each) for each in ("172.16.0.0/12", "100.64.3.0/24", "172.32.0.0/12", "0.0.0.0/0", "")] == [
        False,
        False,
        True,
        True,
        False,
    ]


def test_the_world_may_come_to_a_balancer_by_the_web_alone() -> None:
    balancer = behind(BALANCER)
    for port in (80, 443):
        assert not ask_stack(no_open_ingress.RULE, group(), balancer, open_to("0.0.0.0/0", port))
    for rule in (
        open_to("0.0.0.0/0", 22),
        open_to("0.0.0.0/0", 443, "-1"),
        open_to("0.0.0.0/1", 8443),
        open_to("0.0.0.0/0", 80, toPort=443),
        open_to("10.0.0.0/16", 22, cidrIpv6="::/0"),
    ):
        assert "80 and 443" in ask_stack(no_open_ingress.RULE, group(), balancer, rule)["rule"][0]


def test_a_group_of_a_balancer_and_a_host_is_no_balancers() -> None:
    for others in (
        (),
        (behind(INSTANCE, "vpcSecurityGroupIds"),),
        (behind(BALANCER), behind(TEMPLATE, "networkInterfaces", "host")),
    ):
        found = ask_stack(no_open_ingress.RULE, group(), *others, open_to("0.0.0.0/0"))
        assert "no balancer's" in found["rule"][0]
    assert not ask_stack(no_open_ingress.RULE, group(), open_to("10.0.0.0/8", 22))


def test_the_world_by_a_prefix_list_or_an_older_rule_is_found() -> None:
    list_type, entry_type = (
        "aws:ec2/managedPrefixList:ManagedPrefixList",
        "aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry",
    )
    listed = resource(list_type, {"entries": [{"cidr": "203.0.113.0/24"}, {"cidr": "0.0.0.0/0"}]}, name="list")
    by_list = resource(
        INGRESS, {"prefixListId": "pl-1", "ipProtocol": "-1"}, name="rule", depends_on={"prefixListId": (listed.urn,)}
    )
    assert ask_stack(no_open_ingress.RULE, listed, by_list)["rule"][0].startswith(
        "prefixListId: found 0.0.0.0/0 on every"
    )
    empty = resource(list_type, {}, name="list")
    entry = resource(entry_type, {"cidr": "::/0"}, name="entry", depends_on={"prefixListId": (listed.urn,)})
    assert "rule" in ask_stack(no_open_ingress.RULE, empty, entry, by_list)
    older = {"type": "ingress", "protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlocks": ["0.0.0.0/0"]}
    assert "it" in ask_stack(no_open_ingress.RULE, resource(GROUP_RULE, older))
    assert not ask_stack(no_open_ingress.RULE, resource(GROUP_RULE, {**older, "type": "egress"}))


def test_an_unknown_range_hides_no_open_one() -> None:
    ingress = [
        {"cidrBlocks": [UNKNOWN]},
        {"protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlocks": ["0.0.0.0/0"]},
    ]
    found = ask_stack(no_open_ingress.RULE, group(ingress))
    (message,) = found["group"]
    assert message.startswith("ingress[1].cidrBlocks[0]: found 0.0.0.0/0 on port 22; allowed: a narrower range")
    assert ask_stack(no_open_ingress.RULE, group(ingress[:1])) == {"group": ["unknown: ingress.0.cidrBlocks.0"]}


def test_a_network_has_its_default_group_emptied() -> None:
    default = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
    vpc, link = resource(VPC, name="vpc"), {"vpcId": (urn(VPC, "vpc"),)}
    assert set(ask_stack(default_group_closed.RULE, vpc)) == {"vpc"}
    for props in ({}, {"ingress": [], "egress": []}):
        assert not ask_stack(default_group_closed.RULE, vpc, resource(default, props, depends_on=link))
    closed = resource(default, {}, depends_on=link)
    opened = resource(default, {"egress": [{"protocol": "-1"}]}, depends_on=link)
    assert ask_stack(default_group_closed.RULE, vpc, opened) == {"it": ["egress: found 1 rules; allowed: none"]}
    beside = resource(INGRESS, name="rule", depends_on={"securityGroupId": (closed.urn,)})
    assert set(ask_stack(default_group_closed.RULE, vpc, closed, beside)) == {"it"}


def test_nothing_stands_in_the_default_network() -> None:
    assert ask(no_default_vpc.RULE, "aws:ec2/defaultVpc:DefaultVpc")
    for type_, key in (
        (GROUP, "vpcId"),
        (INSTANCE, "subnetId"),
        (INSTANCE, "launchTemplate"),
        (DATABASE, "dbSubnetGroupName"),
        (DATABASE, "replicateSourceDb"),
        ("aws:autoscaling/group:Group", "vpcZoneIdentifiers"),
    ):
        assert not ask(no_default_vpc.RULE, type_, {key: "given"})
        assert not ask(no_default_vpc.RULE, type_, {key: UNKNOWN})
        for nothing in ({}, {key: None}, {key: ""}, {key: []}):
            assert ask(no_default_vpc.RULE, type_, nothing)


def test_flow_logs_are_of_all_or_of_what_is_refused() -> None:
    vpc = resource(VPC, name="vpc")

    def log(kind: str) -> Resource:
        return resource("aws:ec2/flowLog:FlowLog", {"trafficType": kind}, depends_on={"vpcId": (vpc.urn,)})

    assert not ask_stack(flow_logs.RULE, vpc, log("ALL"))
    assert not ask_stack(flow_logs.RULE, vpc, log("REJECT"))
    assert ask_stack(flow_logs.RULE, vpc, log("ACCEPT"))["vpc"][0].startswith("flow logs: found ACCEPT")
    assert ask_stack(flow_logs.RULE, vpc)["vpc"][0].startswith("flow logs: found none")


@pytest.mark.parametrize(
    ("props", "count"),
    [
        ({"metadataOptions": {"httpTokens": "required"}}, 0),
        ({"metadataOptions": {"httpTokens": "required", "httpPutResponseHopLimit": 2.0}}, 0),
        ({"metadataOptions": {"httpEndpoint": "disabled"}}, 0),
        ({"metadataOptions": {"httpTokens": "required", "httpPutResponseHopLimit": 3}}, 1),
        ({"metadataOptions": {"httpTokens": "optional", "httpPutResponseHopLimit": "64"}}, 2),
        ({"metadataOptions": {}}, 1),
        ({}, 1),
    ],
)
def test_metadata_is_for_who_asks_twice(props: dict[str, Any], count: int) -> None:
    assert len(ask(imds_v2.RULE, TEMPLATE, props)) == count


def test_an_instance_has_its_templates_metadata_options() -> None:
    assert not ask(imds_v2.RULE, INSTANCE, {"launchTemplate": {"id": "lt-1"}})
    said = {"launchTemplate": {"id": "lt-1"}, "metadataOptions": {"httpTokens": "optional"}}
    assert ask(imds_v2.RULE, INSTANCE, said)
    unknown = {"metadataOptions": {"httpTokens": UNKNOWN, "httpPutResponseHopLimit": 5}}
    assert len(ask(imds_v2.RULE, INSTANCE, unknown)) == 1


def host(public_address: Any = "true") -> Resource:
    """A template behind group `group`."""
    return resource(
        TEMPLATE,
        {"networkInterfaces": [{"associatePublicIpAddress": public_address}]},
        name="host",
        depends_on={"networkInterfaces": (urn(GROUP, "group"),)},
    )


def test_a_public_address_is_for_who_has_no_other_way_out_and_takes_nothing_in() -> None:
    rule = no_public_address.RULE
    assert not ask_stack(rule, group(), host())
    assert not ask_stack(rule, group(), host(), open_to("10.0.0.0/16"))
    assert "lets in" in ask_stack(rule, group(), host(), open_to("203.0.113.0/24"))["host"][0]
    assert "not of this stack" in ask_stack(rule, host())["host"][0]
    subnet = resource(SUBNET, name="subnet", depends_on={"vpcId": (urn(VPC, "vpc"),)})
    nat = resource("aws:ec2/natGateway:NatGateway", name="nat", depends_on={"subnetId": (subnet.urn,)})
    assert "way out" in ask_stack(rule, group(), host(), subnet, nat)["host"][0]
    for none in (False, "false", None):
        assert not ask_stack(rule, host(none))
    assert ask_stack(rule, resource(INSTANCE, {"associatePublicIpAddress": True}))
    assert ask_stack(rule, resource(SUBNET, {"mapPublicIpOnLaunch": True}))
    assert not ask_stack(rule, resource(SUBNET, {"mapPublicIpOnLaunch": False}))


def test_s3_is_reached_by_an_endpoint_that_routes_lead_to() -> None:
    link = {"vpcId": (urn(VPC, "vpc"),)}
    vpc, subnet = resource(VPC, name="vpc"), resource(SUBNET, name="subnet", depends_on=link)

    def endpoint(**props: Any) -> Resource:
        return resource(
            "aws:ec2/vpcEndpoint:VpcEndpoint", {"serviceName": "com.amazonaws.eu-west-1.s3", **props}, depends_on=link
        )

    rule = s3_endpoint.RULE
    assert not ask_stack(rule, vpc)
    assert set(ask_stack(rule, vpc, subnet)) == {"vpc"}
    assert set(ask_stack(rule, vpc, subnet, endpoint(serviceName="com.amazonaws.eu-west-1.sqs"))) == {"vpc"}
    assert set(ask_stack(rule, vpc, subnet, endpoint(routeTableIds=[]))) == {"vpc"}
    assert not ask_stack(rule, vpc, subnet, endpoint(routeTableIds=["rtb-1"]))
    assert not ask_stack(rule, vpc, subnet, endpoint(vpcEndpointType="Interface"))
    beside = resource(
        "aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation",
        depends_on={"vpcEndpointId": (endpoint().urn,)},
    )
    assert not ask_stack(rule, vpc, subnet, endpoint(), beside)


def test_regions_are_those_of_the_config() -> None:
    config = {"regions": ["eu-west-1"]}

    def said(type_: str, props: dict[str, Any]) -> list[str]:
        return ask(regions.RULE, type_, props, config=config)

    queue, secret = "aws:sqs/queue:Queue", "aws:secretsmanager/secret:Secret"
    assert said(queue, {"region": "us-east-1"}) == ["region: found us-east-1; allowed: eu-west-1"]
    assert not said(queue, {"region": "eu-west-1"})
    assert not said(queue, {})
    assert not said("aws:acm/certificate:Certificate", {"region": "us-east-1"})
    assert said("aws:acm/certificate:Certificate", {"region": "us-west-1"})
    assert said("pulumi:providers:aws", {"region": "us-west-2"})
    assert not said("cloudflare:index/zone:Zone", {"region": "us-west-2"})
    assert not ask(regions.RULE, queue, {"region": "mars-1"})
    copied = said(secret, {"region": "eu-west-1", "replicas": [{"region": UNKNOWN}, {"region": "us-west-2"}]})
    assert copied == ["replicas[1].region: found us-west-2; allowed: eu-west-1"]
    assert said(secret, {"region": UNKNOWN}) == ["unknown: region"]
    vault = "arn:aws:backup:us-west-2:1:backup-vault:far"
    plan = {"rules": [{"copyActions": [{"destinationVaultArn": vault}]}]}
    assert said("aws:backup/plan:Plan", plan) == [
        "rules[0].copyActions[0].destinationVaultArn: found us-west-2; allowed: eu-west-1"
    ]
    to = {"replicationConfiguration": {"rules": [{"destinations": [{"region": "us-west-2"}]}]}}
    assert said("aws:ecr/replicationConfiguration:ReplicationConfiguration", to)


def stays(*resources: Resource) -> dict[str, list[str]]:
    """What is said where `de` has to stay in Frankfurt."""
    config = {"residency": {"de": ["eu-central-1"]}}
    for each in resources:
        object.__setattr__(each, "config", config)
    return ask_stack(residency.RULE, *resources)


def of_block(type_: str, region: str, name: str = "home", **more: Any) -> Resource:
    """A resource of block `de`."""
    return resource(type_, {"region": region, "tags": {"block": "de"}, **more}, name=name)


def test_data_stands_in_its_jurisdiction() -> None:
    assert not stays(of_block(DATABASE, "eu-central-1"))
    assert stays(of_block(DATABASE, "eu-west-3")) == {"home": ["region: found eu-west-3; allowed for de: eu-central-1"]}
    assert not stays(resource(DATABASE, {"region": "eu-west-3", "tags": {"block": "fr"}}))
    assert not stays(resource(DATABASE, {"region": "eu-west-3"}))
    assert not ask_stack(residency.RULE, of_block(DATABASE, "eu-west-3"))
    by_arn = resource(DATABASE, {"arn": "arn:aws:rds:eu-west-3:1:db:x", "tags": {"block": "de"}})
    assert "eu-west-3" in stays(by_arn)["it"][0]
    assert "not known" in stays(resource(DATABASE, {"tags": {"block": "de"}}))["it"][0]
    table = of_block("aws:dynamodb/table:Table", "eu-central-1", replicas=[{"regionName": "us-east-1"}])
    assert "replicas[0].regionName" in stays(table)["home"][0]


def test_copies_stay_with_what_they_are_copies_of() -> None:
    home = of_block(DATABASE, "eu-central-1")
    away = resource(DATABASE, {"region": "eu-west-1"}, name="away", depends_on={"replicateSourceDb": (home.urn,)})
    assert set(stays(home, away)) == {"away"}
    cluster, world_wide = "aws:rds/cluster:Cluster", "aws:rds/globalCluster:GlobalCluster"
    first = of_block(cluster, "eu-central-1")
    whole = resource(
        world_wide, {"region": "eu-central-1"}, name="whole", depends_on={"sourceDbClusterIdentifier": (first.urn,)}
    )
    member = resource(
        cluster, {"region": "us-east-1"}, name="member", depends_on={"globalClusterIdentifier": (whole.urn,)}
    )
    assert set(stays(first, whole, member)) == {"member"}


def test_objects_are_replicated_and_backups_copied_within_the_jurisdiction() -> None:
    bucket = "aws:s3/bucket:Bucket"
    home = of_block(bucket, "eu-central-1")
    far = resource(bucket, {"region": "us-east-1", "arn": "arn:aws:s3:::far"}, name="far")

    def replication(destination: dict[str, Any], *known: Resource) -> Resource:
        return resource(
            "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
            {"region": "eu-central-1", "rules": [{"destination": destination}]},
            name="replication",
            depends_on={"bucket": (home.urn,), "rules": tuple(each.urn for each in known)},
        )

    to_far = replication({"bucket": "arn:aws:s3:::far"}, far)
    assert "found us-east-1" in stays(home, far, to_far)["replication"][0]
    key = {"replicaKmsKeyId": "arn:aws:kms:eu-central-1:1:key/k"}
    assert not stays(home, replication({"bucket": "arn:aws:s3:::else", "encryptionConfiguration": key}))
    assert "not known" in stays(home, replication({"bucket": "arn:aws:s3:::else"}))["replication"][0]

    vault = "arn:aws:backup:us-west-2:1:backup-vault:far"
    plan = resource(
        "aws:backup/plan:Plan",
        {"region": "eu-central-1", "rules": [{"copyActions": [{"destinationVaultArn": vault}]}]},
        name="plan",
    )
    tagged = [{"stringEquals": [{"key": "aws:ResourceTag/block", "value": "de"}]}]
    for props, links in (
        ({"conditions": tagged}, {}),
        ({"selectionTags": [{"key": "block", "value": "de"}]}, {}),
        ({}, {"resources": (home.urn,)}),
    ):
        chosen = resource("aws:backup/selection:Selection", props, depends_on={"planId": (plan.urn,), **links})
        assert set(stays(home, plan, chosen)) == {"plan"}
    assert not stays(home, plan)


@pytest.mark.parametrize(
    ("type_", "props", "breached"),
    [
        (LISTENER, {"protocol": "HTTPS", "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06"}, False),
        (LISTENER, {"protocol": "HTTPS", "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"}, False),
        (LISTENER, {"protocol": "TLS", "sslPolicy": "ELBSecurityPolicy-TLS13-1-3-2021-06"}, False),
        (LISTENER, {"protocol": "TLS", "sslPolicy": "ELBSecurityPolicy-TLS13-1-0-2021-06"}, True),
        (LISTENER, {"protocol": "HTTPS", "sslPolicy": "ELBSecurityPolicy-2016-08"}, True),
        (LISTENER, {"protocol": "HTTPS"}, True),
        (LISTENER, {"protocol": "HTTP"}, False),
        (LISTENER, {"protocol": "TCP"}, False),
        ("aws:apigateway/domainName:DomainName", {"securityPolicy": "TLS_1_2"}, False),
        ("aws:apigateway/domainName:DomainName", {"securityPolicy": "SecurityPolicy_TLS13_1_3_2025_09"}, False),
        ("aws:apigateway/domainName:DomainName", {}, True),
        ("aws:apigatewayv2/domainName:DomainName", {"domainNameConfiguration": {"securityPolicy": "TLS_1_2"}}, False),
        (DISTRIBUTION, {"viewerCertificate": {"minimumProtocolVersion": "TLSv1.2_2021"}}, False),
        (DISTRIBUTION, {"viewerCertificate": {"minimumProtocolVersion": "TLSv1.3_2025"}}, False),
        (DISTRIBUTION, {"viewerCertificate": {"minimumProtocolVersion": "TLSv1.1_2016"}}, True),
        (DISTRIBUTION, {"viewerCertificate": {"cloudfrontDefaultCertificate": True}}, True),
        (DISTRIBUTION, {"viewerCertificate": {"acmCertificateArn": UNKNOWN}}, True),
    ],
)
def test_tls_is_1_2_or_newer(type_: str, props: dict[str, Any], breached: bool) -> None:
    assert bool(ask(tls_version.RULE, type_, props)) is breached


def test_an_unknown_policy_is_not_judged_and_hides_no_origin() -> None:
    assert ask(tls_version.RULE, LISTENER, {"protocol": "HTTPS", "sslPolicy": UNKNOWN}) == ["unknown: sslPolicy"]
    origin = {"customOriginConfig": {"originSslProtocols": ["SSLv3", "TLSv1.2"]}}
    distribution = {"viewerCertificate": {"minimumProtocolVersion": UNKNOWN}, "origins": [{}, origin]}
    assert ask(tls_version.RULE, DISTRIBUTION, distribution) == [
        "origins[1].customOriginConfig.originSslProtocols: found SSLv3; allowed: TLSv1.2 or newer"
    ]


def listening(action: dict[str, Any], protocol: str = "HTTP") -> dict[str, list[str]]:
    """What is said of a listener with one action."""
    return ask_stack(https_only.RULE, resource(LISTENER, {"protocol": protocol, "defaultActions": [action]}))


def test_plain_http_is_sent_on_or_refused() -> None:
    assert not listening({"type": "redirect", "redirect": {"protocol": "HTTPS"}})
    assert not listening({"type": "fixed-response", "fixedResponse": {"statusCode": "404"}})
    assert not listening({"type": "forward"}, "HTTPS")
    assert not listening({"type": "forward"}, "TCP")
    assert listening({"type": "forward"})
    assert listening({"type": "redirect", "redirect": {"path": "/elsewhere"}})
    assert listening({"type": "fixed-response", "fixedResponse": {"statusCode": "200"}})
    plain = resource(LISTENER, {"protocol": "HTTP"}, name="plain")
    rule = resource(
        "aws:lb/listenerRule:ListenerRule",
        {"actions": [{"type": "forward"}]},
        name="rule",
        depends_on={"listenerArn": (plain.urn,)},
    )
    assert set(ask_stack(https_only.RULE, plain, rule)) == {"rule"}
    assert not ask_stack(https_only.RULE, resource(LISTENER, {"protocol": "HTTPS"}, name="plain"), rule)


def test_distributions_serve_and_ask_by_https() -> None:
    good = {
        "defaultCacheBehavior": {"viewerProtocolPolicy": "https-only"},
        "orderedCacheBehaviors": [{"viewerProtocolPolicy": "redirect-to-https"}],
        "origins": [{"domainName": "a-bucket"}, {"customOriginConfig": {"originProtocolPolicy": "https-only"}}],
    }
    bad = {
        "defaultCacheBehavior": {"viewerProtocolPolicy": UNKNOWN},
        "orderedCacheBehaviors": [{"viewerProtocolPolicy": "allow-all"}],
        "origins": [{"customOriginConfig": {"originProtocolPolicy": "match-viewer"}}],
    }
    assert not ask_stack(https_only.RULE, resource(DISTRIBUTION, good))
    assert len(ask_stack(https_only.RULE, resource(DISTRIBUTION, bad))["it"]) == 2


def test_a_balancer_reads_requests_as_its_hosts_do() -> None:
    rule = balancer_headers.RULE
    assert not ask(rule, BALANCER, {"dropInvalidHeaderFields": True})
    assert not ask(rule, BALANCER, {"loadBalancerType": "network"})
    assert len(ask(rule, BALANCER, {"desyncMitigationMode": "monitor"})) == 2
    assert ask(rule, BALANCER, {"dropInvalidHeaderFields": False, "loadBalancerType": "application"})


def test_a_balancer_logs_and_stays() -> None:
    logged, kept = {"accessLogs": {"enabled": True}}, {"enableDeletionProtection": True}
    assert not ask(balancer_logs.RULE, BALANCER, logged)
    for missing in ({}, {"accessLogs": {"bucket": "a"}}, {"accessLogs": {"enabled": False}}):
        assert ask(balancer_logs.RULE, BALANCER, missing, stack="meal-staging")
        assert not ask(balancer_logs.RULE, BALANCER, missing, stack="meal-dev")
    assert not ask(balancer_logs.RULE, BALANCER, {"loadBalancerType": "network"})
    assert not ask(balancer_protected.RULE, BALANCER, kept)
    for missing in ({}, {"enableDeletionProtection": False}):
        assert ask(balancer_protected.RULE, BALANCER, missing)
        assert not ask(balancer_protected.RULE, BALANCER, missing, stack="meal-staging")
