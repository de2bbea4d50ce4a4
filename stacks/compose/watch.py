"""What watches the rest: alarms and the budget."""

from __future__ import annotations

import pulumi

from components.alarms import Alarms, AlarmsArgs, AlarmsSpec
from components.alarms.channels import Contacts
from components.budget import Budget, BudgetArgs, BudgetSpec
from components.cdn.edge import GLOBAL
from components.emitter import Emitter
from stacks.compose.context import Context


def alarms(context: Context) -> None:
    """Alarms over every block that emits a metric."""
    for block, spec in context.of_kind("alarms", AlarmsSpec):
        watched = _watched(context)
        Alarms(
            block.name,
            AlarmsArgs(
                spec=spec,
                site=context.site_of(block),
                account_id=context.network.account_id,
                contacts=_contacts(context),
                domain=context.config.domain,
                emitters=watched.pop(context.site.region),
                elsewhere=watched,
                leaving={region for each in context.effective.blocks.values() for region in each.retiring_regions},
            ),
        )


def _watched(context: Context) -> dict[str, dict[str, Emitter]]:
    """What alarms can watch, by the region in which it is counted: what CloudFront answers is counted in one alone."""
    watched = {place.region: context.emitters(place) for place in context.places.values()}
    at_the_edge = {name: made.emitter for name, made in context.cdns.items() if made.emitter.members}
    if at_the_edge:
        watched[GLOBAL] = {**watched.get(GLOBAL, {}), **at_the_edge}
    return watched


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
