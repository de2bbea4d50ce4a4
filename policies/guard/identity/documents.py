"""IAM documents: in which properties they stand, and what their statements say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from ..patience import over
from ..reading import several, statements, table, text
from ..resource import Resource

ROLE: Final = "aws:iam/role:Role"
POLICIES: Final = (
    "aws:iam/rolePolicy:RolePolicy",
    "aws:iam/policy:Policy",
    "aws:iam/userPolicy:UserPolicy",
    "aws:iam/groupPolicy:GroupPolicy",
)
"""What says in its `policy` what an identity may do."""

Ask = Callable[[str, Mapping[str, Any]], Iterator[str]]


def identity_statements(resource: Resource, ask: Ask) -> Iterator[str]:
    """What `ask(path, statement)` says of each statement about what an identity may do."""
    if resource.type != ROLE:
        yield from asked("policy", resource.props.get("policy"), ask)
        return
    yield from over(
        resource.props.get("inlinePolicies"),
        lambda index, each: asked(f"inlinePolicies[{index}].policy", each.get("policy"), ask),
    )


def asked(path: str, policy: Any, ask: Ask) -> Iterator[str]:
    """What `ask` says of each statement of one document."""
    for index, statement in enumerate(statements(policy)):
        yield from ask(f"{path}.Statement[{index}]", statement)


def allows(statement: Mapping[str, Any]) -> bool:
    """Whether it allows; its case counts in IAM."""
    return statement.get("Effect") == "Allow"


def actions(statement: Mapping[str, Any]) -> list[str]:
    """Its actions, in lower case: IAM makes no difference."""
    return [text(each).lower() for each in several(statement.get("Action"))]


def resources(statement: Mapping[str, Any]) -> list[str]:
    """Its resources."""
    return [text(each) for each in several(statement.get("Resource"))]


def anything(pattern: str) -> bool:
    """Whether a pattern matches any text."""
    return "*" in pattern and not pattern.strip("*?")


def principals(statement: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Whom it speaks of: the sort (AWS, Service, Federated) and the name; `*` alone is everybody."""
    found = statement.get("Principal")
    if isinstance(found, str):
        yield "AWS", found
    for sort, names in table(found).items():
        for name in several(names):
            yield sort, text(name)


def conditions(statement: Mapping[str, Any]) -> Iterator[tuple[str, str, list[str]]]:
    """Operator, key in lower case as IAM makes no difference, and values."""
    for operator, keys in table(statement.get("Condition")).items():
        for key, values in table(keys).items():
            yield operator, key.lower(), [str(each) for each in several(values)]
