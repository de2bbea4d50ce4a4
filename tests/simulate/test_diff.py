"""New inputs against state: what counts as a change, and what it does."""

from __future__ import annotations

import json

import pytest

from phaseup.graph.values import UNKNOWN, Secret
from phaseup.simulate.differ import ignored, segments

from .helpers import create, effects, provider, urn

DATABASE = "aws:rds/instance:Instance"
CACHE = "aws:elasticache/replicationGroup:ReplicationGroup"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
DB = {"instanceClass": "db.t4g.medium", "engine": "postgres", "allocatedStorage": 50, "identifier": "main"}
RG = {"description": "cache", "engine": "valkey", "engineVersion": "8.2", "numCacheClusters": 1, "nodeType": "t"}


def test_the_same_inputs_are_no_change() -> None:
    database = create(DATABASE, DB)
    diff = database.diff(DB)
    assert not diff.changes
    assert diff.properties == ()
    assert diff.replaces == ()


def test_starting_to_state_a_computed_value_that_is_in_force_is_no_change() -> None:
    database = create(DATABASE, DB)
    assert database.outputs["backupRetentionPeriod"] == 0
    assert not database.diff({**DB, "backupRetentionPeriod": 0}).changes
    assert effects(database.diff({**DB, "backupRetentionPeriod": 7})) == {"backupRetentionPeriod": ("update", "update")}


def test_ceasing_to_state_a_computed_value_is_no_change() -> None:
    database = create(DATABASE, {**DB, "multiAz": True, "availabilityZone": "eu-west-1b"})
    diff = database.diff(DB)
    assert not diff.changes
    assert database.update(DB).outputs["availabilityZone"] == "eu-west-1b"


def test_stating_a_default_is_no_change_and_ceasing_to_state_another_value_falls_back_to_it() -> None:
    database = create(DATABASE, {**DB, "copyTagsToSnapshot": True})
    assert effects(database.diff(DB)) == {"copyTagsToSnapshot": ("update", "update")}
    assert database.update(DB).outputs["copyTagsToSnapshot"] is False
    assert not create(DATABASE, DB).diff({**DB, "copyTagsToSnapshot": False}).changes


def test_what_is_neither_computed_nor_has_a_default_is_removed() -> None:
    database = create(DATABASE, {**DB, "deletionProtection": True, "tags": {"a": "b"}})
    assert effects(database.diff(DB)) == {
        "deletionProtection": ("delete", "update"),
        "tags": ("delete", "update"),
    }
    after = database.update(DB)
    assert "deletionProtection" not in after.outputs
    assert "tags" not in after.outputs


def test_empty_and_absent_are_one() -> None:
    database = create(DATABASE, {**DB, "deletionProtection": False, "tags": {}})
    assert not database.diff(DB).changes
    assert (
        not create(DATABASE, DB).diff({**DB, "deletionProtection": False, "enabledCloudwatchLogsExports": []}).changes
    )


def test_drift_against_a_default_counts_though_never_stated() -> None:
    database = create(DATABASE, DB)
    database.outputs["publiclyAccessible"] = True
    assert effects(database.diff(DB)) == {"publiclyAccessible": ("update", "update")}


def test_sets_have_no_order() -> None:
    given = {**DB, "vpcSecurityGroupIds": ["sg-a", "sg-b"]}
    database = create(DATABASE, given)
    assert not database.diff({**DB, "vpcSecurityGroupIds": ["sg-b", "sg-a"]}).changes
    diff = database.diff({**DB, "vpcSecurityGroupIds": ["sg-b", "sg-c"]})
    assert effects(diff) == {"vpcSecurityGroupIds[1]": ("update", "update")}
    fewer = database.diff({**DB, "vpcSecurityGroupIds": ["sg-b"]})
    assert effects(fewer) == {"vpcSecurityGroupIds[0]": ("delete", "update")}
    more = database.diff({**DB, "vpcSecurityGroupIds": ["sg-b", "sg-c", "sg-a"]})
    assert effects(more) == {"vpcSecurityGroupIds[1]": ("add", "update")}


