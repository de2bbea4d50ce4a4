"""A node's role is for the node: what a pod needs it has by its own, as every pod there could take the node's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..reading import items, text
from ..resource import Resource
from ..rule import Rule
from ..stack import Stack

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
    for urn in resource.depends_on.get("nodeRoleArn", ()):
        role = stack.get(urn)
        if role is None:
            continue
        for each in stack.referring(role, "role", POLICY):
            yield f"policies of {role.name}: found {each.name}; allowed: AWS's policies for nodes"
        named = [each.props.get("policyArn") for each in stack.referring(role, "role", ATTACHMENT)]
        inline = [f"inline {text(each.get('name'))}" for each in items(role.props.get("inlinePolicies"))]
        for found in (*named, *items(role.props.get("managedPolicyArns")), *inline):
            if (policy := text(found).rsplit("/", 1)[-1]) not in NODES:
                yield f"policies of {role.name}: found {policy}; allowed: {', '.join(NODES)}"


RULE = Rule(
    name="identity-node-roles-bare",
    severity="high",
    description="Roles of EKS nodes have AWS's policies for nodes and nothing else; pods have roles of their own.",
    remedy="Give the workload's service account a role with a Pod Identity association, and the policy to that.",
    types=(GROUP,),
    check=check,
    needs_stack=True,
)
