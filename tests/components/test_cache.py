"""cache: a replication group from one node on, what a rung changes, and what the spec refuses."""

from __future__ import annotations

import json
from dataclasses import replace

import pulumi
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

GLOBAL = {"instance": "cache.r7g.large", "nodes": 2, "cluster": "enabled", "shards": 3, "global_datastore": True}


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


def test_a_cache_has_parameters_for_cluster_mode_from_its_first_day(site: Site) -> None:
    """A group that is attached cannot change the mode it says: the rung names another one, which is there already."""
    small, compatible = build(site), build(site, nodes=2, cluster="compatible")
    for recording in (small, compatible):
        clustered = recording.one("cache-valkey8-cluster").inputs
        assert (clustered["family"], clustered["region"]) == ("valkey8", "eu-west-1")
        assert clustered["parameters"] == [
            {"name": "cluster-enabled", "value": "yes"},
            {"name": "maxmemory-policy", "value": "allkeys-lru"},
        ]
        assert recording.one("cache-valkey8").inputs["parameters"] == [
            {"name": "maxmemory-policy", "value": "allkeys-lru"}
        ]
    assert small.names() == compatible.names()
    attached = [each.one("cache-group").inputs["parameterGroupName"] for each in (small, compatible)]
    assert [name.startswith("cache-valkey8-cluster") for name in attached] == [False, True]


def test_a_queue_never_shards_and_has_no_parameters_for_it(site: Site) -> None:
    assert "cache-valkey8-cluster" not in build(site, use="queue").names()


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        ({"nodes": 3}, {"nodes": 3, "cluster": "compatible"}, {"clusterMode", "parameterGroupName"}),
        (
            {"nodes": 3, "cluster": "compatible"},
            {"nodes": 3, "cluster": "enabled"},
            {"clusterMode", "numCacheClusters", "numNodeGroups", "replicasPerNodeGroup"},
        ),
        ({"nodes": 3, "cluster": "enabled"}, {"nodes": 3, "cluster": "enabled", "shards": 3}, {"numNodeGroups"}),
        (
            {"nodes": 3, "cluster": "enabled", "shards": 3},
            {"nodes": 2, "cluster": "enabled", "shards": 3},
            {"replicasPerNodeGroup"},
        ),
    ],
)
def test_what_a_rung_changes_of_the_group(
    site: Site, before: dict[str, object], after: dict[str, object], changed: set[str]
) -> None:
    old, new = (build(site, **spec).one("cache-group").inputs for spec in (before, after))
    assert {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)} == changed


def test_the_primary_of_a_datastore_leaves_to_it_what_members_share(site: Site) -> None:
    recording = build(site, **GLOBAL)
    datastore = recording.one("cache-datastore")
    assert datastore.type == "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup"
    assert {key: value for key, value in datastore.inputs.items() if key != "primaryReplicationGroupId"} == {
        "region": "eu-west-1",
        "globalReplicationGroupIdSuffix": "meal-prod-cache",
        "globalReplicationGroupDescription": "meal-prod cache: cache, over regions",
        "cacheNodeType": "cache.r7g.large",
        "numNodeGroups": 3,
        "automaticFailoverEnabled": True,
    }
    assert datastore.protect
    # Promoting another region must not replace the datastore.
    assert datastore.ignore_changes == ("primaryReplicationGroupId",)
    # Replicas are each member's own, the rest is the datastore's.
    assert set(recording.one("cache-group").ignore_changes) == {
        "snapshotName", "snapshotArns", "nodeType", "numNodeGroups", "engine", "engineVersion", "parameterGroupName",
        "automaticFailoverEnabled",
    }  # fmt: skip


def test_a_datastore_without_cluster_mode_says_no_shards(site: Site) -> None:
    datastore = build(site, instance="cache.m7g.large", nodes=2, global_datastore=True).one("cache-datastore")
    assert "numNodeGroups" not in datastore.inputs


def following(site: Site, *, retiring: bool = False, **region: object) -> Recording:
    spec = CacheSpec(**{"use": "cache", **GLOBAL, "regions": {"eu-central-1": region}})
    there = replace(site, region="eu-central-1", retiring=retiring)
    near, far = {"eu-central-1": "10.225.0.0/16"}, ["eu-central-1"]

    def build_both() -> None:
        clients = {"app": "sg-app"}
        args = CacheArgs(spec, site, ACCOUNT, "arn:key", "vpc-1", ["subnet-1"], clients, near, copied_to=far)
        leader = Cache("cache", args).leader
        Cache("cache-eu-central-1", CacheArgs(spec, there, ACCOUNT, "arn:key", "vpc-2", ["x"], {}, near, leader=leader))

    return record(build_both)


def test_a_group_elsewhere_follows_and_states_nothing_that_the_datastore_says(site: Site) -> None:
    recording = following(site)
    group = recording.one("cache-eu-central-1-group")
    assert group.inputs["region"] == "eu-central-1"
    assert group.inputs["globalReplicationGroupId"]
    assert (group.inputs["replicasPerNodeGroup"], group.inputs["multiAzEnabled"]) == (1, True)
    assert group.inputs["kmsKeyId"].startswith("arn:aws:kms:::cache-eu-central-1-key-")
    assert group.inputs["finalSnapshotIdentifier"] == "meal-prod-cache-eu-central-1-final"
    assert group.protect
    conflicting = {
        "numNodeGroups", "numCacheClusters", "parameterGroupName", "engine", "engineVersion", "nodeType",
        "transitEncryptionEnabled", "transitEncryptionMode", "atRestEncryptionEnabled", "snapshotArns", "snapshotName",
        "clusterMode", "port",
    }  # fmt: skip
    assert not conflicting & group.inputs.keys()
    assert not {"cache-eu-central-1-valkey8", "cache-eu-central-1-datastore"} & recording.names()
    keys = {each.inputs["region"] for each in recording.by_type("aws:kms/key:Key")}
    assert keys == {"eu-west-1", "eu-central-1"}


