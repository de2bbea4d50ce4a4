"""No resource's policy lets everybody in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..network.ranges import world
from ..resource import Resource
from ..rule import Framework, Rule
from .documents import ROLE, allows, anything, asked, conditions, principals

PERMISSION: Final = "aws:lambda/permission:Permission"
DOMAIN: Final = "aws:opensearch/domain:Domain"
DOCUMENTS: Final[Mapping[str, str]] = {
    "aws:s3/bucketPolicy:BucketPolicy": "policy",
    "aws:s3/bucket:Bucket": "policy",
    "aws:s3/bucketV2:BucketV2": "policy",
    "aws:sqs/queue:Queue": "policy",
    "aws:sqs/queuePolicy:QueuePolicy": "policy",
    "aws:sns/topic:Topic": "policy",
    "aws:sns/topicPolicy:TopicPolicy": "policy",
    "aws:kms/key:Key": "policy",
    "aws:kms/keyPolicy:KeyPolicy": "policy",
    "aws:secretsmanager/secret:Secret": "policy",
    "aws:secretsmanager/secretPolicy:SecretPolicy": "policy",
    "aws:ecr/repositoryPolicy:RepositoryPolicy": "policy",
    "aws:ecr/registryPolicy:RegistryPolicy": "policy",
    "aws:cloudwatch/eventBusPolicy:EventBusPolicy": "policy",
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": "policyDocument",
    "aws:backup/vaultPolicy:VaultPolicy": "policy",
    "aws:dynamodb/resourcePolicy:ResourcePolicy": "policy",
    "aws:kinesis/resourcePolicy:ResourcePolicy": "policy",
    "aws:efs/fileSystemPolicy:FileSystemPolicy": "policy",
    "aws:opensearch/domainPolicy:DomainPolicy": "accessPolicies",
    DOMAIN: "accessPolicies",
    ROLE: "assumeRolePolicy",
}
CONFINING: Final = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
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
        "kms:calleraccount",
        "elasticfilesystem:accessedviamounttarget",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
    }
)
"""Keys that say who or from where. How somebody comes is no such thing: everybody can have TLS (aws:SecureTransport),
and every account can call by a service (kms:ViaService)."""
EVERYWHERE: Final = ("arn:*", "arn:aws:*")


def check(resource: Resource) -> Iterator[str]:
    """A search domain within a network is reached from there alone, and asks for a login of its own."""
    props = resource.props
    if resource.type == PERMISSION:
        confined = any(props.get(key) for key in ("principalOrgId", "sourceAccount", "sourceArn"))
        if props.get("principal") == "*" and not confined:
            yield "principal: found *; allowed: a service or account, or one confined by sourceAccount or sourceArn"
        return
    if resource.type == DOMAIN and "vpcOptions" in props:
        return
    key = DOCUMENTS[resource.type]
    yield from asked(key, props.get(key), _statement)


def _statement(path: str, statement: Mapping[str, Any]) -> Iterator[str]:
    if not allows(statement) or _confined(statement):
        return
    if statement.get("NotPrincipal") is not None:
        yield f"{path}.NotPrincipal: found an Allow for everybody else; allowed: Principal"
    for sort, name in principals(statement):
        if anything(name):
            yield f"{path}.Principal.{sort}: found * with no condition on who or from where; allowed: named principals"


def _confined(statement: Mapping[str, Any]) -> bool:
    return any(_confines(operator, key, values) for operator, key, values in conditions(statement))


def _confines(operator: str, key: str, values: list[str]) -> bool:
    """An operator that also holds where the key is missing (`…IfExists`, `ForAllValues:`), or that excludes, keeps
    nobody out; nor does a value that anything matches."""
    name = operator.lower()
    if (
        key not in CONFINING
        or "not" in name
        or name.endswith("ifexists")
        or name.startswith("forallvalues")
        or name == "null"
    ):
        return False
    return bool(values) and not any(anything(value) or value in EVERYWHERE or world(value) for value in values)


RULE = Rule(
    name="identity-no-public-principal",
    severity="critical",
    description="No policy of a resource, nor a role's trust, allows everybody (`*`) with no condition on who or from "
    "where; TLS alone is none.",
    remedy="Name accounts, roles or services, or add aws:PrincipalOrgID, aws:SourceAccount or aws:SourceArn.",
    types=(*DOCUMENTS, PERMISSION),
    check=check,
    frameworks=(
        Framework("AWS FSBP", "", "KMS.5"),
        Framework("AWS FSBP", "", "Lambda.1"),
        Framework("AWS FSBP", "", "SNS.4"),
        Framework("AWS FSBP", "", "SQS.3"),
    ),
)
