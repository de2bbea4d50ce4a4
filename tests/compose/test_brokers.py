"""Brokers among the blocks that use them: what consumers are told and may do, what scales by a queue, bad input."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from brokered import IMAGES, Phases, made_up, moving, on_a_cluster, settled
from building import build, stack
from k8s_schemas import validate
from recording import Recording

from components.kubernetes.spec import AUTOSCALERS
from stacks.models import BadInput

RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"


BUILT: dict[str, Recording] = {}
"""Each state once, under the loop of the test that comes first."""


@pytest.fixture
def one(tmp_path: Path) -> Recording:
    if "one" not in BUILT:
        BUILT["one"] = build(stack(settled("one")), made_up(tmp_path))
    return BUILT["one"]


@pytest.fixture
def clustered(tmp_path: Path) -> Recording:
    if "clustered" not in BUILT:
        BUILT["clustered"] = build(stack(settled("three")), made_up(tmp_path, on_a_cluster))
    return BUILT["clustered"]


def told(recording: Recording, role: str) -> dict[str, Any]:
    return json.loads(recording.one(f"{role}-parameter").inputs["insecureValue"])


def actions(recording: Recording, name: str) -> set[str]:
    found: set[str] = set()
    for each in json.loads(recording.one(name).inputs["policy"])["Statement"]:
        found |= {each["Action"]} if isinstance(each["Action"], str) else set(each["Action"])
    return found


def test_each_engine_s_users_are_told_what_its_clients_need(one: Recording) -> None:
    jobs, rabbit, bus = (told(one, role) for role in ("jobs", "rabbit", "bus"))
    assert jobs["env"].keys() == {"ENGINE", "RECEIPTS_URL", "PAID_ORDERS_URL"}
    assert "jobs-queue-paid-orders" in jobs["env"]["PAID_ORDERS_URL"]
    assert rabbit["env"] == {
        "ENGINE": "rabbitmq",
        "HOST": "rabbit.prod.meal.internal",
        "PORT": "5671",
        "TLS": "true",
        "TLS_NAME": rabbit["env"]["TLS_NAME"],
    }
    assert rabbit["env"]["TLS_NAME"].endswith(".mq.eu-west-1.on.aws")
    assert {variable: key for variable, (_, key) in rabbit["secrets"].items()} == {
        "USER": "username", "PASSWORD": "password",
    }  # fmt: skip
    assert bus["env"].keys() == {"ENGINE", "BOOTSTRAP", "TLS", "AUTH"}
    assert bus["env"]["BOOTSTRAP"].endswith(":9098")
    assert jobs["secrets"] == bus["secrets"] == {}


def test_only_what_stands_in_the_network_lets_anybody_in(one: Recording) -> None:
    rules = {each.name: each.inputs["fromPort"] for each in one.by_type(RULE)}
    assert (rules["rabbit-from-app"], rules["bus-from-app"]) == (5671, 9098)
    assert not [name for name in rules if name.startswith("jobs-")]


def test_a_host_may_what_its_services_need_together(tmp_path: Path, one: Recording) -> None:
    assert "sqs:SendMessage" in actions(one, "jobs-for-app")
    assert "kafka-cluster:WriteData" in actions(one, "bus-for-app")

    def without_api(phases: Phases) -> None:
        del phases["one"]["api"]

    takers = build(stack(settled("one")), made_up(tmp_path, without_api))
    assert "sqs:SendMessage" not in actions(takers, "jobs-for-app")
    assert "sqs:ReceiveMessage" in actions(takers, "jobs-for-app")
    assert not {"kafka-cluster:WriteData", "kafka-cluster:CreateTopic"} & actions(takers, "bus-for-app")


def test_alarms_read_what_each_engine_emits(clustered: Recording) -> None:
    alarms = {each.name.removeprefix("watch-"): each.inputs for each in clustered.by_type(ALARM)}
    assert alarms["backlog-receipts"]["metricName"] == "ApproximateAgeOfOldestMessage"
    assert alarms["backlog-receipts"]["dimensions"] == {"QueueName": "meal-prod-jobs-receipts"}
    dead = {name: each for name, each in alarms.items() if name.startswith("dead")}
    assert dead.keys() == {"dead-receipts", "dead-paid-orders", "dead-mails"}
    assert {each["dimensions"]["QueueName"] for each in dead.values()} == {
        "meal-prod-jobs-receipts-dead", "meal-prod-jobs-paid-orders-dead.fifo", "meal-prod-jobs-mails-dead",
    }  # fmt: skip
    assert alarms["leaderless"]["dimensions"].keys() == {"Cluster Name"}
    disks = [each["metric"] for each in alarms["disk"]["metricQueries"] if "metric" in each]
    assert [each["dimensions"]["Broker ID"] for each in disks] == ["1", "2", "3", "4", "5", "6"]
    assert alarms["behind-billing"]["dimensions"]["Consumer Group"] == "worker"
    memory = alarms["memory"]["metricQueries"]
    assert [each["metric"]["metricName"] for each in memory if "metric" in each] == [
        "RabbitMQMemUsed", "RabbitMQMemLimit",
    ]  # fmt: skip


# Pods ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", sorted(AUTOSCALERS))
def test_what_scales_by_an_sqs_queue_is_valid(clustered: Recording, version: str) -> None:
    scaler, login = (clustered.one(f"billing-on-cluster-{role}").inputs for role in ("scaler", "scaler-login"))
    for manifest in (scaler, login):
        validate(dict(manifest), version)
    assert login["spec"] == {"podIdentity": {"provider": "aws"}}
    (trigger,) = scaler["spec"]["triggers"]
    assert trigger == {
        "type": "aws-sqs-queue",
        "name": "queue",
        "metricType": "AverageValue",
        "authenticationRef": {"name": "billing"},
        "metadata": {"queueURLFromEnv": "JOBS_RECEIPTS_URL", "queueLength": "100", "awsRegion": "eu-west-1"},
    }


def test_the_variable_that_the_scaler_reads_is_one_of_the_pods(clustered: Recording) -> None:
    mounted = clustered.one("jobs-on-cluster-in-app").inputs["spec"]
    keys = {each["key"] for secret in mounted["secretObjects"] for each in secret["data"]}
    (trigger,) = clustered.one("billing-on-cluster-scaler").inputs["spec"]["triggers"]
    assert trigger["metadata"]["queueURLFromEnv"] in keys
    (container,) = clustered.one("billing-on-cluster-deployment").inputs["spec"]["template"]["spec"]["containers"]
    assert {"secretRef": {"name": "role-jobs"}} in container["envFrom"]


def test_keda_may_ask_how_long_the_queue_is_and_no_more(clustered: Recording) -> None:
    (statement,) = json.loads(clustered.one("jobs-for-keda-on-cluster").inputs["policy"])["Statement"]
    assert statement["Action"] == ["sqs:GetQueueAttributes"]
    (queue,) = statement["Resource"]
    assert "jobs-queue-receipts" in queue
    identity = clustered.one("cluster-scaling-identity").inputs
    assert (identity["namespace"], identity["serviceAccount"]) == ("keda", "keda-operator")
    assert clustered.one("jobs-for-keda-on-cluster").inputs["role"].startswith("cluster-scaling-role-")


def test_pods_of_keda_are_made_anew_where_they_become_somebody(clustered: Recording, tmp_path: Path) -> None:
    release = clustered.one("cluster-scaling-release")
    assert release.inputs["values"]["podAnnotations"] == {"keda": {"phaseup/identity": "keda"}}
    assert clustered.one("cluster-scaling-identity").urn in release.depends_on

    def by_cpu(phases: Phases) -> None:
        on_a_cluster(phases)
        phases["three"]["billing"]["on"]["cluster"]["scaling"] = {"min": 1, "max": 5, "cpu": 70}

    plain = build(stack(settled("three")), made_up(tmp_path, by_cpu))
    assert "cluster-scaling-identity" not in plain.names()
    assert "podAnnotations" not in plain.one("cluster-scaling-release").inputs["values"]


def test_pods_reach_what_stands_in_the_network(clustered: Recording) -> None:
    egress = clustered.one("billing-on-cluster-traffic").inputs["spec"]["egress"]
    ports = {port["port"] for rule in egress for port in rule["ports"]}
    assert {5671, 9098, 443} <= ports
    assert {"bus-from-cluster", "rabbits-from-cluster"} <= {each.name for each in clustered.by_type(RULE)}


# One broker after another --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "gives_to", "also"),
    [
        (moving(0), "rabbit", None),
        (moving(0, "both"), "rabbit", "rabbits"),
        (moving(0, "produce"), "rabbits", "rabbit"),
        (moving(0, "drained"), "rabbits", None),
        (settled("three"), "rabbits", None),
    ],
)
def test_consumers_know_both_brokers_until_the_old_one_is_empty(
    tmp_path: Path, state: dict[str, Any], gives_to: str, also: str | None
) -> None:
    recording = build(stack(state), made_up(tmp_path))
    said = told(recording, "rabbit")
    assert said["env"]["TLS_NAME"].startswith(f"{gives_to}-broker-")
    assert said["env"]["HOST"] == "rabbit.prod.meal.internal"
    record = recording.one("rabbit-name").inputs
    assert record["records"] == [said["env"]["TLS_NAME"]]
    secrets = {variable: arn for variable, (arn, _) in said["secrets"].items()}
    assert f":{gives_to}-secret-" in secrets["PASSWORD"]
    beside = {name for name in (*said["env"], *secrets) if name.startswith("ALSO_")}
    if also is None:
        assert beside == set()
    else:
        assert beside == {f"ALSO_{name}" for name in ("ENGINE", "HOST", "PORT", "TLS", "USER", "PASSWORD")}
        assert said["env"]["ALSO_HOST"].startswith(f"{also}-broker-")
        assert f":{also}-secret-" in secrets["ALSO_PASSWORD"]
    reads = json.loads(recording.one("rabbit-for-app").inputs["policy"])["Statement"]
    arns = next(each["Resource"] for each in reads if each["Sid"] == "Login")
    assert {*([arns] if isinstance(arns, str) else arns)} == {*secrets.values()}


def test_another_engine_may_take_the_role_over(tmp_path: Path) -> None:
    def to_sqs(phases: Phases) -> None:
        phases["three"]["rabbits"] = {
            "kind": "broker", "engine": "sqs", "queues": {"receipts": {}}, "takes_over": "rabbit",
        }  # fmt: skip
        del phases["three"]["watch"]

    both = told(build(stack(moving(0, "both")), made_up(tmp_path, to_sqs)), "rabbit")
    assert (both["env"]["ENGINE"], both["env"]["ALSO_ENGINE"]) == ("rabbitmq", "sqs")
    assert "rabbits-queue-receipts" in both["env"]["ALSO_RECEIPTS_URL"]
    recording = build(stack(moving(0, "produce")), made_up(tmp_path, to_sqs))
    given = told(recording, "rabbit")
    assert (given["env"]["ENGINE"], given["env"]["ALSO_ENGINE"]) == ("sqs", "rabbitmq")
    assert "HOST" not in given["env"]
    assert given["secrets"].keys() == {"ALSO_USER", "ALSO_PASSWORD"}
    assert {"sqs:SendMessage", "secretsmanager:GetSecretValue"} <= actions(recording, "rabbit-for-app")


# What is refused -----------------------------------------------------------------------------------------------------


def _function(phases: Phases, **more: Any) -> None:
    phases["one"]["job"] = {
        "kind": "function", "package": "zip", "bucket": "code", "handler": "a.b", "runtime": "nodejs22.x", **more,
    }  # fmt: skip
    phases["one"]["code"] = {"kind": "bucket", "store": "s3"}


def _scaled_by(phases: Phases, **queue: str) -> None:
    on_a_cluster(phases)
    phases["three"]["billing"]["on"]["cluster"]["scaling"]["queue"].update(queue)


def _long(phases: Phases) -> None:
    phases["one"]["jobs"]["queues"] = {"x" * 32: {"fifo": True}}
    phases["one"]["j" * 31] = phases["one"].pop("jobs")
    phases["three"]["j" * 31] = phases["three"].pop("jobs")
    for name in ("api", "worker"):
        del phases["one"][name]["uses"]["jobs"]
    del phases["one"]["watch"]
    del phases["three"]["watch"]


@pytest.mark.parametrize(
    ("change", "phase", "key", "found"),
    [
        (lambda p: p["one"]["jobs"]["queues"].update({"receipts-dead": {}}), "one", "jobs.queues.receipts-dead", ""),
        (lambda p: p["one"]["bus"]["lag"]["billing"].update(group="mails"), "one", "bus.lag.billing.group", "mails"),
        (lambda p: _function(p, uses=["rabbit"]), "one", "job.vpc", "false"),
        (
            lambda p: (_function(p, uses=["jobs"], vpc=True), p["one"]["net"].update(
                nat="none", endpoints={"ssm": {}, "secretsmanager": {}})),
            "one", "job.vpc", "true in a network without a way out",
        ),
        (lambda p: _scaled_by(p, queue="none"), "three", "billing.on.cluster.scaling.queue.queue", "none"),
        (lambda p: _scaled_by(p, role="bus"), "three", "billing.on.cluster.scaling.queue.queue", "receipts"),
        (
            lambda p: p["one"]["watch"]["alarms"].update(
                wrong={"block": "bus", "metric": "queue_age", "above": 1, "minutes": 5}),
            "one", "watch.alarms.wrong.metric", "queue_age",
        ),
        (
            lambda p: p["one"]["watch"]["alarms"].update(
                wrong={"block": "jobs", "metric": "active_controllers", "above": 1, "minutes": 5}),
            "one", "watch.alarms.wrong.metric", "active_controllers",
        ),
    ],
)  # fmt: skip
def test_bad_input(tmp_path: Path, change: Callable[[Phases], object], phase: str, key: str, found: str) -> None:
    images = {**IMAGES["phaseup:images"], "job": "job@sha256:" + "a" * 64}
    blueprint = made_up(tmp_path, change)
    with pytest.raises(BadInput) as caught:
        build(stack({**settled(phase), "phaseup:images": images}), blueprint)
    assert caught.value.key == key
    assert not found or caught.value.found == found


def test_names_that_sqs_does_not_take(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"characters; allowed: a name within 80"):
        build(stack(settled("one")), made_up(tmp_path, _long))


def test_a_class_that_the_region_does_not_offer(tmp_path: Path) -> None:
    blueprint = made_up(tmp_path, lambda p: p["one"]["rabbit"].update(instance="mq.m7g.3xl"))
    with pytest.raises(BadInput, match=r"rabbit\.instance: found mq\.m7g\.3xl, which AWS does not offer in eu-west-1"):
        build(stack(settled("one")), blueprint)


def test_what_takes_a_broker_s_role_over_is_a_broker(tmp_path: Path) -> None:
    def from_cache(phases: Phases) -> None:
        phases["one"]["queue"] = {"kind": "cache", "use": "queue", "instance": "cache.t4g.small"}
        phases["three"]["rabbits"]["takes_over"] = "queue"
        del phases["three"]["rabbit"]

    with pytest.raises(BadInput, match=r"rabbits\.takes_over: found queue; allowed: a broker, as rabbits is one"):
        build(stack(moving(0)), made_up(tmp_path, from_cache))
