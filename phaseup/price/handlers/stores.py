"""What is stored by use: buckets, tables, registries, file systems, vaults. None of them states a size itself."""

from __future__ import annotations

from typing import Final

from phaseup.graph.resource import urn_type
from phaseup.price.item import Item
from phaseup.price.sheet import Handler, Sheet

OWN: Final = "phaseup:index:Bucket"
"""The component of ours whose figures are its objects'."""
TABLE: Final = "aws:dynamodb/table:Table"


def bucket(sheet: Sheet, item: Item) -> None:
    """An S3 bucket: gigabytes by storage class, puts and gets. A block that has several shares its figures evenly."""
    sheet.used(item, "storage", "standard storage", "s3:STANDARD", "storage_gb")
    within = urn_type(item.state.parent) if item.state.parent else ""
    if within.startswith("phaseup:") and within != OWN:
        return  # logs of a balancer, records of a gateway: its requests are that block's, not reads of objects
    tiers = sheet.figure(item, "tiers", ask=False) or {}
    among = max(sheet.items.peers(item), 1)
    for tier, gigabytes in tiers.items():
        sheet.add(item, "storage", tier, f"s3:{tier}", gigabytes / among)
    sheet.used(item, "storage", "writes", "s3:write", "million_writes", ask=False)
    sheet.used(item, "storage", "reads", "s3:read", "million_requests", ask=False)


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


def vault(sheet: Sheet, item: Item) -> None:
    """A vault of AWS Backup; its figure is what all its recovery points hold, in its region."""
    sheet.used(item, "storage", "recovery points", "backup:storage", "storage_gb")


HANDLERS: Final[dict[str, Handler]] = {
    "aws:s3/bucket:Bucket": bucket,
    "aws:s3/bucketV2:BucketV2": bucket,
    TABLE: table,
    "aws:dynamodb/tableReplica:TableReplica": table_copy,
    "aws:ecr/repository:Repository": registry,
    "aws:efs/fileSystem:FileSystem": files,
    "aws:backup/vault:Vault": vault,
}
