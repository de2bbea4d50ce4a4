"""Vaults of AWS Backup: each holds all recovery points, at the price of what they are of.

A gigabyte of RDS costs almost five times one of Aurora; neither is charged by AWS Backup itself but by RDS, at its
price of snapshots (AWS Backup developer guide, "Metering, costs, and billing for AWS Backup").
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from phaseup.price.handlers.stores import BUCKETS
from phaseup.price.item import Item, plain
from phaseup.price.sheet import Handler, Sheet

SELECTION: Final = "aws:backup/selection:Selection"
_TAG: Final = "aws:ResourceTag/block"
"""By which a selection finds a block's resources (components/backup)."""
_KINDS: Final = {
    **dict.fromkeys(BUCKETS, "s3"),
    "aws:rds/cluster:Cluster": "aurora",
    "aws:rds/instance:Instance": "rds",
}
_OF: Final = {"s3": "buckets", "aurora": "Aurora", "rds": "databases"}


def vault(sheet: Sheet, item: Item) -> None:
    """The block's figure is what one vault holds, so each vault holds it whole, at home and in each copy."""
    held = sheet.copied(item, "storage_gb")
    if not held:
        return
    for kind, gigabytes in _by_kind(sheet, item, held).items():
        if gigabytes > 0:
            sheet.add(item, "storage", f"recovery points of {_OF[kind]}", f"backup:storage:{kind}", gigabytes)


def _by_kind(sheet: Sheet, item: Item, held: float) -> dict[str, float]:
    """What is held by kind: of the buckets that are selected what they store, the rest of the databases. Where neither
    is known it is of the dearest kind."""
    blocks = dict.fromkeys(_selected(sheet, item))
    kinds = sheet.once("kinds of blocks", lambda: {e.block: _KINDS[e.type] for e in sheet.items.of(*_KINDS)})
    found = {kinds.get(block, "rds") for block in blocks} or {"rds"}
    if found == {"s3"}:
        return {"s3": held}
    stored = math.fsum(_stored(sheet, block) for block in blocks if kinds.get(block) == "s3")
    of_buckets = min(stored, held)
    return {"s3": of_buckets, "rds" if "rds" in found else "aurora": held - of_buckets}


def _selected(sheet: Sheet, item: Item) -> Iterator[str]:
    """The blocks that the selections beside a vault name."""
    for selection in sheet.items.of(SELECTION):
        if selection.block != item.block:
            continue
        for condition in selection.entries("conditions"):
            for each in plain(condition.get("stringEquals")) or []:
                if each.get("key") == _TAG and plain(each.get("value")):
                    yield str(plain(each["value"]))


def _stored(sheet: Sheet, block: str) -> float:
    """Gigabytes in a bucket at home, of all classes."""
    figures = sheet.assumptions.figures(block, "")
    return (figures.get("storage_gb") or 0.0) + math.fsum((figures.get("tiers") or {}).values())


HANDLERS: Final[dict[str, Handler]] = {"aws:backup/vault:Vault": vault}
