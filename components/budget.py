"""budget: what a stack may cost a month, and who hears when it does; plus anomalies, which a monthly sum hides."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

import pulumi
import pulumi_aws as aws
from pydantic import model_validator

from components.site import Site, child_options
from components.spec import Join, Refused, Spec, joined

OWNED_BY = ("system", "environment")
"""The cost-allocation tags that tell one stack's cost from another's; the account's foundation activates them."""


class BudgetSpec(Spec):
    """AWS Budgets and Cost Anomaly Detection for one stack."""

    monthly: float | None = joined(Join.MAX, None, gt=0)
    """USD a month; null takes the upper end of the phase's budget."""
    actual: list[int] = joined(Join.NOW, lambda: [50, 80, 100])
    """Percentages of the amount spent at which to notify."""
    forecast: list[int] = joined(Join.NOW, lambda: [100])
    """Percentages of the amount that the month is heading for at which to notify."""
    anomaly: float = joined(Join.NOW, 20, gt=0)
    """USD above what was expected from which an anomaly is worth a message."""
    watch: Literal["services", "system", "nothing"] = joined(Join.FIXED, "services")
    """What is watched for anomalies. `services`: each AWS service of the account, the one kind of monitor that a member
    of an organization may make, and once an account. `system`: all that carries the system's tag, in an account that
    pays for itself. `nothing`: where the account's monitor is another stack's, or AWS made it."""

    @model_validator(mode="after")
    def _percentages(self) -> BudgetSpec:
        for key in ("actual", "forecast"):
            values = getattr(self, key)
            if any(not 1 <= value <= 1000 for value in values) or len(set(values)) != len(values):
                raise Refused(key, values, "different percentages from 1 to 1000")
        # CreateBudget accepts five notifications (AWS Budgets API reference, NotificationsWithSubscribers).
        if not 1 <= len(self.actual) + len(self.forecast) <= 5:
            raise Refused("actual", self.actual, "1 to 5 percentages together with forecast")
        return self


@dataclass(frozen=True)
class BudgetArgs:
    """`amount` is the upper end of the phase's budget in USD a month; `email` hears of everything."""

    spec: BudgetSpec
    site: Site
    amount: float | None
    email: str


class Budget(pulumi.ComponentResource):
    """A monthly budget over one stack's tags, and anomalies by mail; both are global to the account."""

    def __init__(self, name: str, args: BudgetArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("phaseup:index:Budget", name, None, opts)
        spec, site = args.spec, args.site
        amount = spec.monthly if spec.monthly is not None else args.amount
        if amount is None:
            raise ValueError(f"{name}.monthly: null where the phase has no budget either; allowed: USD a month")
        owned = [(tag, site.tags[tag]) for tag in OWNED_BY]
        self.budget = aws.budgets.Budget(
            f"{name}-monthly",
            name_prefix=f"{site.prefix}-{name}-",
            budget_type="COST",
            time_unit="MONTHLY",
            limit_amount=f"{amount:.2f}",
            limit_unit="USD",
            metrics="UnblendedCost",
            filter_expression=aws.budgets.BudgetFilterExpressionArgs(
                ands=[
                    aws.budgets.BudgetFilterExpressionAndArgs(
                        tags=aws.budgets.BudgetFilterExpressionAndTagsArgs(
                            key=tag, values=[value], match_options=["EQUALS"]
                        )
                    )
                    for tag, value in owned
                ]
            ),
            notifications=[
                aws.budgets.BudgetNotificationArgs(
                    comparison_operator="GREATER_THAN",
                    notification_type=kind,
                    threshold=percent,
                    threshold_type="PERCENTAGE",
                    subscriber_email_addresses=[args.email],
                )
                for kind, percents in (("ACTUAL", spec.actual), ("FORECASTED", spec.forecast))
                for percent in percents
            ],
            tags=site.tagged(),
            opts=child_options(self),
        )
        self.monitor = None if spec.watch == "nothing" else self._monitor(name, args)
        self.register_outputs({"amount": amount, "monitor_arn": self.monitor.arn if self.monitor else None})

    def _monitor(self, name: str, args: BudgetArgs) -> aws.costexplorer.AnomalyMonitor:
        spec, site = args.spec, args.site
        # Only an account that pays for itself may watch a tag (AWS Cost Management user guide, "Getting started with
        # AWS Cost Anomaly Detection").
        watched: dict[str, Any] = (
            {"monitor_type": "DIMENSIONAL", "monitor_dimension": "SERVICE"}
            if spec.watch == "services"
            else {"monitor_type": "CUSTOM", "monitor_specification": _system_only(site.tags["system"])}
        )
        monitor = aws.costexplorer.AnomalyMonitor(
            f"{name}-anomalies",
            name=f"{site.prefix}-{name}",
            **watched,
            tags=site.tagged(),
            opts=child_options(self),
        )
        aws.costexplorer.AnomalySubscription(
            f"{name}-anomaly-mail",
            name=f"{site.prefix}-{name}",
            # Only daily and weekly digests go to mail; immediate ones would need a topic.
            frequency="DAILY",
            monitor_arn_lists=[monitor.arn],
            subscribers=[aws.costexplorer.AnomalySubscriptionSubscriberArgs(type="EMAIL", address=args.email)],
            threshold_expression=aws.costexplorer.AnomalySubscriptionThresholdExpressionArgs(
                dimension=aws.costexplorer.AnomalySubscriptionThresholdExpressionDimensionArgs(
                    key="ANOMALY_TOTAL_IMPACT_ABSOLUTE",
                    match_options=["GREATER_THAN_OR_EQUAL"],
                    values=[f"{spec.anomaly:g}"],
                )
            ),
            tags=site.tagged(),
            opts=child_options(self),
        )
        return monitor


def _system_only(system: str) -> str:
    # A custom monitor watches the values of one tag, never a conjunction (Cost Explorer API, CreateAnomalyMonitor). AWS
    # answers with every member of the expression, and the specification cannot be updated: written shorter, it would be
    # replaced in every apply.
    members = {"And": None, "CostCategories": None, "Dimensions": None, "Not": None, "Or": None}
    return json.dumps({**members, "Tags": {"Key": "system", "MatchOptions": None, "Values": [system]}}, sort_keys=True)
