"""What holds data carries Pulumi's `protect` in prod: no apply deletes or replaces it by accident."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ..reading import at, items, text
from ..resource import Resource
from ..rule import Rule
from .must import given

HOLDS: Final[Mapping[str, str]] = {
    "aws:rds/instance:Instance": "a database",
    "aws:rds/cluster:Cluster": "a database",
    "aws:rds/globalCluster:GlobalCluster": "a database across regions",
    "aws:rds/snapshot:Snapshot": "a copy of a database",
    "aws:rds/snapshotCopy:SnapshotCopy": "a copy of a database",
    "aws:rds/clusterSnapshot:ClusterSnapshot": "a copy of a database",
    "aws:docdb/cluster:Cluster": "a database",
    "aws:neptune/cluster:Cluster": "a database",
    "aws:redshift/cluster:Cluster": "a warehouse",
    "aws:dynamodb/table:Table": "a table",
    "aws:dynamodb/tableReplica:TableReplica": "a table in another region",
    "aws:dynamodb/globalTable:GlobalTable": "a table across regions",
    "aws:elasticache/replicationGroup:ReplicationGroup": "a cache's keys or a queue's jobs",
    "aws:elasticache/cluster:Cluster": "a cache's keys",
    "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup": "a cache's keys or a queue's jobs",
    "aws:elasticache/serverlessCache:ServerlessCache": "a cache's keys or a queue's jobs",
    "aws:memorydb/cluster:Cluster": "a database in memory",
    "aws:opensearch/domain:Domain": "search indices",
    "aws:elasticsearch/domain:Domain": "search indices",
    "aws:mq/broker:Broker": "queued messages",
    "aws:msk/cluster:Cluster": "topics",
    "aws:msk/serverlessCluster:ServerlessCluster": "topics",
    "aws:sqs/queue:Queue": "queued messages",
    "aws:kinesis/stream:Stream": "a stream's records",
    "aws:cloudwatch/eventArchive:EventArchive": "archived events",
    "aws:s3/bucket:Bucket": "objects",
    "aws:s3/bucketV2:BucketV2": "objects",
    "aws:s3/directoryBucket:DirectoryBucket": "objects",
    "aws:ebs/volume:Volume": "a volume's blocks",
    "aws:ebs/snapshot:Snapshot": "a copy of a volume",
    "aws:efs/fileSystem:FileSystem": "files",
    "aws:fsx/lustreFileSystem:LustreFileSystem": "files",
    "aws:fsx/openZfsFileSystem:OpenZfsFileSystem": "files",
    "aws:ecr/repository:Repository": "images",
    "aws:backup/vault:Vault": "recovery points",
    "aws:kms/key:Key": "the key that other data is encrypted with",
    "aws:kms/replicaKey:ReplicaKey": "the key that other data is encrypted with",
    "aws:secretsmanager/secret:Secret": "a secret",
    "aws:cognito/userPool:UserPool": "users",
    "aws:apigateway/apiKey:ApiKey": "a key that a customer uses",
    "aws:ec2/eip:Eip": "an address that others have allow-listed",
    "aws:eks/cluster:Cluster": "Kubernetes objects",
    "aws:route53/zone:Zone": "DNS records",
    "cloudflare:index/zone:Zone": "DNS records, rules and settings",
    "cloudflare:index/r2Bucket:R2Bucket": "objects",
    "cloudflare:index/workersKvNamespace:WorkersKvNamespace": "keys and values",
    "cloudflare:index/d1Database:D1Database": "a database",
    "cloudflare:index/queue:Queue": "queued messages",
    "cloudflare:index/workersScript:WorkersScript": "the storage of Durable Objects",
    "kubernetes:core/v1:PersistentVolumeClaim": "a volume",
    "kubernetes:core/v1:PersistentVolume": "a volume",
    "kubernetes:apps/v1:StatefulSet": "the volumes of its claims",
}
"""By type, what is gone with it: no apply brings it back."""


def check(resource: Resource) -> Iterator[str]:
    """Some hold something under a condition alone."""
    if resource.environment == "prod" and not resource.protect and _holds(resource):
        yield f"protect: found false; allowed: true, as it holds {HOLDS[resource.type]}"


def _holds(resource: Resource) -> bool:
    props = resource.props
    match resource.type:
        case "aws:rds/instance:Instance" if given(props, "replicateSourceDb"):
            # Made again from its source; one in another region, named by ARN, is the copy that a lost region leaves.
            return text(at(props, "replicateSourceDb")).startswith("arn:")
        case "aws:rds/cluster:Cluster" | "aws:neptune/cluster:Cluster":
            return not given(props, "replicationSourceIdentifier")
        case "aws:ec2/eip:Eip":
            return at(props, "tags", "allow-listed") == "true"
        case "cloudflare:index/workersScript:WorkersScript":
            return given(props, "migrations")
        case "kubernetes:apps/v1:StatefulSet":
            return bool(items(at(props, "spec", "volumeClaimTemplates")))
        case _:
            return True


RULE = Rule(
    name="data-protected",
    severity="high",
    description="In prod, everything that holds data carries `protect`; an address does where a tag says allow-listed.",
    remedy="Set the resource option `protect: true`.",
    types=tuple(HOLDS),
    check=check,
)
