"""No database, warehouse, search domain or broker has an address on the internet, and no copy of one is for all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..patience import in_turn
from ..reading import at
from ..resource import Resource
from ..rule import Framework, Rule
from .must import Must, size, some, told

PUBLIC: Final = Must(("publiclyAccessible",), "false", lambda value: value not in (True, "true"))
"""Off unless set (provider's documentation, 7.51)."""

TABLE: Final[Mapping[str, Must]] = {
    "aws:rds/instance:Instance": PUBLIC,
    "aws:rds/cluster:Cluster": PUBLIC,
    "aws:rds/clusterInstance:ClusterInstance": PUBLIC,
    "aws:neptune/clusterInstance:ClusterInstance": PUBLIC,
    "aws:redshift/cluster:Cluster": PUBLIC,
    "aws:redshiftserverless/workgroup:Workgroup": PUBLIC,
    "aws:mq/broker:Broker": PUBLIC,
    "aws:dms/replicationInstance:ReplicationInstance": PUBLIC,
    # An address for trying out, which knows no cache, firewall or access rule; a custom domain does.
    "cloudflare:index/r2ManagedDomain:R2ManagedDomain": Must(("enabled",), "false", lambda value: value is not True),
    "aws:msk/cluster:Cluster": Must(
        ("brokerNodeGroupInfo", "connectivityInfo", "publicAccess", "type"),
        "DISABLED",
        lambda value: value in (None, "DISABLED"),
    ),
}
DOMAINS: Final = ("aws:opensearch/domain:Domain", "aws:elasticsearch/domain:Domain")
SHARED: Final[Mapping[str, str]] = {
    "aws:rds/snapshotCopy:SnapshotCopy": "sharedAccounts",
    "aws:rds/snapshot:Snapshot": "sharedAccounts",
    "aws:rds/clusterSnapshotCopy:ClusterSnapshotCopy": "sharedAccounts",
    "aws:rds/clusterSnapshot:ClusterSnapshot": "sharedAccounts",
}


def check(resource: Resource) -> Iterator[str]:
    """A search domain without subnets has a public endpoint, whatever its access policy says."""
    props = resource.props
    if resource.type in DOMAINS:
        if not some(props, "vpcOptions", "subnetIds"):
            yield told(("vpcOptions", "subnetIds"), None, "subnets of a VPC")
    elif resource.type in SHARED:
        key = SHARED[resource.type]
        yield from in_turn(_account(props, key, index) for index in range(size(at(props, key))))
    else:
        yield from TABLE[resource.type].breaches(props)


def _account(props: Mapping[str, Any], key: str, index: int) -> Iterator[str]:
    if at(props, key, index) == "all":
        yield told((key, index), "all", "accounts by their number")


RULE = Rule(
    name="data-not-public",
    severity="critical",
    description=(
        "Databases, warehouses, search domains and brokers have no public address, R2 buckets none on r2.dev; "
        "snapshots are shared with none but named accounts."
    ),
    remedy="Put it into private subnets and reach it through the network; a search domain has to be made anew for it.",
    types=(*TABLE, *DOMAINS, *SHARED),
    check=check,
    frameworks=(
        Framework("AWS FSBP", "", "RDS.1"),
        Framework("AWS FSBP", "", "RDS.2"),
        Framework("AWS FSBP", "", "Redshift.1"),
        Framework("AWS FSBP", "", "Opensearch.2"),
        Framework("AWS FSBP", "", "MSK.4"),
        Framework("CIS AWS", "3.0.0", "2.3.3"),
    ),
)
