"""IAM policies as text, keys sorted so that their order never shows as a change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi


def document(statements: Sequence[Mapping[str, Any]]) -> pulumi.Output[str]:
    """A policy of these statements."""
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": list(statements)}, sort_keys=True)


def service_trust(
    *services: str, account_id: pulumi.Input[str] | None = None, source_arn: pulumi.Input[str] | None = None
) -> pulumi.Output[str]:
    """Who may take a role: services of AWS, e.g. `lambda.amazonaws.com`. With `account_id` only on behalf of that
    account, and with `source_arn` only of that resource, so that nobody else has a service act for them (IAM user
    guide, "The confused deputy problem")."""
    equal = {
        key: value
        for key, value in (("aws:SourceAccount", account_id), ("aws:SourceArn", source_arn))
        if value is not None
    }
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": services[0] if len(services) == 1 else list(services)},
        "Action": "sts:AssumeRole",
    }
    return document([{**statement, "Condition": {"StringEquals": equal}} if equal else statement])