def test_each_difference_of_a_set_has_a_path_of_its_own() -> None:
    database = create(DATABASE, {**DB, "vpcSecurityGroupIds": ["a", "b", "c"]})
    diff = database.diff({**DB, "vpcSecurityGroupIds": ["c", "x"]})
    assert sorted((item.path, item.kind) for item in diff.properties) == [
        ("vpcSecurityGroupIds[0]", "delete"),
        ("vpcSecurityGroupIds[1]", "update"),
    ]


def test_an_element_of_a_set_that_changes_says_what_of_it() -> None:
    alarm = {"comparisonOperator": "x", "evaluationPeriods": 1}
    queries = [{"id": "a", "expression": "1"}, {"id": "b", "expression": "2"}]
    made = create("aws:cloudwatch/metricAlarm:MetricAlarm", {**alarm, "metricQueries": queries})
    changed = [queries[0], {"id": "b", "expression": "3"}]
    diff = made.diff({**alarm, "metricQueries": changed})
    assert effects(diff) == {"metricQueries[1].expression": ("update", "update")}


def test_a_set_counts_how_often_an_element_is_there() -> None:
    database = create(DATABASE, {**DB, "vpcSecurityGroupIds": ["a", "a", "b"]})
    assert database.diff({**DB, "vpcSecurityGroupIds": ["a", "b", "b"]}).changes


def test_sets_of_objects_are_paired_by_what_is_stated() -> None:
    web = {"protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrBlocks": ["0.0.0.0/0"]}
    tls = {"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": ["0.0.0.0/0"]}
    group = create(GROUP, {"vpcId": "vpc-1", "ingress": [web, tls]})
    assert not group.diff({"vpcId": "vpc-1", "ingress": [tls, web]}).changes
    assert effects(group.diff({"vpcId": "vpc-1", "ingress": [tls]})) == {"ingress[0]": ("delete", "update")}


def test_order_counts_in_a_plain_list() -> None:
    listener = create(
        "aws:lb/listener:Listener",
        {"loadBalancerArn": "arn:lb", "defaultActions": [{"type": "forward", "targetGroupArn": "arn:a"}]},
    )
    diff = listener.diff(
        {"loadBalancerArn": "arn:lb", "defaultActions": [{"type": "forward", "targetGroupArn": "arn:b"}]}
    )
    assert effects(diff) == {"defaultActions[0].targetGroupArn": ("update", "update")}


def test_json_is_compared_as_json_and_policies_as_policies() -> None:
    one = {"Statement": [{"Effect": "Allow", "Action": ["a:b", "c:d"], "Resource": "*"}], "Version": "2012-10-17"}
    two = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Resource": ["*"], "Action": ["c:d", "a:b"]}}
    role = create("aws:iam/role:Role", {"assumeRolePolicy": json.dumps(one)})
    assert not role.diff({"assumeRolePolicy": json.dumps(two, indent=2)}).changes
    assert not role.diff({"assumeRolePolicy": one}).changes
    two["Statement"]["Effect"] = "Deny"  # type: ignore[index]
    assert effects(role.diff({"assumeRolePolicy": json.dumps(two)})) == {"assumeRolePolicy": ("update", "update")}


def test_a_document_that_is_no_json_is_compared_as_text() -> None:
    document = create("aws:ssm/document:Document", {"content": "a: 1", "documentType": "Command"})
    assert document.diff({"content": "a: 2", "documentType": "Command"}).changes
    assert not document.diff({"content": "a: 1", "documentType": "Command"}).changes


def test_numbers_and_booleans_are_equal_to_their_texts() -> None:
    cache = create(CACHE, {**RG, "atRestEncryptionEnabled": True})
    assert not cache.diff({**RG, "atRestEncryptionEnabled": "true"}).changes
    database = create(DATABASE, {**DB, "port": 5432})
    assert not database.diff({**DB, "port": "5432"}).changes


def test_secrets_are_seen_through() -> None:
    database = create(DATABASE, {**DB, "password": Secret("one")})
    assert not database.diff({**DB, "password": Secret("one")}).changes
    assert not database.diff({**DB, "password": "one"}).changes
    diff = database.diff({**DB, "password": Secret("two")})
    assert effects(diff) == {"password": ("update", "update")}
    assert "two" not in repr(diff)


