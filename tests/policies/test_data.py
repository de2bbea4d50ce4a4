"""The rules on data: what passes, what does not, and what absent, 0, false and unknown are taken for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from policies.guard.data import (
    RULES,
    authenticated,
    backups,
    cache_snapshots,
    database_tls,
    deletion_protection,
    encrypted_at_rest,
    encrypted_in_transit,
    final_copy,
    force_destroy,
    key_rotation,
    minor_upgrades,
    not_public,
    point_in_time,
    protected,
    public_access_block,
    standby,
    storage_grows,
    tls_only,
    versioned_buckets,
)
from policies.guard.rule import Rule
from tests.policies.asking import UNKNOWN, ask, ask_stack, resource

RDS = "aws:rds/instance:Instance"
AURORA = "aws:rds/cluster:Cluster"
AURORA_INSTANCE = "aws:rds/clusterInstance:ClusterInstance"
GLOBAL = "aws:rds/globalCluster:GlobalCluster"
CACHE = "aws:elasticache/replicationGroup:ReplicationGroup"
CACHE_PARAMETERS = "aws:elasticache/parameterGroup:ParameterGroup"
SEARCH = "aws:opensearch/domain:Domain"
KAFKA = "aws:msk/cluster:Cluster"
RABBIT = "aws:mq/broker:Broker"
QUEUE = "aws:sqs/queue:Queue"
TOPIC = "aws:sns/topic:Topic"
BUCKET = "aws:s3/bucket:Bucket"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
PARAMETERS = "aws:rds/parameterGroup:ParameterGroup"
CLUSTER_PARAMETERS = "aws:rds/clusterParameterGroup:ClusterParameterGroup"
KEY = "aws:kms/key:Key"
TABLE = "aws:dynamodb/table:Table"
DEV: dict[str, Any] = {"stack": "meal-dev"}
STAGING: dict[str, Any] = {"stack": "meal-staging"}

ARN = "arn:aws:rds:eu-west-1:111111111111:db:meal-prod-db"

DENY_HTTP = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": ["arn:aws:s3:::it", "arn:aws:s3:::it/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


def policy(*statements: Mapping[str, Any]) -> str:
    """A policy document as text."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def urn(type_: str, name: str) -> str:
    """As `resource` names it."""
    return resource(type_, name=name).urn


def template(*ebs: Mapping[str, Any]) -> dict[str, Any]:
    """A launch template with these volumes."""
    return {"blockDeviceMappings": [{"deviceName": f"/dev/xvd{i}", "ebs": each} for i, each in enumerate(ebs)]}


def group(*parameters: tuple[str, Any], family: str = "postgres17") -> dict[str, Any]:
    """A parameter group."""
    return {"family": family, "parameters": [{"name": name, "value": value} for name, value in parameters]}


def kafka(**encryption: Any) -> dict[str, Any]:
    """A Kafka cluster with this encryption in transit."""
    return {"encryptionInfo": {"encryptionAtRestKmsKeyArn": UNKNOWN, "encryptionInTransit": encryption}}


SECURE_SEARCH = {
    "domainEndpointOptions": {"tlsSecurityPolicy": "Policy-Min-TLS-1-2-PFS-2023-10", "enforceHttps": True},
    "nodeToNodeEncryption": {"enabled": True},
}

