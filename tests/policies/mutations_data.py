"""One property of a recorded phase broken for each rule on data."""

from __future__ import annotations

import json
from typing import Final

from tests.policies.mutation import GONE, Mutation

RDS: Final = "aws:rds/instance:Instance"
AURORA: Final = "aws:rds/cluster:Cluster"
CACHE: Final = "aws:elasticache/replicationGroup:ReplicationGroup"
SEARCH: Final = "aws:opensearch/domain:Domain"
KAFKA: Final = "aws:msk/cluster:Cluster"
RABBIT: Final = "aws:mq/broker:Broker"
BUCKET: Final = "aws:s3/bucket:Bucket"

MEAL: Final = "meal/growth/prod"
WHOLESALE: Final = "wholesale/enterprise/prod"

PLAIN_POLICY: Final = json.dumps({"Version": "2012-10-17", "Statement": []})
MUTATIONS: Final[dict[str, Mutation]] = {
    "database-unencrypted": Mutation("data-encrypted-at-rest", MEAL, RDS, "db-primary", ("storageEncrypted",), False),
    "named-cluster-unencrypted": Mutation(
        "data-encrypted-at-rest", WHOLESALE, AURORA, "aurora-cluster", ("storageEncrypted",), GONE
    ),
    "search-unencrypted": Mutation(
        "data-encrypted-at-rest", WHOLESALE, SEARCH, "search-domain", ("encryptAtRest", "enabled"), False
    ),
    "root-volume-unencrypted": Mutation(
        "data-encrypted-at-rest",
        MEAL,
        "aws:ec2/launchTemplate:LaunchTemplate",
        "app-template",
        ("blockDeviceMappings", 0, "ebs", "encrypted"),
        "false",
    ),
    "topic-unencrypted": Mutation(
        "data-encrypted-at-rest", MEAL, "aws:sns/topic:Topic", "alarms-topic-critical", ("kmsMasterKeyId",)
    ),
    "cache-takes-plain-text": Mutation(
        "data-encrypted-in-transit", MEAL, CACHE, "cache-group", ("transitEncryptionMode",), "preferred"
    ),
    "search-takes-old-tls": Mutation(
        "data-encrypted-in-transit",
        WHOLESALE,
        SEARCH,
        "search-domain",
        ("domainEndpointOptions", "tlsSecurityPolicy"),
        "Policy-Min-TLS-1-0-2019-07",
    ),
    "kafka-takes-plain-text": Mutation(
        "data-encrypted-in-transit",
        WHOLESALE,
        KAFKA,
        "stream-cluster",
        ("encryptionInfo", "encryptionInTransit", "clientBroker"),
        "TLS_PLAINTEXT",
    ),
    "pooler-takes-plain-text": Mutation(
        "data-encrypted-in-transit",
        "listing/enterprise/prod",
        "aws:rds/proxy:Proxy",
        "rds-proxy",
        ("requireTls",),
        False,
    ),
    "database-takes-plain-text": Mutation(
        "data-database-tls",
        MEAL,
        "aws:rds/parameterGroup:ParameterGroup",
        "db-pg17",
        ("parameters", 10, "value"),
        "0",
    ),
    "cluster-takes-plain-text": Mutation(
        "data-database-tls",
        WHOLESALE,
        "aws:rds/clusterParameterGroup:ClusterParameterGroup",
        "aurora-apg17-cluster",
        ("parameters",),
        [],
    ),
    "bucket-takes-plain-http": Mutation(
        "data-tls-only",
        MEAL,
        "aws:s3/bucketPolicy:BucketPolicy",
        "archive-policy",
        ("policy",),
        PLAIN_POLICY,
        urn_name="archive-bucket",
    ),
    "topic-takes-plain-http": Mutation(
        "data-tls-only",
        MEAL,
        "aws:sns/topicPolicy:TopicPolicy",
        "alarms-topic-critical-policy",
        ("policy",),
        PLAIN_POLICY,
    ),
    "cache-without-users": Mutation("data-authenticated", MEAL, CACHE, "cache-group", ("userGroupIds",)),
    "kafka-takes-anybody": Mutation(
        "data-authenticated", WHOLESALE, KAFKA, "stream-cluster", ("clientAuthentication", "unauthenticated"), True
    ),
    "key-stays": Mutation("data-key-rotation", MEAL, "aws:kms/key:Key", "db-key", ("enableKeyRotation",), False),
    "database-public": Mutation("data-not-public", MEAL, RDS, "db-primary", ("publiclyAccessible",), True),
    "search-public": Mutation("data-not-public", WHOLESALE, SEARCH, "search-domain", ("vpcOptions", "subnetIds")),
    "broker-public": Mutation("data-not-public", WHOLESALE, RABBIT, "work-broker", ("publiclyAccessible",), True),
    "bucket-without-block": Mutation(
        "data-public-access-block",
        MEAL,
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "archive-private",
        urn_name="archive-bucket",
    ),
    "bucket-half-blocked": Mutation(
        "data-public-access-block",
        MEAL,
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "archive-private",
        ("restrictPublicBuckets",),
        False,
        urn_name="archive-bucket",
    ),
    "bucket-unversioned": Mutation(
        "data-versioned-buckets",
        MEAL,
        "aws:s3/bucketVersioning:BucketVersioning",
        "archive-versions",
        ("versioningConfiguration", "status"),
        "Suspended",
        urn_name="archive-bucket",
    ),
    "logs-for-ever": Mutation(
        "data-versioned-buckets",
        MEAL,
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "lb-logs-expiry",
        ("rules", 0, "expiration"),
        urn_name="lb-logs",
    ),
    "no-backups": Mutation("data-backups", MEAL, RDS, "db-primary", ("backupRetentionPeriod",), 0),
    "short-backups": Mutation("data-backups", WHOLESALE, AURORA, "aurora-cluster", ("backupRetentionPeriod",), 3),
    "backups-by-default": Mutation("data-backups", WHOLESALE, AURORA, "aurora-cluster", ("backupRetentionPeriod",)),
    "no-backups-in-dev": Mutation("data-backups", "meal/growth/dev", RDS, "db-primary", ("backupRetentionPeriod",), 0),
    "queue-without-snapshots": Mutation(
        "data-cache-snapshots", MEAL, CACHE, "queue-group", ("snapshotRetentionLimit",), 0
    ),
    "queue-without-a-last-snapshot": Mutation(
        "data-cache-snapshots", MEAL, CACHE, "queue-group", ("finalSnapshotIdentifier",)
    ),
    "table-without-recovery": Mutation(
        "data-point-in-time",
        WHOLESALE,
        "aws:dynamodb/table:Table",
        "views-table",
        ("pointInTimeRecovery", "enabled"),
        False,
    ),
    "database-without-a-last-copy": Mutation("data-final-copy", MEAL, RDS, "db-primary", ("skipFinalSnapshot",), True),
    "bucket-emptied": Mutation("data-force-destroy", MEAL, BUCKET, "archive-bucket", ("forceDestroy",), True),
    "database-deletable": Mutation("data-deletion-protection", MEAL, RDS, "db-primary", ("deletionProtection",), False),
    "table-deletable": Mutation(
        "data-deletion-protection",
        WHOLESALE,
        "aws:dynamodb/table:Table",
        "views-table",
        ("deletionProtectionEnabled",),
    ),
    "database-unprotected": Mutation("data-protected", MEAL, RDS, "db-primary", protect=False),
    "copy-in-another-region-unprotected": Mutation(
        "data-protected", "meal/enterprise/prod", RDS, "db-eu-central-1-a-copy", protect=False
    ),
    "store-at-the-edge-unprotected": Mutation(
        "data-protected", MEAL, "cloudflare:index/r2Bucket:R2Bucket", "images-r2", protect=False
    ),
    "database-in-one-zone": Mutation(
        "data-standby",
        "wholesale/scale/prod",
        RDS,
        "db-primary",
        ("multiAz",),
        False,
        config={"availability": 99.95},
    ),
    "search-in-one-zone": Mutation(
        "data-standby",
        WHOLESALE,
        SEARCH,
        "search-domain",
        ("clusterConfig", "zoneAwarenessEnabled"),
        config={"availability": 99.99},
    ),
    "broker-in-one-zone": Mutation(
        "data-standby",
        WHOLESALE,
        RABBIT,
        "work-broker",
        ("deploymentMode",),
        "SINGLE_INSTANCE",
        config={"availability": 99.99},
    ),
    "no-minor-upgrades": Mutation("data-minor-upgrades", MEAL, RDS, "db-primary", ("autoMinorVersionUpgrade",), False),
    "broker-upgrades-by-default": Mutation(
        "data-minor-upgrades", WHOLESALE, RABBIT, "work-broker", ("autoMinorVersionUpgrade",)
    ),
    "disk-fills": Mutation("data-storage-grows", MEAL, RDS, "db-primary", ("maxAllocatedStorage",), 0),
}
