"""Brokers: Amazon MQ by its deployment's nodes, MSK by its brokers and their volumes, SQS by request."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from phaseup.price.item import Item, plain
from phaseup.price.sheet import Handler, Sheet

QUEUE: Final = "aws:sqs/queue:Queue"
_NODES: Final = {"SINGLE_INSTANCE": 1, "ACTIVE_STANDBY_MULTI_AZ": 2, "CLUSTER_MULTI_AZ": 3}
_READ: Final = 2.0
"""Requests for each message, or each batch of them, once it is sent: received, deleted."""
_MAPPING: Final = "aws:lambda/eventSourceMapping:EventSourceMapping"
_BATCH: Final = 10.0
"""Messages of a batch where a mapping states none (CreateEventSourceMapping, Lambda API reference, BatchSize)."""
_NAMING: Final = (
    QUEUE,
    "aws:sqs/redrivePolicy:RedrivePolicy",
    "aws:lambda/function:Function",
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
    "aws:scheduler/schedule:Schedule",
    "aws:cloudwatch/eventTarget:EventTarget",
)
"""Types that may name a queue for what they could not deliver."""
_LETTERS_ALONE: Final = ("redrivePolicy", "deadLetterConfig")
"""Properties that name nothing but a queue for dead letters."""
_NAME_LETTERS: Final = ("deadLetterTargetArn", "deadLetterConfig", "deadLetterQueue")


def mq(sheet: Sheet, item: Item) -> None:
    """Amazon MQ: one broker, a pair, or a cluster of three."""
    nodes = _NODES.get(item.text("deploymentMode") or "SINGLE_INSTANCE", 1)
    engine, type_ = item.text("engineType").lower(), item.text("hostInstanceType")
    what = f"{nodes} × {type_} {engine}"
    sheet.add(item, "other", what, f"mq:{engine}:{type_}", nodes * sheet.month(item))
    sheet.used(item, "other", "storage", "mq:storage", "storage_gb")


def msk(sheet: Sheet, item: Item) -> None:
    """MSK: brokers of one class, each with a volume of the declared size."""
    group = ("brokerNodeGroupInfo",)
    brokers, type_ = item.number("numberOfBrokerNodes"), item.text(*group, "instanceType")
    sheet.add(item, "other", f"{brokers:g} × {type_}", f"msk:{type_}", brokers * sheet.month(item))
    size = item.number(*group, "storageInfo", "ebsStorageInfo", "volumeSize")
    if size:
        sheet.add(item, "other", f"{brokers:g} × {size:g} GB", "msk:storage", size * brokers)
    elif not type_.startswith("express."):
        sheet.miss(item, "the size of its brokers' volumes is not stated")
    else:
        sheet.miss(item, "no price of express brokers' storage")


def queue(sheet: Sheet, item: Item) -> None:
    """An SQS queue; one that takes dead letters is asked for nothing in a month that goes well."""
    if item.urn in dead_letters(sheet):
        sheet.nothing(item, "dead letters: nothing in a month that goes well")
        return
    key = "sqs:fifo" if item.flag("fifoQueue") else "sqs:standard"
    letters = dead_letters(sheet)
    times = 1 + _READ / _batch(sheet, item)
    what = f"requests, {times:.3g} a message"
    sheet.used(item, "other", what, key, "million_messages", lambda each: each.urn not in letters, times=times)


def _batch(sheet: Sheet, item: Item) -> float:
    """Messages that are received and deleted with one request: full batches where Lambda reads, else one by one."""
    for each in sheet.items.of(_MAPPING):
        if sheet.items.referred(each, "eventSourceArn", QUEUE, "arn") is item:
            return max(each.number("batchSize", default=_BATCH), 1.0)
    return 1.0


def dead_letters(sheet: Sheet) -> frozenset[str]:
    """URNs of the queues that another resource names for its dead letters."""
    return sheet.once("dead letters", lambda: _dead_letters(sheet))


def _dead_letters(sheet: Sheet) -> frozenset[str]:
    queues = sheet.items.of(QUEUE)
    if not queues:
        return frozenset()
    known = {each.output("arn"): each.urn for each in queues if each.output("arn")}
    all_queues = {each.urn for each in queues}
    found: set[str] = set()
    for item in sheet.items.of(*_NAMING):
        failed = item.text("destinationConfig", "onFailure", "destination")
        if failed in known:
            found.add(known[failed])
        # While the value is unknown, whence it will come says the same.
        named = [urn for name in _LETTERS_ALONE for urn in item.named(name)]
        if not item.text("destinationConfig", "onSuccess", "destination"):
            named += item.named("destinationConfig")
        found.update(set(named) & all_queues)
        for name, value in item.state.inputs.items():
            if name in ("redrivePolicy", "target", *_NAME_LETTERS):
                found.update(known[text] for text in _texts(value, name) if text in known)
    return frozenset(found)


def _texts(value: Any, name: str) -> Iterator[str]:
    """The ARNs that stand under a name for dead letters."""
    here = plain(value)
    if name == "redrivePolicy" and isinstance(here, str):
        try:
            here = json.loads(here)
        except ValueError:
            return
    if isinstance(here, dict):
        for key, below in here.items():
            if key in _NAME_LETTERS or name in _NAME_LETTERS:
                yield from _texts(below, "deadLetterQueue")
    elif isinstance(here, str) and name in _NAME_LETTERS:
        yield here


HANDLERS: Final[dict[str, Handler]] = {
    "aws:mq/broker:Broker": mq,
    "aws:msk/cluster:Cluster": msk,
    QUEUE: queue,
}
