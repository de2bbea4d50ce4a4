"""A secret that was deleted by mistake can be had back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..reading import number
from ..resource import Resource
from ..rule import Rule

LEAST: Final = 7
"""Days; the shortest that Secrets Manager takes but for 0, which deletes at once. It is 30 unless told otherwise."""


def check(resource: Resource) -> Iterator[str]:
    """In dev a name must be free again at once."""
    days = number(resource.props.get("recoveryWindowInDays"))
    if resource.guarded and days is not None and days < LEAST:
        yield f"recoveryWindowInDays: found {days:g}; allowed: at least {LEAST}"


RULE = Rule(
    name="identity-secret-recovery",
    severity="medium",
    description="Secrets of staging and prod have a recovery window.",
    remedy="Leave `recoveryWindowInDays` at 30, or set at least 7.",
    types=("aws:secretsmanager/secret:Secret",),
    check=check,
)
