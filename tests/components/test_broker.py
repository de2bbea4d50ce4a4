"""broker: exact resources of each engine, what growth changes, who may do what, and what the spec refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError
from recording import ACCOUNT, Recording, record

from components.broker import Broker, BrokerArgs, BrokerSpec
from components.emitter import Emitter
from components.site import Site
from phaseup.facts import facts_for
from phaseup.graph.values import Secret, has_secret, unwrap

SUBNETS = ["subnet-a", "subnet-b", "subnet-c"]
SQS = {"engine": "sqs", "queues": {"receipts": {"visibility": 900, "dead_letter_after": 3, "retention": 7}}}
SINGLE = {"engine": "rabbitmq", "deployment": "single", "instance": "mq.m7g.medium"}
CLUSTER = {**SINGLE, "deployment": "cluster", "instance": "mq.m7g.large", "maintenance": "tue:02:30"}
KAFKA = {"engine": "kafka", "instance": "kafka.m7g.large", "brokers": 3, "storage": 100}


def built(site: Site, spec: dict[str, Any], name: str = "jobs", **args: Any) -> tuple[Recording, Broker]:
    made: list[Broker] = []
    given = BrokerArgs(BrokerSpec(**spec), site, ACCOUNT, "arn:logs-key", "vpc-1", SUBNETS, {"app": "sg-1"}, **args)
    return record(lambda: made.append(Broker(name, given))), made[0]


def build(site: Site, spec: dict[str, Any], **args: Any) -> Recording:
    return built(site, spec, **args)[0]


def may(site: Site, spec: dict[str, Any], *, gives: bool) -> dict[str, set[str]]:
    """Sid → actions."""
    found: dict[str, set[str]] = {}

    def program() -> None:
        broker = Broker("jobs", BrokerArgs(BrokerSpec(**spec), site, ACCOUNT, "arn:key", "vpc-1", SUBNETS))
        found.update({each["Sid"]: set(each["Action"]) for each in broker.statements(gives=gives)})

    record(program)
    return found


# SQS -----------------------------------------------------------------------------------------------------------------


def test_each_queue_has_dead_letters_of_its_own(site: Site) -> None:
    recording = build(site, SQS)
    queue, dead = (recording.one(f"jobs-{part}-receipts") for part in ("queue", "dead-letters"))
    assert {key: value for key, value in queue.inputs.items() if key not in ("tags", "redrivePolicy")} == {
        "region": "eu-west-1",
        "name": "meal-prod-jobs-receipts",
        "messageRetentionSeconds": 7 * 86400,
        "visibilityTimeoutSeconds": 900,
        "receiveWaitTimeSeconds": 20,
        "delaySeconds": 0,
        "sqsManagedSseEnabled": True,
    }
    assert dead.inputs["name"] == "meal-prod-jobs-receipts-dead"
    assert dead.inputs["messageRetentionSeconds"] == 14 * 86400
    redrive = json.loads(queue.inputs["redrivePolicy"])
    assert redrive["maxReceiveCount"] == 3
    assert redrive["deadLetterTargetArn"].startswith("arn:aws:sqs:::jobs-dead-letters-receipts-")
    allow = recording.one("jobs-dead-letters-receipts-from").inputs
    policy = json.loads(allow["redriveAllowPolicy"])
    assert policy["redrivePermission"] == "byQueue"
    assert [arn.rpartition("-")[0] for arn in policy["sourceQueueArns"]] == ["arn:aws:sqs:::jobs-queue-receipts"]
    assert "jobs-dead-letters-receipts" in allow["queueUrl"]
    assert queue.protect
    assert dead.protect


def test_no_queue_takes_plain_text(site: Site) -> None:
    recording = build(site, SQS)
    policies = recording.by_type("aws:sqs/queuePolicy:QueuePolicy")
    assert len(policies) == 2
    for each in policies:
        (statement,) = json.loads(each.inputs["policy"])["Statement"]
        assert (statement["Effect"], statement["Action"], statement["Principal"]) == ("Deny", "sqs:*", "*")
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_the_dead_letters_of_a_fifo_queue_are_one_too(site: Site) -> None:
    recording = build(site, {"engine": "sqs", "queues": {"paid-orders": {"fifo": True, "deduplicate": True}}})
    queue, dead = (recording.one(f"jobs-{part}-paid-orders").inputs for part in ("queue", "dead-letters"))
    assert (queue["name"], queue["fifoQueue"], queue["contentBasedDeduplication"]) == (
        "meal-prod-jobs-paid-orders.fifo", True, True,
    )  # fmt: skip
    assert (dead["name"], dead["fifoQueue"]) == ("meal-prod-jobs-paid-orders-dead.fifo", True)


def test_sqs_needs_nothing_of_the_network(site: Site) -> None:
    types = {each.type for each in build(site, SQS).resources if each.custom}
    assert types == {
        "aws:sqs/queue:Queue", "aws:sqs/queuePolicy:QueuePolicy", "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
    }  # fmt: skip


def test_who_only_takes_work_cannot_give_any(site: Site) -> None:
    takes, gives = may(site, SQS, gives=False)["Queues"], may(site, SQS, gives=True)["Queues"]
    assert takes == {
        "sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage",
    }  # fmt: skip
    assert gives - takes == {"sqs:SendMessage"}


def test_one_queue_is_armed_alone(site: Site) -> None:
    spec = {"engine": "sqs", "queues": {"receipts": {}, "mails": {}}}
    recording = build(site, spec, retiring=["jobs-queue-mails", "jobs-dead-letters-mails"])
    protected = {each.name for each in recording.resources if each.protect}
    assert protected == {"jobs-queue-receipts", "jobs-dead-letters-receipts"}
    assert BrokerSpec(**spec).members("jobs") == {
        f"jobs-{part}-{queue}" for part in ("queue", "dead-letters") for queue in ("receipts", "mails")
    }


# RabbitMQ ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "mode", "subnets"), [(SINGLE, "SINGLE_INSTANCE", 1), (CLUSTER, "CLUSTER_MULTI_AZ", 3)]
)
def test_rabbitmq_is_private_encrypted_and_watched(site: Site, spec: dict[str, Any], mode: str, subnets: int) -> None:
    broker = build(site, spec).one("jobs-broker")
    inputs = unwrap(broker.inputs)
    assert (inputs["engineType"], inputs["engineVersion"], inputs["deploymentMode"]) == ("RabbitMQ", "4.2", mode)
    assert inputs["brokerName"] == "meal-prod-jobs"
    assert inputs["hostInstanceType"] == spec["instance"]
    assert inputs["publiclyAccessible"] is False
    assert inputs["subnetIds"] == SUBNETS[:subnets]
    assert inputs["encryptionOptions"]["useAwsOwnedKey"] is False
    assert inputs["encryptionOptions"]["kmsKeyId"].startswith("arn:aws:kms:::jobs-key-")
    assert inputs["logs"] == {"general": True}
    assert inputs["autoMinorVersionUpgrade"] is True
    assert inputs["applyImmediately"] is True
    assert broker.protect
    window = {"dayOfWeek": "SUNDAY", "timeOfDay": "03:00", "timeZone": "UTC"}
    if spec is CLUSTER:
        window = {"dayOfWeek": "TUESDAY", "timeOfDay": "02:30", "timeZone": "UTC"}
    assert inputs["maintenanceWindowStartTime"] == window


def test_its_password_counts_at_birth_only_and_is_secret_everywhere(site: Site) -> None:
    recording, broker = built(site, SINGLE, copied_to=["eu-central-1"])
    made = recording.one("jobs-broker")
    assert has_secret(made.inputs["users"])
    assert made.ignore_changes == ("users",)
    value = recording.one("jobs-secret-value").inputs["secretString"]
    assert isinstance(value, Secret)
    (user,) = unwrap(made.inputs["users"])
    assert json.loads(value.value) == user
    secret = recording.one("jobs-secret")
    assert secret.protect
    assert secret.inputs["replicas"] == [{"region": "eu-central-1"}]
    # Amazon MQ takes no comma, colon or equals sign, and 250 characters at most.
    password = recording.one("jobs-password").inputs
    assert (password["special"], password["length"]) == (False, 64)
    assert broker.statements(gives=True) == []


def test_only_clients_reach_it_over_tls(site: Site) -> None:
    recording = build(site, SINGLE, networks={"eu-central-1": "10.1.0.0/16"})
    group, far = (recording.one(f"jobs-from-{client}").inputs for client in ("app", "eu-central-1"))
    assert (group["referencedSecurityGroupId"], group["fromPort"], group["toPort"]) == ("sg-1", 5671, 5671)
    assert (far["cidrIpv4"], far["fromPort"]) == ("10.1.0.0/16", 5671)
    assert [each.name for each in recording.resources if "SecurityGroupEgressRule" in each.type] == []


def test_a_single_one_never_becomes_a_cluster(site: Site) -> None:
    facts = facts_for("aws:mq/broker:Broker")
    assert facts is not None
    before, after = (unwrap(build(site, spec).one("jobs-broker").inputs) for spec in (SINGLE, CLUSTER))
    changed = {key for key in before if before[key] != after[key]}
    replaces = {key for key in changed if (fact := facts.property(key)) is not None and fact.effect == "replace"}
    assert replaces == {"deploymentMode", "subnetIds"}


# Kafka ---------------------------------------------------------------------------------------------------------------


def test_kafka_stands_in_three_zones_and_lets_in_by_iam_alone(site: Site) -> None:
    recording = build(site, KAFKA)
    cluster = recording.one("jobs-cluster")
    inputs = cluster.inputs
    assert (inputs["clusterName"], inputs["kafkaVersion"]) == ("meal-prod-jobs", "3.9.x.kraft")
    assert inputs["numberOfBrokerNodes"] == 3
    nodes = inputs["brokerNodeGroupInfo"]
    assert nodes["clientSubnets"] == SUBNETS
    assert nodes["instanceType"] == "kafka.m7g.large"
    assert nodes["storageInfo"] == {"ebsStorageInfo": {"volumeSize": 100}}
    assert inputs["clientAuthentication"] == {"sasl": {"iam": True}, "unauthenticated": False}
    assert inputs["encryptionInfo"]["encryptionInTransit"] == {"clientBroker": "TLS", "inCluster": True}
    assert inputs["encryptionInfo"]["encryptionAtRestKmsKeyArn"].startswith("arn:aws:kms:::jobs-key-")
    assert inputs["enhancedMonitoring"] == "DEFAULT"
    logs = inputs["loggingInfo"]["brokerLogs"]["cloudwatchLogs"]
    assert (logs["enabled"], logs["logGroup"]) == (True, "/aws/msk/meal-prod-jobs")
    assert recording.one("jobs-logs").inputs["retentionInDays"] == 30
    assert recording.one("jobs-from-app").inputs["fromPort"] == 9098
    assert (cluster.protect, cluster.ignore_changes) == (True, ())


def test_its_configuration_loses_no_message_and_makes_no_topic(site: Site) -> None:
    recording = build(site, {**KAFKA, "retention_hours": 24, "parameters": {"num.partitions": "12"}})
    configuration = recording.one("jobs-configuration").inputs
    assert configuration["kafkaVersions"] == ["3.9.x.kraft"]
    assert configuration["serverProperties"].splitlines() == [
        "auto.create.topics.enable=false",
        "default.replication.factor=3",
        "log.retention.hours=24",
        "min.insync.replicas=2",
        "num.partitions=12",
        "unclean.leader.election.enable=false",
    ]
    assert recording.one("jobs-cluster").inputs["configurationInfo"]["revision"] == 1


def test_it_grows_in_place(site: Site) -> None:
    larger = {**KAFKA, "instance": "kafka.m7g.xlarge", "brokers": 6, "storage": 200, "monitoring": "per_broker"}
    before, after = (build(site, spec).one("jobs-cluster").inputs for spec in (KAFKA, larger))
    facts = facts_for("aws:msk/cluster:Cluster")
    assert facts is not None
    assert {key for key in before if before[key] != after[key]} == {
        "brokerNodeGroupInfo", "numberOfBrokerNodes", "enhancedMonitoring",
    }  # fmt: skip
    old, new = before["brokerNodeGroupInfo"], after["brokerNodeGroupInfo"]
    assert {key for key in old if old[key] != new[key]} == {"instanceType", "storageInfo"}
    paths = (
        "numberOfBrokerNodes", "enhancedMonitoring", "brokerNodeGroupInfo.instanceType",
        "brokerNodeGroupInfo.storageInfo.ebsStorageInfo.volumeSize",
    )  # fmt: skip
    assert [fact.effect for path in paths if (fact := facts.property(path)) is not None] == ["update"] * 4


def test_storage_that_grows_by_itself_is_not_put_back(site: Site) -> None:
    recording = build(site, {**KAFKA, "max_storage": 1000})
    target, policy = recording.one("jobs-storage").inputs, recording.one("jobs-storage-grows").inputs
    assert (target["minCapacity"], target["maxCapacity"]) == (1, 1000)
    assert target["scalableDimension"] == policy["scalableDimension"] == "kafka:broker-storage:VolumeSize"
    tracking = policy["targetTrackingScalingPolicyConfiguration"]
    assert tracking == {
        "predefinedMetricSpecification": {"predefinedMetricType": "KafkaBrokerStorageUtilization"},
        "targetValue": 60,
        "disableScaleIn": True,
    }
    (ignored,) = recording.one("jobs-cluster").ignore_changes
    assert ignored == "brokerNodeGroupInfo.storageInfo.ebsStorageInfo.volumeSize"


def test_rights_are_on_the_cluster_its_topics_and_its_groups(site: Site) -> None:
    takes, gives = may(site, KAFKA, gives=False), may(site, KAFKA, gives=True)
    assert takes["Topics"] == {
        f"kafka-cluster:{each}" for each in ("DescribeTopic", "DescribeTopicDynamicConfiguration", "ReadData")
    }
    assert gives["Topics"] - takes["Topics"] == {
        f"kafka-cluster:{each}" for each in ("AlterTopic", "AlterTopicDynamicConfiguration", "CreateTopic", "WriteData")
    }
    assert gives["Cluster"] - takes["Cluster"] == {"kafka-cluster:WriteDataIdempotently"}
    assert gives.keys() - takes.keys() == {"Transactions"}
    assert not {action for actions in gives.values() for action in actions if "*" in action or "Delete" in action}


# What alarms can watch -----------------------------------------------------------------------------------------------


def names(emitter: Emitter) -> dict[str, list[str]]:
    return {part: list(of) for part, of in {"members": emitter.members, **emitter.parts}.items() if of}


def test_each_engine_emits_its_own_and_nothing_of_another_s(site: Site) -> None:
    assert names(built(site, SQS)[1].emitter) == {"queues": ["receipts"], "dead_letters": ["receipts"]}
    assert names(built(site, SINGLE)[1].emitter) == {"members": ["broker"]}
    watched = {**KAFKA, "lag": {"billing": {"group": "billing", "topic": "orders"}}}
    emitter = built(site, watched)[1].emitter
    assert names(emitter) == {"members": ["cluster"], "brokers": ["1", "2", "3"], "lag": ["billing"]}
    assert set(emitter.parts["lag"]["billing"]) == {"Cluster Name", "Consumer Group", "Topic"}


# What the spec refuses, and what it keeps -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ({**SQS, "queues": {}}, "queues: found none"),
        ({**SQS, "instance": "mq.m7g.large"}, "instance: found mq.m7g.large; allowed: nothing with engine sqs"),
        ({**SQS, "queues": {"a": {"deduplicate": True}}}, "deduplicate: found True; allowed: false without fifo"),
        ({**SINGLE, "deployment": None}, "deployment: found null"),
        ({**SINGLE, "brokers": 3}, "brokers: found 3; allowed: nothing with engine rabbitmq"),
        ({**SINGLE, "instance": "kafka.m7g.large"}, "instance: found kafka.m7g.large; allowed: a class like mq."),
        ({**SINGLE, "instance": "mq.m5.large"}, "instance: found mq.m5.large; allowed: a class of mq.m7g with"),
        ({**CLUSTER, "version": "3.13", "instance": "mq.t3.micro"}, "instance: found mq.t3.micro; allowed: another"),
        ({**SINGLE, "version": "3.12"}, "version: found 3.12; allowed: a version like 4.2"),
        ({**KAFKA, "brokers": 4}, "brokers: found 4; allowed: a multiple of 3"),
        ({**KAFKA, "storage": None}, "storage: found null"),
        ({**KAFKA, "version": "3.9.x"}, "version: found 3.9.x; allowed: a version like 3.9.x.kraft"),
        ({**KAFKA, "max_storage": 100}, "max_storage: found 100; allowed: more than storage, which is 100"),
        ({**KAFKA, "parameters": {"min.insync.replicas": "3"}}, "parameters.min.insync.replicas: found 3"),
        ({**KAFKA, "queues": {"a": {}}}, "queues: found"),
    ],
)  # fmt: skip
def test_refused(spec: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError) as caught:
        BrokerSpec(**spec)
    assert told in str(caught.value)


def test_what_a_lower_phase_keeps() -> None:
    more = BrokerSpec(engine="sqs", queues={"receipts": {}, "mails": {"fifo": True}})
    kept = more.keeps(BrokerSpec(engine="sqs", queues={"receipts": {}}))
    assert kept is not None
    assert kept.fields == {"queues": {"mails": {"fifo": True}}}
    large, small = BrokerSpec(**KAFKA), BrokerSpec(**{**KAFKA, "instance": "kafka.t3.small"})
    back = large.keeps(small)
    assert back is not None
    assert back.fields == {"instance": "kafka.m7g.large"}
    assert small.keeps(large) is None
    assert large.keeps(BrokerSpec(**{**KAFKA, "instance": "kafka.m7g.xlarge"})) is None


def test_a_retiring_broker_is_free(site: Site) -> None:
    for spec in (SQS, SINGLE, KAFKA):
        assert not [each.name for each in build(replace(site, retiring=True), spec).resources if each.protect]
