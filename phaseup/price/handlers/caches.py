"""ElastiCache: every node of every shard at its engine's own price. Valkey costs a fifth less than Redis."""

from __future__ import annotations

from typing import Final

from phaseup.price.item import Item
from phaseup.price.sheet import Handler, Sheet

GROUP: Final = "aws:elasticache/replicationGroup:ReplicationGroup"
GLOBAL: Final = "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup"


def group(sheet: Sheet, item: Item) -> None:
    """A replication group; one that follows in a global datastore has its engine, class and shards from the first."""
    primary = _primary(sheet, item)
    first = primary or item
    type_ = item.text("nodeType") or first.text("nodeType")
    engine = item.text("engine") or first.text("engine") or "redis"
    if not type_:
        sheet.miss(item, "its node type is not known before it is applied")
        return
    shards = (_count(first, "numNodeGroups") if primary is not None else 0) or _count(item, "numNodeGroups")
    in_shards = shards * (1 + _count(item, "replicasPerNodeGroup"))
    nodes = in_shards or _count(item, "numCacheClusters") or 1
    month = sheet.month(item)
    key = f"elasticache:{engine}:{type_}"
    sheet.hours(item, "cache", f"{nodes} × {type_} {engine}", key, nodes * month, service="elasticache")
    _backups(sheet, item)


def cluster(sheet: Sheet, item: Item) -> None:
    """A cluster without replication: nodes of one class."""
    nodes = _count(item, "numCacheNodes") or 1
    engine, type_ = item.text("engine") or "redis", item.text("nodeType")
    key, month = f"elasticache:{engine}:{type_}", sheet.month(item)
    sheet.hours(item, "cache", f"{nodes} × {type_} {engine}", key, nodes * month, service="elasticache")
    _backups(sheet, item)


def _backups(sheet: Sheet, item: Item) -> None:
    if item.number("snapshotRetentionLimit") > 0:
        sheet.used(item, "cache", "snapshots", "elasticache:backup", "backup_gb", _kept)


def _kept(item: Item) -> bool:
    return item.number("snapshotRetentionLimit") > 0


def _primary(sheet: Sheet, item: Item) -> Item | None:
    if not (item.text("globalReplicationGroupId") or item.named("globalReplicationGroupId")):
        return None
    store = sheet.items.referred(item, "globalReplicationGroupId", GLOBAL, "globalReplicationGroupId")
    if store is None:
        return None
    return sheet.items.referred(store, "primaryReplicationGroupId", GROUP, "replicationGroupId")


def _count(item: Item, name: str) -> int:
    return int(item.number(name))


HANDLERS: Final[dict[str, Handler]] = {GROUP: group, "aws:elasticache/cluster:Cluster": cluster}
