"""A store that still holds something refuses to be deleted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ..resource import Resource
from ..rule import Rule
from .must import Must

EMPTIES: Final[Mapping[str, str]] = {
    "aws:s3/bucket:Bucket": "forceDestroy",
    "aws:s3/bucketV2:BucketV2": "forceDestroy",
    "aws:s3/directoryBucket:DirectoryBucket": "forceDestroy",
    "aws:ecr/repository:Repository": "forceDelete",
    "aws:backup/vault:Vault": "forceDestroy",
    "aws:route53/zone:Zone": "forceDestroy",
}
"""By type, the property under which a deletion empties it first; false unless set."""


def check(resource: Resource) -> Iterator[str]:
    """In dev, throwing away is what one wants."""
    if resource.guarded:
        must = Must((EMPTIES[resource.type],), "false", lambda value: value not in (True, "true"))
        yield from must.breaches(resource.props)


RULE = Rule(
    name="data-force-destroy",
    severity="high",
    description="Outside dev, no bucket, registry, vault or zone is emptied by deleting it.",
    remedy="Leave it false; set it for the one apply that deletes what nobody wants any more.",
    types=tuple(EMPTIES),
    check=check,
)
