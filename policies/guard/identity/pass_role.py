"""Who may hand a role to a service may hand on that role's rights: so only roles that are named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..resource import Resource
from ..rule import Rule
from .documents import POLICIES, ROLE, actions, allows, anything, conditions, identity_statements, resources


def check(resource: Resource) -> Iterator[str]:
    """`iam:*` and `*` are full rights, which is another rule's."""
    yield from identity_statements(resource, _statement)


def _statement(path: str, statement: Mapping[str, Any]) -> Iterator[str]:
    named = [action for action in actions(statement) if action in ("iam:passrole", "iam:pass*", "sts:assumerole")]
    if not allows(statement) or not named or not any(map(anything, resources(statement))):
        return
    if "sts:assumerole" not in named and any(key == "iam:passedtoservice" for _, key, _ in conditions(statement)):
        return
    yield f"{path}.Resource: found * for {', '.join(named)}; allowed: roles by name"


RULE = Rule(
    name="identity-pass-role",
    severity="high",
    description="`iam:PassRole` and `sts:AssumeRole` are allowed on named roles, or PassRole to a named service.",
    remedy="Put the roles' ARNs into Resource, or a condition on iam:PassedToService.",
    types=(ROLE, *POLICIES),
    check=check,
)
