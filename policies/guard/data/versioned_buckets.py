"""Buckets keep what is overwritten or deleted, unless all that is in them goes by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from ..reading import at, items
from ..resource import Resource
from ..rule import Rule
from ..stack import Stack
from .beside import BUCKETS, settings

VERSIONING: Final = "aws:s3/bucketVersioning:BucketVersioning"
LIFECYCLE: Final = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"


def check(resource: Resource, stack: Stack) -> Iterator[str]:
    """A bucket of logs or records, whose every lifecycle rule lets current objects expire, needs no versions."""
    if at(resource.props, "versioning", "enabled") is True:
        return
    found = [at(each.props, "versioningConfiguration", "status") for each in settings(resource, stack, VERSIONING)]
    if "Enabled" in found:
        return
    rules = [
        rule
        for each in settings(resource, stack, LIFECYCLE)
        for rule in items(at(each.props, "rules"))
        if at(rule, "status") == "Enabled"
    ]
    if not rules or not all(_expires(rule) for rule in rules):
        yield f"bucketVersioning: found {found[0] if found else 'none'}; allowed: Enabled, or a lifecycle that ends all"


def _expires(rule: Any) -> bool:
    return at(rule, "expiration", "days") is not None or at(rule, "expiration", "date") is not None


RULE = Rule(
    name="data-versioned-buckets",
    severity="medium",
    description="Buckets are versioned; one whose lifecycle rules all let current objects expire need not be.",
    remedy="Add a BucketVersioning with status Enabled, and a lifecycle rule that ends old versions.",
    types=BUCKETS,
    check=check,
    needs_stack=True,
)
