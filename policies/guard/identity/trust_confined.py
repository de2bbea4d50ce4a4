"""A service takes a role on behalf of its own account alone: otherwise another customer can have it act on ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..resource import Resource
from ..rule import Rule
from .documents import ROLE, allows, anything, asked, conditions, principals

SERVICES: Final = frozenset(
    {
        "backup.amazonaws.com",
        "codebuild.amazonaws.com",
        "dlm.amazonaws.com",
        "events.amazonaws.com",
        "monitoring.rds.amazonaws.com",
        "pipes.amazonaws.com",
        "pods.eks.amazonaws.com",
        "scheduler.amazonaws.com",
        "states.amazonaws.com",
        "vpc-flow-logs.amazonaws.com",
    }
)
"""Services that send these keys when they take a role, as their guides say under "confused deputy" (2026); of others,
e.g. ec2 and lambda, a condition would refuse the role itself."""
KEYS: Final = ("aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths")


def check(resource: Resource) -> Iterator[str]:
    """One of the keys is enough, with a value that not anything matches."""
    yield from asked("assumeRolePolicy", resource.props.get("assumeRolePolicy"), _statement)


def _statement(path: str, statement: Mapping[str, Any]) -> Iterator[str]:
    if not allows(statement):
        return
    held = any(key in KEYS and not any(map(anything, values)) for _, key, values in conditions(statement))
    for sort, name in principals(statement):
        if sort == "Service" and name in SERVICES and not held:
            yield f"{path}.Condition: found nobody for whom {name} comes; allowed: aws:SourceAccount or aws:SourceArn"


RULE = Rule(
    name="identity-trust-confined",
    severity="medium",
    description="Roles that a service takes on others' behalf trust it for one account or resource, where the service "
    "says whose behalf it is.",
    remedy="Add `StringEquals: {aws:SourceAccount: <account>}` to the trust, and `aws:SourceArn` where it is known.",
    types=(ROLE,),
    check=check,
)
