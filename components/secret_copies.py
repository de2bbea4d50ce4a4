"""A secret's copies in other regions, which Secrets Manager keeps in step with it.

A copy has its original's ARN but for the region (Secrets Manager user guide, "Replicate secrets across Regions"), and
without a key of its own it is encrypted with that region's `aws/secretsmanager`, which whoever may read secrets of the
account through the service may use. Copies come and go by an update of the original, so they need no consent of theirs.
"""

from __future__ import annotations

from collections.abc import Iterable

import pulumi
import pulumi_aws as aws


def copies(regions: Iterable[str]) -> list[aws.secretsmanager.SecretReplicaArgs] | None:
    """For a secret's `replicas`; None, and so not stated, where there are none."""
    return [aws.secretsmanager.SecretReplicaArgs(region=region) for region in sorted(regions)] or None


def arn_in(arn: pulumi.Input[str], region: str) -> pulumi.Output[str]:
    """The ARN of a secret's copy; of nothing yet, as in a preview, nothing."""

    def moved(given: str) -> str:
        parts = given.split(":")
        return ":".join([*parts[:3], region, *parts[4:]]) if len(parts) > 4 else given

    return pulumi.Output.from_input(arn).apply(moved)


def managed_key(region: str, account_id: pulumi.Input[str]) -> pulumi.Output[str]:
    """What a policy names for a copy's key: AWS's own, by pattern, as its id is not ours to know."""
    return pulumi.Output.format("arn:aws:kms:{0}:{1}:key/*", region, account_id)
