"""search: an Amazon OpenSearch domain."""

from __future__ import annotations

from components.search.component import Search, SearchArgs
from components.search.spec import MastersSpec, SearchSpec, WarmSpec

__all__ = ["MastersSpec", "Search", "SearchArgs", "SearchSpec", "WarmSpec"]
