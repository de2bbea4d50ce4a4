"""EBS volumes: gigabytes, and above gp3's baseline operations and throughput; and the snapshots of them."""

from __future__ import annotations

from typing import Any, Final

from phaseup.price.item import Item, plain
from phaseup.price.lines import Category
from phaseup.price.sheet import Handler, Sheet

_GP3_IOPS: Final = 3000.0
_GP3_THROUGHPUT: Final = 125.0
"""What a gp3 volume has at no charge (EBS user guide)."""


def disk(
    sheet: Sheet,
    item: Item,
    kind: str,
    size: Any,
    iops: Any,
    count: float,
    throughput: Any = None,
    category: Category = "storage",
) -> None:
    """`count` volumes alike; a size that is not stated is never taken for nothing."""
    gigabytes = _known(size)
    if gigabytes is None:
        sheet.miss(item, "the size of a volume is not stated")
        return
    what = f"{count:g} × {gigabytes:g} GB {kind}"
    sheet.add(item, category, what, f"ebs:{kind}", gigabytes * count)
    if kind != "gp3":
        if _known(iops):
            sheet.miss(item, f"no price of provisioned operations of {kind}")
        return
    more = (_known(iops) or 0.0) - _GP3_IOPS
    if more > 0:
        sheet.add(item, category, f"{more:g} operations a second more", "ebs:gp3:iops", more * count)
    faster = (_known(throughput) or 0.0) - _GP3_THROUGHPUT
    if faster > 0:
        sheet.add(item, category, f"{faster:g} MB a second more", "ebs:gp3:throughput", faster * count)


def snapshots(sheet: Sheet, item: Item) -> None:
    """What a plan of snapshots keeps: the volume's data once, and what changed from each to the next. The plan itself
    costs nothing, and none of it comes free with the volume."""
    if item.text("state") == "DISABLED":
        sheet.nothing(item, "switched off")
        return
    sheet.used(item, "storage", "snapshots", "ebs:snapshot", "backup_gb")


def _known(value: Any) -> float | None:
    found = plain(value)
    return None if found is None or isinstance(found, bool) else float(found)


HANDLERS: Final[dict[str, Handler]] = {"aws:dlm/lifecyclePolicy:LifecyclePolicy": snapshots}
