"""Rules on Cloudflare: zones, names, workers and buckets."""

from __future__ import annotations

from . import (
    always_https,
    dnssec,
    hsts,
    minimum_tls,
    monitors_https,
    names_minimum_tls,
    no_side_entrance,
    origins_proxied,
    rate_limits,
    tls_strict,
    waf,
    worker_date,
)

RULES = (
    tls_strict.RULE,
    minimum_tls.RULE,
    names_minimum_tls.RULE,
    always_https.RULE,
    hsts.RULE,
    waf.RULE,
    rate_limits.RULE,
    dnssec.RULE,
    origins_proxied.RULE,
    no_side_entrance.RULE,
    worker_date.RULE,
    monitors_https.RULE,
)
