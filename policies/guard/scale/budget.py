"""Somebody hears of it when a stack costs more than it should."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..reading import items, several, table
from ..resource import Resource
from ..rule import Rule, managed
from ..stack import Stack

BUDGET: Final = "aws:budgets/budget:Budget"
ADDRESSES: Final = ("subscriberEmailAddresses", "subscriberSnsTopicArns")


def check(resource: Resource, stack: Stack) -> Iterator[str]:
    """Asked about the Stack itself; dev may be watched by the account's own budget, and so may what is not on AWS."""
    if not resource.guarded or not any(each.type.startswith("aws:") and managed(each.type) for each in stack.resources):
        return
    budgets = list(stack.of(BUDGET))
    if not budgets:
        yield "budget: found none; allowed: one at least"
    elif not any(_tells(each) for each in budgets):
        yield "budget.notifications: found no address; allowed: one at least"


def _tells(budget: Resource) -> bool:
    return any(
        several(each.get(key)) for each in map(table, items(budget.props.get("notifications"))) for key in ADDRESSES
    )


RULE = Rule(
    name="scale-budget",
    severity="medium",
    description="A stack of staging or prod with AWS resources has a budget that tells somebody.",
    remedy="Add a Budget with notifications by mail or topic.",
    types=("pulumi:pulumi:Stack",),
    check=check,
    needs_stack=True,
)
