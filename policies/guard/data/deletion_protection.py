"""AWS itself refuses to delete a database or a pool of users in prod."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ..reading import at, text
from ..resource import Resource
from ..rule import Framework, Rule
from .must import Must, given, on

PROTECTION: Final = Must(("deletionProtection",), "true", on)
TABLE_PROTECTION: Final = Must(("deletionProtectionEnabled",), "true", on)

TABLE: Final[Mapping[str, Must]] = {
    "aws:rds/instance:Instance": PROTECTION,
    "aws:rds/cluster:Cluster": PROTECTION,
    "aws:rds/globalCluster:GlobalCluster": PROTECTION,
    "aws:docdb/cluster:Cluster": PROTECTION,
    "aws:docdb/globalCluster:GlobalCluster": PROTECTION,
    "aws:neptune/cluster:Cluster": PROTECTION,
    "aws:neptune/globalCluster:GlobalCluster": PROTECTION,
    "aws:dynamodb/table:Table": TABLE_PROTECTION,
    "aws:dynamodb/tableReplica:TableReplica": TABLE_PROTECTION,
    "aws:cognito/userPool:UserPool": Must(("deletionProtection",), "ACTIVE", lambda value: value == "ACTIVE"),
}
"""All are off unless set. EKS clusters are a rule of their own."""


def check(resource: Resource) -> Iterator[str]:
    """A replica in its source's region can be made again; one in another region, named by ARN, is the copy that a lost
    region leaves."""
    props = resource.props
    if resource.environment != "prod" or given(props, "replicationSourceIdentifier"):
        return
    for message in TABLE[resource.type].breaches(props):
        if given(props, "replicateSourceDb") and not text(at(props, "replicateSourceDb")).startswith("arn:"):
            return
        yield message


RULE = Rule(
    name="data-deletion-protection",
    severity="high",
    description="In prod, databases, tables and user pools have the cloud's own protection against deletion.",
    remedy="Turn it on; what is to go is told so by an apply of its own, which turns it off.",
    types=tuple(TABLE),
    check=check,
    frameworks=(
        Framework("AWS FSBP", "", "RDS.7"),
        Framework("AWS FSBP", "", "RDS.8"),
        Framework("AWS FSBP", "", "DynamoDB.6"),
        Framework("AWS FSBP", "", "DocumentDB.5"),
        Framework("AWS FSBP", "", "Neptune.4"),
    ),
)
