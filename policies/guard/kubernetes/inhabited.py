"""Namespaces of the stack, and what stands in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pulumi_policy.proxy import UnknownValueError

from ..reading import at, text
from ..resource import Resource
from ..stack import Stack
from .workloads import among, namespace

NAMESPACE: Final = "kubernetes:core/v1:Namespace"
SYSTEM: Final = ("kube-system", "kube-public", "kube-node-lease")
"""Made by the cluster itself, whose own pods set their terms."""


def system(resource: Resource) -> bool:
    """Whether a namespace is the cluster's own; a name that nobody knows yet is of one that the program makes."""
    try:
        return text(at(resource.props, "metadata", "name")) in SYSTEM
    except UnknownValueError:
        return False


def inside(of: Resource, stack: Stack, type_: str, fits: Callable[[Resource], bool]) -> list[Resource]:
    """Objects of a type in a namespace of the same cluster, by its name or by coming from it."""

    def there(each: Resource) -> bool:
        if each.provider != of.provider:
            return False
        known = of.urn in each.depends_on.get("metadata", ())
        return (known or namespace(each) == text(at(of.props, "metadata", "name"))) and fits(each)

    return among(stack.of(type_), there)
