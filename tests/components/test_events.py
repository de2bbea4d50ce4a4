"""events: a bus, what its rules hand on to, and what is sent to another region but never round."""

from __future__ import annotations

import json
from dataclasses import replace

import pulumi_aws as aws
import pytest
from pydantic import ValidationError
from recording import ACCOUNT, record
from whole import events

from components.events import Events, EventsArgs, EventsSpec
from components.site import Site
from components.spec import Refused

AWAY = "us-west-2"


def test_a_bus_under_its_own_key_that_keeps_what_it_cannot_deliver(site: Site) -> None:
    recording = record(lambda: events(site))
    bus = recording.one("bus-bus").inputs
    assert bus["name"] == "meal-prod-bus"
    assert bus["kmsKeyIdentifier"].startswith("arn:aws:kms:::bus-key-")
    assert bus["deadLetterConfig"]["arn"].startswith("arn:aws:sqs:::bus-dead-letters-")
    archive = recording.one("bus-archive")
    assert (archive.inputs["retentionDays"], archive.protect) == (365, True)
    assert archive.inputs["eventSourceArn"].startswith("arn:aws:cloudwatch:::bus-bus-")
    (tls,) = json.loads(recording.one("bus-policy").inputs["policy"])["Statement"]
    assert (tls["Effect"], tls["Action"]) == ("Deny", "events:PutEvents")
    (plain, left) = json.loads(recording.one("bus-dead-letters-policy").inputs["policy"])["Statement"]
    assert plain["Sid"] == "TlsOnly"
    assert left["Condition"] == {"ArnLike": {"aws:SourceArn": "arn:aws:events:eu-west-1:*:*/meal-prod-bus*"}}
    for target in recording.by_type("aws:cloudwatch/eventTarget:EventTarget"):
        assert target.inputs["deadLetterConfig"]["arn"].startswith("arn:aws:sqs:::bus-dead-letters-")
        assert target.inputs["retryPolicy"] == {"maximumRetryAttempts": 185, "maximumEventAgeInSeconds": 86400}


def test_what_began_here_goes_to_the_other_region_and_nothing_comes_back(site: Site) -> None:
    home = record(lambda: events(site))
    assert json.loads(home.one("bus-placed").inputs["eventPattern"]) == {"source": ["orders"]}
    away = home.one("bus-placed-to-us-west-2")
    assert json.loads(away.inputs["eventPattern"]) == {"source": ["orders"], "region": ["eu-west-1"]}
    target = home.one("bus-placed-to-us-west-2-bus").inputs
    assert target["arn"].startswith(f"arn:aws:events:{AWAY}:{ACCOUNT}:event-bus/meal-prod-bus")
    assert (
        json.loads(home.one("bus-placed-to-us-west-2-rights").inputs["policy"])["Statement"][0]["Resource"]
        == target["arn"]
    )
    there = replace(site, region=AWAY)
    spec = EventsSpec(archive_days=9, regions={AWAY: {}}, rules={})
    args = EventsArgs(spec, there, ACCOUNT, "arn:logs-key", home=site.region, bus="bus")
    elsewhere = record(lambda: Events(f"bus-{AWAY}", args))
    assert elsewhere.one(f"bus-{AWAY}-bus").inputs["name"] == "meal-prod-bus"
    (rule,) = elsewhere.by_type("aws:cloudwatch/eventRule:EventRule")
    assert json.loads(rule.inputs["eventPattern"]) == {"region": [AWAY]}
    (back,) = elsewhere.by_type("aws:cloudwatch/eventTarget:EventTarget")
    assert back.inputs["arn"].startswith(f"arn:aws:events:eu-west-1:{ACCOUNT}:event-bus/")
    assert elsewhere.one(f"bus-{AWAY}-archive").inputs["region"] == AWAY


def test_functions_and_logs_say_themselves_who_may_hand_them_events(site: Site) -> None:
    def program() -> None:
        alias = aws.lambda_.Alias("job-alias", function_name="job", function_version="1", name="live")
        rules = {
            "made": {
                "pattern": {"source": ["orders"]},
                "to": {"work": {"function": "job", "retries": 3, "max_age": 60}, "log": {"log_days": 30}},
            }
        }
        Events("bus", EventsArgs(EventsSpec(rules=rules), site, ACCOUNT, "arn:logs-key", functions={"job": alias}))

    recording = record(program)
    may = recording.one("bus-made-to-work-may").inputs
    assert (may["function"], may["qualifier"], may["principal"]) == ("job", "live", "events.amazonaws.com")
    assert may["sourceArn"].startswith("arn:aws:cloudwatch:::bus-made-")
    target = recording.one("bus-made-to-work").inputs
    assert target["retryPolicy"] == {"maximumRetryAttempts": 3, "maximumEventAgeInSeconds": 60}
    assert "roleArn" not in target, "a role is for another bus alone"
    group = recording.one("bus-made-to-log-logs").inputs
    assert (group["name"], group["retentionInDays"]) == ("/aws/events/meal-prod-bus-made-log", 30)
    (statement,) = json.loads(recording.one("bus-logs-policy").inputs["policyDocument"])["Statement"]
    assert statement["Resource"] == f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/aws/events/meal-prod-bus-*"
    assert not recording.by_type("aws:cloudwatch/eventArchive:EventArchive")


def test_an_archive_stays_where_a_lower_phase_asks_for_none() -> None:
    held = EventsSpec(archive_days=30).keeps(EventsSpec())
    assert held is not None
    assert held.fields == {"archive_days": 30}
    assert EventsSpec(archive_days=30).keeps(EventsSpec(archive_days=7)) is None
    assert EventsSpec().keeps(EventsSpec()) is None


@pytest.mark.parametrize(
    ("to", "told"),
    [
        ({}, "function: found nothing; allowed: exactly one of"),
        ({"function": "job", "log_days": 7}, "function: found function, log_days"),
        ({"log_days": 8}, "log_days: found 8; allowed: one of 1, 3, 5"),
        ({"function": "job", "name": "x"}, "name: found x; allowed: null but with queue"),
        ({"function": "job", "retries": 186}, "less than or equal to 185"),
    ],
)
def test_refused(to: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError) as raised:
        EventsSpec(rules={"made": {"pattern": {"source": ["x"]}, "to": {"one": to}}})
    assert told in str(raised.value)


def test_regions_copy_rules_that_there_are() -> None:
    with pytest.raises(ValidationError, match=r"regions\.us-west-2\.copies: found made; allowed: one of rules: none"):
        EventsSpec(regions={AWAY: {"copies": ["made"]}})
    with pytest.raises(ValidationError, match=r"rules\.made\.to: found nothing; allowed: a target, or a region"):
        EventsSpec(rules={"made": {"pattern": {"a": ["b"]}}}, regions={AWAY: {}})


def test_targets_are_functions_and_queues() -> None:
    spec = EventsSpec(rules={"made": {"pattern": {"a": ["b"]}, "to": {"one": {"function": "db"}}}})
    with pytest.raises(Refused, match=r"rules\.made\.to\.one\.function: found db; allowed: a function: job"):
        spec.check_among({"db": "postgres", "job": "function"})
    spec = EventsSpec(rules={"made": {"pattern": {"a": ["b"]}, "to": {"one": {"queue": "db"}}}})
    with pytest.raises(Refused, match=r"queue: found db; allowed: a broker or function: job, mq"):
        spec.check_among({"db": "postgres", "job": "function", "mq": "broker"})
