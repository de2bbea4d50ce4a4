"""Every bucket has the four locks against being public, on itself or on the whole account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..patience import in_turn
from ..reading import at
from ..resource import Resource
from ..rule import Framework, Rule
from ..stack import Stack
from .beside import BUCKETS, beside
from .must import Must, on

LOCKS: Final = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
"""Each is false unless set."""

BLOCK: Final = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
ACCOUNT: Final = "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock"


def check(resource: Resource, stack: Stack) -> Iterator[str]:
    """A bucket has one block at most."""
    if any(all(on(at(each.props, lock)) for lock in LOCKS) for each in stack.of(ACCOUNT)):
        return
    blocks = beside(resource, stack, BLOCK)
    if not blocks:
        yield "bucketPublicAccessBlock: found none; allowed: one for this bucket, with all four locks"
    for block in blocks:
        yield from in_turn(
            Must((lock,), "true", on).breaches(block.props, ("bucketPublicAccessBlock",)) for lock in LOCKS
        )


RULE = Rule(
    name="data-public-access-block",
    severity="high",
    description="Public access is blocked for every bucket, by its own public access block or the account's.",
    remedy="Add a BucketPublicAccessBlock with all four properties true; serve the public through a CDN.",
    types=BUCKETS,
    check=check,
    frameworks=(Framework("AWS FSBP", "", "S3.8"), Framework("CIS AWS", "3.0.0", "2.1.4")),
    needs_stack=True,
)
