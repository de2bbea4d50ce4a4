"""Kubernetes objects: they run on nodes, which are priced; only volumes and balancers are bought anew."""

from __future__ import annotations

import re
from typing import Final

from phaseup.price.handlers.volumes import disk
from phaseup.price.item import Item
from phaseup.price.sheet import Handler, Sheet

ON_NODES: Final = "runs on nodes, which are priced"
_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?)(Mi|Gi|Ti)")
_GIB: Final = {"Mi": 1 / 1024, "Gi": 1.0, "Ti": 1024.0}


def claim(sheet: Sheet, item: Item) -> None:
    """A volume that a claim asks for."""
    found = _SIZE.fullmatch(item.text("spec", "resources", "requests", "storage"))
    if found is None:
        sheet.miss(item, "the size that it claims is not stated")
        return
    disk(sheet, item, "gp3", float(found[1]) * _GIB[found[2]], None, 1)


def service(sheet: Sheet, item: Item) -> None:
    """A service inside the cluster; one that asks for a balancer gets one that no resource declares."""
    if item.text("spec", "type") == "LoadBalancer":
        sheet.miss(item, "a load balancer that the cluster makes")
    else:
        sheet.nothing(item, ON_NODES)


HANDLERS: Final[dict[str, Handler]] = {
    "kubernetes:core/v1:PersistentVolumeClaim": claim,
    "kubernetes:core/v1:Service": service,
}
