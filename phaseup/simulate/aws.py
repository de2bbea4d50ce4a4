"""The rules of package `aws`: names, checks, refusals, and where a provider stands."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from phaseup.graph.values import UNKNOWN, Value
from phaseup.simulate import aws_apis, aws_calls, aws_edge, aws_outputs
from phaseup.simulate.aws_ids import id_of
from phaseup.simulate.aws_regions import DEFAULT_REGION
from phaseup.simulate.context import Surroundings
from phaseup.simulate.provider import CheckFailure
from phaseup.simulate.rules import AutoName, CheckRule, DeleteRule, Rules

DEFAULT_ACCOUNT: Final = "111111111111"
_ROLE: Final = re.compile(r"^arn:aws[^:]*:iam::(\d{12}):role/")

# pulumi-aws provider/resource_overrides.go and the load balancer's entries (v7, 2026-08).
_AUTONAMES: Final[dict[str, AutoName | None]] = {
    "aws:autoscaling/lifecycleHook:LifecycleHook": AutoName("name"),
    "aws:cloudwatch/eventRule:EventRule": AutoName("name", 64),
    "aws:cloudwatch/eventTarget:EventTarget": AutoName("targetId"),
    "aws:ec2/keyPair:KeyPair": AutoName("keyName"),
    "aws:efs/fileSystem:FileSystem": AutoName("creationToken"),
    "aws:eks/nodeGroup:NodeGroup": AutoName("nodeGroupName"),
    "aws:elasticache/cluster:Cluster": AutoName("clusterId", 50, lower=True),
    "aws:elasticache/replicationGroup:ReplicationGroup": AutoName("replicationGroupId", 40, lower=True),
    "aws:iam/role:Role": AutoName("name", 64),
    "aws:kms/alias:Alias": AutoName("name", 238, prefix="alias/"),
    "aws:lambda/function:Function": AutoName("name", 64),
    "aws:lambda/permission:Permission": AutoName("statementId", 100),
    "aws:lb/loadBalancer:LoadBalancer": AutoName("name", 32),
    "aws:lb/targetGroup:TargetGroup": AutoName("name", 32),
    "aws:mq/broker:Broker": AutoName("brokerName", 55),
    "aws:msk/cluster:Cluster": AutoName("clusterName"),
    "aws:opensearch/domain:Domain": AutoName("domainName"),
    "aws:rds/instance:Instance": AutoName("identifier", separator=""),
    "aws:route53/record:Record": None,
    "aws:s3/bucket:Bucket": AutoName("bucket", 63, lower=True),
    "aws:sns/topic:Topic": AutoName("name", 80),
    "aws:sqs/queue:Queue": AutoName("name", 80),
    "aws:ssm/association:Association": None,
}
# Types that a replacement always deletes first (`DeleteBeforeReplace` there).
_DELETES_FIRST: Final = frozenset(
    {
        "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter",
        "aws:ec2/securityGroupRule:SecurityGroupRule",
        "aws:ec2transitgateway/vpcAttachment:VpcAttachment",
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        "aws:efs/mountTarget:MountTarget",
        "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
        "aws:iam/policyAttachment:PolicyAttachment",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "aws:iam/userPolicyAttachment:UserPolicyAttachment",
    }
)


def _surroundings(config: Mapping[str, Value]) -> Surroundings:
    plain = {key: _parsed(value) for key, value in config.items()}
    region = plain.get("region")
    return Surroundings(region if isinstance(region, str) and region else DEFAULT_REGION, _account(plain), plain)


def _account(config: Mapping[str, Value]) -> str:
    for role in _listed(config.get("assumeRoles") or config.get("assumeRole")):
        match = _ROLE.match(str(role.get("roleArn", ""))) if isinstance(role, dict) else None
        if match is not None:
            return match.group(1)
    accounts = [str(account) for account in _listed(config.get("allowedAccountIds"))]
    return accounts[0] if accounts else DEFAULT_ACCOUNT


def _parsed(value: Value) -> Any:
    """Provider inputs carry lists and objects as JSON text."""
    if isinstance(value, str) and value[:1] in ("[", "{"):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _listed(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]


def _conflicts(*pairs: tuple[str, str]) -> CheckRule:
    def check(inputs: Mapping[str, Value]) -> list[CheckFailure]:
        return [
            CheckFailure(one, f'Conflicting configuration arguments: "{one}": conflicts with {other}')
            for one, other in pairs
            if inputs.get(one) is not None and inputs.get(other) is not None
        ]

    return check


def _database(inputs: Mapping[str, Value]) -> list[CheckFailure]:
    replica = ("replicateSourceDb", "dbName"), ("replicateSourceDb", "engine"), ("replicateSourceDb", "username")
    failures = _conflicts(
        *((name, source) for source, name in replica),
        ("replicateSourceDb", "snapshotIdentifier"),
        ("password", "manageMasterUserPassword"),
        ("identifier", "identifierPrefix"),
        ("replicateSourceDb", "restoreToPointInTime"),
        ("restoreToPointInTime", "snapshotIdentifier"),
    )(inputs)
    return failures


def _cluster(inputs: Mapping[str, Value]) -> list[CheckFailure]:
    """`ConflictsWith` of terraform-provider-aws, 6.x; and of CreateDBCluster, where what follows has its source's."""
    birth = ("masterUsername", "masterPassword", "databaseName", "snapshotIdentifier")
    return _conflicts(
        ("masterPassword", "manageMasterUserPassword"),
        ("clusterIdentifier", "clusterIdentifierPrefix"),
        ("snapshotIdentifier", "globalClusterIdentifier"),
        *((name, "replicationSourceIdentifier") for name in birth),
    )(inputs)