PASSES: list[tuple[Rule, str, dict[str, Any], dict[str, Any]]] = [
    (encrypted_at_rest.RULE, RDS, {"storageEncrypted": True, "kmsKeyId": UNKNOWN}, {}),
    (encrypted_at_rest.RULE, RDS, {"replicateSourceDb": UNKNOWN}, {}),
    (encrypted_at_rest.RULE, GLOBAL, {"sourceDbClusterIdentifier": UNKNOWN}, {}),
    (encrypted_at_rest.RULE, AURORA, {"engineMode": "serverless"}, {}),
    (encrypted_at_rest.RULE, CACHE, {"engine": "valkey"}, {}),
    (encrypted_at_rest.RULE, CACHE, {"globalReplicationGroupId": UNKNOWN}, {}),
    (encrypted_at_rest.RULE, QUEUE, {}, {}),
    (encrypted_at_rest.RULE, QUEUE, {"sqsManagedSseEnabled": False, "kmsMasterKeyId": UNKNOWN}, {}),
    (encrypted_at_rest.RULE, TOPIC, {"kmsMasterKeyId": UNKNOWN}, {}),
    (encrypted_at_rest.RULE, TEMPLATE, template({"encrypted": "true"}, {"snapshotId": UNKNOWN}), {}),
    (encrypted_at_rest.RULE, "aws:ec2/instance:Instance", {"launchTemplate": {"id": UNKNOWN}}, {}),
    (encrypted_at_rest.RULE, "aws:redshift/cluster:Cluster", {}, {}),
    (encrypted_in_transit.RULE, CACHE, {"replicationGroupId": "it", "transitEncryptionEnabled": True}, {}),
    (encrypted_in_transit.RULE, CACHE, {"globalReplicationGroupId": UNKNOWN}, {}),
    (encrypted_in_transit.RULE, "aws:elasticache/cluster:Cluster", {"replicationGroupId": "group"}, {}),
    (encrypted_in_transit.RULE, SEARCH, SECURE_SEARCH, {}),
    (encrypted_in_transit.RULE, KAFKA, {}, {}),
    (encrypted_in_transit.RULE, KAFKA, kafka(clientBroker="TLS", inCluster=True), {}),
    (encrypted_in_transit.RULE, "aws:memorydb/cluster:Cluster", {}, {}),
    (database_tls.RULE, PARAMETERS, group(("work_mem", "64"), ("rds.force_ssl", 1.0)), {}),
    (database_tls.RULE, PARAMETERS, group(), {}),
    (database_tls.RULE, PARAMETERS, {"family": "aurora-postgresql17"}, {}),
    (database_tls.RULE, PARAMETERS, {"family": "oracle-ee-19"}, {}),
    (database_tls.RULE, PARAMETERS, group(("require_secure_transport", "ON"), family="mysql8.0"), {}),
    (database_tls.RULE, CLUSTER_PARAMETERS, group(("rds.force_ssl", "1"), family="aurora-postgresql17"), {}),
    (database_tls.RULE, RDS, {"engine": "mysql", "parameterGroupName": UNKNOWN}, {}),
    (database_tls.RULE, RDS, {"engine": "postgres", "engineVersion": "16.4"}, {}),
    (database_tls.RULE, RDS, {"engine": "mysql", "replicateSourceDb": "db"}, {}),
    (database_tls.RULE, "aws:docdb/clusterParameterGroup:ClusterParameterGroup", {"family": "docdb5.0"}, {}),
    (authenticated.RULE, CACHE, {"userGroupIds": [UNKNOWN]}, {}),
    (authenticated.RULE, CACHE, {"userGroupIds": UNKNOWN}, {}),
    (authenticated.RULE, CACHE, {"authToken": "[secret]"}, {}),
    (
        authenticated.RULE,
        "aws:elasticache/user:User",
        {"accessString": "off ~keys* -@all", "noPasswordRequired": True},
        {},
    ),
    (authenticated.RULE, "aws:elasticache/user:User", {"accessString": "on ~* +@all", "passwords": ["[secret]"]}, {}),
    (authenticated.RULE, SEARCH, {"advancedSecurityOptions": {"enabled": True}}, {}),
    (authenticated.RULE, KAFKA, {"clientAuthentication": {"sasl": {"scram": True}}}, {}),
    (authenticated.RULE, KAFKA, {"clientAuthentication": {"tls": {"certificateAuthorityArns": [UNKNOWN]}}}, {}),
    (key_rotation.RULE, KEY, {"enableKeyRotation": True, "policy": UNKNOWN}, {}),
    (key_rotation.RULE, KEY, {"customerMasterKeySpec": "ECC_NIST_P256"}, {}),
    (key_rotation.RULE, KEY, {"keyUsage": "GENERATE_VERIFY_MAC", "customerMasterKeySpec": "HMAC_256"}, {}),
    (not_public.RULE, RDS, {}, {}),
    (not_public.RULE, SEARCH, {"vpcOptions": {"subnetIds": [UNKNOWN], "securityGroupIds": UNKNOWN}}, {}),
    (not_public.RULE, SEARCH, {"vpcOptions": {"subnetIds": UNKNOWN}}, {}),
    (not_public.RULE, KAFKA, {"brokerNodeGroupInfo": {"clientSubnets": UNKNOWN}}, {}),
    (not_public.RULE, "aws:rds/snapshotCopy:SnapshotCopy", {"sharedAccounts": ["111111111111"]}, {}),
    (backups.RULE, RDS, {"backupRetentionPeriod": 7}, {}),
    (backups.RULE, RDS, {"backupRetentionPeriod": "7"}, {}),
    (backups.RULE, RDS, {"backupRetentionPeriod": 0, "replicateSourceDb": UNKNOWN}, {}),
    (backups.RULE, RDS, {"backupRetentionPeriod": 1.0}, DEV),
    (backups.RULE, AURORA, {}, STAGING),
    (backups.RULE, RDS, {"backupRetentionPeriod": 3}, {"config": {"days": 3}}),
    (backups.RULE, "aws:backup/plan:Plan", {"rules": [{"lifecycle": {"deleteAfter": 35}}, {"ruleName": "year"}]}, {}),
    (point_in_time.RULE, TABLE, {"pointInTimeRecovery": {"enabled": True}}, {}),
    (point_in_time.RULE, TABLE, {}, DEV),
    (final_copy.RULE, RDS, {"finalSnapshotIdentifier": UNKNOWN}, {}),
    (final_copy.RULE, RDS, {"skipFinalSnapshot": True}, DEV),
    (final_copy.RULE, RDS, {"skipFinalSnapshot": True, "replicateSourceDb": UNKNOWN}, {}),
    (final_copy.RULE, "aws:ebs/volume:Volume", {"finalSnapshot": True}, {}),
    (force_destroy.RULE, BUCKET, {}, {}),
    (force_destroy.RULE, BUCKET, {"forceDestroy": True}, DEV),
    (deletion_protection.RULE, RDS, {"deletionProtection": True}, {}),
    (deletion_protection.RULE, RDS, {}, STAGING),
    (deletion_protection.RULE, RDS, {"deletionProtection": False, "replicateSourceDb": "db"}, {}),
    (deletion_protection.RULE, "aws:cognito/userPool:UserPool", {"deletionProtection": "ACTIVE"}, {}),
    (protected.RULE, RDS, {}, {"protect": True}),
    (protected.RULE, RDS, {}, STAGING),
    (protected.RULE, RDS, {"replicateSourceDb": "db"}, {}),
    (protected.RULE, AURORA, {"replicationSourceIdentifier": UNKNOWN}, {}),
    (protected.RULE, "aws:ec2/eip:Eip", {"tags": {"Name": "nat"}}, {}),
    (protected.RULE, "cloudflare:index/workersScript:WorkersScript", {}, {}),
    (protected.RULE, "kubernetes:apps/v1:StatefulSet", {"spec": {"replicas": 2}}, {}),
    (minor_upgrades.RULE, RDS, {}, {}),
    (minor_upgrades.RULE, RABBIT, {"autoMinorVersionUpgrade": True}, {}),
    (storage_grows.RULE, RDS, {"allocatedStorage": 100, "maxAllocatedStorage": 400}, {}),
    (storage_grows.RULE, RDS, {"allocatedStorage": 100}, DEV),
    (storage_grows.RULE, RDS, {"replicateSourceDb": UNKNOWN}, {}),
]

