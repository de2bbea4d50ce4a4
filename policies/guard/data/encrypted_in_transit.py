"""Caches, search domains, brokers and poolers take TLS connections alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ..patience import in_turn
from ..reading import at
from ..resource import Resource
from ..rule import Framework, Rule
from .must import Must, given, not_off, on

TLS_1_2: Final = (
    "Policy-Min-TLS-1-2-PFS-2023-10",
    "Policy-Min-TLS-1-2-2019-07",
    "Policy-Min-TLS-1-2-RFC9151-FIPS-2024-08",
)
"""Policies of OpenSearch endpoints from TLS 1.2 on; without a word it is 1.0 (API reference, DomainEndpointOptions)."""

DOMAIN: Final = (
    # Without the options there is no redirect to HTTPS; with them the provider's default is true.
    Must(("domainEndpointOptions", "enforceHttps"), "true", not_off),
    Must(
        ("domainEndpointOptions", "tlsSecurityPolicy"), f"TLS 1.2 or later, e.g. {TLS_1_2[0]}", lambda v: v in TLS_1_2
    ),
    Must(("nodeToNodeEncryption", "enabled"), "true", on),
)

TABLE: Final[Mapping[str, tuple[Must, ...]]] = {
    "aws:elasticache/replicationGroup:ReplicationGroup": (
        Must(("transitEncryptionEnabled",), "true", on),
        Must(("transitEncryptionMode",), "required", lambda value: value in (None, "required")),
    ),
    "aws:elasticache/cluster:Cluster": (Must(("transitEncryptionEnabled",), "true", on),),
    "aws:memorydb/cluster:Cluster": (Must(("tlsEnabled",), "true", not_off),),
    "aws:opensearch/domain:Domain": DOMAIN,
    "aws:elasticsearch/domain:Domain": DOMAIN,
    "aws:msk/cluster:Cluster": (
        # TLS on both is what MSK does unless told otherwise.
        Must(("encryptionInfo", "encryptionInTransit", "clientBroker"), "TLS", lambda value: value in (None, "TLS")),
        Must(("encryptionInfo", "encryptionInTransit", "inCluster"), "true", not_off),
    ),
    "aws:rds/proxy:Proxy": (Must(("requireTls",), "true", on),),
    "aws:dax/cluster:Cluster": (Must(("clusterEndpointEncryptionType",), "TLS", lambda value: value == "TLS"),),
}


def check(resource: Resource) -> Iterator[str]:
    """A member of a global datastore takes its primary's settings, a cluster in a group the group's."""
    props = resource.props
    if given(props, "globalReplicationGroupId") or (given(props, "replicationGroupId") and _is_member(resource)):
        return
    yield from in_turn(must.breaches(props) for must in TABLE[resource.type])


def _is_member(resource: Resource) -> bool:
    """`replicationGroupId` is a group's own name, but a cluster's membership."""
    return resource.type == "aws:elasticache/cluster:Cluster" and at(resource.props, "transitEncryptionEnabled") is None


RULE = Rule(
    name="data-encrypted-in-transit",
    severity="high",
    description="Caches, search domains, brokers and database proxies accept TLS alone, from 1.2 where it can be said.",
    remedy=(
        "Turn TLS on. A cache that clients use without it goes through `transitEncryptionMode: preferred` while they "
        "are moved, and to `required` then."
    ),
    types=tuple(TABLE),
    check=check,
    frameworks=(
        Framework("AWS FSBP", "", "ElastiCache.5"),
        Framework("AWS FSBP", "", "Opensearch.3"),
        Framework("AWS FSBP", "", "Opensearch.8"),
        Framework("AWS FSBP", "", "MSK.1"),
    ),
)
