"""Changes that the provider plans as an update and AWS refuses when they are applied."""

from __future__ import annotations

import pytest

from phaseup.graph.values import UNKNOWN
from phaseup.plan.steps import Reason, Step
from phaseup.plan.verdict import judge

from .helpers import create, effects, urn

DATABASE = "aws:rds/instance:Instance"
CLUSTER = "aws:rds/cluster:Cluster"
CACHE = "aws:elasticache/replicationGroup:ReplicationGroup"
DB = {"instanceClass": "db.t4g.medium", "engine": "postgres", "allocatedStorage": 50, "engineVersion": "17.4"}
RG = {"description": "c", "engine": "valkey", "engineVersion": "8.1", "numCacheClusters": 1, "nodeType": "t"}


def effect(type_: str, before: dict, after: dict) -> list[str]:
    diff = create(type_, before).diff({**before, **after})
    assert diff.replaces == (), "the genuine preview shows an update"
    assert {item.kind for item in diff.properties} <= {"update", "add", "delete"}
    return [item.effect for item in diff.properties]


@pytest.mark.parametrize(("size", "expected"), [(49, ["refused"]), (50, []), (51, ["update"])])
def test_storage_only_grows(size: int, expected: list[str]) -> None:
    assert effect(DATABASE, DB, {"allocatedStorage": size}) == expected


def test_storage_below_what_autoscaling_made_of_it_is_no_change_and_so_not_refused() -> None:
    given = {**DB, "maxAllocatedStorage": 100}
    assert effect(DATABASE, given, {"allocatedStorage": 20}) == []
    assert effect(DATABASE, {**DB, "maxAllocatedStorage": 50}, {"allocatedStorage": 50}) == []


@pytest.mark.parametrize("engine", [DATABASE, CLUSTER])
@pytest.mark.parametrize(
    ("before", "after", "allowed", "refused"),
    [
        ("17.4", "17.3", False, True),
        ("17.4", "16", False, True),
        ("17.4", "16.9", True, True),
        ("17", "16", True, True),
        ("17.10", "17.9", False, True),
        ("17.9", "17.10", False, False),
        ("17.4", "17", False, False),
        ("17", "17.4", False, False),
        ("17.4", "18.0", False, True),
        ("17", "18", True, False),
        ("9", "10", False, True),
        ("9", "10", True, False),
        ("5.7.mysql_aurora.2.11.1", "8.0.mysql_aurora.3.04.0", True, False),
        ("8.0.mysql_aurora.3.04.0", "8.0.mysql_aurora.3.03.9", False, True),
    ],
)
def test_a_version_only_rises_and_a_major_one_if_allowed(
    engine: str, before: str, after: str, allowed: bool, refused: bool
) -> None:
    given = {**DB, "engineVersion": before, "allowMajorVersionUpgrade": allowed}
    if engine == CLUSTER:
        given = {"engine": "aurora-postgresql", "engineVersion": before, "allowMajorVersionUpgrade": allowed}
    made = "update_reboot" if engine == DATABASE else "update"
    assert effect(engine, given, {"engineVersion": after}) == ["refused" if refused else made]


def test_a_version_that_is_not_known_yet_is_unknown() -> None:
    assert effect(DATABASE, DB, {"engineVersion": UNKNOWN}) == ["unknown"]


def test_a_source_of_replicas_keeps_its_backups() -> None:
    given = {**DB, "backupRetentionPeriod": 7}
    database = create(DATABASE, given)
    none = {**given, "backupRetentionPeriod": 0}
    assert effects(database.diff(none)) == {"backupRetentionPeriod": ("update", "update")}
    database.outputs["replicas"] = ["reader"]
    assert effects(database.diff(none)) == {"backupRetentionPeriod": ("update", "refused")}
    assert effects(database.diff({**given, "backupRetentionPeriod": 1})) == {
        "backupRetentionPeriod": ("update", "update")
    }


@pytest.mark.parametrize(("size", "expected"), [(7, ["refused"]), (9, ["update"])])
def test_volumes_only_grow(size: int, expected: list[str]) -> None:
    volume = {"availabilityZone": "eu-west-1a", "size": 8}
    assert effect("aws:ebs/volume:Volume", volume, {"size": size}) == expected
    server = {"ami": "ami-1", "instanceType": "t4g.micro", "rootBlockDevice": {"volumeSize": 8, "volumeType": "gp3"}}
    root = {"rootBlockDevice": {"volumeSize": size, "volumeType": "gp3"}}
    assert effect("aws:ec2/instance:Instance", server, root) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"clusterMode": "disabled"}, {"clusterMode": "enabled"}, ["refused"]),
        ({"clusterMode": "disabled"}, {"clusterMode": "compatible"}, ["update"]),
        ({"clusterMode": "compatible"}, {"clusterMode": "enabled"}, ["update"]),
        ({"transitEncryptionEnabled": False}, {"transitEncryptionEnabled": True}, ["refused"]),
    ],
)
def test_a_cache_takes_two_steps(before: dict, after: dict, expected: list[str]) -> None:
    assert effect(CACHE, {**RG, **before}, after) == expected


def test_encryption_comes_as_preferred_first() -> None:
    given = {**RG, "transitEncryptionEnabled": False}
    first = {"transitEncryptionEnabled": True, "transitEncryptionMode": "preferred"}
    assert "refused" not in effect(CACHE, given, first)
    assert "refused" in effect(CACHE, given, {**first, "transitEncryptionMode": "required"})


def test_the_verdict_blocks_and_names_cloud_change_and_source() -> None:
    database = create(DATABASE, DB, name="db-primary")
    diff = database.diff({**DB, "engineVersion": "16"})
    reasons = tuple(Reason(item.path, "17.4", "16", item.effect, item.source) for item in diff.properties)
    found = judge([Step("update", urn(DATABASE, "db-primary"), DATABASE, None, None, reasons, True)])
    assert (found.verdict, found.exit_code) == ("blocked", 1)
    assert found.reasons == (
        "AWS refuses: db-primary: engineVersion (17.4 → 16); AWS API model, botocore ModifyDBInstance; "
        "hashicorp/terraform issue 22462 (a version never falls; a major one rises only with "
        "allowMajorVersionUpgrade) 1.43.11 (2026)",
    )
