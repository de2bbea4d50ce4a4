"""alarms: what each evaluates, whom it tells, how it escalates, and that each has a block that emits its metric."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from pydantic import ValidationError
from recording import ACCOUNT, Recording, Registered, record

from components.alarms import Alarms, AlarmsArgs, AlarmsSpec
from components.alarms.channels import Contacts
from components.alarms.metrics import CATALOGUE, readings
from components.emitter import Emitter
from components.site import Site
from components.spec import Refused
from phaseup.graph.values import Secret

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
GIB = 1024**3
EMITTERS = {
    "db": Emitter(
        "postgres",
        members={"primary": {"DBInstanceIdentifier": "meal-prod-db"}},
        followers={replica: {"DBInstanceIdentifier": f"meal-prod-db-{replica}"} for replica in ("a", "b")},
        figures={"allocated_gib": 50},
    ),
    "cache": Emitter("cache", members={node: {"CacheClusterId": f"meal-prod-cache-{node}"} for node in ("001", "002")}),
    "lb": Emitter(
        "balancer",
        members={"group": {"LoadBalancer": "app/lb/1"}},
        followers={"api-on-app": {"LoadBalancer": "app/lb/1", "TargetGroup": "targetgroup/api/1"}},
    ),
    "app": Emitter("server", members={"group": {"AutoScalingGroupName": "meal-prod-app"}}),
    "api": Emitter("service", log_groups={"app": "/meal-prod/api/app", "cluster": "/meal-prod/api/cluster"}),
}
ALL = Contacts(
    email="oncall@example.com",
    pagerduty="https://events.pagerduty.com/integration/key/enqueue",
    slack_workspace="T0123456",
    slack_channels={"alerts": "C0ALERTS", "ops": "C0OPS"},
)


def build(
    site: Site, contacts: Contacts = ALL, emitters: dict[str, Emitter] | None = None, **spec: object
) -> Recording:
    return record(
        lambda: Alarms(
            "alarms",
            AlarmsArgs(
                spec=AlarmsSpec(**spec),
                site=site,
                account_id=ACCOUNT,
                contacts=contacts,
                domain="example.com",
                emitters=EMITTERS if emitters is None else emitters,
            ),
        )
    )


def alarm(site: Site, **given: object) -> dict[str, object]:
    return build(site, alarms={"x": given}).one("alarms-x").inputs


def queries(inputs: dict[str, object]) -> tuple[dict[str, tuple[str, str, dict[str, str]]], str]:
    series = {
        each["id"]: (each["metric"]["metricName"], each["metric"]["stat"], each["metric"]["dimensions"])
        for each in inputs["metricQueries"]
        if "metric" in each
    }
    (value,) = [each for each in inputs["metricQueries"] if each["returnData"]]
    assert value["id"] == "value"
    return series, value["expression"]


def told(recording: Recording, resource: Registered) -> list[str]:
    topics = {each.name: each.inputs["region"] for each in recording.by_type("aws:sns/topic:Topic")}
    names = [arn.removeprefix("arn:aws:sns:::").rpartition("-")[0] for arn in resource.inputs["alarmActions"]]
    assert {topics[name] for name in names} <= {resource.inputs["region"]}, (
        "an alarm tells only its own region's topics"
    )
    return [name.removeprefix("alarms-topic-") for name in names]


def test_one_series(site: Site) -> None:
    found = alarm(site, block="db", metric="cpu", above=80, minutes=15, severity="medium")
    wanted = {
        "region": "eu-west-1",
        "name": "meal-prod-x",
        "namespace": "AWS/RDS",
        "metricName": "CPUUtilization",
        "dimensions": {"DBInstanceIdentifier": "meal-prod-db"},
        "statistic": "Average",
        "comparisonOperator": "GreaterThanThreshold",
        "threshold": 80,
        "period": 60,
        "evaluationPeriods": 15,
        "datapointsToAlarm": 15,
        "treatMissingData": "notBreaching",
        "actionsEnabled": True,
    }
    assert {key: found[key] for key in wanted} == wanted
    assert "extendedStatistic" not in found
    assert found["okActions"] == found["alarmActions"]


def test_percentile_is_an_extended_statistic(site: Site) -> None:
    found = alarm(site, block="lb", metric="latency", above=0.5, severity="medium")
    assert found["extendedStatistic"] == "p99"
    assert "statistic" not in found


def test_storage_is_a_share_of_what_is_allocated(site: Site) -> None:
    found = alarm(site, block="db", metric="storage_used", above=80, severity="high")
    series, expression = queries(found)
    assert series == {"a0": ("FreeStorageSpace", "Minimum", {"DBInstanceIdentifier": "meal-prod-db"})}
    assert expression == f"100 * (1 - SUM([a0]) / (50 * {GIB}))"
    # 10 GiB free of 50: four fifths are used.
    assert eval(expression.replace("SUM([a0])", str(10 * GIB))) == pytest.approx(80)
    assert "metricName" not in found
    assert "period" not in found


def test_hit_rate_over_all_nodes(site: Site) -> None:
    series, expression = queries(alarm(site, block="cache", metric="hit_rate", below=60, minutes=15, severity="medium"))
    assert {key: (metric, dimensions["CacheClusterId"]) for key, (metric, _, dimensions) in series.items()} == {
        "a0": ("CacheHits", "meal-prod-cache-001"),
        "a1": ("CacheHits", "meal-prod-cache-002"),
        "b0": ("CacheMisses", "meal-prod-cache-001"),
        "b1": ("CacheMisses", "meal-prod-cache-002"),
    }
    hits, misses = "SUM([a0, a1])", "SUM([b0, b1])"
    assert expression == f"IF({hits} + {misses} > 0, 100 * {hits} / ({hits} + {misses}), 100)"


def test_balancer_errors_count_its_own_and_its_targets(site: Site) -> None:
    series, expression = queries(alarm(site, block="lb", metric="error_rate", above=5, severity="high"))
    assert [metric for metric, _, _ in series.values()] == [
        "HTTPCode_Target_5XX_Count",
        "HTTPCode_ELB_5XX_Count",
        "RequestCount",
    ]
    assert expression == "100 * (FILL(SUM([a0]), 0) + FILL(SUM([b0]), 0)) / SUM([c0])"


def test_lag_is_an_alarm_for_each_replica(site: Site) -> None:
    recording = build(site, alarms={"lag": {"block": "db", "metric": "replica_lag", "above": 30, "severity": "medium"}})
    assert {each.name: each.inputs["dimensions"]["DBInstanceIdentifier"] for each in recording.by_type(ALARM)} == {
        "alarms-lag-a": "meal-prod-db-a",
        "alarms-lag-b": "meal-prod-db-b",
    }


def test_metric_from_logs_has_a_filter_for_each_host(site: Site) -> None:
    recording = build(
        site,
        metrics={"latency": {"blocks": ["api"], "pattern": "{ $.ms = * }", "value": "$.ms", "stat": "p99"}},
        alarms={"x": {"metric": "latency", "above": 500, "severity": "medium"}},
    )
    filters = recording.by_type("aws:cloudwatch/logMetricFilter:LogMetricFilter")
    assert {each.name: each.inputs["logGroupName"] for each in filters} == {
        "alarms-latency-api-on-app": "/meal-prod/api/app",
        "alarms-latency-api-on-cluster": "/meal-prod/api/cluster",
    }
    made = {
        (each.inputs["metricTransformation"]["namespace"], each.inputs["metricTransformation"]["name"])
        for each in filters
    }
    found = recording.one("alarms-x").inputs
    assert made == {(found["namespace"], found["metricName"])} == {("meal-prod/services", "latency")}
    assert found["extendedStatistic"] == "p99"
    assert "dimensions" not in found


def test_check_from_outside_lives_where_route_53_reports(site: Site) -> None:
    recording = build(
        site,
        checks={"api": {"host": "api", "path": "/health"}},
        alarms={"down": {"check": "api", "metric": "uptime", "below": 99.9, "minutes": 1, "severity": "critical"}},
    )
    check = recording.one("alarms-check-api").inputs
    assert (check["type"], check["fqdn"], check["resourcePath"], check["port"]) == (
        "HTTPS",
        "api.example.com",
        "/health",
        443,
    )
    down = recording.one("alarms-down")
    assert (down.inputs["region"], down.inputs["threshold"], down.inputs["comparisonOperator"]) == (
        "us-east-1",
        99.9,
        "LessThanThreshold",
    )
    assert queries(down.inputs)[1] == "100 * up"
    assert {each.name for each in recording.by_type("aws:sns/topic:Topic")} == {"alarms-topic-critical-us-east-1"}
    assert recording.one("alarms-us-east-1-key").inputs["region"] == "us-east-1"
    assert told(recording, down) == ["critical-us-east-1"]
    assert down.inputs["name"] not in recording.one("alarms-dashboard").inputs["dashboardBody"]


def test_in_us_east_1_there_is_one_set_of_topics(site: Site) -> None:
    recording = build(
        replace(site, region="us-east-1"),
        checks={"api": {"host": "api"}},
        alarms={"down": {"check": "api", "metric": "uptime", "below": 99.9, "severity": "critical"}},
    )
    assert {each.name for each in recording.by_type("aws:sns/topic:Topic")} == {"alarms-topic-critical"}


def test_escalation_is_the_same_alarm_longer_and_louder(site: Site) -> None:
    recording = build(
        site,
        alarms={"slow": {"block": "lb", "metric": "latency", "above": 1, "severity": "high", "escalate_minutes": 5}},
    )
    first, second = recording.one("alarms-slow"), recording.one("alarms-slow-escalated")
    assert (first.inputs["evaluationPeriods"], second.inputs["evaluationPeriods"]) == (5, 10)
    assert (told(recording, first), told(recording, second)) == (["high"], ["critical"])
    changed = {key for key in first.inputs if first.inputs[key] != second.inputs[key]}
    assert changed == {"name", "alarmActions", "okActions", "tags", "evaluationPeriods", "datapointsToAlarm"}


def test_composite_tells_for_its_silent_parts(site: Site) -> None:
    recording = build(
        site,
        alarms={
            "silent": {"block": "db", "metric": "samples", "below": 1, "minutes": 2, "missing": "breaching"},
            "full": {"block": "db", "metric": "connections", "above": 400},
            "full-disk": {"block": "db", "metric": "storage_used", "above": 80},
        },
        composites={"unreachable": {"any_of": ["silent", "full"], "severity": "critical"}},
    )
    composite = recording.one("alarms-unreachable")
    assert composite.inputs["alarmRule"] == 'ALARM("meal-prod-silent") OR ALARM("meal-prod-full")'
    assert told(recording, composite) == ["critical"]
    # Replaced under one name, it must be deleted before it is made again, or it would be gone.
    assert composite.delete_before_replace
    assert recording.one("alarms-silent").inputs["alarmActions"] == []
    assert {recording.one(f"alarms-{part}").urn for part in ("silent", "full")} <= composite.depends_on


def test_events_of_a_group_and_a_database(site: Site) -> None:
    recording = build(
        site,
        events={
            "scaled": {"block": "app", "event": "scaled", "severity": "medium"},
            "database": {"block": "db", "event": "database", "severity": "high"},
        },
    )
    scaled = json.loads(recording.one("alarms-on-scaled").inputs["eventPattern"])
    assert scaled["source"] == ["aws.autoscaling"]
    assert scaled["detail"] == {"AutoScalingGroupName": ["meal-prod-app"]}
    assert "EC2 Instance Launch Unsuccessful" in scaled["detail-type"]
    database = json.loads(recording.one("alarms-on-database").inputs["eventPattern"])
    assert database["detail"]["SourceIdentifier"] == ["meal-prod-db"]
    assert "failover" in database["detail"]["EventCategories"]
    assert recording.one("alarms-on-scaled-topic").inputs["arn"].startswith("arn:aws:sns:::alarms-topic-medium-")


def every_severity() -> dict[str, object]:
    return {
        severity: {"block": "app", "metric": "cpu", "above": 80, "severity": severity}
        for severity in ("critical", "high", "medium", "low")
    }


def test_each_severity_goes_where_it_is_routed(site: Site) -> None:
    recording = build(site, alarms=every_severity())
    assert {(each.name, each.inputs["protocol"]) for each in recording.by_type(SUBSCRIPTION)} == {
        ("alarms-topic-critical-pagerduty", "https"),
        ("alarms-topic-critical-email", "email"),
    }
    slack = recording.by_type("aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration")
    assert {
        each.name: (
            each.inputs["slackChannelId"],
            [arn.split(":::")[1].rsplit("-", 1)[0] for arn in each.inputs["snsTopicArns"]],
        )
        for each in slack
    } == {
        "alarms-slack-alerts": ("C0ALERTS", ["alarms-topic-high"]),
        "alarms-slack-ops": ("C0OPS", ["alarms-topic-low", "alarms-topic-medium"]),
    }


def test_one_channel_for_all_has_one_configuration(site: Site) -> None:
    one = replace(ALL, slack_channels={"alerts": "C0ONE", "ops": "C0ONE"})
    recording = build(site, contacts=one, alarms=every_severity())
    (slack,) = recording.by_type("aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration")
    assert slack.name == "alarms-slack-alerts"
    assert len(slack.inputs["snsTopicArns"]) == 3


def test_pagerduty_s_url_is_a_secret(site: Site) -> None:
    endpoint = build(site, alarms=every_severity()).one("alarms-topic-critical-pagerduty").inputs["endpoint"]
    assert isinstance(endpoint, Secret)


def test_without_channels_everything_is_mailed(site: Site) -> None:
    recording = build(site, contacts=Contacts(email="oncall@example.com"), alarms=every_severity())
    assert {each.name: each.inputs["endpoint"] for each in recording.by_type(SUBSCRIPTION)} == {
        f"alarms-topic-{severity}-email": "oncall@example.com" for severity in ("critical", "high", "medium", "low")
    }


def test_topics_are_encrypted_and_only_alarms_and_events_publish(site: Site) -> None:
    recording = build(site, alarms=every_severity())
    topic = recording.one("alarms-topic-critical").inputs
    assert topic["kmsMasterKeyId"].startswith("arn:aws:kms:::alarms-key-")
    key = json.loads(recording.one("alarms-key").inputs["policy"])["Statement"][1]
    assert key["Principal"] == {"Service": ["cloudwatch.amazonaws.com", "events.amazonaws.com"]}
    policy = {
        each["Sid"]: each
        for each in json.loads(recording.one("alarms-topic-critical-policy").inputs["policy"])["Statement"]
    }
    assert {sid: each["Effect"] for sid, each in policy.items()} == {
        "Alarms": "Allow",
        "Events": "Allow",
        "TlsOnly": "Deny",
    }
    assert policy["Alarms"]["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def test_where_nobody_is_on_call_nothing_rings(site: Site) -> None:
    recording = build(
        site,
        actions=False,
        alarms={"x": {"block": "db", "metric": "cpu", "above": 80, "severity": "high"}},
        events={"scaled": {"block": "app", "event": "scaled", "severity": "medium"}},
    )
    assert recording.one("alarms-x").inputs["actionsEnabled"] is False
    assert recording.one("alarms-on-scaled").inputs["state"] == "DISABLED"


def test_dashboard_shows_every_alarm_without_overlap(site: Site) -> None:
    recording = build(site, alarms=every_severity())
    board = recording.one("alarms-dashboard").inputs
    assert board["dashboardName"] == "meal-prod-alarms"
    status, *metrics = json.loads(board["dashboardBody"])["widgets"]
    assert len(status["properties"]["alarms"]) == 4
    assert [each["properties"]["title"] for each in metrics] == ["critical", "high", "medium", "low"]
    cells = [
        (each["x"] + dx, each["y"] + dy)
        for each in (status, *metrics)
        for dx in range(each["width"])
        for dy in range(each["height"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) == 23


def test_outputs_are_registered_once_and_children_are_its_own(site: Site) -> None:
    recording = build(site, alarms=every_severity())
    (component,) = [each for each in recording.resources if each.type == "phaseup:index:Alarms"]
    assert len(recording.outputs[component.urn]) == 1
    assert {each.parent for each in recording.resources if each.custom} == {component.urn}


KINDS = {block: emitter.kind for block, emitter in EMITTERS.items()}


@pytest.mark.parametrize(("block", "kind"), [item for item in KINDS.items() if CATALOGUE[item[1]]])
def test_every_metric_of_every_kind_can_be_read(block: str, kind: str) -> None:
    for metric in CATALOGUE[kind]:
        assert readings(EMITTERS[block], metric, None, 60)
        AlarmsSpec(alarms={"x": {"block": block, "metric": metric, "above": 1, "severity": "low"}}).check_among(KINDS)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"alarms": {"x": {"block": "db", "metric": "hit_rate", "above": 1}}},
            "alarms.x.metric: found hit_rate; allowed: of a postgres",
        ),
        ({"alarms": {"x": {"block": "gone", "metric": "cpu", "above": 1}}}, "alarms.x.block: found gone"),
        ({"alarms": {"x": {"block": "api", "metric": "cpu", "above": 1}}}, "alarms.x.block: found api"),
        ({"metrics": {"m": {"blocks": ["db"], "pattern": "x"}}}, "metrics.m.blocks: found db; allowed: a service: api"),
        (
            {"events": {"e": {"block": "db", "event": "scaled", "severity": "low"}}},
            "events.e.block: found db; allowed: a server: app",
        ),
        ({"events": {"e": {"block": "app", "event": "database", "severity": "low"}}}, "events.e.block: found app"),
    ],
)
def test_an_alarm_that_no_block_feeds_is_refused(site: Site, given: dict[str, object], said: str) -> None:
    with pytest.raises(Refused, match=said):
        AlarmsSpec(**given).check_among(KINDS)
    with pytest.raises(Exception, match=said):
        build(site, **given)


GOOD = {"block": "db", "metric": "cpu", "above": 80, "severity": "high"}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"alarms": {"x": {**GOOD, "below": 1}}}, "alarms.x: found both"),
        ({"alarms": {"x": {**GOOD, "above": None}}}, "alarms.x: found neither"),
        ({"alarms": {"x": {**GOOD, "check": "api"}}}, "alarms.x: found block and check"),
        (
            {"alarms": {"x": {"check": "api", "metric": "uptime", "below": 1}}},
            "alarms.x.check: found api; allowed: none here",
        ),
        ({"alarms": {"x": {"metric": "cpu", "above": 1}}}, "alarms.x.metric: found cpu; allowed: none here"),
        (
            {"checks": {"api": {"host": "api"}}, "alarms": {"x": {"check": "api", "metric": "cpu", "above": 1}}},
            "allowed: uptime",
        ),
        ({"alarms": {"x": {**GOOD, "period": 300, "minutes": 6}}}, r"a multiple of period \(300 s\)"),
        ({"alarms": {"x": {**GOOD, "minutes": 1440, "escalate_minutes": 5}}}, "a day at most"),
        ({"alarms": {"x": {**GOOD, "period": 300, "escalate_minutes": 6}}}, "alarms.x.escalate_minutes: found 6"),
        ({"alarms": {"x": {**GOOD, "severity": "critical", "escalate_minutes": 5}}}, "nothing to climb to"),
        ({"alarms": {"x": {**GOOD, "severity": None, "escalate_minutes": 5}}}, "nothing to climb to"),
        ({"alarms": {"x": {**GOOD, "stat": "p100"}}}, "match pattern"),
        ({"alarms": {"x-escalated": GOOD}}, "does not end in -escalated"),
        ({"composites": {"c": {"any_of": ["a", "b"], "severity": "low"}}}, "composites.c.any_of: found a"),
        ({"composites": {"c": {"any_of": ["a"], "severity": "low"}}}, "at least 2"),
        (
            {"alarms": {"x": GOOD}, "composites": {"x": {"any_of": ["x", "x"], "severity": "low"}}},
            "a name that no alarm has",
        ),
        (
            {
                "checks": {"api": {"host": "api"}},
                "alarms": {"x": GOOD, "y": {"check": "api", "metric": "uptime", "below": 1}},
                "composites": {"c": {"any_of": ["x", "y"], "severity": "low"}},
            },
            "only checks, or none",
        ),
        ({"alarms": {"x": GOOD}, "routes": {"low": {"email": True}}}, "routes.high: found nothing"),
    ],
)
def test_refused(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        AlarmsSpec(**wrong)
