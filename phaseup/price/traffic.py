"""What a block sends: to the internet, to another region or zone, as metrics. No resource stands for it."""

from __future__ import annotations

from typing import Final

from phaseup.price.item import Item
from phaseup.price.lines import Category
from phaseup.price.sheet import Sheet

_FLOWS: Final[tuple[tuple[str, Category, str, str, float], ...]] = (
    ("egress_gb", "network", "to the internet", "transfer:internet", 1.0),
    ("between_gb", "network", "to other regions", "transfer:region", 1.0),
    ("cross_az_gb", "network", "between zones, both ways", "transfer:zone", 2.0),
    ("metrics", "other", "custom metrics", "cloudwatch:metric", 1.0),
)


def add_traffic(sheet: Sheet) -> None:
    """A line for each flow that a block states in a place and that none of its handlers has priced, on the first of
    its resources there that is AWS's."""
    for item in _firsts(sheet):
        figures = sheet.assumptions.figures(item.block, item.place)
        for figure, category, what, key, sides in _FLOWS:
            if figure in figures and not sheet.took(item.block, item.place, figure):
                value = sheet.figure(item, figure)
                sheet.add(item, category, what, key, value * sides)


def _firsts(sheet: Sheet) -> list[Item]:
    found: dict[tuple[str, str], Item] = {}
    for item in sheet.items.all:
        if item.block and item.type.startswith("aws:"):
            found.setdefault((item.block, item.place), item)
    return list(found.values())
