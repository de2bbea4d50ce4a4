"""postgres: exact properties, what a replica may not say, what retiring lifts, and what the spec refuses."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from pydantic import ValidationError
from recording import ACCOUNT, Recording, record

from components.postgres import Postgres, PostgresArgs, PostgresSpec, Surroundings
from components.site import Site
from phaseup.graph.values import Secret, has_secret


def build(site: Site, clients: dict[str, str] | None = None, **spec: object) -> Recording:
    return record(
        lambda: Postgres(
            "db",
            PostgresArgs(
                spec=PostgresSpec(**{"instance": "db.t4g.medium", "storage": 50, **spec}),
                site=site,
                around=Surroundings(
                    account_id=ACCOUNT,
                    logs_key_arn="arn:logs-key",
                    vpc_id="vpc-1",
                    subnet_ids=["subnet-a", "subnet-b", "subnet-c"],
                    clients=clients or {},
                ),
            ),
        )
    )


def test_primary_is_born_as_it_must_stay(site: Site) -> None:
    primary = build(site).one("db-primary").inputs
    frozen = {
        key: primary[key]
        for key in ("engine", "storageEncrypted", "dbName", "username", "identifier", "storageType", "port", "region")
    }
    assert frozen == {
        "engine": "postgres",
        "storageEncrypted": True,
        "dbName": "app",
        "username": "dbadmin",
        "identifier": "meal-prod-db",
        "storageType": "gp3",
        "port": 5432,
        "region": "eu-west-1",
    }
    assert primary["kmsKeyId"].startswith("arn:aws:kms:::db-key-")
    assert "availabilityZone" not in primary
    assert isinstance(primary["password"], Secret)


def test_primary_keeps_its_copies(site: Site) -> None:
    primary = build(site, backup_days=14).one("db-primary")
    assert primary.inputs["backupRetentionPeriod"] == 14
    assert primary.inputs["deleteAutomatedBackups"] is False
    assert primary.inputs["skipFinalSnapshot"] is False
    assert primary.inputs["finalSnapshotIdentifier"] == "meal-prod-db-final"
    assert primary.inputs["copyTagsToSnapshot"] is True
    assert primary.inputs["deletionProtection"] is True
    assert primary.protect


def test_primary_defaults_are_those_of_production(site: Site) -> None:
    primary = build(site).one("db-primary").inputs
    assert primary["engineVersion"] == "17"
    assert primary["engineLifecycleSupport"] == "open-source-rds-extended-support-disabled"
    assert primary["kmsKeyId"] == primary["performanceInsightsKmsKeyId"]
    assert primary["iamDatabaseAuthenticationEnabled"] is True
    assert primary["publiclyAccessible"] is False
    assert primary["enabledCloudwatchLogsExports"] == ["postgresql", "upgrade"]
    assert primary["caCertIdentifier"] == "rds-ca-rsa2048-g1"
    assert (primary["databaseInsightsMode"], primary["performanceInsightsRetentionPeriod"]) == ("standard", 7)
    assert (primary["monitoringInterval"], primary["applyImmediately"]) == (60, True)
    assert (primary["allocatedStorage"], primary["maxAllocatedStorage"]) == (50, 100)


def test_password_is_ours_because_a_managed_one_forbids_replicas(site: Site) -> None:
    recording = build(site, replicas={"a": {}})
    primary, replica = recording.one("db-primary").inputs, recording.one("db-replica-a").inputs
    assert not {"manageMasterUserPassword", "masterUserSecretKmsKeyId"} & (primary.keys() | replica.keys())
    assert recording.one("db-password").inputs == {"length": 64, "special": False}
    value = recording.one("db-secret-value").inputs
    assert isinstance(value["secretString"], Secret)
    assert json.loads(value["secretString"].value) == {"username": "dbadmin", "password": primary["password"].value}
    assert not has_secret(replica)
    secret = recording.one("db-secret")
    assert (secret.protect, secret.inputs["recoveryWindowInDays"]) == (True, 30)
    assert secret.inputs["kmsKeyId"] == primary["kmsKeyId"]
    assert "name" not in secret.inputs


def test_a_replica_of_half_the_size_has_room_for_what_its_primary_has(site: Site) -> None:
    recording = build(site, instance="db.m7g.xlarge", replicas={"a": {"instance": "db.m7g.large"}})
    primary, replica = recording.one("db-primary").inputs, recording.one("db-replica-a").inputs
    assert primary["parameterGroupName"] == replica["parameterGroupName"]
    given = {
        each["name"]: (each["value"], each["applyMethod"]) for each in recording.one("db-pg17").inputs["parameters"]
    }
    assert given["max_connections"] == ("400", "pending-reboot")
    assert given["max_worker_processes"] == ("16", "pending-reboot")


def test_no_class_changes_the_parameters_that_need_a_reboot(site: Site) -> None:
    small, large = build(site), build(site, instance="db.r8g.4xlarge", storage=500, replicas={"a": {}, "b": {}})
    assert small.one("db-pg17").inputs["parameters"] == large.one("db-pg17").inputs["parameters"]


@pytest.mark.parametrize(("storage", "ceiling"), [(50, 100), (32768, 65536), (59578, 65536)])
def test_autoscaling_ends_where_rds_does(site: Site, storage: int, ceiling: int) -> None:
    assert build(site, storage=storage).one("db-primary").inputs["maxAllocatedStorage"] == ceiling


def test_an_identifier_that_rds_refuses_is_refused_here(site: Site) -> None:
    with pytest.raises(Exception, match=r"meal-prod-db-a{51}: RDS allows 63 characters"):
        build(site, replicas={"a" * 51: {}})
    build(site, replicas={"a" * 50: {}})


def test_advanced_insights_come_with_their_retention(site: Site) -> None:
    primary = build(site, insights_days=465).one("db-primary").inputs
    assert (primary["databaseInsightsMode"], primary["performanceInsightsRetentionPeriod"]) == ("advanced", 465)


def test_what_counts_at_birth_only_is_ignored_by_wire_name(site: Site) -> None:
    recording = build(site, replicas={"a": {}})
    assert recording.one("db-primary").ignore_changes == ("dbName", "username", "snapshotIdentifier")
    assert recording.one("db-replica-a").ignore_changes == ("replicateSourceDb",)


def test_replica_says_only_what_rds_accepts(site: Site) -> None:
    recording = build(site, replicas={"a": {"instance": "db.m7g.large"}, "b": {}})
    a, b = recording.one("db-replica-a"), recording.one("db-replica-b")
    assert a.inputs["replicateSourceDb"] == "meal-prod-db"
    assert (a.inputs["identifier"], a.inputs["instanceClass"]) == ("meal-prod-db-a", "db.m7g.large")
    assert b.inputs["instanceClass"] == "db.t4g.medium"
    refused = {
        "allocatedStorage", "username", "password", "manageMasterUserPassword", "dbName", "engine", "engineVersion",
        "dbSubnetGroupName", "kmsKeyId", "finalSnapshotIdentifier", "engineLifecycleSupport", "port", "multiAz",
    }  # fmt: skip
    assert refused & a.inputs.keys() == set()
    assert (a.inputs["skipFinalSnapshot"], a.inputs["backupRetentionPeriod"]) == (True, 0)
    assert (a.protect, a.inputs["deletionProtection"]) == (False, False)
    assert a.inputs["storageEncrypted"] is True


def test_logs_are_there_before_the_instance_and_not_kept_for_ever(site: Site) -> None:
    recording = build(site, replicas={"a": {}}, log_days=90)
    logs = {each.inputs["name"]: each for each in recording.by_type("aws:cloudwatch/logGroup:LogGroup")}
    assert set(logs) == {
        f"/aws/rds/instance/meal-prod-{instance}/{log}"
        for instance in ("db", "db-a")
        for log in ("postgresql", "upgrade")
    }
    assert {each.inputs["retentionInDays"] for each in logs.values()} == {90}
    assert {each.inputs["kmsKeyId"] for each in logs.values()} == {"arn:logs-key"}
    assert logs["/aws/rds/instance/meal-prod-db/postgresql"].urn in recording.one("db-primary").depends_on
    assert logs["/aws/rds/instance/meal-prod-db-a/upgrade"].urn in recording.one("db-replica-a").depends_on


def test_parameters_force_tls_and_know_which_need_a_reboot(site: Site) -> None:
    group = build(site, slow_query_ms=100, parameters={"max_connections": "800", "work_mem": "8192"}).one("db-pg17")
    given = {each["name"]: (each["value"], each["applyMethod"]) for each in group.inputs["parameters"]}
    assert group.inputs["family"] == "postgres17"
    assert "name" not in group.inputs
    assert given["rds.force_ssl"] == ("1", "immediate")
    assert given["shared_preload_libraries"] == ("auto_explain,pg_stat_statements", "pending-reboot")
    assert given["max_connections"] == ("800", "pending-reboot")
    assert given["work_mem"] == ("8192", "immediate")
    assert given["log_min_duration_statement"] == ("100", "immediate")
    assert [each["name"] for each in group.inputs["parameters"]] == sorted(given)


def test_family_is_in_the_group_s_name(site: Site) -> None:
    assert "db-pg16" in build(site, version="16.9").names()


def test_only_named_clients_may_connect(site: Site) -> None:
    recording = build(site, clients={"app": "sg-app", "scrapers": "sg-scrapers"})
    rules = recording.by_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    assert {(r.name, r.inputs["referencedSecurityGroupId"]) for r in rules} == {
        ("db-from-app", "sg-app"),
        ("db-from-scrapers", "sg-scrapers"),
    }
    assert {(r.inputs["fromPort"], r.inputs["toPort"], r.inputs["ipProtocol"]) for r in rules} == {(5432, 5432, "tcp")}
    group = recording.one("db-sg").inputs
    assert not {"ingress", "egress"} & group.keys()


def test_subnet_group_spans_all_zones(site: Site) -> None:
    assert build(site).one("db-subnets").inputs["subnetIds"] == ["subnet-a", "subnet-b", "subnet-c"]


def test_key_is_its_own_rotated_and_slow_to_go(site: Site) -> None:
    key = build(site).one("db-key")
    assert (key.inputs["enableKeyRotation"], key.inputs["deletionWindowInDays"], key.protect) == (True, 30, True)


def test_retiring_lifts_protection_and_keeps_the_final_copy(site: Site) -> None:
    recording = build(replace(site, retiring=True), replicas={"a": {}})
    primary = recording.one("db-primary")
    assert (primary.protect, primary.inputs["deletionProtection"]) == (False, False)
    assert primary.inputs["skipFinalSnapshot"] is False
    assert primary.inputs["finalSnapshotIdentifier"] == "meal-prod-db-final"
    assert primary.inputs["deleteAutomatedBackups"] is False
    assert not any(each.protect for each in recording.resources)


def test_growing_changes_plain_properties_only(site: Site) -> None:
    small = build(site).one("db-primary").inputs
    large = (
        build(site, instance="db.m7g.xlarge", storage=100, multi_az=True, replicas={"a": {}}).one("db-primary").inputs
    )
    changed = {key for key in small.keys() | large.keys() if small.get(key) != large.get(key)}
    assert changed == {"instanceClass", "allocatedStorage", "maxAllocatedStorage", "multiAz"}


def test_outputs_are_registered_once_and_children_are_its_own(site: Site) -> None:
    recording = build(site, replicas={"a": {}})
    (component,) = [each for each in recording.resources if each.type == "phaseup:index:Postgres"]
    assert len(recording.outputs[component.urn]) == 1
    assert {each.parent for each in recording.resources if each.custom} == {component.urn}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"max_storage": 54}, "max_storage: found 54; allowed: at least 55"),
        ({"backup_days": 0}, "greater than or equal to 1"),
        ({"storage": 19}, "greater than or equal to 20"),
        ({"version": 17}, "valid string"),
        ({"version": "13"}, "match pattern"),
        ({"instance": "t4g.medium"}, "match pattern"),
        ({"log_days": 10}, "7, 14, 30"),
        ({"insights_days": 31}, "7 or 465"),
        ({"parameters": {"rds.force_ssl": "0"}}, "parameters.rds.force_ssl: found 0"),
        ({"replica": {}}, "Extra inputs"),
        ({"replicas": {"A": {}}}, "match pattern"),
        ({"replicas": {"a--b": {}}}, "match pattern"),
        ({"storage": 59579}, "storage: found 59579; allowed: at most 59578"),
        (
            {"backup_window": "02:30-03:30"},
            r"backup_window: found 02:30-03:30; allowed: .* maintenance_window \(sun:03:00-sun:04:00\)",
        ),
        ({"backup_window": "01:30-01:45"}, "backup_window: found 01:30-01:45; allowed: 30 minutes or more"),
    ],
)
def test_refused(wrong: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        PostgresSpec(**{"instance": "db.t4g.medium", "storage": 50, **wrong})


def test_a_tenth_above_is_enough() -> None:
    assert PostgresSpec(instance="db.t4g.medium", storage=50, max_storage=55).max_storage == 55
