"""Data sources that programs read, and the form of ids, ARNs and endpoints."""

from __future__ import annotations

import base64
import json
import re

import pytest

from phaseup.graph.values import Secret, unwrap
from phaseup.simulate.aws_regions import REGIONS, zones
from phaseup.simulate.provider import UnansweredCall

from .helpers import create, provider


def call(token: str, **args: object) -> dict:
    return provider(token.split(":")[0]).invoke(token, args)


def test_caller_region_and_partition() -> None:
    identity = call("aws:index/getCallerIdentity:getCallerIdentity")
    assert identity["accountId"] == "222222222222"
    assert call("aws:index/getRegion:getRegion")["name"] == "eu-west-1"
    assert call("aws:index/getRegion:getRegion", region="us-east-1")["region"] == "us-east-1"
    assert call("aws:index/getPartition:getPartition") == {
        "partition": "aws",
        "dnsSuffix": "amazonaws.com",
        "reverseDnsPrefix": "com.amazonaws",
        "id": "aws",
    }


def test_zones_have_names_and_ids() -> None:
    found = call("aws:index/getAvailabilityZones:getAvailabilityZones", state="available")
    assert found["names"] == ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
    assert found["zoneIds"] == ["euw1-az1", "euw1-az2", "euw1-az3"]
    east = call("aws:index/getAvailabilityZones:getAvailabilityZones", region="us-east-1", excludeZoneIds=["use1-az3"])
    assert "us-east-1e" not in east["names"]
    assert len(east["names"]) == len(east["zoneIds"]) == 5


@pytest.mark.parametrize("region", REGIONS)
def test_every_region_has_zones_of_different_names_and_ids(region: str) -> None:
    found = zones(region)
    assert len(found) >= 2
    assert len({zone.name for zone in found}) == len({zone.id for zone in found}) == len(found)
    assert all(zone.name.startswith(region) for zone in found)


def test_a_region_that_the_table_does_not_know_still_has_zones() -> None:
    assert [zone.id for zone in zones("eu-north-9")] == ["eun9-az1", "eun9-az2", "eun9-az3"]


def test_an_image_parameter_is_an_image_id() -> None:
    name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
    answer = call("aws:ssm/getParameter:getParameter", name=name)
    assert re.match(r"^ami-0[0-9a-f]{16}$", answer["value"])
    assert answer["arn"] == f"arn:aws:ssm:eu-west-1:222222222222:parameter{name}"
    other = call("aws:ssm/getParameter:getParameter", name=name.replace("arm64", "x86_64"))
    assert other["value"] != answer["value"]


def test_an_image() -> None:
    answer = call("aws:ec2/getAmi:getAmi", owners=["amazon"], filters=[{"name": "architecture", "values": ["arm64"]}])
    assert re.match(r"^ami-0[0-9a-f]{16}$", answer["id"])
    assert answer["architecture"] == "arm64"


def test_a_policy_document_is_rendered_as_the_provider_does() -> None:
    answer = call(
        "aws:iam/getPolicyDocument:getPolicyDocument",
        statements=[
            {
                "sid": "Assume",
                "actions": ["sts:AssumeRole"],
                "principals": [{"type": "Service", "identifiers": ["ec2.amazonaws.com"]}],
            },
            {
                "effect": "Deny",
                "actions": ["s3:Get*", "s3:Put*"],
                "resources": ["*"],
                "principals": [{"type": "*", "identifiers": ["*"]}],
                "conditions": [{"test": "Bool", "variable": "aws:SecureTransport", "values": ["false"]}],
            },
        ],
    )
    assert json.loads(answer["json"]) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Assume",
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": "ec2.amazonaws.com"},
            },
            {
                "Effect": "Deny",
                "Action": ["s3:Put*", "s3:Get*"],
                "Resource": "*",
                "Principal": "*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
        ],
    }
    assert json.loads(answer["minifiedJson"]) == json.loads(answer["json"])


def test_policy_documents_are_merged_by_statement_id() -> None:
    one = json.dumps({"Statement": [{"Sid": "A", "Effect": "Allow", "Action": "a:b", "Resource": "*"}]})
    two = json.dumps({"Statement": {"Sid": "A", "Effect": "Deny", "Action": "a:b", "Resource": "*"}})
    answer = call(
        "aws:iam/getPolicyDocument:getPolicyDocument", sourcePolicyDocuments=[one], overridePolicyDocuments=[two]
    )
    assert json.loads(answer["json"])["Statement"]["Effect"] == "Deny"


