"""What a zone's settings are told, whichever resource tells it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from ..reading import at, table, text
from ..resource import Resource
from ..stack import Stack

ZONE: Final = "cloudflare:index/zone:Zone"
SETTING: Final = "cloudflare:index/zoneSetting:ZoneSetting"
OVERRIDE: Final = "cloudflare:index/zoneSettingsOverride:ZoneSettingsOverride"
"""All settings of a zone in one resource, until version 5 of the provider."""

TYPES: Final = (ZONE, SETTING, OVERRIDE)

Fault = Callable[[Any], str | None]
"""What was found, if it may not be."""


def judged(
    resource: Resource, stack: Stack, setting: str, camel: str, fault: Fault, allowed: str, default: str
) -> Iterator[str]:
    """A breach of the resource that tells a setting, or of a zone of the stack that is told nothing and so keeps
    Cloudflare's `default`."""
    if resource.type == SETTING:
        if resource.props.get("settingId") == setting:
            yield from _told("value", fault(resource.props.get("value")), allowed)
    elif resource.type == OVERRIDE:
        told = table(resource.props.get("settings"))
        if camel in set(told):
            yield from _told(f"settings.{camel}", fault(told[camel]), allowed)
    elif not any(_tells(each, setting, camel) for each in stack.referring(resource, "zoneId", SETTING, OVERRIDE)):
        yield f"{setting}: found no setting, so {default}; allowed: {allowed}"


def _told(path: str, found: str | None, allowed: str) -> Iterator[str]:
    if found is not None:
        yield f"{path}: found {found}; allowed: {allowed}"


def _tells(resource: Resource, setting: str, camel: str) -> bool:
    if resource.type == SETTING:
        return text(resource.props.get("settingId")) == setting
    return at(resource.props, "settings", camel) is not None


def unless(*allowed: str) -> Fault:
    """A fault of every value but these."""
    return lambda value: None if value in allowed else str(value)
