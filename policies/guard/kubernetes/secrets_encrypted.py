"""An EKS cluster encrypts its Secrets with a key of the account's own."""

from __future__ import annotations

from collections.abc import Iterator

from ..reading import at, items
from ..resource import Resource
from ..rule import Framework, Rule


def check(resource: Resource) -> Iterator[str]:
    """Since 1.28 AWS encrypts with a key of its own, which the account can neither audit nor withdraw."""
    found = items(at(resource.props, "encryptionConfig", "resources"))
    if "secrets" not in found:
        yield f"encryptionConfig.resources: found {found or None}; allowed: secrets, with a KMS key"


RULE = Rule(
    name="kubernetes-secrets-encrypted",
    severity="medium",
    description="EKS clusters encrypt Kubernetes Secrets with a KMS key of the account.",
    remedy="Set `encryptionConfig` with `resources: [secrets]` and a key; it can be added to a cluster in place, and "
    "never taken away.",
    types=("aws:eks/cluster:Cluster",),
    check=check,
    frameworks=(Framework("AWS FSBP", "", "EKS.3"), Framework("CIS EKS", "1.4.0", "5.3.1")),
)
