"""The data of a jurisdiction stays there, and so does every copy of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final

from ..patience import each, over
from ..reading import items, table, text
from ..resource import Resource
from ..rule import Rule
from ..stack import Stack
from .places import arn_region, copies, seat

SOURCES: Final[Mapping[str, tuple[str, ...]]] = {
    "aws:rds/instance:Instance": ("replicateSourceDb",),
    "aws:rds/cluster:Cluster": ("replicationSourceIdentifier", "globalClusterIdentifier"),
    "aws:rds/clusterInstance:ClusterInstance": ("clusterIdentifier",),
    "aws:rds/globalCluster:GlobalCluster": ("sourceDbClusterIdentifier",),
    "aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication": ("sourceDbInstanceArn",),
    "aws:dynamodb/table:Table": (),
    "aws:dynamodb/tableReplica:TableReplica": ("globalTableArn",),
    "aws:elasticache/replicationGroup:ReplicationGroup": ("globalReplicationGroupId",),
    "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup": ("primaryReplicationGroupId",),
    "aws:s3/bucket:Bucket": (),
    "aws:s3/bucketV2:BucketV2": (),
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": ("bucket",),
    "aws:ebs/volume:Volume": (),
    "aws:ebs/snapshotCopy:SnapshotCopy": ("sourceSnapshotId",),
    "aws:efs/fileSystem:FileSystem": (),
    "aws:efs/replicationConfiguration:ReplicationConfiguration": ("sourceFileSystemId",),
    "aws:opensearch/domain:Domain": (),
    "aws:mq/broker:Broker": (),
    "aws:msk/cluster:Cluster": (),
    "aws:kinesis/stream:Stream": (),
    "aws:sqs/queue:Queue": (),
    "aws:docdb/cluster:Cluster": ("globalClusterIdentifier",),
    "aws:redshift/cluster:Cluster": (),
    "aws:cloudwatch/logGroup:LogGroup": (),
    "aws:backup/vault:Vault": (),
    "aws:backup/plan:Plan": (),
}
"""What holds data, and the properties by which it is a copy of something else. A login is no data of the
jurisdiction's: it is read where it is used."""
REPLICATION: Final = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
PLAN: Final = "aws:backup/plan:Plan"


def check(resource: Resource, stack: Stack) -> Iterator[str]:
    """A resource belongs to the block that its tag names, and to those that it holds a copy of."""
    residency = table(resource.config.get("residency"))
    tag = text(resource.config.get("tag")) or "block"
    if not residency:
        return
    for block in sorted(_blocks(resource, stack, tag, frozenset())):
        if block in residency:
            say = partial(_said, block, [text(region) for region in items(residency[block])])
            yield from each(
                lambda say=say: say("region", seat(resource)),
                lambda say=say: copies(resource, say),
                lambda say=say: _replicated(resource, stack, say),
            )


def _said(block: str, allowed: list[str], path: str, region: str) -> Iterator[str]:
    if region not in allowed:
        yield f"{path}: found {region or 'a region that is not known'}; allowed for {block}: {', '.join(allowed)}"


def _blocks(resource: Resource, stack: Stack, tag: str, seen: frozenset[str]) -> set[str]:
    if resource.urn in seen:
        return set()
    seen |= {resource.urn}
    found = {text(table(resource.props.get("tags")).get(tag))}
    for key in SOURCES.get(resource.type, ()):
        for urn in resource.depends_on.get(key, ()):
            source = stack.get(urn)
            if source is not None:
                found |= _blocks(source, stack, tag, seen)
    if resource.type == PLAN:
        for selection in stack.referring(resource, "planId", "aws:backup/selection:Selection"):
            found |= _selected(selection, stack, tag, seen)
    return found - {""}


def _selected(selection: Resource, stack: Stack, tag: str, seen: frozenset[str]) -> set[str]:
    """Whose resources a plan backs up, by name or by tag."""
    props = selection.props
    found = {text(each.get("value")) for each in items(props.get("selectionTags")) if each.get("key") == tag}
    for condition in items(props.get("conditions")):
        for equal in items(condition.get("stringEquals")):
            if equal.get("key") == f"aws:ResourceTag/{tag}":
                found.add(text(equal.get("value")))
    for urn in selection.depends_on.get("resources", ()):
        if (source := stack.get(urn)) is not None:
            found |= _blocks(source, stack, tag, seen)
    return found


def _replicated(resource: Resource, stack: Stack, say: partial[Iterator[str]]) -> Iterator[str]:
    """A bucket's ARN names no region: it is that of the bucket, if it is of this stack, or of the copies' key."""
    if resource.type != REPLICATION:
        return
    buckets = {
        text(each.props.get("arn")): seat(each)
        for urn in resource.depends_on.get("rules", ())
        if (each := stack.get(urn)) is not None and each.type in ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
    }

    def one(index: int, rule: Mapping[str, object]) -> Iterator[str]:
        to = table(rule.get("destination"))
        region = buckets.get(text(to.get("bucket"))) or arn_region(
            table(to.get("encryptionConfiguration")).get("replicaKmsKeyId")
        )
        yield from say(f"rules[{index}].destination.bucket", region)

    yield from over(resource.props.get("rules"), one)


RULE = Rule(
    name="network-residency",
    severity="critical",
    description="What holds a block's data stands, replicates and is backed up in the regions that the config's "
    "`residency` gives the block; without it nothing is asked. The block is in the tag `block`, or in that of `tag`.",
    remedy="Keep it and its copies in the jurisdiction's regions; what is misplaced must be moved, not copied.",
    types=tuple(SOURCES),
    check=check,
    needs_stack=True,
    config={
        "residency": {
            "type": "object",
            "additionalProperties": {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1}},
            "description": "By block, the regions that its data may be in, e.g. {db-de: [eu-central-1]}.",
        },
        "tag": {"type": "string", "description": "The tag that names a resource's block."},
    },
)
