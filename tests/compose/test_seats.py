"""A made-up system that goes to another jurisdiction: a database and a bucket that stand there instead of at home."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from building import build, stack
from recording import Recording
from rehearsing import Rehearsed, climbed

from stacks.models import BadInput, Blueprint, load_blueprint

HOME, FAR = "eu-west-1", "eu-central-1"
PHASES: dict[str, dict[str, Any]] = {
    "home": {
        "net": {"kind": "network", "azs": 2, "nat": "none"},
        "app": {
            "kind": "server",
            "instance": "t4g.medium",
            "subnets": "public",
            "count": {"min": 1, "max": 1},
            "registries": {"ghcr.io": {}},
        },
        "api": {"kind": "service", "on": "app", "takes": "queue", "uses": ["db"]},
        "db": {"kind": "postgres", "instance": "db.t4g.medium", "storage": 20},
        "safe": {"kind": "backup", "blocks": ["db"], "rules": {"daily": {"days": 35}}},
        "watch": {"kind": "alarms", "alarms": {"cpu": {"block": "db", "metric": "cpu", "above": 80, "minutes": 5}}},
    },
    "abroad": {
        "net": {"regions": {FAR: {}}},
        "api": {"uses": {"db": {}, "db-de": {}, "files-de": {"access": "write"}}},
        "db-de": {"kind": "postgres", "instance": "db.t4g.medium", "storage": 20, "region": FAR, "replicas": {"a": {}}},
        "files-de": {"kind": "bucket", "store": "s3", "region": FAR},
        "watch": {
            "alarms": {"cpu-de": {"block": "db-de", "metric": "cpu", "above": 80, "minutes": 5}},
        },
    },
}
IMAGES = {"phaseup:images": {"api": "ghcr.io/meal/api@sha256:" + "a" * 64}}
Phases = dict[str, dict[str, Any]]


def made_up(folder: Path, change: Callable[[Phases], object] = lambda _: None) -> Blueprint:
    phases = json.loads(json.dumps(PHASES))
    change(phases)
    budget = {"low": None, "high": None, "breakdown": None}
    document = {
        "system": "meal",
        "title": "Made up",
        "phases": {name: {"serves": {}, "budget": budget, "blocks": blocks} for name, blocks in phases.items()},
    }
    (folder / "meal.yaml").write_text(json.dumps(document))
    return load_blueprint("meal", folder)


def recorded(folder: Path, change: Callable[[Phases], object] = lambda _: None) -> Recording:
    return build(stack({**IMAGES, "phaseup:phase": "abroad"}), made_up(folder, change))


@pytest.fixture(scope="module")
def seats(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("seats")


@cache
def recorded_once(folder: Path) -> Recording:
    return recorded(folder)


@pytest.fixture
def abroad(seats: Path) -> Recording:
    # A test's own event loop is there before its fixtures, but not before those of the module.
    return recorded_once(seats)


@pytest.fixture(scope="module")
def ladder(tmp_path_factory: pytest.TempPathFactory) -> list[Rehearsed]:
    folder = tmp_path_factory.mktemp("ladder")
    return climbed(made_up(folder), folder, {**IMAGES, "phaseup:phase": "home"})


def test_all_that_holds_its_data_stands_there_under_its_own_name(abroad: Recording) -> None:
    for name in ("db-de-primary", "db-de-replica-a", "db-de-key", "db-de-secret", "db-de-subnets", "files-de-bucket"):
        assert abroad.one(name).inputs["region"] == FAR, name
    assert abroad.one("db-primary").inputs["region"] == HOME
    assert not [urn for urn in abroad.urns() if f"db-de-{FAR}" in urn]


def test_no_copy_of_its_data_goes_anywhere_else(abroad: Recording) -> None:
    primary = abroad.one("db-de-primary").inputs
    assert primary["backupRetentionPeriod"] == 7
    assert primary["identifier"] == "meal-prod-db-de"
    elsewhere = {
        each.name for each in abroad.resources if "de" in each.name.split("-") and each.inputs.get("region") == HOME
    }
    # Names and parameters at home say where it is; they hold nothing of it.
    assert all(name.startswith(("db-de-name", "db-de-read", "db-de-param", "files-de-param", "watch-")) or
               "rights" in name or "policy" in name for name in elsewhere), elsewhere  # fmt: skip


def test_whoever_uses_it_from_home_comes_by_address_and_finds_it_under_a_name_at_home(abroad: Recording) -> None:
    cidrs = {
        each.inputs["cidrIpv4"]
        for each in abroad.resources
        if each.type == "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule" and each.name.startswith("db-de")
    }
    assert cidrs == {"10.224.0.0/16", "10.225.0.0/16"}
    told = json.loads(abroad.one("db-de-parameter").inputs["insecureValue"])
    assert told["env"]["HOST"] == "db-de.prod.meal.internal"
    assert abroad.one("db-de-parameter").inputs["region"] == HOME


def test_its_login_has_a_copy_where_it_is_read_and_the_home_s_one_has_none_there(abroad: Recording) -> None:
    assert [each["region"] for each in abroad.one("db-de-secret").inputs["replicas"]] == [HOME]
    told = json.dumps(json.loads(abroad.one("db-de-parameter").inputs["insecureValue"])["secrets"])
    assert f":secretsmanager:{HOME}:" in told
    assert FAR not in told


def test_a_bucket_s_key_is_asked_in_the_bucket_s_region(abroad: Recording) -> None:
    rights = [
        json.dumps(each.inputs.get("policy"))
        for each in abroad.resources
        if each.type == "aws:iam/rolePolicy:RolePolicy" and "files-de" in each.name
    ]
    assert rights
    assert all(f"s3.{FAR}.amazonaws.com" in each and f"s3.{HOME}.amazonaws.com" not in each for each in rights)


def test_its_alarms_stand_where_its_metrics_are(abroad: Recording) -> None:
    alarms = [each for each in abroad.resources if each.type == "aws:cloudwatch/metricAlarm:MetricAlarm"]
    regions = {each.name: each.inputs["region"] for each in alarms}
    assert {region for name, region in regions.items() if "cpu-de" in name} == {FAR}


def test_up_nothing_is_replaced_and_down_its_data_is_kept(ladder: list[Rehearsed]) -> None:
    assert {each.judged.verdict for each in ladder} <= {"safe", "needs-approval"}
    assert not any(each.ops("replace") for each in ladder)
    settled_in = [each for each in ladder if each.kind != "abort"]
    assert not any({"db-de-primary", "files-de-bucket", f"net-{FAR}-vpc"} & each.ops("delete") for each in settled_in)
    assert any("db-de-primary" in each.ops("delete") for each in ladder if each.kind == "abort")
    kept = {kept.block: kept.why for each in ladder if each.leg.move for kept in each.leg.move.kept}
    assert kept.keys() == {"net", "db-de", "files-de", "watch"}
    assert kept["watch"] == "alarms.cpu-de: what is kept is watched as before"
    assert kept["net"] == f"regions.{FAR}: db-de and files-de stand there"


@pytest.mark.parametrize(
    ("change", "key", "found"),
    [
        (lambda p: p["abroad"]["db-de"].update(region="eu-south-2"), "db-de.region", "eu-south-2"),
        (lambda p: p["abroad"]["db-de"].update(region=HOME), "db-de.region", HOME),
        (lambda p: p["abroad"].update(safe={"blocks": ["db", "db-de"]}), "safe.blocks", "db-de"),
    ],
)
def test_a_seat_that_cannot_be_is_bad_input(
    tmp_path: Path, change: Callable[[Phases], object], key: str, found: str
) -> None:
    with pytest.raises(BadInput) as caught:
        recorded(tmp_path, change)
    assert (caught.value.key, caught.value.found) == (key, found)


@pytest.mark.parametrize(
    ("block", "more", "key"),
    [("db-de", {"regions": {"eu-west-1": {}}}, "regions"), ("files-de", {"replicas": {"eu-west-1": {}}}, "replicas")],
)
def test_data_that_may_not_leave_has_no_copies(tmp_path: Path, block: str, more: dict[str, Any], key: str) -> None:
    with pytest.raises(BadInput) as caught:
        recorded(tmp_path, lambda p: p["abroad"][block].update(more))
    assert str(caught.value.key).endswith(f"{block}.{key}")
