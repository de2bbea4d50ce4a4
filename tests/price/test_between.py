"""What copies elsewhere are sent is asked for wherever there are any, and told where a phase does not say."""

from __future__ import annotations

from typing import Any

import pytest

from phaseup.graph.resource import State
from tests.price.making import block, priced, resource

HOME, AWAY = {"region": "us-east-1"}, {"region": "eu-central-1"}


def of(type_: str, inputs: dict[str, Any], **needs: list[State]) -> list[State]:
    at = block("it")
    return [at, *(each for states in needs.values() for each in states), resource(type_, "it", inputs, at, **needs)]


def buckets(region: str) -> list[State]:
    copy = resource("aws:s3/bucket:Bucket", "copy", {"region": region})
    return of("aws:s3/bucketReplicationConfig:BucketReplicationConfig", {"rules": [{"id": region}]}, rules=[copy])


def plan(region: str) -> list[State]:
    arn = f"arn:aws:backup:{region}:1:backup-vault:copies"
    return of("aws:backup/plan:Plan", {"rules": [{"copyActions": [{"destinationVaultArn": arn}]}]})


def replica(region: str) -> list[State]:
    source = resource("aws:rds/instance:Instance", "source", {"region": region})
    return of("aws:rds/instance:Instance", {}, replicateSourceDb=[source])


def images(region: str) -> list[State]:
    rules = {"rules": [{"destinations": [{"region": region}]}]}
    return of("aws:ecr/replicationConfiguration:ReplicationConfiguration", {"replicationConfiguration": rules})


def table(region: str) -> list[State]:
    return of("aws:dynamodb/table:Table", {"billingMode": "PAY_PER_REQUEST", "replicas": [{"regionName": region}]})


def asked(states: list[State], usage: dict[str, Any] | None = None) -> list[str]:
    made = priced(*states, usage={"it": usage or {}})
    assert made.unused == ()
    return [each.block for each in made.unstated if each.figure == "between_gb"]


@pytest.mark.parametrize("made", [buckets, plan, replica, images, table])
def test_copies_in_another_region_are_asked_for_and_others_are_not(made: Any) -> None:
    assert asked(made("eu-central-1")) == ["it"]
    assert asked(made("eu-central-1"), {"between_gb": 5}) == []
    assert asked(made("us-east-1")) == []


@pytest.mark.parametrize(
    ("type_", "property_"),
    [
        ("aws:rds/cluster:Cluster", "globalClusterIdentifier"),
        ("aws:elasticache/replicationGroup:ReplicationGroup", "globalReplicationGroupId"),
    ],
)
def test_followers_are_asked_for_at_home(type_: str, property_: str) -> None:
    at = block("it-eu-central-1")
    follower = resource(type_, "follower", {**AWAY, property_: "world"}, at)
    home = resource(type_, "first", HOME, block("it"))
    made = priced(block("it"), home, at, follower)
    assert [(e.block, e.region) for e in made.unstated if e.figure == "between_gb"] == [("it", "")]
    assert [e for e in priced(block("it"), home).unstated if e.figure == "between_gb"] == []


def test_a_table_s_replica_is_asked_for() -> None:
    assert asked(of("aws:dynamodb/tableReplica:TableReplica", {**AWAY})) == ["it"]