def test_balancer_accounts_and_prefix_lists() -> None:
    assert call("aws:elb/getServiceAccount:getServiceAccount")["arn"] == "arn:aws:iam::156460612806:root"
    answer = call("aws:ec2/getManagedPrefixList:getManagedPrefixList", name="com.amazonaws.eu-west-1.s3")
    assert re.match(r"^pl-[0-9a-f]{8}$", answer["id"])


def test_a_tunnel_token_names_account_and_tunnel() -> None:
    token = call(
        "cloudflare:index/getZeroTrustTunnelCloudflaredToken:getZeroTrustTunnelCloudflaredToken",
        accountId="acc",
        tunnelId="tun",
    )["token"]
    assert isinstance(token, Secret)
    body = json.loads(base64.b64decode(token.value))
    assert (body["a"], body["t"]) == ("acc", "tun")


def test_cloudflare_s_ranges() -> None:
    answer = call("cloudflare:index/getIpRanges:getIpRanges")
    assert "173.245.48.0/20" in answer["ipv4Cidrs"]
    assert all(":" in cidr for cidr in answer["ipv6Cidrs"])


def test_a_call_that_nobody_answers_says_which() -> None:
    with pytest.raises(UnansweredCall) as raised:
        call("aws:ec2/getVpcs:getVpcs", tags={"a": "b"})
    assert raised.value.token == "aws:ec2/getVpcs:getVpcs"
    assert raised.value.args_given == {"tags": {"a": "b"}}


_HEX17 = "0[0-9a-f]{16}"


@pytest.mark.parametrize(
    ("type_", "inputs", "output", "pattern"),
    [
        ("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16"}, "id", f"vpc-{_HEX17}"),
        ("aws:ec2/vpc:Vpc", {}, "defaultSecurityGroupId", f"sg-{_HEX17}"),
        ("aws:ec2/subnet:Subnet", {"vpcId": "v", "availabilityZoneId": "euw1-az2"}, "availabilityZone", "eu-west-1b"),
        ("aws:ec2/eip:Eip", {}, "publicIp", r"54\.\d+\.\d+\.\d+"),
        ("aws:ec2/natGateway:NatGateway", {"subnetId": "s"}, "id", f"nat-{_HEX17}"),
        (
            "aws:rds/instance:Instance",
            {"instanceClass": "x", "identifier": "meal", "engine": "postgres"},
            "endpoint",
            r"meal\.c[a-z0-9]{11}\.eu-west-1\.rds\.amazonaws\.com:5432",
        ),
        (
            "aws:rds/instance:Instance",
            {"instanceClass": "x", "identifier": "meal"},
            "arn",
            "arn:aws:rds:eu-west-1:222222222222:db:meal",
        ),
        ("aws:rds/instance:Instance", {"instanceClass": "x"}, "id", "db-[A-Z2-7]{26}"),
        (
            "aws:elasticache/replicationGroup:ReplicationGroup",
            {"description": "d", "replicationGroupId": "c", "transitEncryptionEnabled": True},
            "primaryEndpointAddress",
            r"master\.c\.[a-z0-9]{6}\.euw1\.cache\.amazonaws\.com",
        ),
        (
            "aws:elasticache/replicationGroup:ReplicationGroup",
            {"description": "d", "replicationGroupId": "c", "numNodeGroups": 2, "clusterMode": "enabled"},
            "configurationEndpointAddress",
            r"clustercfg\.c\.[a-z0-9]{6}\.euw1\.cache\.amazonaws\.com",
        ),
        (
            "aws:lb/loadBalancer:LoadBalancer",
            {"name": "web", "subnets": ["a"]},
            "dnsName",
            r"web-\d+\.eu-west-1\.elb\.amazonaws\.com",
        ),
        ("aws:lb/loadBalancer:LoadBalancer", {"name": "web"}, "zoneId", "Z32O12XQLNTSW2"),
        (
            "aws:lb/loadBalancer:LoadBalancer",
            {"name": "web"},
            "id",
            "arn:aws:elasticloadbalancing:eu-west-1:222222222222:loadbalancer/app/web/[0-9a-f]{16}",
        ),
        (
            "aws:lb/targetGroup:TargetGroup",
            {"name": "tg"},
            "arn",
            "arn:aws:elasticloadbalancing:eu-west-1:222222222222:targetgroup/tg/[0-9a-f]{16}",
        ),
        ("aws:iam/role:Role", {"name": "r", "assumeRolePolicy": "{}"}, "arn", "arn:aws:iam::222222222222:role/r"),
        (
            "aws:iam/role:Role",
            {"name": "r", "path": "/x/", "assumeRolePolicy": "{}"},
            "arn",
            "arn:aws:iam::222222222222:role/x/r",
        ),
        ("aws:s3/bucket:Bucket", {"bucket": "b"}, "bucketRegionalDomainName", r"b\.s3\.eu-west-1\.amazonaws\.com"),
        ("aws:kms/key:Key", {"multiRegion": True}, "keyId", "mrk-[0-9a-f]{32}"),
        (
            "aws:kms/alias:Alias",
            {"name": "alias/a", "targetKeyId": "k"},
            "arn",
            "arn:aws:kms:eu-west-1:222222222222:alias/a",
        ),
        (
            "aws:secretsmanager/secret:Secret",
            {"name": "s"},
            "arn",
            "arn:aws:secretsmanager:eu-west-1:222222222222:secret:s-[a-zA-Z]{6}",
        ),
        (
            "aws:ssm/parameter:Parameter",
            {"name": "/a/b", "type": "String"},
            "arn",
            "arn:aws:ssm:eu-west-1:222222222222:parameter/a/b",
        ),
        ("aws:cloudwatch/logGroup:LogGroup", {"name": "/x"}, "arn", "arn:aws:logs:eu-west-1:222222222222:log-group:/x"),
        ("aws:route53/zone:Zone", {"name": "example.com"}, "zoneId", "Z0[A-Z0-9]{19}"),
        ("cloudflare:index/zone:Zone", {"account": {"id": "a"}, "name": "example.com"}, "id", "[0-9a-f]{32}"),
        (
            "cloudflare:index/zeroTrustTunnelCloudflared:ZeroTrustTunnelCloudflared",
            {"accountId": "a", "name": "t"},
            "id",
            "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
        ),
        ("random:index/randomId:RandomId", {"byteLength": 4}, "hex", "[0-9a-f]{8}"),
        ("random:index/randomPet:RandomPet", {"length": 3}, "id", "[a-z]+-[a-z]+-[a-z]+"),
        ("random:index/randomString:RandomString", {"length": 9, "special": False}, "result", "[A-Za-z0-9]{9}"),
        (
            "kubernetes:core/v1:ConfigMap",
            {"kind": "ConfigMap", "metadata": {"namespace": "n"}},
            "id",
            "n/thing-[0-9a-f]{8}",
        ),
    ],
)
def test_forms(type_: str, inputs: dict, output: str, pattern: str) -> None:
    made = create(type_, inputs)
    value = made.id if output == "id" else unwrap(made.outputs[output])
    assert re.fullmatch(pattern, value), value