FAILS: list[tuple[Rule, str, dict[str, Any], dict[str, Any], list[str]]] = [
    (encrypted_at_rest.RULE, RDS, {"kmsKeyId": UNKNOWN}, {}, ["storageEncrypted: found none; allowed: true"]),
    # A cluster's own name makes no copy of it.
    (
        encrypted_at_rest.RULE,
        AURORA,
        {"clusterIdentifier": "meal-prod-db", "storageEncrypted": False},
        {},
        ["storageEncrypted: found false; allowed: true"],
    ),
    (encrypted_at_rest.RULE, CACHE, {"engine": "redis"}, {}, ["atRestEncryptionEnabled: found none; allowed: true"]),
    (
        encrypted_at_rest.RULE,
        CACHE,
        {"engine": "valkey", "atRestEncryptionEnabled": False},
        {},
        ["atRestEncryptionEnabled: found false; allowed: true"],
    ),
    (
        encrypted_at_rest.RULE,
        QUEUE,
        {"sqsManagedSseEnabled": False},
        {},
        ["sqsManagedSseEnabled: found false; allowed: true, or kmsMasterKeyId"],
    ),
    (encrypted_at_rest.RULE, TOPIC, {"kmsMasterKeyId": ""}, {}, ["kmsMasterKeyId: found none; allowed: a KMS key"]),
    (
        encrypted_at_rest.RULE,
        TEMPLATE,
        template({"encrypted": UNKNOWN}, {"encrypted": "false"}, {}),
        {},
        [
            "blockDeviceMappings[1].ebs.encrypted: found false; allowed: true",
            "blockDeviceMappings[2].ebs.encrypted: found none; allowed: true",
        ],
    ),
    (
        encrypted_at_rest.RULE,
        TEMPLATE,
        {},
        {},
        ["blockDeviceMappings: found none with ebs; allowed: the root volume at least, with ebs.encrypted true"],
    ),
    (
        encrypted_at_rest.RULE,
        "aws:ec2/instance:Instance",
        {"ebsBlockDevices": [{"encrypted": True}]},
        {},
        ["rootBlockDevice.encrypted: found none; allowed: true"],
    ),
    (
        encrypted_at_rest.RULE,
        "aws:redshift/cluster:Cluster",
        {"encrypted": "false"},
        {},
        ["encrypted: found false; allowed: true"],
    ),
    (
        encrypted_in_transit.RULE,
        CACHE,
        {"replicationGroupId": "it", "transitEncryptionEnabled": False},
        {},
        ["transitEncryptionEnabled: found false; allowed: true"],
    ),
    (
        encrypted_in_transit.RULE,
        SEARCH,
        {"domainEndpointOptions": UNKNOWN, "nodeToNodeEncryption": {"enabled": False}},
        {},
        ["nodeToNodeEncryption.enabled: found false; allowed: true"],
    ),
    (
        encrypted_in_transit.RULE,
        KAFKA,
        kafka(clientBroker="TLS_PLAINTEXT", inCluster=False),
        {},
        [
            "encryptionInfo.encryptionInTransit.clientBroker: found TLS_PLAINTEXT; allowed: TLS",
            "encryptionInfo.encryptionInTransit.inCluster: found false; allowed: true",
        ],
    ),
    (encrypted_in_transit.RULE, "aws:rds/proxy:Proxy", {}, {}, ["requireTls: found none; allowed: true"]),
    (
        database_tls.RULE,
        PARAMETERS,
        group(("work_mem", "64"), ("rds.force_ssl", "0")),
        {},
        ["parameters[1].value: found 0; allowed: 1 for rds.force_ssl"],
    ),
    (
        database_tls.RULE,
        PARAMETERS,
        {"family": "postgres14"},
        {},
        ["parameters: found no rds.force_ssl; allowed: rds.force_ssl on, which postgres14 has off unless set"],
    ),
    (
        database_tls.RULE,
        CLUSTER_PARAMETERS,
        {"family": "aurora-mysql8.0"},
        {},
        [
            "parameters: found no require_secure_transport; "
            "allowed: require_secure_transport on, which aurora-mysql8.0 has off unless set"
        ],
    ),
    (
        database_tls.RULE,
        PARAMETERS,
        {"family": "sqlserver-se-15.0"},
        {},
        ["parameters: found no rds.force_ssl; allowed: rds.force_ssl on, which sqlserver-se-15.0 has off unless set"],
    ),
    (
        database_tls.RULE,
        RDS,
        {"engine": "postgres", "engineVersion": "14.9"},
        {},
        ["parameterGroupName: found none; allowed: a group with rds.force_ssl on, which postgres has off"],
    ),
    (
        database_tls.RULE,
        "aws:docdb/clusterParameterGroup:ClusterParameterGroup",
        group(("tls", "disabled"), family="docdb5.0"),
        {},
        ["parameters[0].value: found disabled; allowed: 1 for tls"],
    ),
    (
        authenticated.RULE,
        CACHE,
        {"userGroupIds": []},
        {},
        ["userGroupIds: found none; allowed: a user group, or authToken"],
    ),
    (
        authenticated.RULE,
        "aws:elasticache/user:User",
        {"accessString": "on ~* +@all", "authenticationMode": {"type": "no-password-required"}},
        {},
        ["authenticationMode.type: found no-password-required; allowed: password or iam"],
    ),
    (authenticated.RULE, SEARCH, {}, {}, ["advancedSecurityOptions.enabled: found none; allowed: true"]),
    (authenticated.RULE, KAFKA, {}, {}, ["clientAuthentication: found none; allowed: sasl.iam, sasl.scram or tls"]),
    (
        authenticated.RULE,
        KAFKA,
        {"clientAuthentication": {"unauthenticated": True, "sasl": {"iam": True}}},
        {},
        ["clientAuthentication.unauthenticated: found true; allowed: false"],
    ),
    (
        authenticated.RULE,
        "aws:memorydb/cluster:Cluster",
        {"aclName": "open-access"},
        {},
        ["aclName: found open-access; allowed: an access control list with users"],
    ),
    (key_rotation.RULE, KEY, {}, {}, ["enableKeyRotation: found none; allowed: true"]),
    (not_public.RULE, RDS, {"publiclyAccessible": True}, {}, ["publiclyAccessible: found true; allowed: false"]),
    (not_public.RULE, SEARCH, {}, {}, ["vpcOptions.subnetIds: found none; allowed: subnets of a VPC"]),
    (
        not_public.RULE,
        KAFKA,
        {"brokerNodeGroupInfo": {"connectivityInfo": {"publicAccess": {"type": "SERVICE_PROVIDED_EIPS"}}}},
        {},
        [
            "brokerNodeGroupInfo.connectivityInfo.publicAccess.type: found SERVICE_PROVIDED_EIPS; allowed: DISABLED",
        ],
    ),
    (
        not_public.RULE,
        "aws:rds/snapshotCopy:SnapshotCopy",
        {"sharedAccounts": [UNKNOWN, "all"]},
        {},
        ["sharedAccounts[1]: found all; allowed: accounts by their number"],
    ),
    (backups.RULE, RDS, {}, {}, ["backupRetentionPeriod: found none; allowed: 7 or more days"]),
    (backups.RULE, RDS, {"backupRetentionPeriod": 0}, DEV, ["backupRetentionPeriod: found 0; allowed: 1 or more days"]),
    (backups.RULE, AURORA, {}, {}, ["backupRetentionPeriod: found none; allowed: 7 or more days"]),
    (
        backups.RULE,
        AURORA,
        {"backupRetentionPeriod": 7},
        {"config": {"days": 14}},
        ["backupRetentionPeriod: found 7; allowed: 14 or more days"],
    ),
    (
        backups.RULE,
        "aws:backup/plan:Plan",
        {"rules": [{"targetVaultName": UNKNOWN, "lifecycle": {"deleteAfter": 3}}]},
        {},
        ["rules[0].lifecycle.deleteAfter: found 3; allowed: 7 or more days"],
    ),
    (point_in_time.RULE, TABLE, {}, STAGING, ["pointInTimeRecovery.enabled: found none; allowed: true"]),
    (
        final_copy.RULE,
        RDS,
        {"skipFinalSnapshot": True},
        STAGING,
        ["skipFinalSnapshot: found true; allowed: false"],
    ),
    (
        final_copy.RULE,
        AURORA,
        {},
        {},
        ["finalSnapshotIdentifier: found none; allowed: a name, without which a deletion fails"],
    ),
    (final_copy.RULE, "aws:ebs/volume:Volume", {}, {}, ["finalSnapshot: found none; allowed: true"]),
    (force_destroy.RULE, BUCKET, {"forceDestroy": True}, {}, ["forceDestroy: found true; allowed: false"]),
    (deletion_protection.RULE, RDS, {}, {}, ["deletionProtection: found none; allowed: true"]),
    (
        deletion_protection.RULE,
        RDS,
        {"deletionProtection": False, "replicateSourceDb": ARN},
        {},
        ["deletionProtection: found false; allowed: true"],
    ),
    (
        deletion_protection.RULE,
        "aws:cognito/userPool:UserPool",
        {"deletionProtection": "INACTIVE"},
        {},
        ["deletionProtection: found INACTIVE; allowed: ACTIVE"],
    ),
    (protected.RULE, RDS, {}, {}, ["protect: found false; allowed: true, as it holds a database"]),
    # A stack whose name says no environment is taken for prod.
    (
        protected.RULE,
        KEY,
        {},
        {"stack": "shop"},
        [f"protect: found false; allowed: true, as it holds {protected.HOLDS[KEY]}"],
    ),
    (
        protected.RULE,
        RDS,
        {"replicateSourceDb": ARN},
        {},
        ["protect: found false; allowed: true, as it holds a database"],
    ),
    (
        protected.RULE,
        "aws:ec2/eip:Eip",
        {"tags": {"allow-listed": "true"}},
        {},
        ["protect: found false; allowed: true, as it holds an address that others have allow-listed"],
    ),
    (
        protected.RULE,
        "kubernetes:apps/v1:StatefulSet",
        {"spec": {"volumeClaimTemplates": [{"metadata": {"name": "data"}}]}},
        {},
        ["protect: found false; allowed: true, as it holds the volumes of its claims"],
    ),
    (
        minor_upgrades.RULE,
        RDS,
        {"autoMinorVersionUpgrade": False},
        {},
        ["autoMinorVersionUpgrade: found false; allowed: true"],
    ),
    (minor_upgrades.RULE, RABBIT, {}, {}, ["autoMinorVersionUpgrade: found none; allowed: true"]),
    (
        storage_grows.RULE,
        RDS,
        {"allocatedStorage": UNKNOWN},
        {},
        ["maxAllocatedStorage: found none; allowed: a bound in GiB above allocatedStorage"],
    ),
    (
        storage_grows.RULE,
        RDS,
        {"allocatedStorage": 100, "maxAllocatedStorage": 0},
        {},
        ["maxAllocatedStorage: found 0; allowed: a bound in GiB above allocatedStorage"],
    ),
    (
        storage_grows.RULE,
        RDS,
        {"allocatedStorage": 100, "maxAllocatedStorage": 100},
        {},
        ["maxAllocatedStorage: found 100; allowed: more than allocatedStorage"],
    ),
]


