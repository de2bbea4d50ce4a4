"""schedule: one target, one role, dead letters; it runs where told and nowhere else."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from pydantic import ValidationError
from recording import ACCOUNT, Recording, record

from components.schedule import Schedule, ScheduleArgs, ScheduleSpec
from components.site import Site
from components.spec import Refused

TARGET = "arn:aws:lambda:eu-west-1:111111111111:function:meal-prod-job:live"
NIGHTLY = {"target": "job", "every": "cron(0 3 * * ? *)"}


def build(site: Site, *, runs: bool = True, **spec: object) -> Recording:
    args = ScheduleArgs(ScheduleSpec(**{**NIGHTLY, **spec}), site, ACCOUNT, TARGET, runs)
    return record(lambda: Schedule("nightly", args))


def test_a_schedule_with_its_zone_window_and_retries(site: Site) -> None:
    recording = build(site, timezone="Europe/Madrid", flexible=15, retries=3, max_age=600, input={"full": True})
    inputs = recording.one("nightly-schedule").inputs
    target = inputs.pop("target")
    assert inputs == {
        "region": "eu-west-1",
        "name": "meal-prod-nightly",
        "groupName": "meal-prod-nightly",
        "description": "meal-prod nightly",
        "scheduleExpression": "cron(0 3 * * ? *)",
        "scheduleExpressionTimezone": "Europe/Madrid",
        "flexibleTimeWindow": {"mode": "FLEXIBLE", "maximumWindowInMinutes": 15},
        "state": "ENABLED",
    }
    assert target["arn"] == TARGET
    assert json.loads(target["input"]) == {"full": True}
    assert target["retryPolicy"] == {"maximumRetryAttempts": 3, "maximumEventAgeInSeconds": 600}
    assert target["deadLetterConfig"]["arn"].startswith("arn:aws:sqs:::nightly-dead-letters-")
    assert recording.one("nightly-dead-letters").protect


def test_on_time_has_no_window(site: Site) -> None:
    inputs = build(site, every="rate(15 minutes)").one("nightly-schedule").inputs
    assert inputs["flexibleTimeWindow"] == {"mode": "OFF"}
    assert inputs["scheduleExpressionTimezone"] == "UTC"
    assert "input" not in inputs["target"]


@pytest.mark.parametrize(
    ("runs", "state", "wanted"),
    [(True, "on", "ENABLED"), (False, "on", "DISABLED"), (True, "off", "DISABLED"), (False, "off", "DISABLED")],
)
def test_it_runs_on_the_side_that_works_and_when_it_is_on(site: Site, runs: bool, state: str, wanted: str) -> None:
    recording = build(site, runs=runs, state=state)
    assert recording.one("nightly-schedule").inputs["state"] == wanted
    assert recording.urns() == build(site).urns()


def test_its_role_invokes_the_target_alone_and_serves_its_group_alone(site: Site) -> None:
    recording = build(site)
    statements = json.loads(recording.one("nightly-rights").inputs["policy"])["Statement"]
    assert {(each["Action"], each["Resource"].split("-")[0]) for each in statements} == {
        ("lambda:InvokeFunction", TARGET.split("-")[0]),
        ("sqs:SendMessage", "arn:aws:sqs:::nightly"),
    }
    (trust,) = json.loads(recording.one("nightly-role").inputs["assumeRolePolicy"])["Statement"]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    condition = trust["Condition"]["StringEquals"]
    assert condition["aws:SourceAccount"] == ACCOUNT
    assert condition["aws:SourceArn"].startswith("arn:aws:scheduler:::nightly-group-")


def test_retiring_lifts_protection(site: Site) -> None:
    assert not any(each.protect for each in build(replace(site, retiring=True)).resources)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"every": "0 3 * * *"}, "every: found 0 3"),
        ({"every": "cron(0 3 * * *)"}, "every: found cron"),
        ({"every": "cron(0 3 * * * *)"}, "as day of the month or as day of the week"),
        ({"every": "cron(0 3 ? * ? *)"}, "as day of the month or as day of the week"),
        ({"every": "rate(0 minutes)"}, "every: found rate"),
        ({"every": "rate(5 weeks)"}, "every: found rate"),
        ({"timezone": "Mars/Olympus"}, "timezone: found Mars/Olympus"),
        ({"flexible": 1441}, "less than or equal to 1440"),
        ({"retries": 186}, "less than or equal to 185"),
        ({"max_age": 59}, "greater than or equal to 60"),
    ],
)
def test_refused(wrong: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        ScheduleSpec(**{**NIGHTLY, **wrong})


def test_it_invokes_functions_only() -> None:
    kinds = {"job": "function", "api": "service"}
    ScheduleSpec(**NIGHTLY).check_among(kinds)
    with pytest.raises(Refused, match="target: found api; allowed: a function: job"):
        ScheduleSpec(**{**NIGHTLY, "target": "api"}).check_among(kinds)
