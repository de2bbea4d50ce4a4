"""Event buses, at home and in other regions: what their rules hand on to, and who may put events on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from components.events import Events, EventsArgs, EventsSpec
from components.events.component import ARCHIVE_LIMIT
from components.events.rules import rule_name
from components.events.spec import EventTargetSpec, rules_of
from components.function import FunctionSpec
from components.service.endpoint import Consumer, EndpointArgs
from components.site import Site
from stacks.compose.context import Context
from stacks.compose.places import Place

RULE_LIMIT: Final = 64
"""Characters of a rule's name (PutRule, EventBridge API reference)."""


def buses(context: Context) -> None:
    """Every bus, with rules at home."""
    for block, spec, place in context.placed("events", EventsSpec):
        name, at_home = context.called(block.name, place), place is context.seat(block.name)
        context.buses[name] = Events(
            name,
            EventsArgs(
                spec=spec,
                site=context.site_of(block, place),
                account_id=context.network.account_id,
                logs_key=place.network.logs_key.arn,
                functions={made: function.alias for made, function in context.functions.items()},
                queues=_queues(context, spec) if at_home else {},
                home=None if at_home else context.seat(block.name).region,
                bus=block.name,
            ),
        )


def of_events(
    context: Context, block: str, site: Site, place: Place, consumers: Mapping[str, Consumer]
) -> EndpointArgs:
    """Events are put on the bus of the place, where it has one, else on the block's own."""
    here = context.buses.get(context.called(block, place))
    fills = here or context.buses[block]
    statements: list[dict[str, Any]] = [
        {"Sid": "Put", "Effect": "Allow", "Action": "events:PutEvents", "Resource": fills.bus.arn}
    ]
    env: dict[str, pulumi.Input[str]] = {
        "BUS": fills.bus_name,
        "REGION": place.region if here else context.seat(block).region,
    }
    able = {name: replace(consumer, statements=statements) for name, consumer in consumers.items()}
    return EndpointArgs(site=site, env=env, consumers=able)


def fed_by(context: Context, block: str, queue: str | None = None) -> str | None:
    """The pattern of the ARNs of the rules that hand events on to a block's queue; None where none does."""
    for events, spec in context.of_kind("events", EventsSpec):
        if any((to.queue, to.name) == (block, queue) for _, to in _targets(spec)):
            seat = context.seat(events.name)
            return f"arn:aws:events:{seat.region}:*:rule/{context.site.prefix}-{events.name}/*"
    return None


def _queues(context: Context, spec: EventsSpec) -> dict[tuple[str, str | None], pulumi.Input[str]]:
    return {(to.queue, to.name): queue.arn for to, queue in _found(context, spec) if to.queue and queue is not None}


def _found(context: Context, spec: EventsSpec) -> Iterator[tuple[EventTargetSpec, aws.sqs.Queue | None]]:
    for _, to in _targets(spec):
        if to.queue in context.functions:
            yield to, context.functions[to.queue].queue
        elif to.queue in context.brokers:
            yield to, context.brokers[to.queue].queues[to.name or ""]


def _targets(spec: EventsSpec) -> Iterator[tuple[str, EventTargetSpec]]:
    for rule, of in spec.rules.items():
        for target, to in of.to.items():
            yield f"rules.{rule}.to.{target}", to


def names_fit(context: Context) -> None:
    """Physical names are the stack's, the block's and the rule's."""
    for block, spec in context.of_kind("events", EventsSpec):
        archive = f"{context.site.prefix}-{block.name}"
        if len(archive) > ARCHIVE_LIMIT:
            found = f"{archive}, {len(archive)} characters"
            raise context.bad(block.name, "kind", found, f"a block name within {ARCHIVE_LIMIT}")
        for rule in rules_of(spec):
            physical = rule_name(context.site, block.name, rule)
            if len(physical) > RULE_LIMIT:
                found = f"{physical}, {len(physical)} characters"
                raise context.bad(block.name, f"rules.{rule}", found, f"shorter names, within {RULE_LIMIT}")


def targets_are_there(context: Context) -> None:
    """What an event is handed to can take it, beside the bus: a rule reaches no queue and no function elsewhere."""
    functions = {block.name: spec for block, spec in context.of_kind("function", FunctionSpec)}
    for block, spec in context.of_kind("events", EventsSpec):
        seat = context.seat(block.name)
        fed: dict[tuple[str, str | None], str] = {}
        for key, to in _targets(spec):
            named = to.function or to.queue
            if named is None:
                continue
            if context.seat(named) is not seat:
                field = "function" if to.function else "queue"
                raise context.bad(block.name, f"{key}.{field}", named, f"a block in {seat.region}, where the bus is")
            if to.function is not None and not functions[to.function].idempotent:
                allowed = f"a function with idempotent: true, as EventBridge delivers at least once: not {named}"
                raise context.bad(block.name, f"{key}.function", named, allowed)
            if to.queue in functions:
                if functions[to.queue].queue is None:
                    raise context.bad(block.name, f"{key}.queue", named, "a function with a queue")
                if to.name is not None:
                    raise context.bad(block.name, f"{key}.name", to.name, f"null: {named} has one queue")
            elif to.queue is not None:
                queues: Mapping[str, object] = getattr(context.effective.blocks[to.queue].spec, "queues", {})
                if to.name is None or to.name not in queues:
                    allowed = f"a queue of {named}: {', '.join(queues) or 'none, as it is not on SQS'}"
                    raise context.bad(block.name, f"{key}.name", to.name or "null", allowed)
                if getattr(queues[to.name], "fifo", False):
                    allowed = "a queue that is not fifo: events have no order"
                    raise context.bad(block.name, f"{key}.name", to.name, allowed)
            if to.queue is not None and fed.setdefault((to.queue, to.name), block.name) != block.name:
                raise context.bad(block.name, f"{key}.queue", named, "a queue that no other bus fills")


RULES = (names_fit, targets_are_there)
"""What only shows once the blocks stand beside each other."""