@pytest.mark.parametrize(("rule", "type_", "props", "options"), PASSES)
def test_it_says_nothing_of_what_is_right(
    rule: Rule, type_: str, props: dict[str, Any], options: dict[str, Any]
) -> None:
    assert ask(rule, type_, props, **options) == []


@pytest.mark.parametrize(("rule", "type_", "props", "options", "messages"), FAILS)
def test_it_says_what_was_found_and_what_is_allowed(
    rule: Rule, type_: str, props: dict[str, Any], options: dict[str, Any], messages: list[str]
) -> None:
    assert ask(rule, type_, props, **options) == messages


def test_an_unknown_that_decides_is_no_verdict() -> None:
    assert ask(encrypted_at_rest.RULE, RDS, {"storageEncrypted": UNKNOWN}) == ["unknown: storageEncrypted"]
    assert ask(backups.RULE, RDS, {"backupRetentionPeriod": UNKNOWN}) == ["unknown: backupRetentionPeriod"]


LOCKED = dict.fromkeys(("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"), True)
BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"


def bucket(name: str = "bucket", type_: str = BUCKET, **props: Any) -> Any:
    """A bucket whose name nobody knows yet."""
    return resource(type_, {"bucket": UNKNOWN, **props}, name=name)


def of_bucket(type_: str, props: Mapping[str, Any], name: str = "of", on: str = BUCKET) -> Any:
    """What is told of that bucket."""
    return resource(type_, {"bucket": UNKNOWN, **props}, name=name, depends_on={"bucket": (urn(on, "bucket"),)})


