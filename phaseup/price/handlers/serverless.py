"""What is paid by call: functions, gateways, events, schedules, state machines."""

from __future__ import annotations

from typing import Final

from phaseup.price.handlers.cloudfront import calls as calls_at_edges
from phaseup.price.item import Item
from phaseup.price.lines import Category
from phaseup.price.sheet import Handler, Sheet

_FREE_SCHEDULES: Final = 14.0
"""Million invocations of EventBridge Scheduler that each month has free."""
_DEFAULT_MB: Final = 128.0
_RECORDS_GB: Final = 5e6 / 1024**2
"""GB that a million records are counted as."""


def function(sheet: Sheet, item: Item) -> None:
    """A Lambda function: invocations, and gigabyte-seconds of its memory for as long as one takes."""
    at_edges = calls_at_edges(sheet, item, "lambdaFunctionAssociations", "lambdaArn")
    if at_edges is not None:
        # Lambda@Edge: dearer, the same everywhere, without free calls.
        _run(sheet, item, at_edges, "edge", "lambda-edge:request", "lambda-edge:gb-second", " at the edge")
        return
    calls = sheet.share(item, "million_requests")
    arm = "arm64" in [str(each) for each in item.entries("architectures")]
    _run(sheet, item, calls, "compute", "lambda:request", "lambda:gb-second:arm64" if arm else "lambda:gb-second")


def _run(
    sheet: Sheet, item: Item, calls: float | None, category: Category, request: str, second: str, where: str = ""
) -> None:
    """Million calls, and what each takes of its memory for how long, at the keys of a `request` and a `second`."""
    if calls:
        sheet.add(item, category, f"invocations{where}", request, calls)
    lasting = sheet.figure(item, "duration_ms")
    if not calls or not lasting:
        return
    memory = item.number("memorySize", default=_DEFAULT_MB) / 1024
    what = f"{lasting:g} ms of {memory:g} GB{where}"
    sheet.add(item, category, what, second, calls * 1e6 * lasting / 1000 * memory)


def http_api(sheet: Sheet, item: Item) -> None:
    """An HTTP API, by request; WebSocket APIs are paid by message, for which there is no price here."""
    if item.text("protocolType") == "WEBSOCKET":
        sheet.miss(item, "no price of WebSocket messages")
        return
    sheet.used(item, "network", "requests", "apigateway:http", "million_requests")


def rest_api(sheet: Sheet, item: Item) -> None:
    """A REST API, by request; the more an account has in a region, the less each costs."""
    sheet.stepped(item, "network", "requests", "apigateway:rest", "million_requests")


def rest_stage(sheet: Sheet, item: Item) -> None:
    """A REST stage's cache, by its size and hour."""
    if not item.flag("cacheClusterEnabled"):
        sheet.nothing(item, "a stage costs nothing without a cache of its own")
        return
    size = item.text("cacheClusterSize")
    sheet.add(item, "network", f"cache of {size} GB", f"apigateway:cache:{size}", sheet.month(item))


def bus(sheet: Sheet, item: Item) -> None:
    """An event bus, by what is published on it."""
    sheet.used(item, "other", "events", "events:event", "million_writes")


def archive(sheet: Sheet, item: Item) -> None:
    """A bus's archive, by what it holds."""
    sheet.used(item, "other", "archived events", "events:archive", "storage_gb")


def schedule(sheet: Sheet, item: Item) -> None:
    """A schedule: free for the first fourteen million invocations a month."""
    if (sheet.share(item, "million_requests", ask=False) or 0) > _FREE_SCHEDULES:
        sheet.miss(item, "no price of invocations beyond fourteen million")
    else:
        sheet.nothing(item, "fourteen million invocations a month are free")


def stream(sheet: Sheet, item: Item) -> None:
    """A gateway's Firehose stream, by what flows through it: a record for each request, of less than the least that one
    is counted as (Amazon Data Firehose pricing: in steps of 5 KB)."""
    sheet.used(item, "other", "records of 5 KB", "firehose:gb", "million_requests", times=_RECORDS_GB)


def states(sheet: Sheet, item: Item) -> None:
    """A standard state machine, by transition."""
    if item.text("type") == "EXPRESS":
        sheet.miss(item, "no price of express workflows")
    else:
        sheet.used(item, "other", "transitions", "sfn:transition", "million_requests")


HANDLERS: Final[dict[str, Handler]] = {
    "aws:lambda/function:Function": function,
    "aws:apigatewayv2/api:Api": http_api,
    "aws:apigateway/restApi:RestApi": rest_api,
    "aws:apigateway/stage:Stage": rest_stage,
    "aws:cloudwatch/eventBus:EventBus": bus,
    "aws:cloudwatch/eventArchive:EventArchive": archive,
    "aws:scheduler/schedule:Schedule": schedule,
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": stream,
    "aws:sfn/stateMachine:StateMachine": states,
}
