"""A node's role is for the node: what a pod needs it has by its own, as every pod there could take the node's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from ..patience import each, over
from ..reading import text
from ..resource import Resource
from ..rule import Rule
from ..stack import Stack
from .documents import ROLE

GROUP: Final = "aws:eks/nodeGroup:NodeGroup"
ATTACHMENT: Final = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
POLICY: Final = "aws:iam/rolePolicy:RolePolicy"
NODES: Final = (
    "AmazonEKSWorkerNodePolicy",
    "AmazonEKSWorkerNodeMinimalPolicy",
    "AmazonEC2ContainerRegistryPullOnly",
    "AmazonEC2ContainerRegistryReadOnly",
    "AmazonEKS_CNI_Policy",
    "AmazonSSMManagedInstanceCore",
)
"""What a node needs to join, to fetch images and to be looked at (EKS user guide, "Amazon EKS node IAM role", 2026)."""


def check(resource: Resource, stack: Stack) -> Iterator[str]:
    """A role is a node's when a node group takes it."""
    if resource.type == ROLE:
        if _nodes(resource, stack):
            props = resource.props
            yield from each(
                lambda: over(props.get("managedPolicyArns"), lambda at, arn: _said(f"managedPolicyArns[{at}]", arn)),
                lambda: over(
                    props.get("inlinePolicies"), lambda at, _: _said(f"inlinePolicies[{at}]", "one of its own")
                ),
            )
        return
    roles = [stack.get(urn) for urn in resource.depends_on.get("role", ())]
    if any(role is not None and _nodes(role, stack) for role in roles):
        if resource.type == POLICY:
            yield from _said("policy", "one of its own")
        else:
            yield from _said("policyArn", resource.props.get("policyArn"))


def _nodes(role: Resource, stack: Stack) -> bool:
    return bool(stack.referring(role, "nodeRoleArn", GROUP))


def _said(path: str, found: Any) -> Iterator[str]:
    if (policy := text(found).rsplit("/", 1)[-1]) not in NODES:
        yield f"{path}: found {policy} on a node's role; allowed: {', '.join(NODES)}"


RULE = Rule(
    name="identity-node-roles-bare",
    severity="high",
    description="Roles of EKS nodes have AWS's policies for nodes and nothing else; pods have roles of their own.",
    remedy="Give the workload's service account a role with a Pod Identity association, and the policy to that.",
    types=(ROLE, POLICY, ATTACHMENT),
    check=check,
    needs_stack=True,
)