def _bound(inputs: Mapping[str, Value]) -> list[CheckFailure]:
    failures = _conflicts(("engine", "sourceDbClusterIdentifier"))(inputs)
    if inputs.get("sourceDbClusterIdentifier") is not None and inputs.get("forceDestroy") is None:
        failures.append(CheckFailure("sourceDbClusterIdentifier", "all of `force_destroy` must be specified"))
    return failures


def _cluster_refusal(outputs: Mapping[str, Value]) -> str | None:
    refused = _protected("deletionProtection", "cannot delete a protected DB cluster")(outputs)
    if not refused and outputs.get("skipFinalSnapshot") is not True and not outputs.get("finalSnapshotIdentifier"):
        return "final_snapshot_identifier is required when skip_final_snapshot is false"
    return refused


_OF_THE_DATASTORE: Final = (
    "numNodeGroups", "parameterGroupName", "engine", "engineVersion", "nodeType", "securityGroupNames",
    "transitEncryptionEnabled", "transitEncryptionMode", "atRestEncryptionEnabled", "snapshotArns", "snapshotName",
)  # fmt: skip
"""What a replication group that follows another may not state (`ConflictsWith` of terraform-provider-aws, 6.x)."""


def _cache(inputs: Mapping[str, Value]) -> list[CheckFailure]:
    failures = _conflicts(
        ("numCacheClusters", "numNodeGroups"),
        ("numCacheClusters", "replicasPerNodeGroup"),
        ("authToken", "userGroupIds"),
        ("nodeGroupConfigurations", "preferredCacheClusterAzs"),
        *(("globalReplicationGroupId", name) for name in _OF_THE_DATASTORE),
    )(inputs)
    failover, count = inputs.get("automaticFailoverEnabled"), inputs.get("numCacheClusters")
    if inputs.get("multiAzEnabled") is True and failover is not True and failover is not UNKNOWN:
        failures.append(
            CheckFailure("multiAzEnabled", "automatic_failover_enabled must be true if multi_az_enabled is true")
        )
    if failover is True and isinstance(count, int) and count < 2:
        failures.append(CheckFailure("numCacheClusters", "must be at least 2 if automatic_failover_enabled is true"))
    return failures


def _scaling_group(inputs: Mapping[str, Value]) -> list[CheckFailure]:
    failures = _conflicts(("launchConfiguration", "launchTemplate"), ("launchTemplate", "mixedInstancesPolicy"))(inputs)
    low, high = inputs.get("minSize"), inputs.get("maxSize")
    if isinstance(low, int) and isinstance(high, int) and low > high:
        failures.append(CheckFailure("minSize", f"min size {low} is above max size {high}"))
    return failures