def test_a_region_may_have_nodes_of_its_own(site: Site) -> None:
    recording = following(site, nodes=3)
    assert recording.one("cache-eu-central-1-group").inputs["replicasPerNodeGroup"] == 2
    assert recording.one("cache-group").inputs["replicasPerNodeGroup"] == 1


def test_one_login_opens_both_and_is_kept_in_both_regions(site: Site) -> None:
    recording = following(site)
    assert recording.one("cache-secret").inputs["replicas"] == [{"region": "eu-central-1"}]
    assert not {"cache-eu-central-1-secret", "cache-eu-central-1-password"} & recording.names()
    for role in ("user", "default-user"):
        here, there = recording.one(f"cache-{role}").inputs, recording.one(f"cache-eu-central-1-{role}").inputs
        assert here["authenticationMode"] == there["authenticationMode"]
        assert (there["region"], here["region"]) == ("eu-central-1", "eu-west-1")
        assert there["userId"] != here["userId"]
    assert "replicas" not in build(site).one("cache-secret").inputs


def test_clients_of_another_region_come_by_address(site: Site) -> None:
    rules = following(site).by_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    sources = {each.name: (each.inputs.get("referencedSecurityGroupId"), each.inputs.get("cidrIpv4")) for each in rules}
    assert sources == {
        "cache-from-app": ("sg-app", None),
        "cache-from-eu-central-1": (None, "10.225.0.0/16"),
        "cache-eu-central-1-from-eu-central-1": (None, "10.225.0.0/16"),
    }
    assert {(each.inputs["fromPort"], each.inputs["toPort"]) for each in rules} == {(6379, 6379)}


def test_a_retired_region_is_unprotected_there_alone(site: Site) -> None:
    recording = following(site, retiring=True)
    assert not any(each.protect for each in recording.resources if each.name.startswith("cache-eu-central-1"))
    assert recording.one("cache-group").protect
    assert recording.one("cache-datastore").protect


def emitted(site: Site, **spec: object) -> dict[str, object]:
    found: dict[str, object] = {}

    def build_and_ask() -> None:
        given = CacheSpec(**{"use": "cache", "instance": "cache.m7g.large", **spec})
        made = Cache("cache", CacheArgs(given, site, ACCOUNT, "arn:key", "vpc-1", ["subnet-1"]))
        for name, dimensions in made.emitter.members.items():
            node = dimensions["CacheClusterId"]
            assert isinstance(node, pulumi.Output)
            node.apply(lambda value, name=name: found.__setitem__(name, value))

    record(build_and_ask)
    return found


def test_alarms_watch_every_node_of_every_shard(site: Site) -> None:
    assert list(emitted(site)) == ["001"]
    assert list(emitted(site, nodes=3)) == ["001", "002", "003"]
    six = emitted(site, nodes=2, cluster="enabled", shards=3)
    assert list(six) == [f"{number:03d}" for number in range(1, 7)]
    assert len(set(six.values())) == 6


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
        ({"use": "queue", "cluster": "enabled", "nodes": 2}, "cluster: found enabled; allowed: disabled for a queue"),
        ({**GLOBAL, "global_datastore": False, "regions": {"eu-central-1": {}}}, "none without global_datastore"),
        ({**GLOBAL, "instance": "cache.t4g.medium"}, "instance: found cache.t4g.medium; allowed: a class of m5"),
        ({**GLOBAL, "instance": "cache.m7g.medium"}, "instance: found cache.m7g.medium"),
        ({**GLOBAL, "instance": "cache.r8g.large"}, "instance: found cache.r8g.large"),
        ({**GLOBAL, "cluster": "compatible", "shards": 1}, "cluster: found compatible; allowed: disabled or enabled"),
        ({**GLOBAL, "cluster": "disabled", "shards": 1, "nodes": 1}, "nodes: found 1; allowed: 2 to 6 with global"),
        (
            {**GLOBAL, "regions": {"eu-central-1": {}, "eu-west-2": {}, "eu-west-3": {}}},
            "regions: found eu-central-1, eu-west-2, eu-west-3; allowed: at most 2",
        ),
        ({**GLOBAL, "regions": {"frankfurt": {}}}, "should match pattern"),
        ({**GLOBAL, "regions": {"eu-central-1": {"nodes": 1}}}, "greater than or equal to 2"),
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


@pytest.mark.parametrize("lower", [{"nodes": 3}, {"instance": "cache.m7g.large", "nodes": 2}, {}])
def test_a_datastore_stays_on_the_way_down_in_a_class_that_may_be_a_member(lower: dict[str, object]) -> None:
    high, low = CacheSpec(use="cache", **GLOBAL), CacheSpec(**{"use": "cache", "instance": "cache.t4g.small", **lower})
    kept = high.keeps(low)
    assert kept is not None
    assert kept.fields == {"global_datastore": True, "instance": "cache.r7g.large", "nodes": 2}
    assert CacheSpec.model_validate({**low.model_dump(), **kept.fields}).global_datastore
    assert high.keeps(high) is None
    assert low.keeps(high) is None
