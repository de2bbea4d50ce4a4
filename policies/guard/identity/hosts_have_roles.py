"""Hosts have a role of their own: without one somebody will put keys on them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..resource import Resource
from ..rule import Rule
from ..stack import Stack

INSTANCE: Final = "aws:ec2/instance:Instance"
TEMPLATE: Final = "aws:ec2/launchTemplate:LaunchTemplate"


def check(resource: Resource, stack: Stack) -> Iterator[str]:
    """EKS gives its nodes their group's role and refuses a template that names one; an instance may have its
    template's."""
    if resource.depends_on.get("iamInstanceProfile") or resource.props.get("iamInstanceProfile"):
        return
    if resource.type == TEMPLATE and stack.referring(resource, "launchTemplate", "aws:eks/nodeGroup:NodeGroup"):
        return
    if resource.type == INSTANCE and resource.props.get("launchTemplate") is not None:
        return
    yield "iamInstanceProfile: found none; allowed: a profile with a role"


RULE = Rule(
    name="identity-hosts-have-roles",
    severity="medium",
    description="Instances and launch templates name an instance profile, but templates of EKS node groups.",
    remedy="Give the host an instance profile, if only for Session Manager.",
    types=(INSTANCE, TEMPLATE, "aws:ec2/launchConfiguration:LaunchConfiguration"),
    check=check,
    needs_stack=True,
)
