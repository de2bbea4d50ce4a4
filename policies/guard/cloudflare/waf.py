"""Where the plan has managed WAF rules, they are run: each zone has to be told so, once.

Free has a small managed ruleset that is always on, and no other (cloudflare/cloudflare-docs, plans, 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from ..reading import at, text
from ..resource import Resource
from ..rule import Rule
from ..stack import Stack
from .serving import rules, serves
from .setting import ZONE

SUBSCRIPTION: Final = "cloudflare:index/zoneSubscription:ZoneSubscription"
PHASE: Final = "http_request_firewall_managed"
FREE: Final = ("", "free", "partners_free")


def check(resource: Resource, stack: Stack) -> Iterator[str]:
    """The plan is what the zone's subscription says; a zone without one may be on the plan that the config names."""
    plan = text(resource.config.get("plan"))
    for each in stack.referring(resource, "zoneId", SUBSCRIPTION):
        plan = text(at(each.props, "ratePlan", "id")) or plan
    if plan in FREE or not serves(resource, stack):
        return
    if not any(_runs(each) for each in rules(resource, stack, PHASE)):
        yield f"rulesets.{PHASE}: found no managed rules on plan {plan}; allowed: at least one `execute`"


def _runs(rule: Any) -> bool:
    return at(rule, "action") == "execute" and at(rule, "actionParameters", "overrides", "enabled") is not False


RULE = Rule(
    name="cloudflare-waf",
    severity="high",
    description="A zone that takes requests runs managed WAF rules, where its plan has them (Pro and up).",
    remedy="Add a ruleset of phase `http_request_firewall_managed` that executes Cloudflare's managed ruleset.",
    types=(ZONE,),
    check=check,
    config={
        "plan": {
            "type": "string",
            "enum": ["free", "pro", "business", "enterprise"],
            "description": "The plan of zones whose subscription is not in the stack; without it they count as free.",
        }
    },
    url="https://developers.cloudflare.com/waf/managed-rules/",
    needs_stack=True,
)
