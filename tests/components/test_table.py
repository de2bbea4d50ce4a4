"""table: what never changes, what scales it, and its replicas."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from pydantic import ValidationError
from recording import ACCOUNT, record
from whole import table

from components.alarms.metrics import readings
from components.site import Site
from components.spec import Refused
from components.table import Table, TableCopy, TableCopyArgs, TableSpec

KEY = {"name": "pk"}
AWAY = "eu-central-1"


def copied(site: Site) -> None:
    of = table(site, regions={AWAY: {}})
    TableCopy(f"orders-{AWAY}", TableCopyArgs(replace(site, region=AWAY), of, ACCOUNT))


def test_a_table_as_it_is_born(site: Site) -> None:
    recording = record(lambda: table(site))
    made = recording.one("orders-table")
    inputs = made.inputs
    assert (inputs["name"], inputs["hashKey"], inputs["rangeKey"]) == ("meal-prod-orders", "pk", "sk")
    assert inputs["attributes"] == [{"name": "pk", "type": "S"}, {"name": "sk", "type": "N"}]
    assert (inputs["billingMode"], inputs["tableClass"]) == ("PAY_PER_REQUEST", "STANDARD")
    assert inputs["pointInTimeRecovery"] == {"enabled": True, "recoveryPeriodInDays": 35}
    assert (inputs["streamEnabled"], inputs["streamViewType"]) == (True, "NEW_AND_OLD_IMAGES")
    assert inputs["ttl"] == {"attributeName": "expires", "enabled": True}
    assert inputs["serverSideEncryption"]["kmsKeyArn"].startswith("arn:aws:kms:::orders-key-")
    assert inputs["deletionProtectionEnabled"] is made.protect is True
    assert made.ignore_changes == ("replicas",)
    assert "replicas" not in inputs
    assert not recording.by_type("aws:appautoscaling/target:Target")
    policy = json.loads(recording.one("orders-key").inputs["policy"])["Statement"]
    assert policy[1]["Condition"]["StringEquals"] == {
        "kms:CallerAccount": ACCOUNT, "kms:ViaService": "dynamodb.eu-west-1.amazonaws.com",
    }  # fmt: skip


def test_provisioned_it_is_scaled_with_each_of_its_indexes(site: Site) -> None:
    index = {"by-buyer": {"hash": {"name": "buyer"}, "carries": "some", "attributes": ["total", "at"]}}
    recording = record(
        lambda: table(site, billing="provisioned", capacity={"min": 5, "max": 500, "target": 60}, indexes=index)
    )
    made = recording.one("orders-table")
    assert (made.inputs["readCapacity"], made.inputs["writeCapacity"]) == (5, 5)
    assert made.inputs["globalSecondaryIndexes"] == [
        {
            "name": "by-buyer", "hashKey": "buyer", "projectionType": "INCLUDE", "nonKeyAttributes": ["at", "total"],
            "readCapacity": 5, "writeCapacity": 5,
        }
    ]  # fmt: skip
    # What the scaler owns is initial only; the SDK translates plain names and leaves nested ones as they are.
    assert set(made.ignore_changes) == {
        "replicas", "readCapacity", "writeCapacity",
        "globalSecondaryIndexes[*].readCapacity", "globalSecondaryIndexes[*].writeCapacity",
    }  # fmt: skip
    targets = recording.by_type("aws:appautoscaling/target:Target")
    assert {(each.inputs["resourceId"].split("/index/")[-1], each.inputs["scalableDimension"]) for each in targets} == {
        ("table/meal-prod-orders", "dynamodb:table:ReadCapacityUnits"),
        ("table/meal-prod-orders", "dynamodb:table:WriteCapacityUnits"),
        ("by-buyer", "dynamodb:index:ReadCapacityUnits"),
        ("by-buyer", "dynamodb:index:WriteCapacityUnits"),
    }
    assert {(each.inputs["minCapacity"], each.inputs["maxCapacity"]) for each in targets} == {(5, 500)}
    follow = recording.one("orders-by-buyer-writes-follow").inputs["targetTrackingScalingPolicyConfiguration"]
    assert follow["targetValue"] == 60
    assert follow["predefinedMetricSpecification"] == {"predefinedMetricType": "DynamoDBWriteCapacityUtilization"}


def test_a_replica_has_its_own_key_recovery_and_protection(site: Site) -> None:
    recording = record(lambda: copied(site))
    replica = recording.one(f"orders-{AWAY}-replica")
    assert replica.inputs["region"] == AWAY
    assert replica.inputs["globalTableArn"].startswith("arn:aws:dynamodb:::orders-table-")
    assert replica.inputs["kmsKeyArn"].startswith(f"arn:aws:kms:::orders-{AWAY}-key-")
    assert recording.one(f"orders-{AWAY}-key").inputs["region"] == AWAY
    assert (replica.inputs["pointInTimeRecovery"], replica.inputs["deletionProtectionEnabled"]) == (True, True)
    assert replica.protect


def test_armed_its_last_copy_outlives_it(site: Site) -> None:
    armed = record(lambda: table(replace(site, retiring=True)))
    made, key = armed.one("orders-table"), armed.one("orders-key")
    assert (made.protect, made.inputs["deletionProtectionEnabled"]) == (False, False)
    assert made.inputs["pointInTimeRecovery"]["enabled"] is True
    assert key.retain, "a table's last copy is kept for 35 days, a key for 30"
    assert not record(lambda: table(site)).one("orders-key").retain


def test_its_metrics(site: Site) -> None:
    made: list[Table] = []
    record(lambda: made.append(table(site, regions={AWAY: {}, "us-west-2": {}})))
    emitter = made[0].emitter
    lag = readings(emitter, "replication_lag", None, 60)
    assert set(lag) == {AWAY, "us-west-2"}
    single = lag[AWAY].single
    assert single is not None
    assert single[:3] == ("AWS/DynamoDB", "ReplicationLatency", "Average")
    assert single[3]["ReceivingRegion"] == AWAY
    (mistakes,) = readings(emitter, "user_errors", None, 60).values()
    assert mistakes.single == ("AWS/DynamoDB", "UserErrors", "Sum", {})
    (failures,) = readings(emitter, "system_errors", None, 60).values()
    assert len(failures.queries) == 11


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"capacity": {"min": 1, "max": 2}}, "capacity: found set; allowed: bounds with billing provisioned"),
        ({"billing": "provisioned"}, "capacity: found null"),
        (
            {"billing": "provisioned", "capacity": {"min": 9, "max": 2}},
            "capacity.min: found 9; allowed: at most max, 2",
        ),
        (
            {"billing": "provisioned", "capacity": {"min": 1, "max": 2}, "regions": {AWAY: {}}},
            f"regions: found {AWAY}; allowed: none with billing provisioned",
        ),
        ({"region": AWAY, "regions": {AWAY: {}}}, "none, as its data stays in eu-central-1"),
        ({"range": {"name": "pk"}}, "range.name: found pk; allowed: another attribute than hash"),
        ({"ttl": "pk"}, "ttl: found pk; allowed: an attribute that is no key"),
        ({"indexes": {"x": {"hash": KEY}}}, "indexes.x: found x"),
        ({"indexes": {"one": {"hash": {"name": "pk", "type": "N"}}}}, "indexes.one.hash.type: found N; allowed: S"),
        ({"indexes": {"one": {"hash": KEY, "carries": "some"}}}, "attributes: found none; allowed: at least one"),
        ({"indexes": {"one": {"hash": KEY, "attributes": ["a"]}}}, "attributes: found a; allowed: none but"),
        (
            {"indexes": {f"index-{n}": {"hash": KEY} for n in range(21)}},
            "indexes: found 21 indexes; allowed: at most 20",
        ),
        ({"recovery_days": 36}, "less than or equal to 35"),
    ],
)
def test_refused(wrong: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError) as raised:
        TableSpec(**{"hash": KEY, **wrong})
    assert told in str(raised.value)


def test_only_what_emits_is_read(site: Site) -> None:
    made: list[Table] = []
    record(lambda: made.append(table(site)))
    with pytest.raises(Refused, match="of a table that has a follower"):
        readings(made[0].emitter, "replication_lag", None, 60)
