"""A namespace lets in and out only what a policy allows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..reading import at, items, table
from ..resource import Resource
from ..rule import Framework, Rule
from ..stack import Stack
from .inhabited import NAMESPACE, inside, system

POLICY: Final = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
DIRECTIONS: Final = {"Ingress": "ingress", "Egress": "egress"}


def check(resource: Resource, stack: Stack) -> Iterator[str]:
    """One policy may deny both ways, or two one each."""
    if system(resource):
        return
    missing = [
        direction
        for direction in DIRECTIONS
        if not inside(resource, stack, POLICY, lambda each, way=direction: _denies(each, way))
    ]
    if missing:
        yield (
            f"metadata.name: found no NetworkPolicy that denies {' and '.join(missing)} by default; "
            "allowed: one for all pods of the namespace"
        )


def _denies(policy: Resource, direction: str) -> bool:
    """For all pods, with no rule of its own. Without `policyTypes` it is about Ingress, and about Egress where it has
    rules for that (Kubernetes API reference, NetworkPolicySpec)."""
    spec = table(at(policy.props, "spec"))
    selector = table(spec.get("podSelector"))
    if table(selector.get("matchLabels")) or items(selector.get("matchExpressions")):
        return False
    return direction in (items(spec.get("policyTypes")) or ["Ingress"]) and not items(spec.get(DIRECTIONS[direction]))


RULE = Rule(
    name="kubernetes-default-deny",
    severity="high",
    description="Each namespace but the cluster's own has a NetworkPolicy that denies all traffic in and out by "
    "default, so that every way is one that somebody allowed.",
    remedy="Add a NetworkPolicy with `podSelector: {}` and `policyTypes: [Ingress, Egress]`, and one for DNS.",
    types=(NAMESPACE,),
    check=check,
    frameworks=(Framework("CIS Kubernetes", "1.10", "5.3.2"),),
    needs_stack=True,
)
