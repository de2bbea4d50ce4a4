"""Parts of uploads that were never finished are dropped: they are invisible in a listing and cost like objects."""

from __future__ import annotations

from collections.abc import Iterator

from ..reading import at, items, number, table
from ..resource import Resource
from ..rule import Rule


def check(resource: Resource) -> Iterator[str]:
    """One enabled rule is enough, whatever prefix it is for."""
    for each in map(table, items(resource.props.get("rules"))):
        days = number(at(each, "abortIncompleteMultipartUpload", "daysAfterInitiation"))
        if each.get("status") == "Enabled" and days is not None:
            return
    yield "rules: found none with abortIncompleteMultipartUpload; allowed: one that is enabled"


RULE = Rule(
    name="scale-unfinished-uploads",
    severity="low",
    description="A bucket's lifecycle drops uploads that were never finished.",
    remedy="Add an enabled rule with `abortIncompleteMultipartUpload`, e.g. after 7 days.",
    types=(
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2",
    ),
    check=check,
)
