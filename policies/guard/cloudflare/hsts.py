"""Browsers are told to use HTTPS alone (HTTP Strict Transport Security, RFC 6797), and for long enough."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from ..reading import number, table
from ..resource import Resource
from ..rule import Rule
from ..stack import Stack
from .setting import TYPES, judged

LEAST_DAYS: Final = 180
DAY: Final = 86400


def check(resource: Resource, stack: Stack) -> Iterator[str]:
    """A day less than Cloudflare's own advice of six months is too short; one may ask for more."""
    asked = number(resource.config.get("days"))
    days = LEAST_DAYS if asked is None else asked
    yield from judged(
        resource,
        stack,
        "security_header",
        "securityHeader",
        lambda value: _fault(value, days),
        f"enabled, for at least {days:g} days",
        "off",
    )


def _fault(value: Any, days: float) -> str | None:
    given = table(value)
    # The API's names as they are, since the setting's value is any; the older resource has its own, without the level.
    header = table(given.get("strict_transport_security") or given.get("strictTransportSecurity") or given)
    if header.get("enabled") is not True:
        return "off"
    age = number(header["max_age"] if "max_age" in set(header) else header.get("maxAge"))
    if age is None or age < days * DAY:
        return f"max_age {0 if age is None else age / DAY:g} days"
    return None


RULE = Rule(
    name="cloudflare-hsts",
    severity="medium",
    description="A zone tells browsers to use HTTPS alone, for half a year at least.",
    remedy="Set the zone setting `security_header` with `strict_transport_security` enabled and a long `max_age`.",
    types=TYPES,
    check=check,
    config={"days": {"type": "number", "minimum": 1, "description": f"The least, in days; {LEAST_DAYS} without it."}},
    url="https://developers.cloudflare.com/ssl/edge-certificates/additional-options/http-strict-transport-security/",
    needs_stack=True,
)