def test_a_managed_password_has_a_secret_of_its_own() -> None:
    database = create("aws:rds/instance:Instance", {"instanceClass": "x", "manageMasterUserPassword": True})
    (secret,) = database.outputs["masterUserSecrets"]
    assert re.fullmatch(
        r"arn:aws:secretsmanager:eu-west-1:222222222222:secret:rds!db-[a-z2-7]{26}-[a-zA-Z]{6}", secret["secretArn"]
    )
    assert create("aws:rds/instance:Instance", {"instanceClass": "x"}).outputs["masterUserSecrets"] == []


def test_a_zone_has_two_different_name_servers() -> None:
    zone = create("cloudflare:index/zone:Zone", {"account": {"id": "a"}, "name": "example.com"})
    assert len(set(zone.outputs["nameServers"])) == 2


def test_a_certificate_is_validated_by_a_record_per_name() -> None:
    certificate = create(
        "aws:acm/certificate:Certificate",
        {"domainName": "example.com", "subjectAlternativeNames": ["*.example.com", "example.com"]},
    )
    options = certificate.outputs["domainValidationOptions"]
    assert [option["domainName"] for option in options] == ["example.com", "*.example.com"]
    assert options[0]["resourceRecordName"] == options[1]["resourceRecordName"]
    assert options[0]["resourceRecordName"].endswith(".example.com.")


def test_a_password_holds_what_is_asked_for() -> None:
    word = create(
        "random:index/randomPassword:RandomPassword",
        {"length": 12, "minUpper": 3, "minNumeric": 3, "minSpecial": 3, "overrideSpecial": "_"},
    ).outputs["result"]
    assert isinstance(word, Secret)
    assert sum(letter.isupper() for letter in word.value) >= 3
    assert sum(letter.isdigit() for letter in word.value) >= 3
    assert word.value.count("_") >= 3
    assert len(word.value) == 12


def test_a_named_kubernetes_object_keeps_its_name() -> None:
    given = {"kind": "ConfigMap", "metadata": {"namespace": "n"}, "data": {"a": "b"}}
    made = create("kubernetes:core/v1:ConfigMap", given)
    assert made.checked(given)["metadata"] == made.inputs["metadata"]
    assert made.outputs["metadata"]["uid"]
    assert made.outputs["metadata"]["annotations"] == {"pulumi.com/autonamed": "true"}
