"""SQS: a queue and its dead letters for each name, which take work back from nobody but each other.

SSE-SQS and not a key of our own: whatever sends or receives would need rights on the key too, AWS's own services among
them, and every batch of messages would be a request to KMS (SQS developer guide, "Encryption at rest").
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import pulumi
import pulumi_aws as aws

from components.broker.made import Made, Statements
from components.broker.spec import BrokerSpec, MessageQueueSpec
from components.emitter import Emitter
from components.service.placement import queue_variable
from components.site import Site, child_options
from components.sqs import DEAD_DAYS, LONG_POLL, redrive, sqs_queue

NAME_LIMIT = 80
"""Characters of a queue's name, `.fifo` among them (CreateQueue, SQS API reference)."""
TAKES = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
GIVES = ["sqs:SendMessage"]
ASKS = ["sqs:GetQueueAttributes"]
"""What an autoscaler does."""


def make_queues(
    parent: pulumi.Resource,
    name: str,
    site: Site,
    spec: BrokerSpec,
    fed_by: Mapping[str, str],
    retiring: Collection[str],
) -> Made:
    """Every queue of a broker; `fed_by` are the patterns of the rules that put events on some, `retiring` the logical
    names of what is armed alone."""
    queues: dict[str, aws.sqs.Queue] = {}
    dead: dict[str, aws.sqs.Queue] = {}

    def make(logical: str, **given: Any) -> aws.sqs.Queue:
        return sqs_queue(parent, logical, replace(site, retiring=site.retiring or logical in retiring), **given)

    for queue, of in spec.queues.items():
        dead[queue] = make(f"{name}-dead-letters-{queue}", days=DEAD_DAYS, **_named(site, name, f"{queue}-dead", of))
        queues[queue] = make(
            f"{name}-queue-{queue}",
            days=of.retention,
            fed_by=fed_by.get(queue),
            visibility_timeout_seconds=of.visibility,
            receive_wait_time_seconds=LONG_POLL,
            delay_seconds=of.delay,
            redrive_policy=redrive(dead[queue], of.dead_letter_after),
            **_named(site, name, queue, of),
            **({"content_based_deduplication": of.deduplicate} if of.fifo else {}),
        )
        aws.sqs.RedriveAllowPolicy(
            f"{name}-dead-letters-{queue}-from",
            region=site.region,
            queue_url=dead[queue].url,
            redrive_allow_policy=pulumi.Output.json_dumps(
                {"redrivePermission": "byQueue", "sourceQueueArns": [queues[queue].arn]}, sort_keys=True
            ),
            opts=child_options(parent),
        )
    return Made(
        emitter=Emitter(
            "broker",
            parts={
                "queues": {queue: {"QueueName": made.name} for queue, made in queues.items()},
                "dead_letters": {queue: {"QueueName": made.name} for queue, made in dead.items()},
            },
        ),
        env={f"{queue_variable(queue)}URL": made.url for queue, made in queues.items()},
        statements=lambda gives: _may(queues, gives),
        queues=queues,
    )


def queue_name(site: Site, broker: str, queue: str, *, fifo: bool) -> str:
    """By us, as others send to it too: SQS gives the name of a deleted queue again after a minute."""
    return f"{site.prefix}-{broker}-{queue}{'.fifo' if fifo else ''}"


def _named(site: Site, name: str, queue: str, of: MessageQueueSpec) -> dict[str, Any]:
    # The dead letters of a FIFO queue are one too.
    return {"name": queue_name(site, name, queue, fifo=of.fifo), **({"fifo_queue": True} if of.fifo else {})}


def _may(queues: dict[str, aws.sqs.Queue], gives: bool) -> Statements:
    return [
        {
            "Sid": "Queues",
            "Effect": "Allow",
            "Action": [*TAKES, *(GIVES if gives else [])],
            "Resource": [queue.arn for _, queue in sorted(queues.items())],
        }
    ]