def _protected(name: str, what: str) -> DeleteRule:
    def refuse(outputs: Mapping[str, Value]) -> str | None:
        return f"{what}: turn {name} off first" if outputs.get(name) in (True, "true") else None

    return refuse


def _database_refusal(outputs: Mapping[str, Value]) -> str | None:
    refused = _protected("deletionProtection", "cannot delete a protected DB instance")(outputs)
    if refused or outputs.get("replicateSourceDb"):
        return refused
    if outputs.get("skipFinalSnapshot") not in (True, "true") and not outputs.get("finalSnapshotIdentifier"):
        return "final_snapshot_identifier is required when skip_final_snapshot is false"
    return None


RULES: Final = Rules(
    "aws",
    autonames=_AUTONAMES,
    deletes_first=_DELETES_FIRST,
    fills_defaults=True,
    ids={**aws_edge.IDS, **aws_apis.IDS},
    default_id=id_of,
    outputs={**aws_outputs.RULES, **aws_edge.OUTPUTS, **aws_apis.RULES},
    default_outputs=aws_outputs.common,
    derived=aws_outputs.derived,
    secrets={
        "aws:rds/instance:Instance": ("password", "passwordWo"),
        "aws:rds/cluster:Cluster": ("masterPassword", "masterPasswordWo"),
        "aws:elasticache/replicationGroup:ReplicationGroup": ("authToken", "authTokenWo"),
        "aws:secretsmanager/secretVersion:SecretVersion": ("secretString", "secretBinary", "secretStringWo"),
        "aws:ssm/parameter:Parameter": ("value", "valueWo"),
        "aws:apigateway/apiKey:ApiKey": ("value",),
        "aws:apigateway/usagePlanKey:UsagePlanKey": ("value",),
        "aws:cognito/userPoolClient:UserPoolClient": ("clientSecret",),
    },
    checks={
        "aws:rds/instance:Instance": _database,
        "aws:rds/cluster:Cluster": _cluster,
        "aws:rds/globalCluster:GlobalCluster": _bound,
        "aws:elasticache/replicationGroup:ReplicationGroup": _cache,
        "aws:autoscaling/group:Group": _scaling_group,
        "aws:ec2/securityGroup:SecurityGroup": _conflicts(("name", "namePrefix")),
        "aws:ec2/launchTemplate:LaunchTemplate": _conflicts(("name", "namePrefix")),
        "aws:kms/alias:Alias": _conflicts(("name", "namePrefix")),
        "aws:s3/bucket:Bucket": _conflicts(("bucket", "bucketPrefix")),
        "aws:lb/loadBalancer:LoadBalancer": _conflicts(("subnets", "subnetMappings"), ("name", "namePrefix")),
    },
    refusals={
        "aws:rds/instance:Instance": _database_refusal,
        "aws:rds/cluster:Cluster": _cluster_refusal,
        "aws:rds/globalCluster:GlobalCluster": _protected("deletionProtection", "cannot delete a protected cluster"),
        "aws:lb/loadBalancer:LoadBalancer": _protected(
            "enableDeletionProtection", "the load balancer is protected from deletion"
        ),
        "aws:dynamodb/table:Table": _protected("deletionProtectionEnabled", "the table is protected from deletion"),
        "aws:dynamodb/tableReplica:TableReplica": _protected(
            "deletionProtectionEnabled", "the replica is protected from deletion"
        ),
        "aws:ec2/instance:Instance": _protected("disableApiTermination", "the instance may not be terminated"),
        "aws:eks/cluster:Cluster": _protected("deletionProtection", "the cluster is protected from deletion"),
        "aws:cloudwatch/logGroup:LogGroup": _protected(
            "deletionProtectionEnabled", "the log group is protected from deletion"
        ),
    },
    calls=aws_calls.CALLS,
    config_replaces=frozenset({"region"}),
    surroundings=_surroundings,
)
