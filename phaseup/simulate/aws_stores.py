"""What AWS fills in for stores: databases, caches, buckets, keys and secrets."""

from __future__ import annotations

from typing import Final

from phaseup.graph.values import Value
from phaseup.simulate.aws_regions import code, dns_suffix, zones
from phaseup.simulate.context import Context

BIRTHDAY: Final = "2026-01-01T00:00:00Z"
_PORTS: Final = {
    "postgres": 5432,
    "mysql": 3306,
    "mariadb": 3306,
    "oracle": 1521,
    "sqlserver": 1433,
    "aurora-mysql": 3306,
}
_ENGINES: Final = {"postgres": "17.6", "mysql": "8.4.6", "mariadb": "11.8.3", "valkey": "8.2", "redis": "7.1"}


def _secret_of(context: Context) -> list[Value]:
    if context.inputs.get("manageMasterUserPassword") is not True:
        return []
    letters = context.letters(6, "secret", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    key = context.text(
        "masterUserSecretKmsKeyId", f"arn:aws:kms:{context.region}:{context.account}:alias/aws/secretsmanager"
    )
    arn = f"arn:aws:secretsmanager:{context.region}:{context.account}:secret:rds!{context.id.lower()}-{letters}"
    return [{"kmsKeyId": key, "secretArn": arn, "secretStatus": "active"}]


def database(context: Context) -> dict[str, Value]:
    engine = context.text("engine", "postgres")
    port = context.inputs.get("port") or _PORTS.get(engine, 5432)
    host = (
        f"{context.text('identifier')}.c{context.letters(11, 'host')}.{context.region}.rds.{dns_suffix(context.region)}"
    )
    version = context.text("engineVersion", _ENGINES.get(engine, "1.0"))
    outputs: dict[str, Value] = {
        "address": host,
        "endpoint": f"{host}:{port}",
        "port": port,
        "hostedZoneId": "Z29XKXDKYMONMX",
        "resourceId": context.id,
        "status": "available",
        "engine": engine,
        "engineVersion": version,
        "engineVersionActual": version if "." in version else f"{version}.6",
        "masterUserSecrets": _secret_of(context),
        "masterUserSecretKmsKeyId": context.text("masterUserSecretKmsKeyId"),
        "listenerEndpoints": [],
        "replicas": [],
        "latestRestorableTime": BIRTHDAY,
        "availabilityZone": zones(context.region)[0].name,
        "backupRetentionPeriod": 0,
        "backupTarget": "region",
        "backupWindow": "03:00-03:30",
        "maintenanceWindow": "mon:04:00-mon:04:30",
        "caCertIdentifier": "rds-ca-rsa2048-g1",
        "databaseInsightsMode": "standard",
        "dbSubnetGroupName": "default",
        "engineLifecycleSupport": "open-source-rds-extended-support",
        "identifierPrefix": "",
        "iops": 3000 if context.text("storageType") == "gp3" else 0,
        "storageThroughput": 125 if context.text("storageType") == "gp3" else 0,
        "storageType": "gp2",
        "licenseModel": "postgresql-license" if engine == "postgres" else "general-public-license",
        "monitoringRoleArn": "",
        "multiAz": False,
        "networkType": "IPV4",
        "optionGroupName": f"default:{engine}-{version.split('.')[0]}",
        "parameterGroupName": f"default.{engine}{version.split('.')[0]}",
        "performanceInsightsKmsKeyId": "",
        "performanceInsightsRetentionPeriod": 7 if context.inputs.get("performanceInsightsEnabled") is True else 0,
        "upgradeRolloutOrder": "second",
        "vpcSecurityGroupIds": [f"sg-0{context.hex(16, 'sg')}"],
        "kmsKeyId": f"arn:aws:kms:{context.region}:{context.account}:key/{context.uuid('kms')}"
        if context.inputs.get("storageEncrypted") is True
        else "",
    }
    outputs.update(dict.fromkeys(_EMPTY_OF_DATABASE, ""))
    return outputs


_EMPTY_OF_DATABASE: Final = (
    "characterSetName",
    "dbName",
    "domainFqdn",
    "ncharCharacterSetName",
    "replicaMode",
    "snapshotIdentifier",
    "timezone",
    "username",
)


def cache(context: Context) -> dict[str, Value]:
    # A group that follows another has the engine of that one; Valkey is what is new here.
    engine = context.text("engine", "valkey" if context.text("globalReplicationGroupId") else "redis")
    version = context.text("engineVersion", _ENGINES.get(engine, "7.1"))
    shards = context.inputs.get("numNodeGroups")
    replicas = context.inputs.get("replicasPerNodeGroup")
    mode = context.text("clusterMode")
    follows = bool(context.text("globalReplicationGroupId"))
    # A group that follows another is told replicas a shard only where the one that it follows has shards.
    sharded = mode == "enabled" or (isinstance(shards, int) and shards > 1) or (follows and replicas is not None)
    # Compatible serves clients of both kinds, each by a name of its own.
    both = mode == "compatible" and not sharded
    count = context.inputs.get("numCacheClusters")
    per_shard = (replicas if isinstance(replicas, int) else 0) + 1
    shards = shards if isinstance(shards, int) else 1
    nodes = count if isinstance(count, int) else shards * per_shard
    tail = f"{context.id}.{context.letters(6, 'host')}"
    cloud = f"{code(context.region)}.cache.{dns_suffix(context.region)}"
    tls = context.inputs.get("transitEncryptionEnabled") is True
    primary = f"master.{tail}.{cloud}" if tls else f"{tail}.ng.0001.{cloud}"
    reader = f"replica.{tail}.{cloud}" if tls else f"{context.id}-ro.{context.letters(6, 'host')}.ng.0001.{cloud}"
    return {
        "primaryEndpointAddress": "" if sharded else primary,
        "readerEndpointAddress": "" if sharded else reader,
        "configurationEndpointAddress": f"clustercfg.{tail}.{cloud}" if sharded or both else "",
        "memberClusters": _members(context.id, nodes, shards if sharded else 0),
        "clusterEnabled": sharded or both,
        "clusterMode": mode or ("enabled" if sharded else "disabled"),
        "engine": engine,
        "engineVersion": version,
        "engineVersionActual": version if version.count(".") > 1 else f"{version}.0",
        "numCacheClusters": nodes,
        "numNodeGroups": shards,
        "replicasPerNodeGroup": max(nodes // shards - 1, 0),
        "parameterGroupName": f"default.{engine}{version.split('.')[0]}{'.cluster.on' if sharded or both else ''}",
        "ipDiscovery": "ipv4",
        "networkType": "ipv4",
        "maintenanceWindow": "mon:04:00-mon:05:00",
        "snapshotWindow": "02:00-03:00",
        "transitEncryptionMode": "required" if tls else "",
        "autoMinorVersionUpgrade": True,
        "atRestEncryptionEnabled": False,
        "dataTieringEnabled": False,
        "globalReplicationGroupId": "",
        "nodeGroupConfigurations": [],
        "subnetGroupName": "default",
        "securityGroupIds": [],
        "securityGroupNames": [],
    }


def datastore(context: Context) -> dict[str, Value]:
    """A global datastore: what it has from its primary is not among its inputs, so only their shape is told."""
    shards = context.inputs.get("numNodeGroups")
    return {
        "globalReplicationGroupId": context.id,
        "engine": "valkey",
        "engineVersion": _ENGINES["valkey"],
        "engineVersionActual": f"{_ENGINES['valkey']}.0",
        "atRestEncryptionEnabled": True,
        "transitEncryptionEnabled": True,
        "authTokenEnabled": False,
        "clusterEnabled": isinstance(shards, int),
        "numNodeGroups": shards if isinstance(shards, int) else 1,
        "globalNodeGroups": [
            {"globalNodeGroupId": f"{context.id}-{number:04d}", "slots": _slots(number, shards)}
            for number in range(1, (shards if isinstance(shards, int) else 1) + 1)
        ],
    }


def _slots(number: int, shards: Value) -> str:
    """Of the 16,384 hash slots, the equal share of one shard."""
    count = shards if isinstance(shards, int) else 1
    return f"{16384 * (number - 1) // count}-{16384 * number // count - 1}"


def connection(_context: Context) -> dict[str, Value]:
    """Either end of a connection between two search domains."""
    return {"connectionStatus": "ACTIVE"}


def _members(name: str, nodes: int, shards: int) -> list[Value]:
    if not shards:
        return [f"{name}-{index:03d}" for index in range(1, nodes + 1)]
    each = max(nodes // shards, 1)
    return [f"{name}-{shard:04d}-{index:03d}" for shard in range(1, shards + 1) for index in range(1, each + 1)]


def bucket(context: Context) -> dict[str, Value]:
    name = context.id
    return {
        "bucketDomainName": f"{name}.s3.{dns_suffix(context.region)}",
        "bucketRegionalDomainName": f"{name}.s3.{context.region}.{dns_suffix(context.region)}",
        "bucketRegion": context.region,
        "hostedZoneId": "Z1BKCTXD74EZPE",
        "websiteDomain": "",
        "websiteEndpoint": "",
        "bucketPrefix": "",
        "policy": "",
        "acl": "private",
        "requestPayer": "BucketOwner",
        "accelerationStatus": "",
        "objectLockEnabled": False,
    }


def key(context: Context) -> dict[str, Value]:
    return {"keyId": context.id, "rotationPeriodInDays": 365, "multiRegion": False}


def alias(context: Context) -> dict[str, Value]:
    target = context.text("targetKeyId")
    arn = target if target.startswith("arn:") else f"arn:aws:kms:{context.region}:{context.account}:key/{target}"
    return {"targetKeyArn": arn, "namePrefix": ""}


def secret_version(context: Context) -> dict[str, Value]:
    secret, _, version = context.id.partition("|")
    return {"arn": secret, "secretArn": secret, "versionId": version, "versionStages": ["AWSCURRENT"]}
