"""backup: vaults that are locked or not, rules with copies, selections by tag, and a drill that names it all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError
from recording import ACCOUNT, Recording, record

from components.alarms.metrics import readings
from components.backup import Backup, BackupArgs, BackupSpec, RuleSpec, refuse_maintenance
from components.site import Site
from components.spec import Refused

KINDS = {"db": "postgres", "archive": "bucket", "cache": "cache"}
COPIED = {"daily": {"days": 35, "copies": {"eu-central-1": {"days": 180, "cold_days": 90}}}}


def build(site: Site, **spec: object) -> Recording:
    args = BackupArgs(BackupSpec(**{"blocks": ["db"], **spec}), site, ACCOUNT, KINDS)
    return record(lambda: Backup("backup", args))


def drill(site: Site, **spec: object) -> str:
    made: list[Backup] = []
    args = BackupArgs(BackupSpec(**{"blocks": ["db"], **spec}), site, ACCOUNT, KINDS)
    record(lambda: made.append(Backup("backup", args)))
    return made[0].drill


def test_one_vault_one_rule_one_block(site: Site) -> None:
    recording = build(site)
    vault = recording.one("backup-vault")
    assert vault.inputs["kmsKeyArn"].startswith("arn:aws:kms:::backup-key-")
    assert (vault.inputs["forceDestroy"], vault.protect) == (False, True)
    (rule,) = recording.one("backup-plan").inputs["rules"]
    assert rule.pop("targetVaultName").startswith("backup-vault-")
    assert rule == {
        "ruleName": "daily",
        "schedule": "cron(0 5 * * ? *)",
        "scheduleExpressionTimezone": "UTC",
        "startWindow": 60,
        "completionWindow": 720,
        "enableContinuousBackup": False,
        "lifecycle": {"deleteAfter": 35},
        "recoveryPointTags": {**site.tags, "rule": "daily"},
        "copyActions": [],
    }
    assert recording.by_type("aws:backup/vaultLockConfiguration:VaultLockConfiguration") == []


def test_a_block_is_found_by_its_tags_and_a_database_s_replicas_are_not(site: Site) -> None:
    recording = build(site, blocks=["db", "archive"])
    tags = {"block": "db", "environment": "prod", "role": "primary", "system": "meal"}
    assert wanted(recording.one("backup-db").inputs) == tags
    del tags["role"]
    assert wanted(recording.one("backup-archive").inputs) == {**tags, "block": "archive"}


def wanted(selection: Mapping[str, Any]) -> dict[str, str]:
    """The tags that it asks for, of which all have to match."""
    assert selection["resources"] == ["*"]
    assert "notResources" not in selection
    (condition,) = selection["conditions"]
    assert condition.keys() == {"stringEquals"}
    return {each["key"].removeprefix("aws:ResourceTag/"): each["value"] for each in condition["stringEquals"]}


def test_more_blocks_regions_and_rules_only_add_beside_the_plan(site: Site) -> None:
    """A selection cannot be changed, only replaced: growing must leave those that stand alone."""
    before = build(site)
    after = build(site, blocks=["db", "archive"], rules={**COPIED, "monthly": {"days": 365}})
    later = {each.urn: each.inputs for each in after.resources}
    assert {each.name for each in before.resources if later[each.urn] != each.inputs} == {"backup-plan"}


def test_copies_go_to_a_vault_of_their_own_in_the_other_region(site: Site) -> None:
    recording = build(site, rules=COPIED)
    vault = recording.one("backup-eu-central-1-vault")
    assert vault.inputs["region"] == "eu-central-1"
    assert vault.inputs["kmsKeyArn"].startswith("arn:aws:kms:::backup-eu-central-1-key-")
    (rule,) = recording.one("backup-plan").inputs["rules"]
    (copy,) = rule["copyActions"]
    assert copy["destinationVaultArn"].startswith("arn:aws:backup:::backup-eu-central-1-vault-")
    assert copy["lifecycle"] == {"coldStorageAfter": 90, "deleteAfter": 180}


def test_the_lock_is_on_every_vault(site: Site) -> None:
    recording = build(site, rules=COPIED, lock={"min_days": 7, "max_days": 400, "compliance_after_days": 30})
    locks = recording.by_type("aws:backup/vaultLockConfiguration:VaultLockConfiguration")
    assert {each.name for each in locks} == {"backup-lock", "backup-eu-central-1-lock"}
    figures = [
        (e.inputs["minRetentionDays"], e.inputs["maxRetentionDays"], e.inputs["changeableForDays"]) for e in locks
    ]
    assert figures == [(7, 400, 30)] * 2
    governed = build(site, lock={"min_days": 7}).one("backup-lock").inputs
    assert "changeableForDays" not in governed


def test_the_role_is_aws_backup_s_alone(site: Site) -> None:
    recording = build(site)
    (trust,) = json.loads(recording.one("backup-role").inputs["assumeRolePolicy"])["Statement"]
    assert trust["Principal"] == {"Service": "backup.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    attached = recording.by_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    assert {each.inputs["policyArn"].rsplit("/", 1)[1] for each in attached} == {
        "AWSBackupServiceRolePolicyForBackup", "AWSBackupServiceRolePolicyForRestores",
        "AWSBackupServiceRolePolicyForS3Backup", "AWSBackupServiceRolePolicyForS3Restore",
    }  # fmt: skip
    waits = {urn.rsplit("::", 1)[1] for urn in recording.one("backup-db").depends_on}
    assert {each.name for each in attached} <= waits


def test_armed_recovery_points_stay_with_their_keys(site: Site) -> None:
    recording = build(replace(site, retiring=True), rules=COPIED, lock={"min_days": 1})
    assert not any(each.protect for each in recording.resources)
    assert {each.name for each in recording.resources if each.retain} == {
        "backup-key", "backup-vault", "backup-lock",
        "backup-eu-central-1-key", "backup-eu-central-1-vault", "backup-eu-central-1-lock",
    }  # fmt: skip


def test_the_drill_names_every_block_in_every_region(site: Site) -> None:
    text = drill(site, blocks=["db", "archive"], rules=COPIED)
    assert text.startswith("# Restore drill: meal-prod-backup\n")
    assert "| daily | `cron(0 5 * * ? *)` UTC | each for 35 d | eu-central-1 180 d |" in text
    here, there = text.split("## From eu-west-1")[1].split("## From eu-central-1")
    for part in (here, there):
        assert "1. archive: Restore" in part
        assert "4. db: Restore" in part
        assert "7. Write down how long each restore took" in part
    assert "as if the stack's own region were gone" in there
    assert "as if the stack's own region were gone" not in here
    assert "locked" not in text


def test_the_drill_says_what_a_lock_means(site: Site) -> None:
    assert "(governance)" in drill(site, lock={"min_days": 1})
    assert "final 3 days after" in drill(site, lock={"min_days": 1, "compliance_after_days": 3})
    assert "any second of the last 35 d" in drill(site, rules={"daily": {"continuous": True}})


def test_a_copy_in_the_own_region_is_refused(site: Site) -> None:
    with pytest.raises(Exception, match="copies in eu-west-1"):
        build(site, rules={"daily": {"copies": {"eu-west-1": {}}}})


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"blocks": []}, "at least 1 item"),
        ({"rules": {}}, "at least 1 item"),
        ({"rules": {"Daily": {}}}, r"rules\.Daily: found Daily"),
        ({"rules": {"daily": {"schedule": "rate(1 day)"}}}, "match pattern"),
        ({"rules": {"daily": {"days": 100, "cold_days": 30}}}, "days: found 100; allowed: at least 120"),
        ({"rules": {"d": {"copies": {"eu-central-1": {"cold_days": 1}}}}}, r"copies\.eu-central-1\.days: found 35"),
        ({"rules": {"d": {"copies": {"europe": {}}}}}, r"copies\.europe: found europe"),
        ({"rules": {"daily": {"continuous": True, "days": 36}}}, "continuous: found"),
        ({"rules": {"daily": {"start_minutes": 720}}}, "completion_minutes: found 720"),
        ({"lock": {"min_days": 40}}, r"rules\.daily\.days: found 35; allowed: 40 to 36500"),
        ({"lock": {"min_days": 1, "max_days": 30}}, r"rules\.daily\.days: found 35; allowed: 1 to 30"),
        ({"lock": {"min_days": 1, "compliance_after_days": 2}}, "greater than or equal to 3"),
    ],
)
def test_refused(wrong: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        BackupSpec(**{"blocks": ["db"], **wrong})


def test_it_backs_up_what_aws_backup_can() -> None:
    BackupSpec(blocks=["db", "archive"]).check_among(KINDS)
    with pytest.raises(
        Refused, match=r"blocks\.cache: found cache; allowed: a postgres or aurora or bucket: archive, db"
    ):
        BackupSpec(blocks=["cache"]).check_among(KINDS)


def test_what_a_lower_phase_must_keep() -> None:
    rules = {**COPIED, "weekly": {"days": 90, "copies": {"eu-north-1": {}}}, "monthly": {"days": 365}}
    high, low = BackupSpec(blocks=["db"], rules=rules), BackupSpec(blocks=["db"])
    held = high.keeps(low)
    assert held is not None
    assert held.fields == {
        "rules": {
            "daily": {"copies": {"eu-central-1": {"days": 180, "cold_days": 90}}},
            "weekly": {"days": 90, "copies": {"eu-north-1": {}}},
        }
    }
    assert held.what == "copies in eu-central-1, eu-north-1"
    assert low.keeps(high) is None
    same_region = BackupSpec(blocks=["db"], rules={"hourly": {"copies": {"eu-central-1": {}, "eu-north-1": {}}}})
    assert high.keeps(same_region) is None


def test_alarms_watch_the_vault_that_jobs_go_to(site: Site) -> None:
    made: list[Backup] = []
    args = BackupArgs(BackupSpec(blocks=["db"], rules=COPIED), site, ACCOUNT, KINDS)
    record(lambda: made.append(Backup("backup", args)))
    emitter = made[0].emitter
    assert emitter.kind == "backup"
    assert {name: set(dimensions) for name, dimensions in emitter.members.items()} == {"vault": {"BackupVaultName"}}
    assert set(readings(emitter, "failed", None, 3600)) == {""}


# Maintenance, in which AWS Backup begins no job of RDS


@pytest.mark.parametrize(
    ("schedule", "timezone", "minutes"),
    [
        ("cron(0 5 * * ? *)", "UTC", 60),
        ("cron(0 4 * * ? *)", "UTC", 60),
        ("cron(0 1 * * ? *)", "UTC", 60),
        ("cron(0 6 * * ? *)", "Europe/Madrid", 60),
        # Every six hours: the next job of the day is not far.
        ("cron(0 3,9,15,21 * * ? *)", "UTC", 60),
    ],
)
def test_a_job_beside_maintenance(schedule: str, timezone: str, minutes: int) -> None:
    refuse_maintenance(RuleSpec(schedule=schedule, timezone=timezone, start_minutes=minutes), "sun:03:00-sun:04:00")


@pytest.mark.parametrize(
    ("schedule", "timezone", "minutes"),
    [
        ("cron(0 3 * * ? *)", "UTC", 60),
        ("cron(59 3 * * ? *)", "UTC", 60),
        ("cron(30 1 * * ? *)", "UTC", 60),
        ("cron(0 1 * * ? *)", "UTC", 120),
        # Clear of it in summer, in it in winter.
        ("cron(30 4 * * ? *)", "Europe/Madrid", 60),
        ("cron(0 12 * * ? *)", "Asia/Tokyo", 60),
    ],
)
def test_a_job_in_maintenance_or_the_hour_before(schedule: str, timezone: str, minutes: int) -> None:
    with pytest.raises(Refused) as refused:
        refuse_maintenance(RuleSpec(schedule=schedule, timezone=timezone, start_minutes=minutes), "sun:03:00-sun:04:00")
    assert refused.value.key == "schedule"
    assert "sun:03:00-sun:04:00" in refused.value.allowed


def test_a_zone_that_there_is_not() -> None:
    with pytest.raises(Refused, match="Europe/Nowhere"):
        refuse_maintenance(RuleSpec(timezone="Europe/Nowhere"), "sun:03:00-sun:04:00")
