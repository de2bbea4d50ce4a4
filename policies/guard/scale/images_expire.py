"""Image repositories drop images that nothing needs any more: every release adds one, and none goes by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..resource import Resource
from ..rule import Framework, Rule
from ..stack import Stack

POLICY: Final = "aws:ecr/lifecyclePolicy:LifecyclePolicy"


def check(resource: Resource, stack: Stack) -> Iterator[str]:
    """What the policy says is the team's affair."""
    if not stack.referring(resource, "repository", POLICY):
        yield "lifecyclePolicy: found none; allowed: one"


RULE = Rule(
    name="scale-images-expire",
    severity="low",
    description="An ECR repository has a lifecycle policy.",
    remedy="Add a LifecyclePolicy that keeps what is tagged for use and drops the rest.",
    types=("aws:ecr/repository:Repository",),
    check=check,
    frameworks=(Framework("AWS FSBP", "", "ECR.3"),),
    needs_stack=True,
)