def test_a_bucket_has_a_block_of_its_own_or_the_accounts() -> None:
    rule = public_access_block.RULE
    account = resource("aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock", LOCKED, name="account")
    assert ask_stack(rule, bucket(), of_bucket(BLOCK, LOCKED)) == {}
    assert ask_stack(rule, bucket(), account) == {}
    assert ask_stack(rule, bucket(), bucket("other"), of_bucket(BLOCK, LOCKED)) == {
        "other": ["bucketPublicAccessBlock: found none; allowed: one for this bucket, with all four locks"]
    }
    half = {**LOCKED, "ignorePublicAcls": False, "blockPublicPolicy": UNKNOWN}
    assert ask_stack(rule, bucket(), of_bucket(BLOCK, half)) == {
        "bucket": ["bucketPublicAccessBlock.ignorePublicAcls: found false; allowed: true"]
    }


def test_a_bucket_that_is_named_in_plain_text_is_found_by_its_name() -> None:
    named = resource(BUCKET, {"bucket": "shop"}, name="bucket")
    block = resource(BLOCK, {**LOCKED, "bucket": "shop"}, name="block")
    assert ask_stack(public_access_block.RULE, named, block) == {}


def test_a_bucket_is_versioned_or_all_in_it_expires() -> None:
    rule = versioned_buckets.RULE
    enabled, suspended = ({"versioningConfiguration": {"status": each}} for each in ("Enabled", "Suspended"))
    expiry = {"rules": [{"status": "Enabled", "expiration": {"days": 90}}]}
    leftovers = {
        "rules": [*expiry["rules"], {"status": "Enabled", "noncurrentVersionExpiration": {"noncurrentDays": 30}}]
    }
    switched_off = {"rules": [{"status": "Disabled", "expiration": {"days": 90}}]}
    assert ask_stack(rule, bucket(), of_bucket(VERSIONING, enabled)) == {}
    assert ask_stack(rule, bucket(versioning={"enabled": True})) == {}
    assert ask_stack(rule, bucket(versioning={"enabled": False}), of_bucket(LIFECYCLE, expiry)) == {}
    wanted = "allowed: Enabled, or a lifecycle that ends all"
    assert ask_stack(rule, bucket()) == {"bucket": [f"bucketVersioning: found none; {wanted}"]}
    for lifecycle in (leftovers, switched_off):
        said = ask_stack(rule, bucket(), of_bucket(VERSIONING, suspended), of_bucket(LIFECYCLE, lifecycle, "rules"))
        assert said == {"bucket": [f"bucketVersioning: found Suspended; {wanted}"]}


