"""Asks a rule as the engine does: through the proxy that raises where a value is unknown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, unknown_checking_proxy

from policies.guard.policies import found
from policies.guard.resource import Resource
from policies.guard.rule import Rule
from policies.guard.stack import Stack

UNKNOWN = UNKNOWN_STRING_VALUE
"""Stands for a value that a preview does not know."""


def resource(
    type_: str,
    props: Mapping[str, Any] | None = None,
    *,
    stack: str = "meal-prod",
    name: str = "it",
    protect: bool = False,
    ignore_changes: Iterable[str] = (),
    parent: str = "",
    provider: str = "",
    depends_on: Mapping[str, tuple[str, ...]] | None = None,
    config: Mapping[str, Any] | None = None,
) -> Resource:
    """A resource as a rule sees it."""
    return Resource(
        urn=f"urn:pulumi:{stack}::phaseup::{type_}::{name}",
        type=type_,
        name=name,
        props=unknown_checking_proxy(dict(props or {})),
        protect=protect,
        ignore_changes=tuple(ignore_changes),
        parent=parent,
        provider=provider,
        depends_on=depends_on or {},
        config=config or {},
    )


def ask(rule: Rule, type_: str, props: Mapping[str, Any] | None = None, **options: Any) -> list[str]:
    """What a resource rule says of one resource; `["unknown: <path>"]` where it could not judge it."""
    assert rule.applies(type_), (rule.name, type_)
    messages, unknown = found(rule, resource(type_, props, **options))
    return messages if unknown is None else [f"unknown: {'.'.join(unknown.props)}"]


def ask_stack(rule: Rule, *resources: Resource) -> dict[str, list[str]]:
    """What a stack rule says, by the name of the resource it says it of; silent ones are left out."""
    stack = Stack(resources)
    said: dict[str, list[str]] = {}
    for each in resources:
        if rule.applies(each.type):
            messages, unknown = found(rule, each, stack)
            messages = messages if unknown is None else [f"unknown: {'.'.join(unknown.props)}"]
            if messages:
                said[each.name] = messages
    return said
