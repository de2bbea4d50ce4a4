"""RDS instances: hours, storage, the standby of Multi-AZ, copies that take their source's storage, backups, proxies."""

from __future__ import annotations

import math
from typing import Final

from phaseup.capacity.hosts import vcpus
from phaseup.price.item import Item
from phaseup.price.sheet import Handler, Sheet

INSTANCE: Final = "aws:rds/instance:Instance"
CLUSTER: Final = "aws:rds/cluster:Cluster"
TARGET: Final = "aws:rds/proxyTarget:ProxyTarget"
_LEAST: Final = 2.0
"""vCPUs that a proxy is charged for an instance at least."""
_FREE_INSIGHTS: Final = 7.0
"""Days of Performance Insights that cost nothing."""
_GP3_BASE: Final = 3000.0
_GP3_STRIPED: Final = 12000.0
_STRIPES_FROM: Final = 400.0
"""GB from which a gp3 volume of RDS for PostgreSQL is striped and has four times the operations at no charge."""


def instance(sheet: Sheet, item: Item) -> None:
    """An instance or a read replica. Multi-AZ has prices of its own, else it is two instances and two volumes."""
    engine = item.text("engine") or _source_text(sheet, item, "engine") or "postgres"
    class_ = item.text("instanceClass")
    if not class_:
        sheet.miss(item, "its class is not known before it is applied")
    else:
        _hours(sheet, item, f"rds:{engine}", class_)
    _storage(sheet, item)
    if item.number("backupRetentionPeriod") > 0 and not _is_copy(item):
        sheet.used(item, "database", "backups", "rds:backup", "backup_gb", lambda each: not _is_copy(each))
    if item.flag("performanceInsightsEnabled"):
        _insights(sheet, item, class_)


def _hours(sheet: Sheet, item: Item, service: str, class_: str) -> None:
    month = sheet.month(item)
    if not item.flag("multiAz"):
        sheet.hours(item, "database", class_, f"{service}:{class_}", month, service="rds")
        return
    own = sheet.book.own(f"{service}:multi-az:{class_}", item.region)
    single = sheet.book.own(f"{service}:{class_}", item.region)
    # A price of this region beats a Multi-AZ price of another: twice the instance is what Multi-AZ costs to the cent.
    if own is not None or (single is None and sheet.book.price(f"{service}:multi-az:{class_}", item.region)):
        sheet.hours(item, "database", f"{class_}, Multi-AZ", f"{service}:multi-az:{class_}", month, service="rds")
    else:
        sheet.hours(item, "database", f"2 × {class_}, Multi-AZ", f"{service}:{class_}", 2 * month, service="rds")


def _storage(sheet: Sheet, item: Item) -> None:
    kind = item.text("storageType") or _source_text(sheet, item, "storageType") or "gp2"
    size = item.number("allocatedStorage") or _source_storage(sheet, item)
    if not size:
        sheet.miss(item, "the size of its storage is not stated, nor that of its source")
        return
    key = f"rds:multi-az:{kind}" if item.flag("multiAz") else f"rds:{kind}"
    sheet.add(item, "database", f"{size:g} GB {kind}", key, size)
    iops = item.number("iops")
    if kind == "gp3":
        iops -= _GP3_STRIPED if size >= _STRIPES_FROM else _GP3_BASE
    if iops > 0:
        sheet.add(item, "database", f"{iops:g} operations a second", f"{key}:iops", iops)


def source_of(sheet: Sheet, item: Item) -> Item | None:
    """The instance that a replica copies, itself perhaps a replica."""
    return sheet.items.referred(item, "replicateSourceDb", INSTANCE, "identifier", "arn")


def _source_text(sheet: Sheet, item: Item, name: str) -> str:
    source = source_of(sheet, item)
    return "" if source is None or source is item else source.text(name)


def _source_storage(sheet: Sheet, item: Item) -> float:
    seen = {item.urn}
    source = source_of(sheet, item)
    while source is not None and source.urn not in seen:
        if size := source.number("allocatedStorage"):
            return size
        seen.add(source.urn)
        source = source_of(sheet, source)
    return 0.0


def _is_copy(item: Item) -> bool:
    return bool(item.text("replicateSourceDb") or item.named("replicateSourceDb"))


def _insights(sheet: Sheet, item: Item, class_: str) -> None:
    if item.text("databaseInsightsMode") == "advanced":
        advanced_insights(sheet, item, class_)
        return
    if item.number("performanceInsightsRetentionPeriod", default=_FREE_INSIGHTS) > _FREE_INSIGHTS:
        family = class_.rsplit(".", 1)[0]
        _by_vcpu(sheet, item, class_, "Performance Insights, long term", f"rds:insights:{family}")


def advanced_insights(sheet: Sheet, item: Item, class_: str) -> None:
    """Database Insights in its advanced mode: by the instance's vCPUs."""
    _by_vcpu(sheet, item, class_, "Database Insights, advanced", "rds:insights-advanced", sheet.month(item))


def _by_vcpu(sheet: Sheet, item: Item, class_: str, what: str, key: str, times: float = 1.0) -> None:
    number = _cores(class_)
    if number:
        sheet.add(item, "database", what, key, number * times)
    else:
        sheet.miss(item, f"how many vCPUs {class_ or 'its class'} has is not known")


def proxy(sheet: Sheet, item: Item) -> None:
    """RDS Proxy: by the vCPUs of every instance behind it, two at least of each."""
    behind = [each for target in sheet.items.of(TARGET) if _of(item, target) for each in _targets(sheet, target)]
    cores = [_cores(each.text("instanceClass")) for each in behind]
    if not cores or not all(cores):
        sheet.miss(item, "the class of the database behind the proxy is not known")
        return
    paid = math.fsum(max(each, _LEAST) for each in cores)
    sheet.add(item, "database", f"proxy of {paid:g} vCPU", "rds:proxy", paid * sheet.month(item))


def _of(proxy_: Item, target: Item) -> bool:
    return proxy_.urn in target.named("dbProxyName") or target.text("dbProxyName") == proxy_.text("name") != ""


def _targets(sheet: Sheet, target: Item) -> list[Item]:
    """The instance that a target names, or all that its cluster has: writer and readers take connections."""
    single = sheet.items.referred(target, "dbInstanceIdentifier", INSTANCE, "identifier")
    if single is not None:
        return [single]
    cluster = sheet.items.referred(target, "dbClusterIdentifier", CLUSTER, "clusterIdentifier")
    return [
        each
        for each in sheet.items.of("aws:rds/clusterInstance:ClusterInstance")
        if cluster is not None
        and sheet.items.referred(each, "clusterIdentifier", CLUSTER, "clusterIdentifier") is cluster
    ]


def _cores(class_: str) -> float:
    """Virtual CPUs of a class: those of the EC2 type it is named after."""
    return float(vcpus(class_.removeprefix("db.")) or 0)


HANDLERS: Final[dict[str, Handler]] = {INSTANCE: instance, "aws:rds/proxy:Proxy": proxy}
