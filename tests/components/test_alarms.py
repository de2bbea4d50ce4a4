"""alarms: what each evaluates, whom it tells, how it escalates, and that each has a block that emits its metric."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from pydantic import ValidationError
from recording import ACCOUNT, Recording, Registered, record

from components.alarms import Alarms, AlarmsArgs, AlarmsSpec
from components.alarms.catalogue import CATALOGUE
from components.alarms.channels import Contacts
from components.alarms.metrics import readings
from components.alarms.objectives import BURNS_WATCHED, least, one_run_rings
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
        parts={"poolers": {"pooler": {"ProxyName": "meal-prod-db"}}},
    ),
    "core": Emitter(
        "aurora",
        members={"cluster": {"DBClusterIdentifier": "meal-prod-core"}},
        followers={name: {"DBInstanceIdentifier": f"meal-prod-core-{name}"} for name in ("a", "b")},
        parts={
            "poolers": {"pooler": {"ProxyName": "meal-prod-core"}},
            "behind": {"cluster": {"DBClusterIdentifier": "meal-prod-core", "SourceRegion": "us-east-1"}},
        },
    ),
    "cache": Emitter("cache", members={node: {"CacheClusterId": f"meal-prod-cache-{node}"} for node in ("001", "002")}),
    "lb": Emitter(
        "balancer",
        members={"group": {"LoadBalancer": "app/lb/1"}},
        followers={"api-on-app": {"LoadBalancer": "app/lb/1", "TargetGroup": "targetgroup/api/1"}},
    ),
    "app": Emitter("server", members={"group": {"AutoScalingGroupName": "meal-prod-app"}}),
    "api": Emitter("service", log_groups={"app": "/meal-prod/api/app", "cluster": "/meal-prod/api/cluster"}),
    "search": Emitter("search", members={"domain": {"DomainName": "meal-prod-search", "ClientId": ACCOUNT}}),
    "gateway": Emitter("gateway", members={"group": {"ApiId": "a1b2"}}),
    "job": Emitter(
        "function",
        members={"function": {"FunctionName": "meal-prod-job"}},
        followers={"dead_letters": {"QueueName": "job-dead"}, "queue": {"QueueName": "job-queue"}},
    ),
    "nightly": Emitter(
        "schedule",
        members={"group": {"ScheduleGroup": "meal-prod-nightly"}},
        followers={"dead_letters": {"QueueName": "nightly-dead"}},
    ),
    "k8s": Emitter(
        "kubernetes",
        members={"cluster": {"ClusterName": "meal-prod-k8s"}},
        followers={group: {"AutoScalingGroupName": f"eks-{group}-1"} for group in ("main", "spot")},
    ),
    "telemetry": Emitter(
        "telemetry",
        members={"k8s": {"ClusterName": "meal-prod-k8s"}},
        followers={check: {"CanaryName": f"meal-prod-{check}"} for check in ("api", "login")},
        figures={"api.every_minutes": 1, "login.every_minutes": 5},
    ),
    "backup": Emitter("backup", members={"vault": {"BackupVaultName": "meal-prod-backup"}}),
    "orders": Emitter(
        "table",
        members={"table": {"TableName": "orders"}},
        followers={"eu-central-1": {"TableName": "orders", "ReceivingRegion": "eu-central-1"}},
    ),
    "bus": Emitter(
        "events",
        members={rule: {"EventBusName": "bus", "RuleName": rule} for rule in ("placed", "paid")},
        followers={"dead_letters": {"QueueName": "bus-dead"}},
    ),
    "front": Emitter(
        "cdn",
        members={"app": {"DistributionId": "E1", "Region": "Global"}},
        followers={"app": {"DistributionId": "E1", "Region": "Global"}},
    ),
}
SHARDED = Emitter(
    "postgres",
    members={shard: {"DBInstanceIdentifier": f"meal-prod-db-{shard}"} for shard in ("primary", "b", "c")},
    figures={"allocated_gib": 50, "c.allocated_gib": 200},
)
FAR = {
    "db": Emitter("postgres", followers={"primary-a": {"DBInstanceIdentifier": "meal-prod-db-eu-central-1-a"}}),
    "k8s": Emitter(
        "kubernetes",
        members={"cluster": {"ClusterName": "meal-prod-k8s-eu-central-1"}},
        followers={"main": {"AutoScalingGroupName": "eks-main-2"}},
    ),
    "api": Emitter("service", log_groups={"k8s": "/meal-prod/api/k8s"}),
    "telemetry": Emitter("telemetry", members={"k8s": {"ClusterName": "meal-prod-k8s-eu-central-1"}}),
}
ALL = Contacts(
    email="oncall@example.com",
    pagerduty="https://events.pagerduty.com/integration/key/enqueue",
    slack_workspace="T0123456",
    slack_channels={"alerts": "C0ALERTS", "ops": "C0OPS"},
)


def build(
    site: Site,
    contacts: Contacts = ALL,
    emitters: dict[str, Emitter] | None = None,
    elsewhere: dict[str, dict[str, Emitter]] | None = None,
    **spec: object,
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
                elsewhere=elsewhere or {},
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


def _nodes(count: int) -> Emitter:
    return Emitter("cache", members={f"{n:03d}": {"CacheClusterId": f"cache-{n:03d}"} for n in range(1, count + 1)})


def test_an_alarm_reads_ten_series_at_most() -> None:
    """Six nodes have twelve series of hits and misses, and six of their rates; eleven nodes have too many of either."""
    (five,) = readings(_nodes(5), "hit_rate", None, 60).values()
    assert len(five.queries) == 11
    (six,) = readings(_nodes(6), "hit_rate", None, 60).values()
    *series, value = six.queries
    assert {each.metric.metric_name for each in series} == {"CacheHitRate"}
    assert {each.metric.stat for each in series} == {"Average"}
    assert value.expression == "AVG([a0, a1, a2, a3, a4, a5])"
    assert len(next(iter(readings(_nodes(10), "memory", None, 60).values())).queries) == 11
    for metric in ("memory", "hit_rate"):
        with pytest.raises(Refused, match=f"metric: found {metric} of 11 members; allowed: a metric of at most 10"):
            readings(_nodes(11), metric, None, 60)


def test_more_than_five_brokers_are_read_by_one_series_each() -> None:
    def cpu(count: int) -> tuple[set[str], str]:
        of = {str(number): {"Cluster Name": "bus", "Broker ID": str(number)} for number in range(1, count + 1)}
        emitter = Emitter("broker", members={"cluster": {"Cluster Name": "bus"}}, parts={"brokers": of})
        *series, value = next(iter(readings(emitter, "broker_cpu", None, 60).values())).queries
        return {each.metric.metric_name for each in series}, value.expression

    assert cpu(3) == ({"CpuUser", "CpuSystem"}, "MAX([a0, a1, a2]) + MAX([b0, b1, b2])")
    assert cpu(6) == ({"CpuIdle"}, "100 - MIN([a0, a1, a2, a3, a4, a5])")


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


def test_each_shard_has_an_alarm_and_the_first_keeps_its_name(site: Site) -> None:
    """So that the alarm of the unsharded database stays where shards arrive beside it."""
    given = {"cpu": {"block": "db", "metric": "cpu", "above": 80, "severity": "medium"}}
    before = build(site, emitters={"db": replace(SHARDED, members=dict([*SHARDED.members.items()][:1]))}, alarms=given)
    after = build(site, emitters={"db": SHARDED}, alarms=given)
    assert {each.name: each.inputs["dimensions"]["DBInstanceIdentifier"] for each in after.by_type(ALARM)} == {
        "alarms-cpu": "meal-prod-db-primary",
        "alarms-cpu-b": "meal-prod-db-b",
        "alarms-cpu-c": "meal-prod-db-c",
    }
    assert before.one("alarms-cpu").inputs == after.one("alarms-cpu").inputs


def test_a_shard_s_share_is_of_its_own_storage(site: Site) -> None:
    given = {"disk": {"block": "db", "metric": "storage_used", "above": 80, "severity": "high"}}
    recording = build(site, emitters={"db": SHARDED}, alarms=given)
    said = {each.name: queries(each.inputs) for each in recording.by_type(ALARM)}
    assert said["alarms-disk-b"] == (
        {"a0": ("FreeStorageSpace", "Minimum", {"DBInstanceIdentifier": "meal-prod-db-b"})},
        f"100 * (1 - SUM([a0]) / (50 * {GIB}))",
    )
    assert said["alarms-disk-c"][1] == f"100 * (1 - SUM([a0]) / (200 * {GIB}))"


def test_an_alarm_on_one_member_alone(site: Site) -> None:
    given = {"block": "db", "metric": "cpu", "member": "b", "above": 80, "severity": "low"}
    (made,) = build(site, emitters={"db": SHARDED}, alarms={"x": given}).by_type(ALARM)
    assert (made.name, made.inputs["dimensions"]) == ("alarms-x", {"DBInstanceIdentifier": "meal-prod-db-b"})
    lag = {"block": "db", "metric": "replica_lag", "member": "b", "above": 30, "severity": "low"}
    (made,) = build(site, alarms={"x": lag}).by_type(ALARM)
    assert (made.name, made.inputs["dimensions"]) == ("alarms-x-b", {"DBInstanceIdentifier": "meal-prod-db-b"})


def test_a_member_that_is_not_there_is_refused(site: Site) -> None:
    given = {"block": "db", "metric": "cpu", "member": "z", "above": 80, "severity": "low"}
    with pytest.raises(Exception, match=r"alarms\.x\.member: found z; allowed: one of primary, b, c"):
        build(site, emitters={"db": SHARDED}, alarms={"x": given})


def test_what_follows_no_more_is_not_watched(site: Site) -> None:
    """Of a block that is kept; that a living one has it is asked before, by compose."""
    bare = replace(EMITTERS["job"], followers={"dead_letters": {"QueueName": "job-dead"}})
    given = {
        "age": {"block": "job", "metric": "queue_age", "above": 60, "severity": "low"},
        "dead": {"block": "job", "metric": "dead_letters", "above": 0, "severity": "low"},
    }
    recording = build(site, emitters={"job": bare}, alarms=given)
    assert [each.name for each in recording.by_type(ALARM)] == ["alarms-dead"]


def test_dead_letters_are_a_queue_of_their_own(site: Site) -> None:
    for block, queue in (("job", "job-dead"), ("nightly", "nightly-dead")):
        series, expression = queries(alarm(site, block=block, metric="dead_letters", above=0, severity="high"))
        assert series == {"a0": ("ApproximateNumberOfMessagesVisible", "Maximum", {"QueueName": queue})}
        assert expression == "MAX([a0])"
    series, _ = queries(alarm(site, block="job", metric="queue_age", above=600, severity="high"))
    assert series == {"a0": ("ApproximateAgeOfOldestMessage", "Maximum", {"QueueName": "job-queue"})}


def test_shares_count_what_failed_of_what_there_was(site: Site) -> None:
    for block, names in (("job", ["Errors", "Invocations"]), ("gateway", ["5xx", "Count"])):
        series, expression = queries(alarm(site, block=block, metric="error_rate", above=1, severity="high"))
        assert [metric for metric, _, _ in series.values()] == names
        assert expression == "100 * (FILL(SUM([a0]), 0)) / SUM([b0])"


def test_node_groups_have_alarms_and_events_of_their_own(site: Site) -> None:
    recording = build(
        site,
        alarms={"node": {"block": "k8s", "metric": "node_status", "above": 0, "severity": "high"}},
        events={"nodes": {"block": "k8s", "event": "scaled", "severity": "medium"}},
    )
    assert {each.name: each.inputs["dimensions"] for each in recording.by_type(ALARM)} == {
        "alarms-node-main": {"AutoScalingGroupName": "eks-main-1"},
        "alarms-node-spot": {"AutoScalingGroupName": "eks-spot-1"},
    }
    pattern = json.loads(recording.one("alarms-on-nodes").inputs["eventPattern"])
    assert pattern["detail"] == {"AutoScalingGroupName": ["eks-main-1", "eks-spot-1"]}


REGIONAL = {
    "metrics": {
        "latency": {"blocks": ["api"], "pattern": "{ $.ms = * }", "value": "$.ms", "stat": "p99"},
        "other": {"blocks": ["api"], "pattern": "x"},
    },
    "alarms": {
        "slow": {"metric": "latency", "above": 500, "severity": "high", "escalate_minutes": 5},
        "pending": {"block": "k8s", "metric": "pods_pending", "above": 0, "severity": "medium"},
        "lag": {"block": "db", "metric": "replica_lag", "above": 30, "severity": "medium"},
        "cpu": {"block": "db", "metric": "cpu", "above": 80, "severity": "low"},
        "up": {"check": "api", "metric": "uptime", "below": 99.9, "severity": "critical"},
        "checked": {"block": "telemetry", "metric": "success", "below": 99, "severity": "low"},
    },
    "composites": {"any": {"any_of": ["pending", "cpu"], "severity": "critical"}},
    "checks": {"api": {"host": "api"}},
    "events": {
        "nodes": {"block": "k8s", "event": "scaled", "severity": "medium"},
        "hosts": {"block": "app", "event": "scaled", "severity": "medium"},
    },
}


def test_what_stands_in_another_region_is_watched_and_told_of_there(site: Site) -> None:
    recording = build(site, elsewhere={"eu-central-1": FAR}, **REGIONAL)
    far = {each.name for each in recording.resources if each.inputs.get("region") == "eu-central-1"}
    assert {name for name in far if not name.startswith(("alarms-topic-", "alarms-eu-central-1-key"))} == {
        "alarms-latency-api-on-k8s-eu-central-1",
        "alarms-other-api-on-k8s-eu-central-1",
        "alarms-slow-eu-central-1",
        "alarms-slow-escalated-eu-central-1",
        "alarms-pending-eu-central-1",
        "alarms-lag-primary-a-eu-central-1",
        "alarms-any-eu-central-1",
        "alarms-on-nodes-eu-central-1",
        "alarms-on-nodes-eu-central-1-topic",
    }
    topics = {each.name: each.inputs["region"] for each in recording.by_type("aws:sns/topic:Topic")}
    assert topics == {
        **{f"alarms-topic-{severity}": "eu-west-1" for severity in ("critical", "high", "medium", "low")},
        # Nothing that is low stands there.
        **{f"alarms-topic-{severity}-eu-central-1": "eu-central-1" for severity in ("critical", "high", "medium")},
        "alarms-topic-critical-us-east-1": "us-east-1",
    }
    for each in recording.by_type(ALARM):
        told(recording, each)
    rule = recording.one("alarms-any-eu-central-1").inputs["alarmRule"]
    assert rule == 'ALARM("meal-prod-pending-eu-central-1")'
    assert recording.one("alarms-pending-eu-central-1").inputs["dimensions"] == {
        "ClusterName": "meal-prod-k8s-eu-central-1"
    }


def test_another_region_changes_nothing_at_home(site: Site) -> None:
    before = build(site, **REGIONAL)
    after = {each.urn: each for each in build(site, elsewhere={"eu-central-1": FAR}, **REGIONAL).resources}
    for each in before.resources:
        if each.name not in ("alarms-dashboard", "alarms-slack-alerts", "alarms-slack-ops"):
            assert each.inputs == after[each.urn].inputs, each.name


def test_the_region_of_the_checks_may_be_one_of_the_others(site: Site) -> None:
    recording = build(site, elsewhere={"us-east-1": FAR}, **REGIONAL)
    topics = [each.name for each in recording.by_type("aws:sns/topic:Topic") if each.inputs["region"] == "us-east-1"]
    assert sorted(topics) == [f"alarms-topic-{severity}-us-east-1" for severity in ("critical", "high", "medium")]
    assert recording.one("alarms-up").inputs["region"] == "us-east-1"


def test_dashboard_shows_each_region_s_alarms_from_there(site: Site) -> None:
    recording = build(site, elsewhere={"eu-central-1": FAR}, **REGIONAL)
    widgets = json.loads(recording.one("alarms-dashboard").inputs["dashboardBody"])["widgets"]
    regions = {
        each["properties"]["title"]: each["properties"]["region"] for each in widgets if each["type"] == "metric"
    }
    assert regions["pending"] == "eu-west-1"
    assert regions["pending-eu-central-1"] == "eu-central-1"
    assert "up" not in regions
    states = [each["properties"]["title"] for each in widgets if each["type"] == "alarm"]
    assert states == ["meal-prod", "meal-prod eu-central-1"]


def objective(site: Site, **more: object) -> Recording:
    given = {"block": "telemetry", "check": "api", "target": 99.9, "action": "see the runbook", **more}
    return build(site, objectives={"availability": given})


def test_a_month_s_service_level_is_watched_by_how_fast_it_burns(site: Site) -> None:
    recording = objective(site)
    made = {
        each.name.removeprefix("alarms-availability-burns-"): (
            each.inputs["period"],
            each.inputs["evaluationPeriods"],
            each.inputs["threshold"],
        )
        for each in recording.by_type(ALARM)
    }
    assert made == {
        # One failed run of an hour's sixty is less than 98.56: two are asked for.
        "1h-long": (3600, 1, 97.5),
        "1h-short": (300, 1, 98.56),
        "6h-long": (21600, 1, 99.4),
        "6h-short": (1800, 1, 99.4),
        "24h-long": (86400, 1, 99.7),
        "24h-short": (7200, 1, 99.7),
    }
    for each in recording.by_type(ALARM):
        assert each.inputs["dimensions"] == {"CanaryName": "meal-prod-api"}
        assert each.inputs["comparisonOperator"] == "LessThanThreshold"
        assert each.inputs["alarmActions"] == []
    rings = {
        each.name: (told(recording, each), each.inputs["alarmRule"])
        for each in recording.by_type("aws:cloudwatch/compositeAlarm:CompositeAlarm")
    }
    for burn, severity in (("1h", "critical"), ("6h", "high"), ("24h", "high")):
        name = f"meal-prod-availability-burns-{burn}"
        assert rings[f"alarms-availability-burns-{burn}"] == (
            [severity],
            f'ALARM("{name}-long") AND ALARM("{name}-short")',
        )


@pytest.mark.parametrize("target", [99.5, 99.9, 99.95, 99.99])
def test_one_failed_run_alone_rings_for_no_level_and_two_do(site: Site, target: float) -> None:
    """Also where the window holds a run more or less than it should."""
    at = {each.name: each.inputs for each in objective(site, target=target).by_type(ALARM)}
    for burn in BURNS_WATCHED:
        limit, runs = at[f"alarms-availability-burns-{burn.name}-long"]["threshold"], burn.long // 60
        for held in (runs - 1, runs, runs + 1):
            assert 100 * (1 - 1 / held) >= limit
        enough = max(2, burn.rate * (100 - target) / 100 * runs + 1)
        assert 100 * (1 - enough / runs) < limit


def test_asked_seldom_one_run_is_more_than_a_narrow_level_has() -> None:
    assert [one_run_rings(target, 5) for target in (90, 95, 99, 99.5, 99.9)] == [False, False, False, True, True]
    assert [one_run_rings(target, 1) for target in (99.5, 99.9)] == [False, True]


def test_what_each_rate_uses_up_in_its_window_is_the_stated_share() -> None:
    month = 30 * 86400
    assert [round(100 * burn.rate * burn.long / month, 6) for burn in BURNS_WATCHED] == [2, 5, 10]
    assert [burn.long / burn.short for burn in BURNS_WATCHED] == [12, 12, 12]


def test_an_allowance_too_wide_to_burn_so_fast_never_asks_for_less_than_nothing() -> None:
    assert least(90, 14.4) == 0
    assert least(99.9, 1) == 99.9


def test_the_level_of_the_last_month_is_on_the_dashboard(site: Site) -> None:
    widgets = json.loads(objective(site).one("alarms-dashboard").inputs["dashboardBody"])["widgets"]
    (level,) = [each["properties"] for each in widgets if each["properties"].get("view") == "singleValue"]
    assert level["metrics"][0][:4] == ["CloudWatchSynthetics", "SuccessPercent", "CanaryName", "meal-prod-api"]
    assert (level["period"], level["start"]) == (30 * 86400, "-P30D")


def test_an_objective_on_a_check_that_is_not_there_is_refused(site: Site) -> None:
    with pytest.raises(Exception, match="found gone; allowed: one of api, login"):
        objective(site, check="gone")


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
        alarm = {"block": block, "metric": metric, "above": 1, "severity": "low", "period": 300, "minutes": 5}
        AlarmsSpec(alarms={"x": alarm}).check_among(KINDS)


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
            "events.e.block: found db; allowed: a server or kubernetes: app, k8s",
        ),
        (
            {"objectives": {"o": {"block": "db", "check": "api", "target": 99.9}}},
            "objectives.o.block: found db; allowed: a telemetry: telemetry",
        ),
        ({"alarms": {"x": {"block": "k8s", "metric": "restarts", "above": 1}}}, "of a kubernetes: api_errors, "),
        ({"events": {"e": {"block": "app", "event": "database", "severity": "low"}}}, "events.e.block: found app"),
        (
            {"alarms": {"x": {"block": "telemetry", "metric": "restarts", "above": 3, "minutes": 15}}},
            "alarms.x.period: found 60; allowed: 900, all its minutes",
        ),
        (
            {
                "alarms": {
                    "x": {
                        "block": "telemetry",
                        "metric": "restarts",
                        "above": 3,
                        "period": 900,
                        "minutes": 15,
                        "escalate_minutes": 15,
                        "severity": "high",
                    }
                }
            },
            "alarms.x.escalate_minutes: found 15; allowed: null",
        ),
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
        ({"alarms": {"x": {**GOOD, "minutes": 1440, "escalate_minutes": 5}}}, "1440 at most with period 60"),
        ({"alarms": {"x": {**GOOD, "period": 3600, "minutes": 10080, "escalate_minutes": 60}}}, "10080 at most"),
        ({"alarms": {"x": {"metric": "m", "member": "a", "above": 1}}}, "alarms.x.member: found a; allowed: null"),
        ({"alarms": {"x-burns-1h": GOOD}}, "a name without -burns"),
        ({"objectives": {"o": {"block": "t", "check": "api", "target": 100}}}, "less than 100"),
        (
            {"objectives": {"o": {"block": "t", "check": "a", "target": 99}}, "routes": {"high": {"email": True}}},
            "routes.critical: found nothing",
        ),
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
