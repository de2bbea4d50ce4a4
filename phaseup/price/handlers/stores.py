"""What is stored by use: buckets, tables, registries, file systems. None of them states a size itself."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from phaseup.graph.resource import urn_type
from phaseup.price.item import Item, plain
from phaseup.price.sheet import Handler, Sheet

BUCKETS: Final = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
REPLICATION: Final = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
OWN: Final = "phaseup:index:Bucket"
"""The component of ours whose figures are its objects'."""
TABLE: Final = "aws:dynamodb/table:Table"


def bucket(sheet: Sheet, item: Item) -> None:
    """An S3 bucket: gigabytes by storage class, puts and gets. A block that has several shares its figures evenly,
    but for copies, which repeat them."""
    class_ = _copied_as(sheet, item)
    if class_:
        _copy(sheet, item, class_)
        return
    own = _not_a_copy(sheet)
    sheet.used(item, "storage", "standard storage", "s3:STANDARD", "storage_gb", own)
    within = urn_type(item.state.parent) if item.state.parent else ""
    if within.startswith("phaseup:") and within != OWN:
        return  # logs of a balancer, records of a gateway: its requests are that block's, not reads of objects
    tiers = sheet.figure(item, "tiers", ask=False) or {}
    among = max(sheet.items.peers(item, own), 1)
    for tier, gigabytes in tiers.items():
        sheet.add(item, "storage", tier, f"s3:{tier}", gigabytes / among)
    sheet.used(item, "storage", "writes", "s3:write", "million_writes", own, ask=False)
    sheet.used(item, "storage", "reads", "s3:read", "million_requests", own, ask=False)


def _copy(sheet: Sheet, item: Item, class_: str) -> None:
    """What a bucket's objects are replicated to: it holds all of them, in the class of the rule, and takes each write.
    Reads are the first one's."""
    among = max(sheet.items.peers(item, _not_a_copy(sheet)), 1)
    held = (sheet.copied(item, "storage_gb") or 0.0) + math.fsum(
        (sheet.figure(item, "tiers", ask=False) or {}).values()
    )
    if held:
        sheet.add(item, "storage", f"copies, {class_}", f"s3:{class_}", held / among)
    written = sheet.figure(item, "million_writes", ask=False)
    if written:
        key = "s3:write" if class_ == "STANDARD" else f"s3:write:{class_}"
        sheet.add(item, "storage", "writes copied", key, written / among)


def _not_a_copy(sheet: Sheet) -> Callable[[Item], bool]:
    return lambda each: not _copied_as(sheet, each)


def _copied_as(sheet: Sheet, item: Item) -> str:
    """The storage class in which objects of another bucket of the block are replicated to this one; empty where none
    are. A rule without a class keeps that in which the object was written."""
    classes: dict[str, str] = sheet.once("replicated", lambda: _replicated(sheet))
    return classes.get(item.urn, "")


def _replicated(sheet: Sheet) -> dict[str, str]:
    """URN of each bucket that takes copies → their class; by its ARN, else by what the rules came from: of those that
    are named, each is its region's, as its rule is called."""
    found: dict[str, str] = {}
    buckets = sheet.items.of(*BUCKETS)
    by_urn, by_arn = {each.urn: each for each in buckets}, {each.output("arn"): each for each in buckets}
    for config in sheet.items.of(REPLICATION):
        source = set(config.named("bucket"))
        named = [by_urn[urn] for urn in config.named("rules") if urn in by_urn and urn not in source]
        for rule in config.entries("rules"):
            to = plain(rule.get("destination")) or {}
            arn, class_ = plain(to.get("bucket")), str(plain(to.get("storageClass")) or "STANDARD")
            known = by_arn.get(arn) if arn else next((each for each in named if each.region == rule.get("id")), None)
            for each in [known] if known is not None else named:
                found.setdefault(each.urn, class_)
    return found


def table(sheet: Sheet, item: Item) -> None:
    """A DynamoDB table and its copies: each region stores everything and takes every write."""
    copies = [str(each.get("regionName")) for each in item.entries("replicas")]
    regions = [item.region, *(each for each in copies if each != "None")]
    for region in regions:
        where = "" if region == item.region else f", {region}"
        gigabytes = sheet.share(item, "storage_gb")
        if gigabytes:
            sheet.add(item, "database", f"storage{where}", "dynamodb:storage", gigabytes, region=region)
            if item.flag("pointInTimeRecovery", "enabled"):
                what = f"point-in-time recovery{where}"
                sheet.add(item, "database", what, "dynamodb:pitr", gigabytes, region=region)
        _capacity(sheet, item, region, where)
    sheet.used(item, "database", "backups", "dynamodb:backup", "backup_gb", ask=False)


def _capacity(sheet: Sheet, item: Item, region: str, where: str) -> None:
    if item.text("billingMode") == "PAY_PER_REQUEST":
        writes = sheet.share(item, "million_writes")
        if writes:
            sheet.add(item, "database", f"writes{where}", "dynamodb:write", writes, region=region)
        reads = sheet.share(item, "million_requests")
        if reads and not where:
            sheet.add(item, "database", "reads", "dynamodb:read", reads)
        return
    month = sheet.month(item)
    for name, key in (("readCapacity", "dynamodb:rcu"), ("writeCapacity", "dynamodb:wcu")):
        if units := item.number(name):
            sheet.add(item, "database", f"{units:g} {name}{where}", key, units * month, region=region)


def table_copy(sheet: Sheet, item: Item) -> None:
    """A table's replica as a resource of its own: it stores everything and takes every write, where it stands."""
    tables = max(len([each for each in sheet.items.of(TABLE) if each.block == item.block]), 1)
    for figure, what, key in (
        ("storage_gb", "storage", "dynamodb:storage"),
        ("million_writes", "writes copied", "dynamodb:write"),
    ):
        value = sheet.copied(item, figure)
        if value:
            sheet.add(item, "database", what, key, value / tables)
            if figure == "storage_gb" and item.flag("pointInTimeRecovery"):
                sheet.add(item, "database", "point-in-time recovery", "dynamodb:pitr", value / tables)


def registry(sheet: Sheet, item: Item) -> None:
    """An ECR repository, by its images' gigabytes."""
    sheet.used(item, "storage", "images", "ecr:storage", "storage_gb")


def files(sheet: Sheet, item: Item) -> None:
    """An EFS file system in standard storage."""
    sheet.used(item, "storage", "files", "efs:standard", "storage_gb")


HANDLERS: Final[dict[str, Handler]] = {
    **dict.fromkeys(BUCKETS, bucket),
    TABLE: table,
    "aws:dynamodb/tableReplica:TableReplica": table_copy,
    "aws:ecr/repository:Repository": registry,
    "aws:efs/fileSystem:FileSystem": files,
}
