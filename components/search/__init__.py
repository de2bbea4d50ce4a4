"""search: an Amazon OpenSearch domain."""

from __future__ import annotations

from components.search.component import Leader, Search, SearchArgs
from components.search.spec import MastersSpec, SearchRegionSpec, SearchSpec, WarmSpec

__all__ = ["Leader", "MastersSpec", "Search", "SearchArgs", "SearchRegionSpec", "SearchSpec", "WarmSpec"]
