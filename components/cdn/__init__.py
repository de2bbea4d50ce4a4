"""cdn: a second content delivery network beside the zone's. Its parts are imported only where a stack has one."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from components.cdn.spec import CdnSpec

if TYPE_CHECKING:
    from components.cdn.component import Cdn, CdnArgs, CdnOrigin

__all__ = ["Cdn", "CdnArgs", "CdnOrigin", "CdnSpec"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module("components.cdn.component"), name)
