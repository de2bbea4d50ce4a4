"""A role for tokens from outside is for one subject, not for whoever has a token of the same issuer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..resource import Resource
from ..rule import Rule
from .documents import ROLE, actions, allows, anything, asked, conditions, principals

ACTION: Final = "sts:assumerolewithwebidentity"
COGNITO: Final = "cognito-identity.amazonaws.com"
"""An identity pool is an audience of one's own; its subjects are its users."""


def check(resource: Resource) -> Iterator[str]:
    """Anybody can have a token of GitHub's, and every pod of a cluster one of its issuer's."""
    yield from asked("assumeRolePolicy", resource.props.get("assumeRolePolicy"), _statement)


def _statement(path: str, statement: Mapping[str, Any]) -> Iterator[str]:
    if not allows(statement) or not any(anything(each) or each == ACTION for each in actions(statement)):
        return
    issuers = [name for sort, name in principals(statement) if sort == "Federated"]
    if not issuers:
        return
    key = "aud" if all(name == COGNITO for name in issuers) else "sub"
    found = [
        value
        for operator, name, values in conditions(statement)
        if name.endswith(f":{key}")
        and operator.removeprefix("ForAnyValue:") in ("StringEquals", "StringLike", "StringEqualsIgnoreCase")
        for value in values
    ]
    if not found:
        yield f"{path}.Condition: found none on the token's {key}; allowed: StringEquals on <issuer>:{key}"
    for value in found:
        if _anybody(value):
            yield f"{path}.Condition: found {value} as the token's {key}; allowed: one that names a subject"


def _anybody(value: str) -> bool:
    """Whether a subject names nobody: a bare wildcard, any repository (`repo:*`), or any account of any namespace."""
    if anything(value):
        return True
    if value.startswith("repo:"):
        return "*" in value.removeprefix("repo:").split("/", 1)[0]
    if value.startswith("system:serviceaccount:"):
        return value.removeprefix("system:serviceaccount:").strip("*?:") == ""
    return value.strip("*?:/") == ""


RULE = Rule(
    name="identity-oidc-subject",
    severity="critical",
    description="Trust in an OIDC issuer has a condition on the token's subject that names one.",
    remedy="Add `StringEquals: {<issuer>:sub: …}`, e.g. repo:<owner>/<repository>:ref:refs/heads/main.",
    types=(ROLE,),
    check=check,
)
