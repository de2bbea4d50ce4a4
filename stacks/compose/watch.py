"""What watches the rest: alarms and the budget."""

from __future__ import annotations

import pulumi

from components.alarms import Alarms, AlarmsArgs, AlarmsSpec
from components.alarms.channels import Contacts
from components.budget import Budget, BudgetArgs, BudgetSpec
from stacks.compose.context import Context


def alarms(context: Context) -> None:
    """Alarms over every block that emits a metric."""
    for block, spec in context.of_kind("alarms", AlarmsSpec):
        Alarms(
            block.name,
            AlarmsArgs(
                spec=spec,
                site=context.site_of(block),
                account_id=context.network.account_id,
                contacts=_contacts(context),
                domain=context.config.domain,
                emitters=context.emitters(),
                elsewhere={
                    place.region: context.emitters(place) for place in context.places.values() if not place.home
                },
                leaving={region for each in context.effective.blocks.values() for region in each.retiring_regions},
            ),
        )


def budgets(context: Context) -> None:
    """The phase's budget."""
    for block, spec in context.of_kind("budget", BudgetSpec):
        Budget(
            block.name,
            BudgetArgs(
                spec=spec, site=context.site_of(block), amount=context.budget, email=context.config.alerts.email
            ),
        )


def _contacts(context: Context) -> Contacts:
    alerts = context.config.alerts
    return Contacts(
        email=alerts.email,
        pagerduty=pulumi.Output.secret(alerts.pagerduty.get_secret_value()) if alerts.pagerduty else None,
        slack_workspace=alerts.slack.workspace if alerts.slack else None,
        slack_channels=alerts.slack.channels if alerts.slack else {},
    )
