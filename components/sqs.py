"""SQS queues, encrypted and over TLS only, and where what nobody could work off is kept."""

from __future__ import annotations

from typing import Any, Final

import pulumi
import pulumi_aws as aws

from components.site import Site, child_options
from components.tls_only import tls_only

DAY: Final = 86400
DEAD_DAYS: Final = 14
"""The longest that SQS keeps a message."""
LONG_POLL: Final = 20
"""Seconds that an empty queue makes a receiver wait, the most there is: a short poll asks some of the servers only, and
is paid for each time."""


def sqs_queue(
    parent: pulumi.Resource,
    name: str,
    site: Site,
    /,
    *,
    days: int,
    rules: str | None = None,
    fed_by: str | None = None,
    **more: Any,
) -> aws.sqs.Queue:
    """A queue with SSE-SQS that takes messages over TLS only; its name is made at birth unless it is among `more`.

    `rules` is the pattern of the ARNs of the EventBridge rules that may leave here what they could not deliver,
    `fed_by` of those that deliver here.
    """
    queue = aws.sqs.Queue(
        name,
        region=site.region,
        message_retention_seconds=days * DAY,
        sqs_managed_sse_enabled=True,
        tags=site.tagged(Name=f"{site.prefix}-{name}"),
        opts=child_options(parent, protect=site.guards_data),
        **more,
    )
    statements = [tls_only("sqs:*", queue.arn)]
    statements += [
        {
            "Sid": sid,
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": queue.arn,
            "Condition": {"ArnLike": {"aws:SourceArn": pattern}},
        }
        for sid, pattern in (("UndeliveredEvents", rules), ("Events", fed_by))
        if pattern is not None
    ]
    aws.sqs.QueuePolicy(
        f"{name}-policy",
        region=site.region,
        queue_url=queue.url,
        policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": statements}, sort_keys=True),
        opts=child_options(parent),
    )
    return queue


def redrive(dead_letters: aws.sqs.Queue, after: int) -> pulumi.Output[str]:
    """A queue's `redrive_policy`: what was received `after` times goes to the dead letters."""
    return pulumi.Output.json_dumps({"deadLetterTargetArn": dead_letters.arn, "maxReceiveCount": after}, sort_keys=True)