@pytest.mark.parametrize(
    ("change", "path", "kind", "effect"),
    [
        ({"storageEncrypted": True}, "storageEncrypted", "add-replace", "replace"),
        ({"instanceClass": "db.m7g.large"}, "instanceClass", "update", "update_reboot"),
        ({"identifier": "other"}, "identifier", "update", "update"),
        ({"parameterGroupName": "pg"}, "parameterGroupName", "update", "deferred"),
        ({"skipFinalSnapshot": True}, "skipFinalSnapshot", "update", "ignored"),
        ({"dbName": "app"}, "dbName", "add-replace", "replace"),
        ({"multiAz": True}, "multiAz", "update", "update"),
        ({"allocatedStorage": 100}, "allocatedStorage", "update", "update"),
        ({"allocatedStorage": 20}, "allocatedStorage", "update", "refused"),
    ],
)
def test_kind_and_effect(change: dict, path: str, kind: str, effect: str) -> None:
    diff = create(DATABASE, DB).diff({**DB, **change})
    assert effects(diff) == {path: (kind, effect)}
    assert diff.replaces == ((path,) if effect == "replace" else ())


def test_each_change_names_its_fact() -> None:
    database = create(DATABASE, DB)
    (change,) = database.diff({**DB, "storageEncrypted": True}).properties
    assert change.source == "terraform-provider-aws internal/service/rds/instance.go v5.85.0-dev e00409b2 (2025-01)"
    (unknown,) = create("aws:sfn/activity:Activity", {"name": "a"}).diff({"name": "b"}).properties
    assert (unknown.effect, unknown.source) == ("unknown", "no fact")


def test_unknown_on_a_property_that_replaces_is_a_replacement() -> None:
    database = create(DATABASE, {**DB, "kmsKeyId": "arn:key", "storageEncrypted": True})
    diff = database.diff({**DB, "kmsKeyId": UNKNOWN, "storageEncrypted": True})
    assert effects(diff) == {"kmsKeyId": ("update-replace", "replace")}
    assert diff.replaces == ("kmsKeyId",)


def test_unknown_on_a_property_that_updates_is_an_update() -> None:
    database = create(DATABASE, {**DB, "parameterGroupName": "a"})
    assert effects(database.diff({**DB, "parameterGroupName": UNKNOWN}))["parameterGroupName"][0] == "update"


def test_unknown_where_a_condition_hangs_on_it_is_unknown() -> None:
    cache = create(CACHE, RG)
    assert effects(cache.diff({**RG, "engineVersion": UNKNOWN})) == {"engineVersion": ("update", "unknown")}


@pytest.mark.parametrize(
    ("before", "after", "effect"),
    [
        ({"engineVersion": "8.2"}, {"engineVersion": "8.1"}, "replace"),
        ({"engineVersion": "8.1"}, {"engineVersion": "8.2"}, "update_reboot"),
        ({"engineVersion": "7.2"}, {"engineVersion": "8"}, "update_reboot"),
        ({"engineVersion": "8.2"}, {"engineVersion": "7"}, "replace"),
        ({"engine": "redis"}, {"engine": "valkey"}, "update"),
        ({"engine": "valkey"}, {"engine": "redis"}, "replace"),
        ({"transitEncryptionEnabled": True}, {"transitEncryptionEnabled": False}, "update"),
        ({"port": 6379}, {"port": 6380}, "replace"),
        ({"atRestEncryptionEnabled": False}, {"atRestEncryptionEnabled": True}, "replace"),
        ({"nodeType": "a"}, {"nodeType": "b"}, "update"),
    ],
)
def test_cache_conditions(before: dict, after: dict, effect: str) -> None:
    cache = create(CACHE, {**RG, **before})
    diff = cache.diff({**RG, **before, **after})
    assert [item.effect for item in diff.properties] == [effect]


