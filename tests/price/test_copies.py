"""Objects that are replicated: held and written once more in each copy, in the class of the rule."""

from __future__ import annotations

from typing import Any

import pytest

from phaseup.graph.resource import State
from phaseup.graph.values import UNKNOWN
from tests.price.making import block, priced, resource, sums

BUCKET = "aws:s3/bucket:Bucket"
REPLICATION = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"


def replicated(classes: dict[str, str], *, known: bool) -> list[State]:
    at = block("images", "Bucket")
    source = resource(BUCKET, "images-bucket", {}, at)
    copies = [resource(BUCKET, f"images-{region}-bucket", {"region": region}, at) for region in classes]
    for each in copies:
        each.outputs["arn"] = f"arn:aws:s3:::{each.name}" if known else UNKNOWN
    rules: list[dict[str, Any]] = [
        {"id": region, "destination": {"bucket": copy.outputs["arn"], "storageClass": class_}}
        for copy, (region, class_) in zip(copies, classes.items(), strict=True)
    ]
    config = resource(REPLICATION, "images-replication", {"rules": rules}, at, bucket=[source], rules=[source, *copies])
    return [at, source, *copies, config]


@pytest.mark.parametrize("known", [True, False])
def test_each_copy_holds_and_takes_what_the_first_does(known: bool) -> None:
    states = replicated({"us-west-2": "STANDARD", "eu-central-1": "STANDARD"}, known=known)
    usage = {"images": {"storage_gb": 1000, "million_requests": 100, "million_writes": 10, "between_gb": 0}}
    assert sums(priced(*states, usage=usage)) == {
        "s3:STANDARD": 23.0 + 23.0 + 24.5,
        "s3:write": 50.0 + 50.0 + 54.0,
        "s3:read": 40.0,  # of the first alone
        "transfer:region": 0.0,
    }


@pytest.mark.parametrize("known", [True, False])
def test_a_copy_is_held_in_the_class_of_its_rule(known: bool) -> None:
    states = replicated({"us-west-2": "GLACIER_IR"}, known=known)
    usage = {"images": {"storage_gb": 100, "tiers": {"GLACIER_IR": 500, "DEEP_ARCHIVE": 400}, "million_writes": 1}}
    made = sums(priced(*states, usage=usage))
    assert (made["s3:STANDARD"], made["s3:DEEP_ARCHIVE"]) == (2.3, round(400 * 0.00099, 4))
    assert made["s3:GLACIER_IR"] == (500 + 1000) * 0.004
    assert (made["s3:write"], made["s3:write:GLACIER_IR"]) == (5.0, 20.0)


def test_buckets_of_a_block_that_are_no_copies_share_as_before() -> None:
    at = block("files", "Bucket")
    two = [resource(BUCKET, name, {}, at) for name in ("a", "b")]
    assert sums(priced(at, *two, usage={"files": {"storage_gb": 100}})) == {"s3:STANDARD": 2.3}
