"""Resources that send copies to another region. What they send is a figure of their block: no resource states it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from phaseup.price.handlers.databases import source_of
from phaseup.price.item import Item, plain
from phaseup.price.sheet import Sheet


def ask_between(sheet: Sheet) -> None:
    """Asks every block with copies elsewhere what it sends there; a block that states none is told."""
    for type_, sends in _SENDERS.items():
        for item in sheet.items.of(type_):
            if sends(sheet, item):
                sheet.copied(item, "between_gb")


def _bucket(sheet: Sheet, item: Item) -> bool:
    found = [sheet.items.by_urn[urn] for urn in item.named("rules") if urn in sheet.items.by_urn]
    buckets = [each for each in found if each.type.startswith("aws:s3/bucket")]
    return not buckets or any(each.region != item.region for each in buckets)


def _plan(_: Sheet, item: Item) -> bool:
    vaults = [
        str(plain(copy.get("destinationVaultArn")) or "")
        for rule in item.entries("rules")
        for copy in plain(rule.get("copyActions")) or []
    ]
    return any(f":{item.region}:" not in arn for arn in vaults)


def _table(_: Sheet, item: Item) -> bool:
    return any(each.get("regionName") != item.region for each in item.entries("replicas"))


def _always(_: Sheet, __: Item) -> bool:
    return True


def _of(property_: str) -> Callable[[Sheet, Item], bool]:
    return lambda _, item: bool(item.text(property_) or item.named(property_))


def _replica(sheet: Sheet, item: Item) -> bool:
    source = source_of(sheet, item)
    return source is not None and source.region != item.region


def _registry(_: Sheet, item: Item) -> bool:
    return any(
        plain(to).get("region") != item.region
        for rule in item.entries("replicationConfiguration", "rules")
        for to in plain(rule.get("destinations")) or []
    )


_SENDERS: Final[dict[str, Callable[[Sheet, Item], bool]]] = {
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": _bucket,
    "aws:backup/plan:Plan": _plan,
    "aws:dynamodb/table:Table": _table,
    "aws:dynamodb/tableReplica:TableReplica": _always,
    "aws:rds/cluster:Cluster": _of("globalClusterIdentifier"),
    "aws:rds/instance:Instance": _replica,
    "aws:elasticache/replicationGroup:ReplicationGroup": _of("globalReplicationGroupId"),
    "aws:ecr/replicationConfiguration:ReplicationConfiguration": _registry,
}
