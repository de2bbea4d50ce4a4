"""cache: a replication group from one node on, what a rung changes, and what the spec refuses."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from pydantic import ValidationError
from recording import ACCOUNT, Recording, record

from components.cache import Cache, CacheArgs, CacheSpec
from components.site import Site
from phaseup.graph.values import Secret, has_secret

CREATE_ONLY = (
    "replicationGroupId", "atRestEncryptionEnabled", "kmsKeyId", "subnetGroupName", "port", "engine",
    "transitEncryptionEnabled",
)  # fmt: skip


def build(site: Site, name: str = "cache", **spec: object) -> Recording:
    return record(
        lambda: Cache(
            name,
            CacheArgs(
                spec=CacheSpec(**{"use": "cache", "instance": "cache.t4g.small", **spec}),
                site=site,
                account_id=ACCOUNT,
                logs_key_arn="arn:logs-key",
                vpc_id="vpc-1",
                subnet_ids=["subnet-a", "subnet-b", "subnet-c"],
                clients={"app": "sg-app"},
            ),
        )
    )


def test_one_node_is_a_replication_group(site: Site) -> None:
    group = build(site).one("cache-group")
    assert group.type == "aws:elasticache/replicationGroup:ReplicationGroup"
    wanted = {
        "region": "eu-west-1",
        "replicationGroupId": "meal-prod-cache",
        "engine": "valkey",
        "engineVersion": "8.1",
        "nodeType": "cache.t4g.small",
        "numCacheClusters": 1,
        "clusterMode": "disabled",
        "automaticFailoverEnabled": False,
        "multiAzEnabled": False,
        "port": 6379,
        "atRestEncryptionEnabled": True,
        "transitEncryptionEnabled": True,
        "transitEncryptionMode": "required",
        "userGroupIds": ["meal-prod-cache"],
        "snapshotRetentionLimit": 1,
        "finalSnapshotIdentifier": "meal-prod-cache-final",
        "applyImmediately": True,
    }
    assert {key: group.inputs[key] for key in wanted} == wanted
    assert not {"numNodeGroups", "replicasPerNodeGroup", "nodeGroupConfigurations", "authToken"} & group.inputs.keys()
    assert group.ignore_changes == ("snapshotName", "snapshotArns")
    assert group.protect


def test_the_rung_replicated_adds_nodes_and_failover_and_nothing_else(site: Site) -> None:
    one, three = build(site).one("cache-group").inputs, build(site, nodes=3).one("cache-group").inputs
    changed = {key: three[key] for key in one.keys() | three.keys() if one.get(key) != three.get(key)}
    assert changed == {"numCacheClusters": 3, "automaticFailoverEnabled": True, "multiAzEnabled": True}


def test_no_rung_touches_what_is_chosen_once(site: Site) -> None:
    before = build(site, nodes=3).one("cache-group").inputs
    after = build(site, nodes=3, cluster="enabled", shards=3, instance="cache.r7g.large").one("cache-group").inputs
    assert {key: before[key] for key in CREATE_ONLY} == {key: after[key] for key in CREATE_ONLY}
    assert (after["numNodeGroups"], after["replicasPerNodeGroup"]) == (3, 2)
    assert "numCacheClusters" not in after


@pytest.mark.parametrize(("use", "policy"), [("cache", "allkeys-lru"), ("queue", "noeviction")])
def test_use_decides_what_is_evicted(site: Site, use: str, policy: str) -> None:
    group = build(site, use=use).one("cache-valkey8").inputs
    assert group["parameters"] == [{"name": "maxmemory-policy", "value": policy}]
    assert group["family"] == "valkey8"


def test_cluster_mode_has_a_parameter_group_of_its_own(site: Site) -> None:
    recording = build(site, nodes=2, cluster="compatible")
    assert {"name": "cluster-enabled", "value": "yes"} in recording.one("cache-valkey8-cluster").inputs["parameters"]
    assert "cache-valkey8" not in recording.names()


def test_password_is_secret_everywhere_and_never_in_the_group(site: Site) -> None:
    recording = build(site)
    user = recording.one("cache-user").inputs
    assert (user["userName"], user["userId"], user["engine"]) == ("app", "meal-prod-cache", "valkey")
    assert user["authenticationMode"]["type"] == "password"
    version = recording.one("cache-secret-value").inputs
    assert isinstance(version["secretString"], Secret)
    assert json.loads(version["secretString"].value)["username"] == "app"
    assert has_secret(user["authenticationMode"]["passwords"])
    assert not has_secret(recording.one("cache-group").inputs)
    assert recording.one("cache-secret").protect
    assert recording.one("cache-secret").inputs["kmsKeyId"].startswith("arn:aws:kms:::cache-key-")
    assert recording.one("cache-password").inputs == {"length": 64, "special": False}


def test_who_names_no_user_may_do_nothing(site: Site) -> None:
    recording = build(site)
    default, app = recording.one("cache-default-user").inputs, recording.one("cache-user").inputs
    assert (default["userName"], default["userId"], default["engine"]) == (
        "default",
        "meal-prod-cache-default",
        "valkey",
    )
    assert default["accessString"] == "off ~keys* -@all +get"
    assert default["authenticationMode"]["type"] == "password"
    assert has_secret(default["authenticationMode"]["passwords"])
    assert default["authenticationMode"]["passwords"] != app["authenticationMode"]["passwords"]
    assert recording.one("cache-users").inputs["userIds"] == ["meal-prod-cache", "meal-prod-cache-default"]
    assert "default" not in json.loads(recording.one("cache-secret-value").inputs["secretString"].value).values()


def test_logs_go_where_they_expire(site: Site) -> None:
    recording = build(site, log_days=14)
    deliveries = recording.one("cache-group").inputs["logDeliveryConfigurations"]
    assert {(each["logType"], each["destination"], each["logFormat"]) for each in deliveries} == {
        (kind, f"/aws/elasticache/meal-prod-cache/{kind}", "json") for kind in ("engine-log", "slow-log")
    }
    groups = recording.by_type("aws:cloudwatch/logGroup:LogGroup")
    assert {(each.inputs["retentionInDays"], each.inputs["kmsKeyId"]) for each in groups} == {(14, "arn:logs-key")}


def test_retiring_lifts_protection_and_keeps_the_final_copy(site: Site) -> None:
    recording = build(replace(site, retiring=True))
    assert not any(each.protect for each in recording.resources)
    assert recording.one("cache-group").inputs["finalSnapshotIdentifier"] == "meal-prod-cache-final"


def test_outputs_are_registered_once_and_children_are_its_own(site: Site) -> None:
    recording = build(site)
    (component,) = [each for each in recording.resources if each.type == "phaseup:index:Cache"]
    assert len(recording.outputs[component.urn]) == 1
    assert {each.parent for each in recording.resources if each.custom} == {component.urn}


def test_an_id_that_elasticache_refuses_is_refused_here(site: Site) -> None:
    with pytest.raises(Exception, match="40 characters"):
        build(site, name="c" * 31)
    build(site, name="c" * 30)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"use": "queue", "cluster": "compatible", "nodes": 2}, "cluster: found compatible"),
        ({"shards": 2}, "shards: found 2"),
        ({"cluster": "enabled"}, "nodes: found 1"),
        (
            {"snapshot_window": "03:30-04:30"},
            "snapshot_window: found 03:30-04:30; allowed: a window that does not overlap",
        ),
        ({"snapshot_window": "01:30-02:00"}, "snapshot_window: found 01:30-02:00; allowed: 60 minutes or more"),
        ({"nodes": 7}, "less than or equal to 6"),
        ({"parameters": {"maxmemory-policy": "noeviction"}}, "use decides it"),
        ({"parameters": {"cluster-enabled": "yes"}}, "cluster decides it"),
        ({"version": 8.1}, "valid string"),
        ({"version": "7.2"}, "match pattern"),
        ({"instance": "db.t4g.small"}, "match pattern"),
        ({"use": "store"}, "'cache' or 'queue'"),
    ],
)
def test_refused(wrong: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        CacheSpec(**{"use": "cache", "instance": "cache.t4g.small", **wrong})
