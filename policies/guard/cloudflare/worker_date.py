"""A worker says for which state of the runtime it was written; without a date it is the oldest there is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from ..reading import number, text
from ..resource import Resource
from ..rule import Rule
from ..today import today

OLDEST_DAYS: Final = 730


def check(resource: Resource) -> Iterator[str]:
    """Two years without a look at what has changed since are too long."""
    asked = number(resource.config.get("days"))
    oldest = today() - timedelta(days=OLDEST_DAYS if asked is None else asked)
    found = text(resource.props.get("compatibilityDate"))
    try:
        stated = date.fromisoformat(found)
    except ValueError:
        stated = None
    if stated is None or stated < oldest:
        yield f"compatibilityDate: found {found or None}; allowed: {oldest} or later"


RULE = Rule(
    name="cloudflare-worker-date",
    severity="low",
    description="A worker has a compatibility date of the last two years.",
    remedy="Read what has changed since its date, test, and set a newer `compatibilityDate`.",
    types=(
        "cloudflare:index/workersScript:WorkersScript",
        "cloudflare:index/workerScript:WorkerScript",
        "cloudflare:index/workerVersion:WorkerVersion",
    ),
    check=check,
    config={"days": {"type": "number", "minimum": 1, "description": f"Its age at most; {OLDEST_DAYS} without it."}},
    url="https://developers.cloudflare.com/workers/configuration/compatibility-dates/",
)
