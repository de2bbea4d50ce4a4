"""hosted: what outlives every host, what a host may do for it, and what it is told."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from pydantic import ValidationError
from recording import Recording, record
from whole import HOSTED, hosted, network

from components.hosted import HostedAccess, HostedAccessArgs, HostedArgs, HostedLoad, HostedLoadArgs, HostedSpec
from components.hosted.spec import IMAGES
from components.hosted.unit import unit_of
from components.server import Server, ServerArgs, ServerSpec
from components.site import Site
from phaseup.facts import stateful
from phaseup.graph.values import unwrap


def build(site: Site, **spec: object) -> Recording:
    return record(lambda: hosted(site, **spec))


def test_the_volume_is_encrypted_protected_and_leaves_a_snapshot(site: Site) -> None:
    made = build(site).one("db-volume")
    assert made.inputs["encrypted"] is True
    assert "db-key" in made.inputs["kmsKeyId"]
    assert (made.inputs["type"], made.inputs["size"], made.inputs["finalSnapshot"]) == ("gp3", 20, True)
    assert made.protect
    assert made.ignore_changes == ("snapshotId",)
    row = stateful(made.type, made.inputs)
    assert row is not None
    assert set(row.copy_inputs) <= made.inputs.keys()
    assert "snapshotId" not in made.inputs
    assert not build(replace(site, retiring=True)).one("db-volume").protect


@pytest.mark.parametrize("zone", [1, 2, 3])
def test_it_is_in_the_zone_that_is_asked_for_whatever_is_in_use(site: Site, zone: int) -> None:
    placed = build(site, zone=zone).one("db-volume").inputs["availabilityZone"]
    assert placed.startswith(f"zone of net-public-euw1-az{zone}-")


def test_snapshots_are_daily_and_of_this_volume_alone(site: Site) -> None:
    policy = build(site, snapshot_days=14, snapshot_time="04:15").one("db-snapshots-daily").inputs
    (schedule,) = policy["policyDetails"]["schedules"]
    assert schedule["createRule"] == {"interval": 24, "intervalUnit": "HOURS", "times": "04:15"}
    assert schedule["retainRule"] == {"count": 14}
    assert policy["policyDetails"]["targetTags"] == {"Name": "meal-prod-db"}
    assert policy["state"] == "ENABLED"


def test_a_restored_one_is_born_from_its_snapshot(site: Site) -> None:
    made = build(site, restore="snap-0123456789abcdef0").one("db-volume")
    assert made.inputs["snapshotId"] == "snap-0123456789abcdef0"
    assert "snapshotId" in made.ignore_changes
    assert "db-key" in made.inputs["kmsKeyId"]  # the copy is encrypted anew, with the new block's own key


def test_the_host_s_name_is_ours_and_its_value_the_host_s(site: Site) -> None:
    record_ = build(site).one("db-host-name")
    assert record_.inputs["name"] == "db-on-app.prod.meal.internal"
    assert (record_.inputs["type"], record_.inputs["ttl"]) == ("A", 10)
    assert record_.ignore_changes == ("records",)


def test_a_host_is_told_where_and_no_password(site: Site) -> None:
    recording = build(site)
    told = json.loads(unwrap(recording.one("db-settings").inputs["insecureValue"]))
    assert told.keys() == {"env", "secrets"}
    assert told["env"].keys() == {"VOLUME_ID", "ZONE_ID"}
    assert told["secrets"]["POSTGRES_PASSWORD"][1] == "password"
    assert "secret-db-password" in str(unwrap(recording.one("db-secret-value").inputs))
    assert "secret-db-password" not in str(unwrap(recording.one("db-settings").inputs))
    assert recording.one("db-secret").inputs["replicas"] == [{"region": "eu-central-1"}]


def test_once_released_its_host_is_told_to_let_go(site: Site) -> None:
    from components.hosted import Hosted

    args = HostedArgs(HOSTED, site, None, "Z0", "d", released=True)  # type: ignore[arg-type]
    recording = record(lambda: Hosted("db", replace(args, network=network(site))))
    assert json.loads(unwrap(recording.one("db-settings").inputs["insecureValue"]))["fenced"] is True


def test_a_host_may_claim_this_volume_for_itself_and_this_name_and_no_other(site: Site) -> None:
    def program() -> None:
        ground = network(site)
        of = hosted(site, made=ground)
        spec = ServerSpec(instance="t4g.small", count={"min": 1, "max": 4}, subnets="public")
        Server("app", ServerArgs(spec, site, ground, [of.unit], zone=2))

    recording = record(program)
    policy = json.loads(unwrap(recording.one("app-may-db").inputs["policy"]))
    by_sid = {each["Sid"]: each for each in policy["Statement"]}
    assert by_sid["OwnVolume"]["Resource"].startswith("arn:aws:ebs:::db-volume-")
    assert by_sid["ToItself"]["Condition"] == {"StringEquals": {"aws:ResourceTag/Name": "meal-prod-app"}}
    names = by_sid["OwnName"]["Condition"]["ForAllValues:StringEquals"]
    assert names["route53:ChangeResourceRecordSetsNormalizedRecordNames"] == ["db-on-app.prod.meal.internal"]
    assert names["route53:ChangeResourceRecordSetsActions"] == ["UPSERT"]
    everywhere = {sid for sid, each in by_sid.items() if each["Resource"] == "*"}
    assert everywhere == {"SeeVolumes", "StateManager"}
    template = next(
        each for each in recording.one("app-template").inputs["tagSpecifications"] if each["resourceType"] == "instance"
    )
    assert template["tags"]["Name"] == "meal-prod-app"  # what the condition asks for
    # One host whatever the count, in the volume's zone, and the old one goes first.
    group = recording.one("app-group").inputs
    assert (group["minSize"], group["maxSize"]) == (1, 1)
    assert group["instanceMaintenancePolicy"] == {"minHealthyPercentage": 0, "maxHealthyPercentage": 100}
    assert group["instanceRefresh"]["preferences"]["maxHealthyPercentage"] == 100
    (subnet,) = group["vpcZoneIdentifiers"]
    assert "net-public-euw1-az2" in subnet
    waits = {urn.rsplit("::", 1)[1] for urn in recording.one("app-group").depends_on}
    assert {"db-settings", "db-host-name", "db-logs", "db-secret-value", "app-may-db"} <= waits


def test_only_who_uses_it_comes_in_and_on_its_port_alone(site: Site) -> None:
    spec = HostedSpec(engine="valkey", use="cache", on="app", size=4, port=6380)
    clients = {"k8s": "sg-k8s", "job": "sg-job"}
    args = HostedAccessArgs(spec, site, "sg-app", clients, {"eu-central-1": "10.1.0.0/16"})
    rules = record(lambda: HostedAccess("redis", args)).by_type(
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
    )
    assert {each.name for each in rules} == {"redis-from-eu-central-1", "redis-from-job", "redis-from-k8s"}
    for each in rules:
        assert (each.inputs["fromPort"], each.inputs["toPort"], each.inputs["ipProtocol"]) == (6380, 6380, "tcp")
        assert each.inputs["securityGroupId"] == "sg-app"


def test_the_load_is_one_run_that_the_apply_waits_for(site: Site) -> None:
    recording = record(lambda: HostedLoad("rds", HostedLoadArgs(site, hosted="db", server="app")))
    content = json.loads(unwrap(recording.one("rds-load").inputs["content"]))
    (step,) = content["mainSteps"]
    assert step["inputs"]["runCommand"] == ["/usr/bin/python3 /opt/phaseup/host load db rds"]
    once = recording.one("rds-load-once").inputs
    assert once["targets"] == [{"key": "tag:Name", "values": ["meal-prod-app"]}]
    assert "scheduleExpression" not in once
    assert once["waitForSuccessTimeoutSeconds"] == int(step["inputs"]["timeoutSeconds"]) == 6 * 3600


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        ({"engine": "postgres", "version": "12"}, "version: found 12; allowed: 17"),
        ({"engine": "valkey"}, "use: found nothing; allowed: cache or queue with valkey, nothing with postgres"),
        ({"engine": "postgres", "use": "queue"}, "use: found queue"),
        ({"engine": "valkey", "use": "cache", "dumps": "exports"}, "dumps: found exports"),
        ({"engine": "valkey", "use": "cache", "connections": 200}, "connections: found 200; allowed: nothing"),
        ({"engine": "postgres", "restore": "meal-2026"}, "restore"),
        ({"engine": "postgres", "snapshot_time": "3:00"}, "snapshot_time"),
    ],
)
def test_refused(spec: dict[str, object], found: str) -> None:
    with pytest.raises(ValidationError) as caught:
        HostedSpec(**{"on": "app", "size": 20, **spec})
    assert found in str(caught.value)


def test_an_engine_is_told_what_it_may_take(site: Site) -> None:
    def command(**spec: object) -> str:
        given = HostedSpec(**{"on": "app", "size": 20, **spec})
        return unit_of("db", given, site, record="db.internal", role="db", server="app").command[2]

    assert " -c max_connections=100 " in command(engine="postgres")
    assert " -c max_connections=200 " in command(engine="postgres", memory=4096, connections=200)
    # A gigabyte of data takes a container of a third more.
    assert " --maxmemory 1024mb " in command(engine="valkey", use="cache", memory=1366)


def test_every_engine_is_pinned_by_digest() -> None:
    for image in IMAGES.values():
        name, _, digest = image.partition("@sha256:")
        assert name
        assert len(digest) == 64
        assert int(digest, 16)
