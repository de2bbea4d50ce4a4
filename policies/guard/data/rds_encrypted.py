"""RDS storage is encrypted: it can be so from birth alone, as a later change replaces the instance."""

from __future__ import annotations

from collections.abc import Iterator

from ..resource import Resource
from ..rule import Framework, Rule


def check(resource: Resource) -> Iterator[str]:
    """A copy of another instance or cluster takes its source's encryption within the region."""
    props = resource.props
    if props.get("storageEncrypted") is True or props.get("replicateSourceDb") or props.get("clusterIdentifier"):
        return
    yield f"storageEncrypted: found {props.get('storageEncrypted')}; allowed: true"


RULE = Rule(
    name="data-rds-encrypted",
    severity="high",
    description="RDS instances and Aurora clusters encrypt their storage.",
    remedy="Set `storageEncrypted: true` before the first apply; one that is not must be copied from an encrypted snapshot.",
    types=("aws:rds/instance:Instance", "aws:rds/cluster:Cluster"),
    check=check,
    frameworks=(Framework("AWS FSBP", "", "RDS.3"), Framework("CIS AWS", "3.0.0", "2.3.1")),
)
