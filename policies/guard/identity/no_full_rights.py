"""Nobody may do everything to everything, nor everything of a service to all of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..patience import each, over
from ..reading import several, text
from ..resource import Resource
from ..rule import Framework, Rule
from .documents import POLICIES, ROLE, actions, allows, anything, identity_statements, resources

ATTACHMENTS: Final = (
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "aws:iam/userPolicyAttachment:UserPolicyAttachment",
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
    "aws:iam/policyAttachment:PolicyAttachment",
)
MANAGED: Final = re.compile(r"arn:aws[\w-]*:iam::aws:policy/(AdministratorAccess|PowerUserAccess|IAMFullAccess)")
"""AWS's policies that are full rights, or a step away from them."""
ALL_OF_A_SERVICE: Final = re.compile(r"arn:[^:]*:[^:]*:\*?:\*?:\*+")
"""E.g. `arn:aws:s3:::*`."""


def check(resource: Resource) -> Iterator[str]:
    """`s3:*` on one bucket is a bucket's owner, and asked about by nobody here; on `*` it is a breach. A condition may
    narrow a service's actions (`ec2:*` by tag), but not `*`."""
    if resource.type in ATTACHMENTS:
        yield from _managed("policyArn", resource.props.get("policyArn"))
    elif resource.type == ROLE:
        yield from each(
            lambda: over(
                resource.props.get("managedPolicyArns"), lambda at, arn: _managed(f"managedPolicyArns[{at}]", arn)
            ),
            lambda: identity_statements(resource, _statement),
        )
    else:
        yield from identity_statements(resource, _statement)


def _managed(path: str, arn: Any) -> Iterator[str]:
    if MANAGED.fullmatch(text(arn)):
        yield f"{path}: found {text(arn).rsplit('/', 1)[-1]}; allowed: a policy of the actions that are needed"


def _statement(path: str, statement: Mapping[str, Any]) -> Iterator[str]:
    if not allows(statement) or not _everything(statement):
        return
    if statement.get("NotAction") is not None:
        but = ", ".join(text(action) for action in several(statement.get("NotAction")))
        yield f"{path}.NotAction: found all but {but} on every resource; allowed: Action with what is needed"
    whole = [action for action in actions(statement) if _whole(action, bool(statement.get("Condition")))]
    if whole:
        yield f"{path}.Action: found {', '.join(whole)} on every resource; allowed: named actions or named resources"


def _everything(statement: Mapping[str, Any]) -> bool:
    """Also all but some."""
    if statement.get("NotResource") is not None:
        return True
    return any(anything(arn) or ALL_OF_A_SERVICE.fullmatch(arn) for arn in resources(statement))


def _whole(action: str, narrowed: bool) -> bool:
    service, colon, verb = action.partition(":")
    if anything(service):
        return not colon or anything(verb)
    return anything(verb) and not narrowed


RULE = Rule(
    name="identity-no-full-rights",
    severity="critical",
    description="No identity's policy allows all actions, or all of a service's, on every resource, and none is "
    "AdministratorAccess, PowerUserAccess or IAMFullAccess.",
    remedy="List the actions that are called, and the ARNs that they are called on.",
    types=(ROLE, *POLICIES, *ATTACHMENTS),
    check=check,
    frameworks=(
        Framework("AWS FSBP", "", "IAM.1"),
        Framework("AWS FSBP", "", "IAM.21"),
        Framework("CIS AWS", "3.0.0", "1.16"),
    ),
)