def test_transit_encryption_of_an_old_engine_replaces() -> None:
    old = {**RG, "engine": "redis", "engineVersion": "6.2", "transitEncryptionEnabled": False}
    cache = create(CACHE, old)
    assert [item.effect for item in cache.diff({**old, "transitEncryptionEnabled": True}).properties] == ["replace"]


def test_a_default_port_stated_no_more_is_no_change() -> None:
    cache = create(CACHE, {**RG, "port": 6379})
    assert not cache.diff(RG).changes
    assert create(CACHE, {**RG, "port": 6380}).diff(RG).replaces == ("port",)


def test_node_groups_replace_where_they_come_or_differ_in_what_matters() -> None:
    groups = [{"nodeGroupId": "0001", "slots": "0-8191", "replicaCount": 1}]
    cache = create(CACHE, {**RG, "nodeGroupConfigurations": groups})
    same = [{"nodeGroupId": "0001", "slots": "0-8191", "replicaCount": 1}]
    assert not cache.diff({**RG, "nodeGroupConfigurations": same}).changes
    other = [{"nodeGroupId": "0001", "slots": "0-9000", "replicaCount": 1}]
    assert cache.diff({**RG, "nodeGroupConfigurations": other}).replaces == ("nodeGroupConfigurations",)
    assert create(CACHE, RG).diff({**RG, "nodeGroupConfigurations": groups}).replaces == ("nodeGroupConfigurations",)


def test_storage_that_the_cloud_has_grown_is_no_change_below_its_ceiling() -> None:
    given = {**DB, "maxAllocatedStorage": 200}
    database = create(DATABASE, given)
    database.outputs["allocatedStorage"] = 80
    assert not database.diff(given).changes
    database.outputs["allocatedStorage"] = 40
    assert database.diff(given).changes


def test_a_network_balancer_may_gain_but_not_lose_subnets() -> None:
    balancer = create("aws:lb/loadBalancer:LoadBalancer", {"loadBalancerType": "network", "subnets": ["a", "b"]})
    given = {"loadBalancerType": "network"}
    assert balancer.diff({**given, "subnets": ["a", "b", "c"]}).replaces == ()
    assert balancer.diff({**given, "subnets": ["c", "d", "e"]}).replaces == ()
    assert balancer.diff({**given, "subnets": ["a", "c"]}).replaces == ("subnets",)
    assert balancer.diff({**given, "subnets": ["a"]}).replaces == ("subnets",)
    application = create("aws:lb/loadBalancer:LoadBalancer", {"subnets": ["a", "b"]})
    assert application.diff({"subnets": ["a"]}).replaces == ()


@pytest.mark.parametrize("kind", ["application", "network", "gateway"])
@pytest.mark.parametrize(
    ("after", "replaced_by"),
    [
        ([{"subnetId": "a"}, {"subnetId": "b", "allocationId": "e1"}], ()),
        ([{"subnetId": "b", "allocationId": "e1"}, {"subnetId": "a"}, {"subnetId": "c"}], ()),
        ([{"subnetId": "a"}, {"subnetId": "b"}, {"subnetId": "c"}], ("application", "network")),
        ([{"subnetId": "a"}, {"subnetId": "b", "allocationId": "e2"}], ("application", "network")),
        ([{"subnetId": "a"}], ("network",)),
        ([{"subnetId": "c"}], ("application", "network")),
    ],
)
def test_subnet_mappings_can_be_added_in_place(kind: str, after: list, replaced_by: tuple[str, ...]) -> None:
    before = [{"subnetId": "a"}, {"subnetId": "b", "allocationId": "e1"}]
    given = {"loadBalancerType": kind}
    balancer = create("aws:lb/loadBalancer:LoadBalancer", {**given, "subnetMappings": before})
    diff = balancer.diff({**given, "subnetMappings": after})
    assert diff.replaces == (("subnetMappings",) if kind in replaced_by else ())
    assert {item.effect for item in diff.properties} <= {"update", "replace"}


