"""Logs are kept for a time, not for ever: AWS keeps them until somebody says how long, and charges by the month."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..reading import number
from ..resource import Resource
from ..rule import Rule

LONGEST_DAYS: Final = 731


def check(resource: Resource) -> Iterator[str]:
    """0 and nothing both mean for ever; the class `DELIVERY` has its own two days."""
    if resource.props.get("logGroupClass") == "DELIVERY":
        return
    asked = number(resource.config.get("days"))
    longest = LONGEST_DAYS if asked is None else asked
    found = number(resource.props.get("retentionInDays"))
    if not found or found > longest:
        yield f"retentionInDays: found {f'{found:g}' if found else 'for ever'}; allowed: 1 to {longest:g}"


RULE = Rule(
    name="scale-log-retention",
    severity="low",
    description="Log groups keep what they have for a stated time, two years at most.",
    remedy="Set `retentionInDays`; what has to be kept for longer is cheaper in a bucket.",
    types=("aws:cloudwatch/logGroup:LogGroup",),
    check=check,
    config={"days": {"type": "number", "minimum": 1, "description": f"The most; {LONGEST_DAYS} without it."}},
)
