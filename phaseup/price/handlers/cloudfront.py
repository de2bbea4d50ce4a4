"""CloudFront: what it delivers, what runs at its edges for a request or a miss, and the shield before an origin."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

from phaseup.price.item import Item, plain
from phaseup.price.sheet import Handler, Sheet

DISTRIBUTION: Final = "aws:cloudfront/distribution:Distribution"
FUNCTION: Final = "aws:cloudfront/function:Function"
_WHOLE: Final = "defaultCacheBehavior"
_NARROW: Final = "orderedCacheBehaviors"
_AT_VIEWERS: Final = ("viewer-request", "viewer-response")
_SUBSCRIBED: Final = "realtimeMetricsSubscriptionStatus"
_CLOUDFRONT: Final = "us-east-1"
"""Where CloudFront reports and is charged."""


def distribution(sheet: Sheet, item: Item) -> None:
    """Gigabytes to viewers and HTTPS requests, at North America's and Europe's rate; and what asks a shield."""
    sheet.used(item, "edge", "delivered", "cloudfront:gb", "egress_gb")
    sheet.used(item, "edge", "requests", "cloudfront:request", "million_requests")
    shields = [
        str(shield.get("originShieldRegion") or "")
        for shield in (plain(origin.get("originShield")) or {} for origin in item.entries("origins"))
        if str(shield.get("enabled")).lower() == "true"
    ]
    if not shields:
        return
    missed = misses(sheet, item)
    for region in shields:  # which origin a miss asks is not known: each is taken for its even part
        if missed:
            sheet.add(item, "edge", "at the shield", "cloudfront:shield", missed / len(shields), region=region)


def misses(sheet: Sheet, item: Item) -> float:
    """Millions of a distribution's requests that the cache has no answer to. Unstated they are told, and all requests
    are taken for it: never too little."""
    stated = sheet.share(item, "million_misses")
    return stated if stated is not None else sheet.share(item, "million_requests", ask=False) or 0.0


def function(sheet: Sheet, item: Item) -> None:
    """A CloudFront function runs at each event that it is associated with, of each request."""
    runs = calls(sheet, item, "functionAssociations", "functionArn")
    if runs is None:  # no distribution here says: it runs at one event at least
        sheet.used(item, "edge", "invocations", "cloudfront:function", "million_requests")
    elif runs:
        sheet.add(item, "edge", "invocations", "cloudfront:function", runs)


def calls(sheet: Sheet, item: Item, associations: str, arn: str) -> float | None:
    """Millions of times that distributions run a function in a month: at viewers once a request for each event, at
    origins once a miss. Of several behaviours the one with most events counts, as requests are not told apart by path.
    None where no distribution names the function."""
    found: list[float] = []
    for each in sheet.items.of(DISTRIBUTION):
        events = [_events(behaviour, each, item, associations, arn) for behaviour in _behaviours(each)]
        most = max(events, key=len, default=[])
        if not most:
            continue
        viewers = sum(event in _AT_VIEWERS for event in most)
        requests = (sheet.share(each, "million_requests") or 0.0) if viewers else 0.0
        found.append(viewers * requests + (misses(sheet, each) * (len(most) - viewers) if len(most) > viewers else 0.0))
    return math.fsum(found) if found else None


def _behaviours(item: Item) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name in (_WHOLE, _NARROW):
        for behaviour in item.entries(name):
            yield name, behaviour


def _events(
    behaviour: tuple[str, Mapping[str, Any]], at: Item, function_: Item, associations: str, arn: str
) -> list[str]:
    """The events at which a behaviour runs a function; while its ARN is not known, by what the property came from."""
    name, given = behaviour
    known = {function_.output("arn"), function_.output("qualifiedArn"), function_.text("arn")} - {""}
    named = function_.urn in at.named(name)
    found: list[str] = []
    for each in plain(given.get(associations)) or []:
        value = plain(plain(each).get(arn))
        if value in known or (value is None and named):
            found.append(str(plain(each).get("eventType")))
    return found


def more_metrics(sheet: Sheet, item: Item) -> None:
    """A distribution's additional metrics, which are eight custom ones of us-east-1 (Amazon CloudFront developer guide,
    "Estimating cost for the additional CloudFront metrics")."""
    if item.text("monitoringSubscription", "realtimeMetricsSubscriptionConfig", _SUBSCRIBED) == "Disabled":
        sheet.nothing(item, "switched off")
        return
    sheet.add(item, "other", "additional metrics", "cloudwatch:metric", 8, region=_CLOUDFRONT)


HANDLERS: Final[dict[str, Handler]] = {
    DISTRIBUTION: distribution,
    FUNCTION: function,
    "aws:cloudfront/monitoringSubscription:MonitoringSubscription": more_metrics,
}
