"""Check, create, update, read, delete: names, defaults, ids, previews, refusals."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phaseup.graph.values import UNKNOWN, Secret, has_unknown, unwrap
from phaseup.simulate import Simulators
from phaseup.simulate.provider import UnansweredCall

from .helpers import create, provider, urn

DATABASE = "aws:rds/instance:Instance"
VPC = "aws:ec2/vpc:Vpc"


@pytest.mark.parametrize(
    ("type_", "inputs", "key", "pattern"),
    [
        ("aws:iam/role:Role", {"assumeRolePolicy": "{}"}, "name", r"^Thing-[0-9a-f]{7}$"),
        ("aws:s3/bucket:Bucket", {}, "bucket", r"^thing-[0-9a-f]{7}$"),
        (DATABASE, {"instanceClass": "x"}, "identifier", r"^Thing[0-9a-f]{7}$"),
        ("aws:kms/alias:Alias", {"targetKeyId": "k"}, "name", r"^alias/Thing-[0-9a-f]{7}$"),
        (
            "aws:elasticache/replicationGroup:ReplicationGroup",
            {"description": "d"},
            "replicationGroupId",
            r"^thing-[0-9a-f]{7}$",
        ),
        ("aws:lb/targetGroup:TargetGroup", {}, "name", r"^Thing-[0-9a-f]{7}$"),
    ],
)
def test_autonames(type_: str, inputs: dict, key: str, pattern: str) -> None:
    aws = provider()
    checked = aws.check(urn(type_, "Thing"), {}, inputs, b"one")
    assert checked.failures == ()
    assert re.match(pattern, checked.inputs[key])
    assert key in checked.inputs["__defaults"]
    again = aws.check(urn(type_, "Thing"), checked.inputs, inputs, b"two")
    assert again.inputs[key] == checked.inputs[key]
    anew = aws.check(urn(type_, "Thing"), {}, inputs, b"two")
    assert anew.inputs[key] != checked.inputs[key]
    stated = aws.check(urn(type_, "Thing"), checked.inputs, {**inputs, key: "mine"}, b"two")
    assert stated.inputs[key] == "mine"
    assert key not in stated.inputs["__defaults"]


def test_a_stated_name_is_not_kept_once_the_program_ceases_to_state_it() -> None:
    aws = provider()
    role = {"assumeRolePolicy": "{}"}
    stated = aws.check(urn("aws:iam/role:Role"), {}, {**role, "name": "mine"}, b"one").inputs
    assert aws.check(urn("aws:iam/role:Role"), stated, role, b"two").inputs["name"] != "mine"


def test_a_prefix_takes_the_place_of_an_autoname() -> None:
    checked = provider().check(urn("aws:iam/role:Role"), {}, {"assumeRolePolicy": "{}", "namePrefix": "a"}, b"")
    assert "name" not in checked.inputs


@pytest.mark.parametrize("name", ["x" * 24, "x" * 25])
def test_a_logical_name_without_room_for_the_random_part_is_refused(name: str) -> None:
    checked = provider().check(urn("aws:lb/targetGroup:TargetGroup", name), {}, {}, b"")
    if len(name) == 24:
        assert len(checked.inputs["name"]) == 32
        assert checked.failures == ()
    else:
        (failure,) = checked.failures
        assert failure.property == "name"
        assert "exceed 32 characters" in failure.reason


def test_dns_records_and_cloudflare_are_not_autonamed() -> None:
    record = provider().check(urn("aws:route53/record:Record"), {}, {"zoneId": "z", "type": "A"}, b"")
    assert [failure.property for failure in record.failures] == ["name"]
    zone = provider("cloudflare").check(urn("cloudflare:index/zone:Zone"), {}, {"account": {"id": "a"}}, b"")
    assert [failure.property for failure in zone.failures] == ["name"]
    assert "__defaults" not in zone.inputs


def test_terraform_s_defaults_are_filled_in_and_listed() -> None:
    checked = provider().check(urn(DATABASE), {}, {"instanceClass": "x", "copyTagsToSnapshot": True}, b"")
    assert checked.inputs["autoMinorVersionUpgrade"] is True
    assert checked.inputs["copyTagsToSnapshot"] is True
    assert "autoMinorVersionUpgrade" in checked.inputs["__defaults"]
    assert "copyTagsToSnapshot" not in checked.inputs["__defaults"]
    assert checked.inputs["__defaults"] == sorted(checked.inputs["__defaults"])


def test_a_default_of_an_older_provider_stays() -> None:
    olds = {"instanceClass": "x", "monitoringInterval": 30, "__defaults": ["monitoringInterval"]}
    assert provider().check(urn(DATABASE), olds, {"instanceClass": "x"}, b"").inputs["monitoringInterval"] == 30
    stated = {**olds, "__defaults": []}
    assert provider().check(urn(DATABASE), stated, {"instanceClass": "x"}, b"").inputs["monitoringInterval"] == 0


@pytest.mark.parametrize(
    ("type_", "inputs", "failing"),
    [
        (DATABASE, {}, "instanceClass"),
        (DATABASE, {"instanceClass": "x", "replicateSourceDb": "a", "username": "u"}, "username"),
        (DATABASE, {"instanceClass": "x", "password": "p", "manageMasterUserPassword": True}, "password"),
        (
            "aws:elasticache/replicationGroup:ReplicationGroup",
            {"description": "d", "numCacheClusters": 2, "numNodeGroups": 1},
            "numCacheClusters",
        ),
        (
            "aws:elasticache/replicationGroup:ReplicationGroup",
            {"description": "d", "numCacheClusters": 1, "automaticFailoverEnabled": True},
            "numCacheClusters",
        ),
        (
            "aws:elasticache/replicationGroup:ReplicationGroup",
            {"description": "d", "multiAzEnabled": True},
            "multiAzEnabled",
        ),
        ("aws:autoscaling/group:Group", {"minSize": 3, "maxSize": 2}, "minSize"),
        ("aws:ec2/subnet:Subnet", {"cidrBlock": "10.0.0.0/24"}, "vpcId"),
        ("cloudflare:index/ruleset:Ruleset", {"kind": "zone", "name": "n", "phase": "p"}, "zoneId"),
        (
            "cloudflare:index/dnsRecord:DnsRecord",
            {"zoneId": "z", "name": "n", "type": "A", "content": "c", "ttl": 300, "proxied": True},
            "ttl",
        ),
    ],
)
def test_what_is_surely_wrong_is_refused(type_: str, inputs: dict, failing: str) -> None:
    checked = provider(type_.split(":")[0]).check(urn(type_), {}, inputs, b"")
    assert failing in [failure.property for failure in checked.failures]


def test_an_unknown_value_is_not_missing() -> None:
    checked = provider().check(urn("aws:ec2/subnet:Subnet"), {}, {"vpcId": UNKNOWN}, b"")
    assert checked.failures == ()


def test_a_preview_knows_the_inputs_and_nothing_that_the_cloud_makes() -> None:
    aws = provider()
    inputs = aws.check(urn(DATABASE), {}, {"instanceClass": "x", "tags": {"a": "b"}}, b"").inputs
    made = aws.create(urn(DATABASE), inputs, preview=True)
    assert made.id == ""
    assert made.outputs["instanceClass"] == "x"
    assert made.outputs["endpoint"] is UNKNOWN
    assert made.outputs["arn"] is UNKNOWN
    assert made.outputs["backupRetentionPeriod"] is UNKNOWN
    assert made.outputs["region"] == "eu-west-1"
    assert made.outputs["tagsAll"] == {"a": "b"}
    assert "deletionProtection" not in made.outputs
    created = aws.create(urn(DATABASE), inputs, preview=False)
    assert created.id
    assert not has_unknown(created.outputs)
    assert set(created.outputs) == set(made.outputs)


def test_a_preview_of_an_update_keeps_what_does_not_change() -> None:
    database = create(DATABASE, {"instanceClass": "x"})
    made = database.update({"instanceClass": "y", "tags": {"a": "b"}}, preview=True)
    assert made.id == database.id
    assert made.outputs["endpoint"] == database.outputs["endpoint"]
    assert made.outputs["instanceClass"] == "y"
    assert made.outputs["tagsAll"] == {"a": "b"}
    assert not has_unknown(made.outputs)


def test_a_launch_template_s_version_follows_any_change() -> None:
    template = create("aws:ec2/launchTemplate:LaunchTemplate", {"instanceType": "t4g.small"})
    assert template.outputs["latestVersion"] == 1
    preview = template.update({"instanceType": "t4g.medium"}, preview=True)
    assert preview.outputs["latestVersion"] is UNKNOWN
    assert preview.outputs["arn"] == template.outputs["arn"]
    unchanged = template.update({"instanceType": "t4g.small"}, preview=True)
    assert unchanged.outputs["latestVersion"] == 1


def test_versions_count_up() -> None:
    template = create("aws:ec2/launchTemplate:LaunchTemplate", {"instanceType": "t4g.small"})
    assert template.update({"instanceType": "t4g.medium"}).outputs["latestVersion"] == 2
    assert template.update({"instanceType": "t4g.small", "description": "d"}).outputs["latestVersion"] == 1
    following = create("aws:ec2/launchTemplate:LaunchTemplate", {"instanceType": "a", "updateDefaultVersion": True})
    after = following.update({"instanceType": "b", "updateDefaultVersion": True})
    assert (after.outputs["latestVersion"], after.outputs["defaultVersion"]) == (2, 2)
    parameter = create("aws:ssm/parameter:Parameter", {"type": "String", "value": "a"})
    assert parameter.update({"type": "String", "value": "b"}).outputs["version"] == 2
    assert parameter.update({"type": "String", "value": "a", "description": "d"}).outputs["version"] == 1


def test_cache_members_follow_the_count() -> None:
    base = {"description": "d", "engine": "valkey", "replicationGroupId": "cache"}
    cache = create("aws:elasticache/replicationGroup:ReplicationGroup", {**base, "numCacheClusters": 1})
    assert cache.outputs["memberClusters"] == ["cache-001"]
    news = {**base, "numCacheClusters": 3}
    assert cache.update(news, preview=True).outputs["memberClusters"] is UNKNOWN
    after = cache.update(news).outputs
    assert after["memberClusters"] == ["cache-001", "cache-002", "cache-003"]
    assert after["primaryEndpointAddress"] == cache.outputs["primaryEndpointAddress"]


def test_an_update_keeps_what_the_cloud_filled_in_beside_an_object() -> None:
    group = create("aws:lb/targetGroup:TargetGroup", {"healthCheck": {"path": "/"}})
    group.outputs["healthCheck"] = {"path": "/", "interval": 30}
    after = group.update({"healthCheck": {"path": "/live"}}).outputs
    assert after["healthCheck"] == {"path": "/live", "interval": 30}


def test_secrets_stay_secret() -> None:
    database = create(DATABASE, {"instanceClass": "x", "password": "hush"})
    assert database.outputs["password"] == Secret("hush")
    word = create("random:index/randomPassword:RandomPassword", {"length": 20})
    assert isinstance(word.outputs["result"], Secret)
    assert len(word.outputs["result"].value) == 20
    assert "hush" not in repr(database.outputs)
    parameter = create("aws:ssm/parameter:Parameter", {"type": "SecureString", "value": Secret("token")})
    assert parameter.outputs["value"] == Secret("token")


def test_the_state_is_read_back_as_it_is() -> None:
    database = create(DATABASE, {"instanceClass": "x"})
    read = database.provider.read(database.urn, database.id, database.inputs, database.outputs)
    assert read is not None
    assert (read.id, read.outputs, read.inputs) == (database.id, database.outputs, database.inputs)


def test_an_import_makes_up_a_state_for_the_id() -> None:
    read = provider().read(urn("aws:s3/bucket:Bucket"), "my-bucket", {}, {})
    assert read is not None
    assert read.id == "my-bucket"
    assert read.outputs["bucket"] == "my-bucket"
    assert read.outputs["arn"] == "arn:aws:s3:::my-bucket"


@pytest.mark.parametrize(
    ("type_", "outputs", "refused"),
    [
        (DATABASE, {"deletionProtection": True}, True),
        (DATABASE, {"skipFinalSnapshot": True}, False),
        (DATABASE, {"finalSnapshotIdentifier": "last"}, False),
        (DATABASE, {}, True),
        (DATABASE, {"replicateSourceDb": "main"}, False),
        (DATABASE, {"replicateSourceDb": "main", "deletionProtection": True}, True),
        ("aws:lb/loadBalancer:LoadBalancer", {"enableDeletionProtection": True}, True),
        ("aws:lb/loadBalancer:LoadBalancer", {}, False),
        ("aws:dynamodb/table:Table", {"deletionProtectionEnabled": True}, True),
        ("aws:s3/bucket:Bucket", {}, False),
        ("acme:index/thing:Thing", {}, False),
    ],
)
def test_the_cloud_refuses_to_delete_what_is_protected(type_: str, outputs: dict, refused: bool) -> None:
    reason = provider(type_.split(":")[0]).delete(urn(type_), "id", outputs)
    assert (reason is not None) is refused


def test_a_package_that_nobody_knows_gets_generic_rules() -> None:
    acme = provider("acme")
    where = urn("acme:index/thing:Thing")
    checked = acme.check(where, {}, {"size": 1}, b"")
    assert checked.failures == ()
    made = acme.create(where, checked.inputs, preview=False)
    assert re.match(r"^thing-[0-9a-f]{7}$", made.id)
    assert made.outputs == {"size": 1}
    diff = acme.diff(where, made.id, checked.inputs, made.outputs, {"size": 2})
    assert [(item.path, item.kind, item.effect, item.source) for item in diff.properties] == [
        ("size", "update", "unknown", "no fact")
    ]
    assert diff.replaces == ()
    with pytest.raises(UnansweredCall) as raised:
        acme.invoke("acme:index/getThing:getThing", {"a": Secret("b")})
    assert raised.value.token == "acme:index/getThing:getThing"
    assert raised.value.args_given == {"a": Secret("b")}


def test_replacing_gives_another_id() -> None:
    one = create(VPC, {"cidrBlock": "10.0.0.0/16"})
    other = create(VPC, {"cidrBlock": "10.1.0.0/16"})
    tagged = create(VPC, {"cidrBlock": "10.0.0.0/16", "tags": {"a": "b"}})
    assert one.id != other.id
    assert one.id == tagged.id


def test_accounts_and_regions_have_resources_of_their_own() -> None:
    ids = set()
    for region in ("eu-west-1", "us-east-1"):
        for account in ("111111111111", "222222222222"):
            aws = Simulators().get("aws", {"region": region, "allowedAccountIds": f'["{account}"]'})
            made = aws.create(urn(VPC), {"cidrBlock": "10.0.0.0/16"}, preview=False)
            assert made.outputs["arn"] == f"arn:aws:ec2:{region}:{account}:vpc/{made.id}"
            ids.add(made.id)
    assert len(ids) == 4


def test_an_assumed_role_names_the_account() -> None:
    aws = Simulators().get("aws", {"assumeRoles": '[{"roleArn": "arn:aws:iam::333333333333:role/deploy"}]'})
    assert aws.invoke("aws:index/getCallerIdentity:getCallerIdentity", {})["accountId"] == "333333333333"


def test_the_resource_s_own_region_counts() -> None:
    topic = create("aws:sns/topic:Topic", {"region": "us-east-1", "name": "alarms"})
    assert topic.id == "arn:aws:sns:us-east-1:222222222222:alarms"


names = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=12)
types = st.sampled_from(
    [
        VPC,
        DATABASE,
        "aws:iam/role:Role",
        "aws:kms/key:Key",
        "cloudflare:index/zone:Zone",
        "random:index/randomUuid:RandomUuid",
    ]
)
_INPUTS = {
    VPC: {"cidrBlock": "10.0.0.0/16"},
    DATABASE: {"instanceClass": "x"},
    "aws:iam/role:Role": {"assumeRolePolicy": "{}"},
    "cloudflare:index/zone:Zone": {"account": {"id": "a"}, "name": "example.com"},
}


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(types, names), min_size=2, max_size=8, unique=True))
def test_ids_are_unique_and_stable(resources: list[tuple[str, str]]) -> None:
    first = [create(type_, _INPUTS.get(type_, {}), name) for type_, name in resources]
    second = [create(type_, _INPUTS.get(type_, {}), name) for type_, name in resources]
    assert len({(one.urn, one.id) for one in first}) == len(resources)
    assert len({one.id for one in first}) == len(resources)
    assert [(one.id, unwrap(one.outputs)) for one in first] == [(one.id, unwrap(one.outputs)) for one in second]


@settings(deadline=None, max_examples=60)
@given(
    st.dictionaries(
        st.sampled_from(["size", "kind", "tags", "list"]),
        st.none() | st.integers() | st.text() | st.lists(st.integers()),
    )
)
def test_no_inputs_differ_from_themselves(inputs: dict) -> None:
    acme = provider("acme")
    where = urn("acme:index/thing:Thing")
    checked = acme.check(where, {}, inputs, b"").inputs
    made = acme.create(where, checked, preview=False)
    assert not acme.diff(where, made.id, checked, made.outputs, checked).changes


def test_ids_are_equal_in_every_process() -> None:
    program = (
        "from phaseup.simulate import Simulators\n"
        "p = Simulators().get('aws', {'region': 'eu-west-1'})\n"
        "u = 'urn:pulumi:dev::p::aws:ec2/vpc:Vpc::net'\n"
        "print(p.create(u, {'cidrBlock': '10.0.0.0/16', 'tags': {'b': '1', 'a': '2'}}, preview=False))\n"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", program],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PATH": "/usr/bin:/bin"},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(answers) == 1
    assert "vpc-0" in answers.pop()


def test_one_provider_per_configuration() -> None:
    simulators = Simulators()
    assert simulators.get("aws", {"region": "a"}) is simulators.get("aws", {"region": "a"})
    assert simulators.get("aws", {"region": "a"}) is not simulators.get("aws", {"region": "b"})


def test_looking_at_a_schema_leaves_the_sdk_s_lazy_modules_whole() -> None:
    program = (
        "from phaseup.simulate.schema import schema_for\n"
        "assert schema_for('aws:iam/role:Role') and schema_for('kubernetes:apps/v1:Deployment')\n"
        "assert schema_for('kubernetes:networking.k8s.io/v1:Ingress') and schema_for('aws:lambda/function:Function')\n"
        "assert schema_for('aws:iam/nothing:Nothing') is None and schema_for('aws:nowhere/role:Role') is None\n"
        "import pulumi_aws, pulumi_kubernetes\n"
        "print(pulumi_aws.iam.Role.__name__, pulumi_kubernetes.apps.v1.Deployment.__name__)\n"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("Role Deployment\n", "")
