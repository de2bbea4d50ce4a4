"""Buckets refuse plain HTTP, and so do queues and topics that have a policy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..reading import at, several, statements, table
from ..resource import Resource
from ..rule import Framework, Rule
from ..stack import Stack
from .beside import BUCKETS, beside

POLICY: Final = "aws:s3/bucketPolicy:BucketPolicy"
QUEUE: Final = "aws:sqs/queuePolicy:QueuePolicy"
TOPIC: Final = "aws:sns/topicPolicy:TopicPolicy"

ALLOWED: Final = 'a statement that denies everybody where aws:SecureTransport is "false"'


ACTIONS: Final = {
    POLICY: ("*", "s3:*"),
    QUEUE: ("*", "sqs:*"),
    # Subscribers are not asked by topics: what is said to one is published.
    TOPIC: ("*", "sns:*", "sns:publish"),
}
"""By the policy's type, actions that have to be among the denied, in lower case."""


def check(resource: Resource, stack: Stack) -> Iterator[str]:
    """A bucket's policy may stand beside it or, as was usual once, in it."""
    if resource.type in BUCKETS:
        policies = beside(resource, stack, POLICY) or [resource]
        denied = [text for each in policies for text in _denied(each, POLICY)]
        if not any(text.endswith("*") for text in denied):
            yield f"bucketPolicy: found none of its kind; allowed: {ALLOWED}, for the bucket and its objects"
    elif not _denied(resource, resource.type):
        yield f"policy: found none of its kind; allowed: {ALLOWED}"


def _denied(resource: Resource, kind: str) -> list[str]:
    """What a policy denies to everybody who comes without TLS."""
    return [
        str(text)
        for each in statements(at(resource.props, "policy"))
        if _everybody(each) and _plain_http(each)
        if any(str(action).lower() in ACTIONS[kind] for action in several(each.get("Action")))
        for text in several(each.get("Resource"))
    ]


def _everybody(statement: Mapping[str, Any]) -> bool:
    principal = statement.get("Principal")
    named = principal if isinstance(principal, str) else table(principal).get("AWS")
    return statement.get("Effect") == "Deny" and "*" in several(named)


def _plain_http(statement: Mapping[str, Any]) -> bool:
    """That, and no other condition, which would let some through."""
    condition = table(statement.get("Condition"))
    if len(condition) != 1 or not set(condition) <= {"Bool", "BoolIfExists"}:
        return False
    tested = table(next(iter(condition.values())))
    values = [value for key in tested for value in several(tested[key]) or [tested[key]]]
    return {key.lower() for key in tested} == {"aws:securetransport"} and {str(v).lower() for v in values} == {"false"}


RULE = Rule(
    name="data-tls-only",
    severity="medium",
    description="Buckets, and queues and topics that have a policy, deny requests that do not come over TLS.",
    remedy="Add a statement that denies every action to * under the condition Bool aws:SecureTransport false.",
    types=(*BUCKETS, QUEUE, TOPIC),
    check=check,
    frameworks=(Framework("AWS FSBP", "", "S3.5"), Framework("CIS AWS", "3.0.0", "2.1.1")),
    needs_stack=True,
)
