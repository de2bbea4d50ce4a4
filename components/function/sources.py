"""What invokes a function by itself: its queue and events; and where what fails is kept."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.function.spec import EventSpec, FunctionSpec, QueueSpec
from components.site import Site, child_options
from components.sqs import DEAD_DAYS, LONG_POLL, redrive, sqs_queue

VISIBLE_AFTER = 6
"""A message stays hidden for so many timeouts, as throttled invocations are repeated (Lambda developer guide, "Using
Lambda with Amazon SQS")."""
MAX_HIDDEN = 43200


def dead_letters_of(parent: pulumi.Resource, name: str, site: Site, spec: FunctionSpec) -> aws.sqs.Queue:
    """Where failed invocations, messages and undelivered events of one function are kept."""
    rules = f"arn:aws:events:{site.region}:*:rule/{site.prefix}-{name}-*" if spec.events else None
    return sqs_queue(parent, f"{name}-dead-letters", site, days=DEAD_DAYS, rules=rules)


def own_queue(
    parent: pulumi.Resource,
    name: str,
    site: Site,
    spec: FunctionSpec,
    dead_letters: aws.sqs.Queue,
    fed_by: str | None = None,
) -> aws.sqs.Queue:
    """The function's queue; what fails too often goes to its dead letters."""
    assert spec.queue is not None
    return sqs_queue(
        parent,
        f"{name}-queue",
        site,
        days=spec.queue.days,
        fed_by=fed_by,
        visibility_timeout_seconds=min(spec.timeout * VISIBLE_AFTER + spec.queue.window, MAX_HIDDEN),
        receive_wait_time_seconds=LONG_POLL,
        redrive_policy=redrive(dead_letters, spec.queue.attempts),
    )


@dataclass(frozen=True)
class Work:
    """A function as the target of its sources."""

    function: aws.lambda_.Function
    alias: aws.lambda_.Alias
    dead_letters: aws.sqs.Queue
    runs: bool
    """Where not, messages wait in the queue and events go by."""
    needs: Sequence[pulumi.Resource]

    def from_queue(self, parent: pulumi.Resource, name: str, site: Site, spec: QueueSpec, queue: aws.sqs.Queue) -> None:
        """Lambda polls the queue; a failed message comes again alone, not with its batch."""
        scaling = aws.lambda_.EventSourceMappingScalingConfigArgs(maximum_concurrency=spec.parallel)
        aws.lambda_.EventSourceMapping(
            f"{name}-from-queue",
            region=site.region,
            function_name=self.alias.arn,
            event_source_arn=queue.arn,
            enabled=self.runs,
            batch_size=spec.batch,
            maximum_batching_window_in_seconds=spec.window,
            scaling_config=scaling if spec.parallel is not None else None,
            function_response_types=["ReportBatchItemFailures"],
            tags=site.tagged(),
            opts=child_options(parent, depends_on=list(self.needs)),
        )


def event_rules(parent: pulumi.Resource, name: str, site: Site, events: Mapping[str, EventSpec], work: Work) -> None:
    """A rule on the default bus for each kind of event, with a right of its own to invoke the alias."""
    for event, spec in sorted(events.items()):
        rule = aws.cloudwatch.EventRule(
            f"{name}-on-{event}",
            region=site.region,
            name=f"{site.prefix}-{name}-{event}",
            description=f"{site.prefix} {name}: {event}",
            event_pattern=json.dumps(spec.pattern, sort_keys=True),
            state="ENABLED" if work.runs else "DISABLED",
            tags=site.tagged(),
            opts=child_options(parent),
        )
        permission = aws.lambda_.Permission(
            f"{name}-on-{event}-may",
            region=site.region,
            action="lambda:InvokeFunction",
            function=work.function.name,
            qualifier=work.alias.name,
            principal="events.amazonaws.com",
            source_arn=rule.arn,
            opts=child_options(parent),
        )
        aws.cloudwatch.EventTarget(
            f"{name}-on-{event}-to",
            region=site.region,
            rule=rule.name,
            arn=work.alias.arn,
            dead_letter_config=aws.cloudwatch.EventTargetDeadLetterConfigArgs(arn=work.dead_letters.arn),
            opts=child_options(parent, depends_on=[permission]),
        )