def test_an_ipv6_block_replaces_a_subnet_that_assigned_from_it() -> None:
    subnet = {"vpcId": "v", "cidrBlock": "10.0.0.0/24", "ipv6CidrBlock": "2001:db8:0:1::/64"}
    other = {"ipv6CidrBlock": "2001:db8:0:2::/64"}
    for assigns, replaces in ((True, ("ipv6CidrBlock",)), (False, ())):
        given = {**subnet, "assignIpv6AddressOnCreation": assigns}
        assert create("aws:ec2/subnet:Subnet", given).diff({**given, **other}).replaces == replaces


@pytest.mark.parametrize(
    ("type_", "given", "change", "expected"),
    [
        ("aws:cloudwatch/logGroup:LogGroup", {"name": "l"}, {"logGroupClass": "INFREQUENT_ACCESS"}, "replace"),
        ("aws:ssm/parameter:Parameter", {"name": "p", "type": "String", "value": "v"}, {"dataType": "x"}, "replace"),
        ("aws:elasticache/user:User", {"userId": "u", "userName": "u"}, {"engine": "VALKEY"}, None),
        ("aws:elasticache/user:User", {"userId": "u", "userName": "u"}, {"engine": "redis"}, "update"),
        ("aws:elasticache/userGroup:UserGroup", {"userGroupId": "g"}, {"engine": "VALKEY"}, None),
        ("aws:elasticache/userGroup:UserGroup", {"userGroupId": "g"}, {"engine": "redis"}, "update"),
    ],
)
def test_what_newer_providers_decide_otherwise(type_: str, given: dict, change: dict, expected: str | None) -> None:
    engine = {"engine": "valkey", "accessString": "on ~* +@all"} if type_.endswith("User") else {"engine": "valkey"}
    given = {**given, **(engine if "engine" in change else {})}
    diff = create(type_, given).diff({**given, **change})
    assert [item.effect for item in diff.properties] == ([] if expected is None else [expected])


def test_a_tier_left_to_the_service_is_no_change() -> None:
    given = {"name": "p", "type": "String", "value": "v", "tier": "Advanced"}
    parameter = create("aws:ssm/parameter:Parameter", given)
    assert not parameter.diff({**given, "tier": "Intelligent-Tiering"}).changes
    assert parameter.diff({**given, "tier": "Standard"}).replaces == ("tier",)


def test_a_restored_database_has_the_character_set_of_its_source() -> None:
    given = {**DB, "characterSetName": "A"}
    assert create(DATABASE, given).diff({**given, "characterSetName": "B"}).replaces == ("characterSetName",)
    restored = {**given, "snapshotIdentifier": "s"}
    assert not create(DATABASE, restored).diff({**restored, "characterSetName": "B"}).changes


def test_a_vpc_s_tenancy_goes_one_way() -> None:
    vpc = {"cidrBlock": "10.0.0.0/16"}
    assert create("aws:ec2/vpc:Vpc", {**vpc, "instanceTenancy": "dedicated"}).diff(vpc).replaces == ()
    assert create("aws:ec2/vpc:Vpc", vpc).diff({**vpc, "instanceTenancy": "dedicated"}).replaces == ("instanceTenancy",)


def test_a_bucket_s_location_counts_at_birth_only() -> None:
    bucket = create("cloudflare:index/r2Bucket:R2Bucket", {"accountId": "a", "name": "b", "location": "weur"})
    assert not bucket.diff({"accountId": "a", "name": "b", "location": "enam"}).changes
    assert not bucket.diff({"accountId": "a", "name": "b"}).changes
    assert bucket.diff({"accountId": "a", "name": "c"}).replaces == ("name",)


def test_names_are_dns_names() -> None:
    record = {"zoneId": "z", "name": "www.example.com", "type": "CNAME", "content": "a", "ttl": 1, "proxied": True}
    made = create("cloudflare:index/dnsRecord:DnsRecord", record)
    assert not made.diff({**record, "name": "WWW.example.com."}).changes
    assert made.diff({**record, "type": "A"}).replaces == ("type",)
    assert effects(made.diff({**record, "content": "b"})) == {"content": ("update", "update")}


