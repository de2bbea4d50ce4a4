"""OpenSearch domains: data nodes with their volumes, dedicated masters, coordinators, warm nodes."""

from __future__ import annotations

from typing import Final

from phaseup.price.item import Item
from phaseup.price.sheet import Handler, Sheet

_RESERVED_ALIKE: Final = frozenset({"m6g", "m7g", "m7i", "r6g", "r7g", "c7g"})
"""Families of one rate for reserved instances; each other one has its own, or none that was found."""


def domain(sheet: Sheet, item: Item) -> None:
    """A domain; each data node has a volume of the declared size."""
    config = ("clusterConfig",)
    month = sheet.month(item)
    nodes = item.number(*config, "instanceCount", default=1)
    _nodes(sheet, item, "data", item.text(*config, "instanceType"), nodes, month)
    if item.flag(*config, "dedicatedMasterEnabled"):
        type_ = item.text(*config, "dedicatedMasterType")
        _nodes(sheet, item, "master", type_, item.number(*config, "dedicatedMasterCount", default=3), month)
    if item.flag(*config, "warmEnabled"):
        _nodes(sheet, item, "warm", item.text(*config, "warmType"), item.number(*config, "warmCount"), month)
    for option in item.entries(*config, "nodeOptions"):
        of = option.get("nodeConfig") or {}
        if str(of.get("enabled")).lower() == "true":
            _nodes(sheet, item, option.get("nodeType") or "", of.get("type") or "", float(of.get("count") or 0), month)
    if item.flag("ebsOptions", "ebsEnabled"):
        kind = item.text("ebsOptions", "volumeType") or "gp2"
        size = item.number("ebsOptions", "volumeSize")
        if size:
            what = f"{nodes:g} × {size:g} GB {kind}"
            sheet.add(item, "search", what, f"opensearch:{kind}", size * nodes)
        else:
            sheet.miss(item, "the size of its volumes is not stated")


def _nodes(sheet: Sheet, item: Item, role: str, type_: str, count: float, month: float) -> None:
    if not type_:
        sheet.miss(item, f"the type of its {role} nodes is not known before it is applied")
    elif count > 0:
        what = f"{count:g} × {type_} ({role})"
        family = type_.partition(".")[0]
        service = "opensearch" if family in _RESERVED_ALIKE else f"opensearch {family}"
        sheet.hours(item, "search", what, f"opensearch:{type_}", count * month, service=service)


HANDLERS: Final[dict[str, Handler]] = {"aws:opensearch/domain:Domain": domain}