def test_older_names_of_the_types_say_the_same() -> None:
    old = "aws:s3/bucketV2:BucketV2"
    enabled = {"versioningConfiguration": {"status": "Enabled"}}
    beside = of_bucket("aws:s3/bucketVersioningV2:BucketVersioningV2", enabled, on=old)
    assert ask_stack(versioned_buckets.RULE, bucket(type_=old), beside) == {}


def test_a_bucket_refuses_plain_http() -> None:
    rule = tls_only.RULE
    missing = {
        "bucket": [
            "bucketPolicy: found none of its kind; allowed: a statement that denies everybody where "
            'aws:SecureTransport is "false", for the bucket and its objects'
        ]
    }
    assert ask_stack(rule, bucket(), of_bucket(BUCKET_POLICY, {"policy": policy(DENY_HTTP)})) == {}
    assert ask_stack(rule, bucket(policy=policy({**DENY_HTTP, "Principal": {"AWS": ["*"]}}))) == {}
    assert ask_stack(rule, bucket()) == missing
    assert ask_stack(rule, bucket(), of_bucket(BUCKET_POLICY, {"policy": UNKNOWN})) == {"bucket": ["unknown: policy"]}
    only = {"Bool": {"aws:SecureTransport": "false"}, "StringEquals": {"aws:PrincipalAccount": "111111111111"}}
    for change in (
        {"Effect": "Allow"},
        {"Principal": {"AWS": "arn:aws:iam::111111111111:root"}},
        {"Action": "s3:PutObject"},
        {"Resource": "arn:aws:s3:::it"},
        {"Condition": only},
        {"Condition": {"Bool": {"aws:SecureTransport": "true"}}},
        {"Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}}},
    ):
        half = policy({**DENY_HTTP, **change})
        assert ask_stack(rule, bucket(), of_bucket(BUCKET_POLICY, {"policy": half})) == missing, change


def test_a_queue_needs_no_policy_but_one_that_it_has_refuses_plain_http() -> None:
    kind = "aws:sqs/queuePolicy:QueuePolicy"
    denied = policy({**DENY_HTTP, "Action": "sqs:*", "Resource": "arn:aws:sqs:eu-west-1:111111111111:it"})
    assert ask_stack(tls_only.RULE, resource(QUEUE), resource(kind, {"policy": denied}, name="policy")) == {}
    assert list(ask_stack(tls_only.RULE, resource(kind, {"policy": policy(DENY_HTTP)}, name="policy"))) == ["policy"]


def cached(policy_: str | None, **props: Any) -> list[Any]:
    """A group and its parameters."""
    parameters = [{"name": "maxmemory-policy", "value": policy_}] if policy_ else []
    its = resource(CACHE_PARAMETERS, {"parameters": parameters}, name="parameters")
    group_ = resource(
        CACHE, {"parameterGroupName": UNKNOWN, **props}, name="group", depends_on={"parameterGroupName": (its.urn,)}
    )
    return [its, group_]


def test_what_is_but_a_cache_needs_no_snapshots() -> None:
    rule = cache_snapshots.RULE
    why = "as its parameter group does not evict all keys"
    assert ask_stack(rule, *cached("allkeys-lru", snapshotRetentionLimit=0)) == {}
    assert ask_stack(rule, *cached("noeviction", snapshotRetentionLimit=7, finalSnapshotIdentifier=UNKNOWN)) == {}
    assert ask_stack(rule, *cached("volatile-lru", snapshotRetentionLimit=0, finalSnapshotIdentifier="last")) == {
        "group": [f"snapshotRetentionLimit: found 0; allowed: 1 or more days, {why}"]
    }
    assert ask_stack(rule, *cached(None)) == {
        "group": [
            f"snapshotRetentionLimit: found none; allowed: 1 or more days, {why}",
            f"finalSnapshotIdentifier: found none; allowed: a name, {why}",
        ]
    }
    assert ask_stack(rule, resource(CACHE, {"snapshotRetentionLimit": 1}, **DEV)) == {}
    joined = resource(CACHE, depends_on={"globalReplicationGroupId": ("urn:pulumi:meal-prod::phaseup::a::b",)})
    assert ask_stack(rule, joined) == {}
    assert ask_stack(rule, resource("aws:elasticache/cluster:Cluster", {"engine": "memcached"})) == {}


PROMISED = {"availability": 99.9}


def test_a_promise_of_availability_asks_for_a_standby() -> None:
    rule = standby.RULE
    alone = {"automaticFailoverEnabled": False, "multiAzEnabled": UNKNOWN}
    assert ask_stack(rule, resource(RDS, {"multiAz": True}, config=PROMISED)) == {}
    assert ask_stack(rule, resource(RDS, {"multiAz": False}, config=PROMISED)) == {
        "it": ["multiAz: found false; allowed: true"]
    }
    assert ask_stack(rule, resource(CACHE, alone, config=PROMISED)) == {
        "it": ["automaticFailoverEnabled: found false; allowed: true"]
    }
    assert ask_stack(rule, resource(SEARCH, {"clusterConfig": {"zoneAwarenessEnabled": True}}, config=PROMISED)) == {
        "it": ["clusterConfig.instanceCount: found none; allowed: 2 or more"]
    }
    assert ask_stack(rule, resource(RABBIT, {"deploymentMode": "SINGLE_INSTANCE"}, config=PROMISED)) == {
        "it": ["deploymentMode: found SINGLE_INSTANCE; allowed: CLUSTER_MULTI_AZ or ACTIVE_STANDBY_MULTI_AZ"]
    }


@pytest.mark.parametrize(
    "options",
    [{}, {"config": {"availability": 99.5}}, {"config": PROMISED, **DEV}, {"config": PROMISED, **STAGING}],
)
def test_without_a_promise_none_is_asked_for(options: dict[str, Any]) -> None:
    assert ask_stack(standby.RULE, resource(RDS, {"multiAz": False}, **options)) == {}


def test_a_replica_needs_no_standby() -> None:
    assert ask_stack(standby.RULE, resource(RDS, {"replicateSourceDb": UNKNOWN}, config=PROMISED)) == {}


def aurora(name: str, instances: int, **links: str) -> list[Any]:
    """A cluster and its instances."""
    cluster = resource(
        AURORA, name=name, config=PROMISED, depends_on={key: (urn(GLOBAL, of),) for key, of in links.items()}
    )
    members = [
        resource(AURORA_INSTANCE, name=f"{name}-{index}", depends_on={"clusterIdentifier": (cluster.urn,)})
        for index in range(instances)
    ]
    return [cluster, *members]


def test_a_cluster_has_two_instances_or_a_sibling_that_has() -> None:
    rule = standby.RULE
    lonely = ["instances: found 1; allowed: 2 or more, in different zones"]
    assert ask_stack(rule, *aurora("home", 2)) == {}
    assert ask_stack(rule, *aurora("home", 1)) == {"home": lonely}
    joined = resource(GLOBAL, name="all", depends_on={"sourceDbClusterIdentifier": (urn(AURORA, "home"),)})
    far = aurora("far", 1, globalClusterIdentifier="all")
    assert ask_stack(rule, *aurora("home", 2), joined, *far) == {}
    assert ask_stack(rule, *aurora("home", 1), joined, *far) == {"home": lonely, "far": lonely}


def test_the_rules_name_themselves_and_say_how_to_mend() -> None:
    names = [rule.name for rule in RULES]
    assert len(names) == len(set(names))
    for rule in RULES:
        assert rule.name.startswith("data-")
        assert rule.description.endswith(".")
        assert rule.remedy.endswith(".")
        assert len(rule.types) == len(set(rule.types)), rule.name
