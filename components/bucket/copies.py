"""Copies of an S3 bucket in other regions: one bucket and key each, and the role that replicates."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.bucket.security import secure
from components.bucket.spec import ReplicaBucketSpec
from components.keys import own_key
from components.policy import service_trust
from components.site import Site, child_options


class Copies:
    """Replication to every region in `replicas`. S3 replicates what is written after it is switched on, not before."""

    def __init__(
        self,
        parent: pulumi.Resource,
        name: str,
        replicas: Mapping[str, ReplicaBucketSpec],
        site: Site,
        account_id: pulumi.Input[str],
        source: aws.s3.Bucket,
        source_key: aws.kms.Key,
        source_versions: aws.s3.BucketVersioning,
    ) -> None:
        buckets: dict[str, aws.s3.Bucket] = {}
        keys: dict[str, aws.kms.Key] = {}
        ready: list[pulumi.Resource] = [source_versions]
        for region in sorted(replicas):
            if region == site.region:
                raise ValueError(f"{name}.replicas.{region}: the bucket's own region; allowed: another region")
            copy = f"{name}-{region}"
            keys[region] = own_key(
                parent, f"{copy}-key", site, account_id, purpose=f"{copy}: copies of objects", region=region
            )
            buckets[region] = aws.s3.Bucket(
                f"{copy}-bucket",
                region=region,
                force_destroy=False,
                tags=site.tagged(Name=f"{site.prefix}-{copy}"),
                opts=child_options(parent, protect=site.guards_data),
            )
            ready.append(secure(parent, copy, buckets[region], keys[region].arn, region))
        role = self._role(parent, name, site, source, source_key, buckets, keys)
        aws.s3.BucketReplicationConfig(
            f"{name}-replication",
            region=site.region,
            bucket=source.id,
            role=role.arn,
            rules=[
                aws.s3.BucketReplicationConfigRuleArgs(
                    id=region,
                    priority=priority,
                    status="Enabled",
                    filter=aws.s3.BucketReplicationConfigRuleFilterArgs(prefix=""),
                    delete_marker_replication=aws.s3.BucketReplicationConfigRuleDeleteMarkerReplicationArgs(
                        status="Enabled"
                    ),
                    source_selection_criteria=aws.s3.BucketReplicationConfigRuleSourceSelectionCriteriaArgs(
                        sse_kms_encrypted_objects=(
                            aws.s3.BucketReplicationConfigRuleSourceSelectionCriteriaSseKmsEncryptedObjectsArgs(
                                status="Enabled"
                            )
                        )
                    ),
                    destination=aws.s3.BucketReplicationConfigRuleDestinationArgs(
                        bucket=buckets[region].arn,
                        storage_class=replicas[region].storage_class,
                        encryption_configuration=(
                            aws.s3.BucketReplicationConfigRuleDestinationEncryptionConfigurationArgs(
                                replica_kms_key_id=keys[region].arn
                            )
                        ),
                    ),
                )
                for priority, region in enumerate(sorted(replicas))
            ],
            opts=child_options(parent, depends_on=ready),
        )

    def _role(
        self,
        parent: pulumi.Resource,
        name: str,
        site: Site,
        source: aws.s3.Bucket,
        source_key: aws.kms.Key,
        buckets: Mapping[str, aws.s3.Bucket],
        keys: Mapping[str, aws.kms.Key],
    ) -> aws.iam.Role:
        role = aws.iam.Role(
            f"{name}-replicator",
            description=f"{site.prefix} {name}: copies objects to other regions",
            assume_role_policy=service_trust("s3.amazonaws.com"),
            tags=site.tagged(),
            opts=child_options(parent),
        )
        inside = [pulumi.Output.concat(bucket.arn, "/*") for _, bucket in sorted(buckets.items())]
        aws.iam.RolePolicy(
            f"{name}-replicator-policy",
            role=role.name,
            policy=pulumi.Output.json_dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Action": ["s3:GetReplicationConfiguration", "s3:ListBucket"],
                            "Resource": source.arn,
                        },
                        {
                            "Effect": "Allow",
                            "Action": [
                                "s3:GetObjectVersionForReplication",
                                "s3:GetObjectVersionAcl",
                                "s3:GetObjectVersionTagging",
                            ],
                            "Resource": pulumi.Output.concat(source.arn, "/*"),
                        },
                        {
                            "Effect": "Allow",
                            "Action": ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"],
                            "Resource": inside,
                        },
                        {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": source_key.arn},
                        {
                            "Effect": "Allow",
                            "Action": "kms:Encrypt",
                            "Resource": [key.arn for _, key in sorted(keys.items())],
                        },
                    ],
                }
            ),
            opts=child_options(parent),
        )
        return role
