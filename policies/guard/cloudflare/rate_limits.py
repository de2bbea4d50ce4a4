"""How often one visitor may ask is limited at the edge; every plan has one rule for it at least."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..resource import Resource
from ..rule import Rule
from ..stack import Stack
from .serving import rules, serves
from .setting import ZONE

PHASE: Final = "http_ratelimit"
OLD: Final = "cloudflare:index/rateLimit:RateLimit"
"""Until version 5 of the provider."""


def check(resource: Resource, stack: Stack) -> Iterator[str]:
    """A rule that only logs limits nobody."""
    if not serves(resource, stack) or stack.referring(resource, "zoneId", OLD):
        return
    if not any(
        each.get("ratelimit") is not None and each.get("action") != "log" for each in rules(resource, stack, PHASE)
    ):
        yield f"rulesets.{PHASE}: found no rate limit; allowed: at least one rule that acts"


RULE = Rule(
    name="cloudflare-rate-limits",
    severity="medium",
    description="A zone that takes requests limits how many one visitor may make.",
    remedy="Add a ruleset of phase `http_ratelimit`; the Free plan has one rule, on the path, of 10 seconds.",
    types=(ZONE,),
    check=check,
    url="https://developers.cloudflare.com/waf/rate-limiting-rules/",
    needs_stack=True,
)
