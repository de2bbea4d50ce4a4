"""What each Cloudflare plan allows. Above it the API refuses, after the preview has been green: so we refuse first.

Source: cloudflare/cloudflare-docs `src/content/plans/index.json`, and the pages of rate limiting and cache rules of
2026-11: https://developers.cloudflare.com/waf/rate-limiting-rules/, https://developers.cloudflare.com/cache/how-to/cache-rules/.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Plan = Literal["free", "pro", "business", "enterprise"]
PLANS: Final[tuple[Plan, ...]] = ("free", "pro", "business", "enterprise")


@dataclass(frozen=True)
class Limits:
    """One plan's limits; times in seconds."""

    cache_rules: int
    redirects: int
    transforms: int
    """URL rewrites and header transforms together."""
    custom_rules: int
    rate_limits: int
    rate_periods: tuple[int, ...]
    rate_timeouts: tuple[int, ...]
    rate_by_host: bool
    """Whether a rate limit's expression may name the host; Free knows only the path."""
    edge_ttl: int
    """The shortest edge TTL that a cache rule may set."""
    managed_rules: bool
    """Cloudflare's and OWASP's managed rulesets; Free has its own small one, always on."""
    image_settings: bool
    """Polish, WebP and image transformations as zone settings."""
    regex: bool


LIMITS: Final = MappingProxyType(
    {
        "free": Limits(10, 10, 10, 5, 1, (10,), (10,), False, 7200, False, False, False),
        "pro": Limits(25, 25, 25, 20, 2, (10, 60), (10, 60, 600, 3600), True, 3600, True, True, False),
        "business": Limits(
            50, 50, 50, 100, 5, (10, 60, 120, 300, 600), (10, 60, 600, 3600, 86400), True, 1, True, True, True
        ),
        "enterprise": Limits(
            300, 300, 300, 1000, 5, (10, 60, 120, 300, 600, 3600), (10, 60, 600, 3600, 86400), True, 1, True, True, True
        ),
    }
)
