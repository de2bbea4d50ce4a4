"""What every engine gives: where it is, how to log in, what its users may do, and what alarms can watch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from components.emitter import Emitter

Statements = list[dict[str, Any]]


@dataclass(frozen=True)
class Made:
    """One engine, built."""

    emitter: Emitter
    env: Mapping[str, pulumi.Input[str]]
    """Plain variables of whoever uses it, without the role's prefix."""
    statements: Callable[[bool], Statements]
    """What a user may do with it: take work from it, and with `True` give it some."""
    host: pulumi.Output[str] | None = None
    """The one name that it answers under, if it has one."""
    secret_arn: pulumi.Output[str] | None = None
    """The login's, if it has one."""
    key: aws.kms.Key | None = None
    """Its own key, if it has one."""
    queues: Mapping[str, aws.sqs.Queue] = field(default_factory=dict)
    """By name."""
