"""What is told of a bucket by resources of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pulumi_policy.proxy import UnknownValueError

from ..reading import text
from ..resource import Resource
from ..stack import Stack

BUCKETS: Final = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")


def beside(bucket: Resource, stack: Stack, *types: str) -> list[Resource]:
    """Resources of these types for a bucket: by where their `bucket` comes from, else by its name."""
    found = stack.referring(bucket, "bucket", *types)
    if found:
        return found
    name = _name(bucket)
    return [each for each in stack.of(*types) if name and not each.depends_on.get("bucket") and _name(each) == name]


def _name(resource: Resource) -> str:
    try:
        return text(resource.props.get("bucket"))
    except UnknownValueError:
        return ""


def with_v2(type_: str) -> tuple[str, str]:
    """A type and its older name, e.g. `…:BucketVersioning` and `…V2:BucketVersioningV2`."""
    module, name = type_.rsplit(":", 1)
    return type_, f"{module}V2:{name}V2"


def settings(bucket: Resource, stack: Stack, type_: str) -> Iterator[Resource]:
    """The same, under either name."""
    yield from beside(bucket, stack, *with_v2(type_))
