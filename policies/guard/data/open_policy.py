"""No policy of a store, queue, topic, key or secret lets in whoever asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..reading import at, several, statements, table
from ..resource import Resource
from ..rule import Framework, Rule

TYPES: Final = (
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketV2:BucketV2",
    "aws:sqs/queuePolicy:QueuePolicy",
    "aws:sqs/queue:Queue",
    "aws:sns/topicPolicy:TopicPolicy",
    "aws:sns/topic:Topic",
    "aws:kms/key:Key",
    "aws:kms/keyPolicy:KeyPolicy",
    "aws:secretsmanager/secretPolicy:SecretPolicy",
    "aws:secretsmanager/secret:Secret",
    "aws:ecr/repositoryPolicy:RepositoryPolicy",
    "aws:backup/vaultPolicy:VaultPolicy",
    "aws:efs/fileSystemPolicy:FileSystemPolicy",
    "aws:cloudwatch/eventBusPolicy:EventBusPolicy",
    "aws:dynamodb/resourcePolicy:ResourcePolicy",
    "aws:kinesis/resourcePolicy:ResourcePolicy",
)
"""All have it under `policy`."""

LIMITS: Final = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalisawsservice",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceip",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "elasticfilesystem:accessedviamounttarget",
        "kms:calleraccount",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
        "sns:endpoint",
    }
)
"""Keys of conditions that say who may, in lower case, as IAM takes them (IAM user guide, "Global condition context
keys", 2026-11)."""

EVERYTHING: Final = ("*", "0.0.0.0/0", "::/0", "arn:*", "arn:aws:*")


def check(resource: Resource) -> Iterator[str]:
    """Everybody is a principal `*` in a statement that allows, without a condition on who it is."""
    for index, each in enumerate(statements(at(resource.props, "policy"))):
        if each.get("Effect") == "Allow" and _anyone(each) and not _limited(each):
            name = each.get("Sid") or index
            yield f"policy: found statement {name} for principal *; allowed: named principals, or a condition on them"


def _anyone(statement: Mapping[str, Any]) -> bool:
    if "NotPrincipal" in statement:
        return True
    principal = statement.get("Principal")
    kinds = table(principal)
    return principal == "*" or any("*" in several(kinds[kind]) for kind in kinds)


def _limited(statement: Mapping[str, Any]) -> bool:
    """An operator that is negated, or passes where the key is absent, shuts nobody out."""
    for operator, tested in table(statement.get("Condition")).items():
        if "Not" in operator or operator.endswith("IfExists") or operator == "Null" or operator.startswith("ForAll"):
            continue
        for key, values in table(tested).items():
            if key.lower() in LIMITS and not any(value in EVERYTHING for value in several(values)):
                return True
    return False


RULE = Rule(
    name="data-open-policy",
    severity="critical",
    description="Policies of buckets, queues, topics, keys, secrets, registries and buses allow nothing to everybody.",
    remedy="Name the principals, or add a condition such as aws:PrincipalOrgID, aws:SourceArn or aws:SourceAccount.",
    types=TYPES,
    check=check,
    frameworks=(
        Framework("AWS FSBP", "", "S3.2"),
        Framework("AWS FSBP", "", "S3.3"),
        Framework("AWS FSBP", "", "SQS.3"),
        Framework("AWS FSBP", "", "SNS.4"),
    ),
)