def test_ignore_changes_hides_a_path_and_all_below() -> None:
    database = create(DATABASE, {**DB, "tags": {"a": "1", "b": "2"}})
    news = {**DB, "instanceClass": "x", "tags": {"a": "9", "b": "2"}}
    assert effects(database.diff(news, ("tags",))).keys() == {"instanceClass"}
    assert effects(database.diff(news, ("tags.a", "instanceClass"))) == {}
    assert effects(database.diff(news, ("tags.b",))).keys() == {"instanceClass", "tags.a"}
    assert effects(database.diff(news, ('tags["a"]',))).keys() == {"instanceClass"}
    assert effects(database.diff(news, ("tags.*", "instanceClass"))) == {}


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("a.b[0].c", ("a", "b", "0", "c")),
        ('tags["kubernetes.io/name"].x', ("tags", "kubernetes.io/name", "x")),
        ("a[*].b", ("a", "*", "b")),
    ],
)
def test_segments(path: str, parts: tuple[str, ...]) -> None:
    assert segments(path) == parts


def test_a_prefix_of_a_name_is_no_parent() -> None:
    assert not ignored("tagsAll", ("tags",))
    assert ignored("tags.a", ("tags",))
    assert not ignored("tags", ("tags.a",))


def test_tag_keys_with_dots_keep_their_path() -> None:
    database = create(DATABASE, {**DB, "tags": {"a.b/c": "1"}})
    assert effects(database.diff({**DB, "tags": {"a.b/c": "2"}})) == {'tags["a.b/c"]': ("update", "update")}


def test_a_replacement_that_keeps_an_explicit_name_deletes_first() -> None:
    explicit = create(DATABASE, DB).diff({**DB, "storageEncrypted": True})
    assert explicit.replaces == ("storageEncrypted",)
    assert explicit.delete_before_replace
    bare = {key: value for key, value in DB.items() if key != "identifier"}
    assert not create(DATABASE, bare).diff({**bare, "storageEncrypted": True}).delete_before_replace
    assert not create(DATABASE, DB).diff({**DB, "instanceClass": "x"}).delete_before_replace


def test_an_attachment_always_deletes_first() -> None:
    attachment = create("aws:iam/rolePolicyAttachment:RolePolicyAttachment", {"role": "r", "policyArn": "a"})
    diff = attachment.diff({"role": "r", "policyArn": "b"})
    assert diff.replaces == ("policyArn",)
    assert diff.delete_before_replace


def test_kubernetes_compares_what_was_applied() -> None:
    given = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"namespace": "web"},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "a"}}, "template": {"spec": {"containers": []}}},
    }
    made = create("kubernetes:apps/v1:Deployment", given)
    made.outputs["spec"] = {**made.outputs["spec"], "replicas": 7}
    assert not made.diff(given).changes
    scaled = {**given, "spec": {**given["spec"], "replicas": 3}}  # type: ignore[dict-item]
    assert effects(made.diff(scaled)) == {"spec.replicas": ("update", "update")}
    moved = {**given, "spec": {**given["spec"], "selector": {"matchLabels": {"app": "b"}}}}  # type: ignore[dict-item]
    diff = made.diff(moved)
    assert diff.replaces == ("spec",)
    assert not diff.delete_before_replace
    named = create("kubernetes:apps/v1:Deployment", {**given, "metadata": {"namespace": "web", "name": "x"}})
    assert named.diff({**moved, "metadata": {"namespace": "web", "name": "x"}}).delete_before_replace
    assert not named.diff({**given, "metadata": {"namespace": "web", "name": "y"}}).delete_before_replace


def test_only_the_region_of_a_provider_replaces() -> None:
    aws = provider()
    where = urn("pulumi:providers:aws", "default")
    region = aws.diff_config(where, {"region": "eu-west-1"}, {"region": "us-east-1"})
    assert region.replaces == ("region",)
    assert [item.kind for item in region.properties] == ["update-replace"]
    profile = aws.diff_config(where, {"region": "eu-west-1", "profile": "a"}, {"region": "eu-west-1", "profile": "b"})
    assert profile.changes
    assert profile.replaces == ()
    assert not aws.diff_config(where, {"region": "a", "version": "1"}, {"region": "a", "version": "2"}).changes
    assert aws.diff_config(where, {}, {"region": "eu-west-1"}).replaces == ()
