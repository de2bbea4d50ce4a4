"""What keeps data encrypts it at rest.

Not asked is what AWS encrypts in any case: S3 (since 2023-01), DynamoDB, MSK, Amazon MQ, ECR, MemoryDB, ElastiCache
serverless, backup vaults, log groups, secrets, FSx (their documentation, section "Encryption at rest", 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..patience import in_turn
from ..reading import at, table
from ..resource import Resource
from ..rule import Framework, Rule
from .must import Must, follows, given, not_off, on, size, told

STORAGE: Final = Must(("storageEncrypted",), "true", on)
ENCRYPTED: Final = Must(("encrypted",), "true", on)

TABLE: Final[Mapping[str, Must]] = {
    "aws:rds/instance:Instance": STORAGE,
    "aws:rds/cluster:Cluster": STORAGE,
    "aws:rds/globalCluster:GlobalCluster": STORAGE,
    "aws:docdb/cluster:Cluster": STORAGE,
    "aws:docdb/globalCluster:GlobalCluster": STORAGE,
    "aws:neptune/cluster:Cluster": STORAGE,
    "aws:neptune/globalCluster:GlobalCluster": STORAGE,
    # On unless set, in the provider since 7.0 and in Redshift since 2025-01.
    "aws:redshift/cluster:Cluster": Must(("encrypted",), "true", not_off),
    "aws:elasticache/replicationGroup:ReplicationGroup": Must(("atRestEncryptionEnabled",), "true", on),
    "aws:opensearch/domain:Domain": Must(("encryptAtRest", "enabled"), "true", on),
    "aws:elasticsearch/domain:Domain": Must(("encryptAtRest", "enabled"), "true", on),
    "aws:dax/cluster:Cluster": Must(("serverSideEncryption", "enabled"), "true", on),
    "aws:ebs/volume:Volume": ENCRYPTED,
    "aws:efs/fileSystem:FileSystem": ENCRYPTED,
    "aws:kinesis/stream:Stream": Must(("encryptionType",), "KMS", lambda value: value == "KMS"),
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": Must(("serverSideEncryption", "enabled"), "true", on),
}

LAUNCHED: Final = (
    "aws:ec2/launchTemplate:LaunchTemplate",
    "aws:ec2/launchConfiguration:LaunchConfiguration",
    "aws:ec2/instance:Instance",
)
QUEUE: Final = "aws:sqs/queue:Queue"
TOPIC: Final = "aws:sns/topic:Topic"


def check(resource: Resource) -> Iterator[str]:
    """What follows or joins another takes that one's encryption."""
    props, type_ = resource.props, resource.type
    if type_ in LAUNCHED:
        yield from _launched(type_, props)
    elif type_ == QUEUE:
        # A queue that says nothing has SQS's own encryption (since 2022-10).
        if at(props, "sqsManagedSseEnabled") is False and not given(props, "kmsMasterKeyId"):
            yield told(("sqsManagedSseEnabled",), False, "true, or kmsMasterKeyId")
    elif type_ == TOPIC:
        if not given(props, "kmsMasterKeyId"):
            yield told(("kmsMasterKeyId",), None, "a KMS key")
    elif not _inherits(type_, props):
        yield from TABLE[type_].breaches(props)


def _inherits(type_: str, props: Mapping[str, Any]) -> bool:
    if type_ == "aws:elasticache/replicationGroup:ReplicationGroup":
        # Valkey is encrypted unless told otherwise, Redis OSS is not.
        valkey = given(props, "engine") and at(props, "engine") == "valkey"
        return given(props, "globalReplicationGroupId") or (valkey and at(props, "atRestEncryptionEnabled") is None)
    if type_.endswith(":GlobalCluster"):
        return given(props, "sourceDbClusterIdentifier")
    if type_ == "aws:rds/cluster:Cluster" and at(props, "engineMode") == "serverless":
        return at(props, "storageEncrypted") is None
    if type_ == "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream":
        return given(props, "kinesisSourceConfiguration") or given(props, "mskSourceConfiguration")
    return follows(props)


def _launched(type_: str, props: Mapping[str, Any]) -> Iterator[str]:
    """Every volume that a machine is started with; a template has to name the root volume for it."""
    if type_ == LAUNCHED[0]:
        paths: list[tuple[str | int, ...]] = [
            ("blockDeviceMappings", index, "ebs")
            for index in range(size(at(props, "blockDeviceMappings")))
            if given(table(at(props, "blockDeviceMappings", index)), "ebs")
        ]
        if not paths:
            yield "blockDeviceMappings: found none with ebs; allowed: the root volume at least, with ebs.encrypted true"
    elif given(props, "launchTemplate"):
        return
    else:
        several = range(size(at(props, "ebsBlockDevices")))
        paths = [("rootBlockDevice",), *(("ebsBlockDevices", index) for index in several)]
    yield from in_turn(_volume(props, path) for path in paths)


def _volume(props: Mapping[str, Any], path: tuple[str | int, ...]) -> Iterator[str]:
    """One made of a snapshot takes the snapshot's encryption."""
    volume = table(at(props, *path))
    if not given(volume, "snapshotId"):
        yield from ENCRYPTED.breaches(volume, path)


RULE = Rule(
    name="data-encrypted-at-rest",
    severity="high",
    description="Databases, caches, search domains, volumes, queues, topics and streams encrypt what they keep.",
    remedy=(
        "Set the property before the first apply: most of these can be encrypted from birth alone, and one that is not "
        "has to be copied from an encrypted snapshot."
    ),
    types=(*TABLE, *LAUNCHED, QUEUE, TOPIC),
    check=check,
    frameworks=(
        Framework("AWS FSBP", "", "RDS.3"),
        Framework("AWS FSBP", "", "RDS.27"),
        Framework("AWS FSBP", "", "EC2.3"),
        Framework("AWS FSBP", "", "ElastiCache.4"),
        Framework("AWS FSBP", "", "Opensearch.1"),
        Framework("AWS FSBP", "", "EFS.1"),
        Framework("AWS FSBP", "", "Kinesis.1"),
        Framework("CIS AWS", "3.0.0", "2.3.1"),
    ),
)
