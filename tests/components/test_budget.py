"""budget: one stack's money, by its tags, and what the spec refuses."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError
from recording import Recording, record

from components.budget import Budget, BudgetArgs, BudgetSpec
from components.site import Site


def build(site: Site, amount: float | None = 100, **spec: object) -> Recording:
    return record(lambda: Budget("budget", BudgetArgs(BudgetSpec(**spec), site, amount, "oncall@example.com")))


def test_the_phase_s_budget_by_tag(site: Site) -> None:
    budget = build(site).one("budget-monthly").inputs
    assert (budget["limitAmount"], budget["limitUnit"], budget["timeUnit"]) == ("100.00", "USD", "MONTHLY")
    assert budget["namePrefix"] == "meal-prod-budget-"
    assert budget["metrics"] == "UnblendedCost"
    assert [(each["tags"]["key"], each["tags"]["values"]) for each in budget["filterExpression"]["ands"]] == [
        ("system", ["meal"]),
        ("environment", ["prod"]),
    ]


def test_who_hears_when(site: Site) -> None:
    told = build(site).one("budget-monthly").inputs["notifications"]
    assert [(each["notificationType"], each["threshold"]) for each in told] == [
        ("ACTUAL", 50),
        ("ACTUAL", 80),
        ("ACTUAL", 100),
        ("FORECASTED", 100),
    ]
    assert {each["thresholdType"] for each in told} == {"PERCENTAGE"}
    assert all(each["subscriberEmailAddresses"] == ["oncall@example.com"] for each in told)


def test_its_own_amount_wins(site: Site) -> None:
    assert build(site, monthly=250).one("budget-monthly").inputs["limitAmount"] == "250.00"


def test_no_amount_at_all_is_an_error(site: Site) -> None:
    with pytest.raises(Exception, match=r"budget\.monthly: null"):
        build(site, amount=None)


def test_a_member_of_an_organization_watches_its_services(site: Site) -> None:
    recording = build(site, anomaly=35)
    monitor = recording.one("budget-anomalies").inputs
    assert (monitor["monitorType"], monitor["monitorDimension"]) == ("DIMENSIONAL", "SERVICE")
    assert "monitorSpecification" not in monitor
    mail = recording.one("budget-anomaly-mail").inputs
    assert (mail["frequency"], mail["subscribers"]) == ("DAILY", [{"type": "EMAIL", "address": "oncall@example.com"}])
    assert mail["thresholdExpression"]["dimension"]["values"] == ["35"]


def test_an_account_that_pays_for_itself_may_watch_the_system(site: Site) -> None:
    monitor = build(site, watch="system").one("budget-anomalies").inputs
    assert (monitor["monitorType"], "monitorDimension" in monitor) == ("CUSTOM", False)
    specification = json.loads(monitor["monitorSpecification"])
    assert specification["Tags"] == {"Key": "system", "MatchOptions": None, "Values": ["meal"]}
    # AWS answers with all six members; fewer would replace the monitor in every apply.
    assert set(specification) == {"And", "CostCategories", "Dimensions", "Not", "Or", "Tags"}


def test_a_second_stack_of_an_account_watches_nothing(site: Site) -> None:
    assert build(site, watch="nothing").names() == {"budget-monthly"}


def test_outputs_are_registered_once_and_children_are_its_own(site: Site) -> None:
    recording = build(site)
    (component,) = [each for each in recording.resources if each.type == "phaseup:index:Budget"]
    assert len(recording.outputs[component.urn]) == 1
    assert {each.parent for each in recording.resources if each.custom} == {component.urn}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"actual": [80, 80]}, "actual: found"),
        ({"actual": [0]}, "actual: found"),
        ({"forecast": [1001]}, "forecast: found"),
        ({"actual": [10, 20, 30, 40, 50]}, "1 to 5 percentages together"),
        ({"actual": [], "forecast": []}, "1 to 5 percentages together"),
        ({"monthly": 0}, "greater than 0"),
        ({"watch": "account"}, "'services', 'system' or 'nothing'"),
    ],
)
def test_refused(wrong: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        BudgetSpec(**wrong)
