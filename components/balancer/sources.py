"""Cloudflare's address ranges: with a proxied zone, nobody else has business at the balancer."""

from __future__ import annotations

from typing import Final

CLOUDFLARE_RANGES_AS_OF: Final = "2026-02-11"
CLOUDFLARE_RANGES: Final = (
    "103.21.244.0/22",
    "103.22.200.0/22",
    "103.31.4.0/22",
    "104.16.0.0/13",
    "104.24.0.0/14",
    "108.162.192.0/18",
    "131.0.72.0/22",
    "141.101.64.0/18",
    "162.158.0.0/15",
    "172.64.0.0/13",
    "173.245.48.0/20",
    "188.114.96.0/20",
    "190.93.240.0/20",
    "197.234.240.0/22",
    "198.41.128.0/17",
)
"""https://www.cloudflare.com/ips-v4. A committed list and not a lookup: what may reach production changes by review.
Cloudflare announces additions before it sends from them; unchanged since 2021 but for one split."""

LIST_SIZE: Final = 20
"""Entries reserved in the prefix list, each one of the security group's 60 rules; it can grow in place."""
