"""What AWS fills in for Aurora: clusters, their instances, global databases; and for the proxies before databases."""

from __future__ import annotations

from typing import Final

from phaseup.graph.values import Value
from phaseup.simulate.aws_regions import dns_suffix, zones
from phaseup.simulate.context import Context

_MINOR: Final = "6"
_EMPTY: Final = (
    "clusterScalabilityType", "dbSystemId", "monitoringRoleArn", "performanceInsightsKmsKeyId", "storageType",
    "clusterIdentifierPrefix", "masterUserSecretKmsKeyId",
)  # fmt: skip


def _host(context: Context, name: str, kind: str = "cluster-") -> str:
    tail = context.letters(11, "host")
    return f"{name}.{kind}{tail}.{context.region}.rds.{dns_suffix(context.region)}"


def cluster(context: Context) -> dict[str, Value]:
    """A cluster, also one that follows: its user and database are then its source's."""
    name = context.text("clusterIdentifier")
    version = context.text("engineVersion", "17")
    outputs: dict[str, Value] = dict.fromkeys(_EMPTY, "")
    return outputs | {
        "endpoint": _host(context, name),
        "readerEndpoint": _host(context, name, "cluster-ro-"),
        "clusterResourceId": "cluster-" + context.letters(26, "resource", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
        "hostedZoneId": "Z29XKXDKYMONMX",
        "engineVersion": version,
        "engineVersionActual": version if "." in version else f"{version}.{_MINOR}",
        "availabilityZones": [zone.name for zone in zones(context.region)[:3]],
        "allocatedStorage": 1,
        "clusterMembers": [],
        "iamRoles": [],
        "databaseName": "",
        "masterUsername": "",
        "masterUserSecrets": [],
        "dbSubnetGroupName": "default",
        "dbClusterParameterGroupName": f"default.{context.text('engine')}{version.split('.')[0]}",
        "networkType": "IPV4",
        "port": 5432,
        "preferredBackupWindow": "03:00-03:30",
        "preferredMaintenanceWindow": "mon:04:00-mon:04:30",
        "caCertificateIdentifier": "",
        "caCertificateValidTill": "",
        "monitoringInterval": 0,
        "performanceInsightsRetentionPeriod": 0,
        "publiclyAccessible": False,
        "upgradeRolloutOrder": "second",
        "kmsKeyId": f"arn:aws:kms:{context.region}:{context.account}:key/{context.uuid('kms')}",
    }


def instance(context: Context) -> dict[str, Value]:
    """One instance of a cluster; which of them writes shows only later."""
    return {
        "endpoint": _host(context, context.text("identifier"), ""),
        "port": 5432,
        "dbiResourceId": "db-" + context.letters(26, "resource", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
        "availabilityZone": zones(context.region)[0].name,
        "engineVersion": f"17.{_MINOR}",
        "engineVersionActual": f"17.{_MINOR}",
        "kmsKeyId": f"arn:aws:kms:{context.region}:{context.account}:key/{context.uuid('kms')}",
        "networkType": "IPV4",
        "storageEncrypted": True,
        "writer": False,
        "identifierPrefix": "",
        "performanceInsightsEnabled": True,
        "performanceInsightsKmsKeyId": "",
        "performanceInsightsRetentionPeriod": 7,
        "preferredBackupWindow": "03:00-03:30",
        "upgradeRolloutOrder": "second",
    }


def bound(context: Context) -> dict[str, Value]:
    """A global database made from a cluster has what that one has."""
    name = context.text("globalClusterIdentifier")
    return {
        "endpoint": _host(context, name, "global-").replace(f".{context.region}.", ".global."),
        "globalClusterResourceId": f"cluster-{context.hex(16, 'resource')}",
        "globalClusterMembers": [],
        "databaseName": "",
        "engine": "aurora-postgresql",
        "engineVersion": f"17.{_MINOR}",
        "engineVersionActual": f"17.{_MINOR}",
        "engineLifecycleSupport": "open-source-rds-extended-support-disabled",
        "storageEncrypted": True,
    }


def proxy(context: Context) -> dict[str, Value]:
    """Where an RDS Proxy answers."""
    return {"endpoint": _host(context, context.text("name"), "proxy-"), "endpointNetworkType": "IPV4"}
