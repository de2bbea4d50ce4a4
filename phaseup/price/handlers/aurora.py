"""Aurora: instances or serverless capacity, storage once a cluster, I/O unless it is included, replicated writes."""

from __future__ import annotations

from typing import Final

from phaseup.price.handlers.databases import CLUSTER, advanced_insights
from phaseup.price.item import Item
from phaseup.price.sheet import Handler, Sheet


def cluster(sheet: Sheet, item: Item) -> None:
    """The storage of a cluster, which its instances share. I/O-Optimized storage costs more and its I/O nothing: both
    are never priced together."""
    optimized = _optimized(item)
    key = "aurora:storage-iopt1" if optimized else "aurora:storage"
    follows = bool(item.text("globalClusterIdentifier") or item.named("globalClusterIdentifier"))
    if follows:
        _follower(sheet, item, key)
    else:
        sheet.used(item, "database", "storage", key, "storage_gb")
        # Of a cluster on its own nothing is copied; what a leader's followers take is priced with them.
        sheet.figure(item, "million_writes", ask=False)
    if not optimized:
        sheet.used(item, "database", "reads and writes of storage", "aurora:io", "million_ios", ask=not follows)
    sheet.used(item, "database", "backups", "aurora:backup", "backup_gb", ask=False)


def _follower(sheet: Sheet, item: Item, key: str) -> None:
    """A cluster of a global database holds what the first one does, and each write that reaches it is charged."""
    clusters = max(sheet.items.peers(item), 1)
    stored = sheet.copied(item, "storage_gb")
    if stored:
        sheet.add(item, "database", "storage", key, stored / clusters)
    written = sheet.copied(item, "million_writes")
    if written:
        sheet.add(item, "database", "writes copied between regions", "aurora:replicated-write", written / clusters)


def member(sheet: Sheet, item: Item) -> None:
    """An instance of a cluster, of a class or serverless."""
    of = sheet.items.referred(item, "clusterIdentifier", CLUSTER, "clusterIdentifier")
    factor = 1.0
    if of is not None and _optimized(of):
        more = sheet.book.price("aurora:iopt1-hours", item.region)
        if more is None:
            sheet.miss(item, "no price of I/O-Optimized hours")
            return
        factor = more.usd
    class_ = item.text("instanceClass")
    if class_ != "db.serverless":
        engine = (item.text("engine") or "aurora-postgresql").removeprefix("aurora-").removesuffix("ql")
        if not class_:
            sheet.miss(item, "its class is not known before it is applied")
            return
        key = f"aurora:{'postgres' if engine.startswith('postgres') else engine}:{class_}"
        sheet.hours(item, "database", class_, key, sheet.month(item), service="aurora", factor=factor)
        if _watched(of):
            advanced_insights(sheet, item, class_)
        return
    stated = sheet.figure(item, "acu")
    least = of.number("serverlessv2ScalingConfiguration", "minCapacity") if of is not None else 0.0
    units = least if stated is None else float(stated)
    if units <= 0 and stated is None:
        sheet.miss(item, "serverless capacity that may fall to nothing: state acu")
        return
    sheet.add(item, "database", f"{units:g} ACU", "aurora:acu", units * sheet.month(item), factor=factor)
    if _watched(of):
        what = "Database Insights, advanced"
        sheet.add(item, "database", what, "aurora:insights-advanced:acu", units * sheet.month(item))


def _watched(of: Item | None) -> bool:
    """Whether a cluster has its instances in the advanced mode of Database Insights."""
    return of is not None and of.text("databaseInsightsMode") == "advanced"


def _optimized(item: Item) -> bool:
    return item.text("storageType") == "aurora-iopt1"


HANDLERS: Final[dict[str, Handler]] = {
    CLUSTER: cluster,
    "aws:rds/clusterInstance:ClusterInstance": member,
}
