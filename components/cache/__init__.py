"""cache: an ElastiCache replication group (Valkey), a cache or a queue, with groups in other regions that follow it."""

from __future__ import annotations

from components.cache.component import Cache, CacheArgs, Leader
from components.cache.spec import CacheRegionSpec, CacheSpec

__all__ = ["Cache", "CacheArgs", "CacheRegionSpec", "CacheSpec", "Leader"]
