"""Planning at 100, 1,000 and 10,000 resources: registrations made by hand, so that only the planner is measured."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from typing import Final, NamedTuple

from phaseup.graph.resource import STACK_TYPE, Goal, Snapshot
from phaseup.plan.deployment import Deployment
from phaseup.plan.steps import Outcome
from phaseup.simulate.simulators import Simulators

SIZES: Final = (100, 1_000, 10_000)
ROUNDS: Final = 3
_GROUP_SIZE: Final = 10
"""Resources per component: one network, one group, and rules that refer to both."""


class Planned(NamedTuple):
    """The best of `ROUNDS` plans of one size."""

    resources: int
    seconds: float
    updates: int


def measure() -> list[Planned]:
    """A plan of each size: one resource in ten changes in place."""
    return [_plan(size) for size in SIZES]


def _plan(size: int) -> Planned:
    old = _deploy(Snapshot("bench", "bench"), size, changed=False, preview=False).snapshot
    best, updates = float("inf"), 0
    for _ in range(ROUNDS):
        gc.collect()
        gc.disable()  # as the recorder does while a program runs
        started = time.perf_counter()
        outcome = _deploy(old, size, changed=True, preview=True)
        best = min(best, time.perf_counter() - started)
        gc.enable()
        updates = sum(step.op == "update" for step in outcome.steps)
    if updates != size // _GROUP_SIZE:
        raise AssertionError(f"expected {size // _GROUP_SIZE} updates, planned {updates}")
    return Planned(size, best, updates)


def _deploy(old: Snapshot, size: int, *, changed: bool, preview: bool) -> Outcome:
    deployment = Deployment(old, Simulators(), preview=preview, config={"aws:region": "eu-west-1"})
    stack = deployment.register(Goal(STACK_TYPE, "bench-bench", False, {})).urn
    for group in range(size // _GROUP_SIZE):
        parent = deployment.register(Goal("bench:index:Group", f"group-{group}", False, {}, parent=stack)).urn
        for goal in _members(deployment, parent, group, changed):
            deployment.register(goal)
    return deployment.finish()


def _members(deployment: Deployment, parent: str, group: int, changed: bool) -> Iterator[Goal]:
    """Nine resources: a VPC, a security group in it that may change its tags, seven rules that name the group."""
    cidr = f"10.{group // 250}.{group % 250}.0/24"
    vpc = deployment.register(_goal("aws:ec2/vpc:Vpc", f"net-{group}", parent, {"cidrBlock": cidr}))
    tags = {"group": str(group), "round": "new" if changed else "old"}
    inputs: dict[str, object] = {"vpcId": vpc.id, "description": "bench", "tags": tags}
    secured = deployment.register(_goal("aws:ec2/securityGroup:SecurityGroup", f"sg-{group}", parent, inputs, vpc.urn))
    for rule in range(_GROUP_SIZE - 3):
        yield _goal(
            "aws:ec2/securityGroupRule:SecurityGroupRule",
            f"rule-{group}-{rule}",
            parent,
            {
                "type": "ingress",
                "protocol": "tcp",
                "fromPort": 8000 + rule,
                "toPort": 8000 + rule,
                "cidrBlocks": [cidr],
                "securityGroupId": secured.id,
            },
            secured.urn,
        )


def _goal(type_: str, name: str, parent: str, inputs: dict[str, object], *dependencies: str) -> Goal:
    return Goal(
        type_,
        name,
        True,
        dict(inputs),
        parent=parent,
        dependencies=list(dependencies),
        property_dependencies={"vpcId": list(dependencies)} if dependencies else {},
    )
