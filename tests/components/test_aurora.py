"""aurora: exact properties at home and elsewhere, what a follower may not say, what retiring lifts, and what the spec
refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError
from recording import ACCOUNT, Recording, record

from components.aurora import Aurora, AuroraArgs, AuroraFollowers, AuroraFollowersArgs, AuroraSpec
from components.emitter import Emitter
from components.postgres import PostgresSpec, Surroundings
from components.site import Site
from components.spec import Refused
from phaseup.facts import facts_for
from phaseup.graph.values import Secret, has_secret, leaves

AWAY = "eu-central-1"
SOURCE = "arn:aws:rds:eu-west-1:111111111111:db:meal-prod-db"
GLOBAL = {"global_database": True, "regions": {AWAY: {"instances": {"a": {}, "b": {"instance": "db.r7g.xlarge"}}}}}


def spec_of(**spec: Any) -> AuroraSpec:
    return AuroraSpec(**{"instance": "db.r7g.large", **spec})


def made(site: Site, spec: AuroraSpec, **args: Any) -> Aurora:
    reached = {key: args.pop(key) for key in ("clients", "networks") if key in args}
    subnets = ["subnet-a", "subnet-b", "subnet-c"]
    around = Surroundings(ACCOUNT, "arn:logs-key", "vpc-1", subnets, **reached)
    return Aurora("core", AuroraArgs(spec, site, around, **args))


def build(site: Site, spec: AuroraSpec | None = None, **args: Any) -> Recording:
    return record(lambda: made(site, spec or spec_of(), **args))


def elsewhere(site: Site, spec: AuroraSpec) -> tuple[Recording, list[Emitter]]:
    found: list[Emitter] = []

    def both() -> None:
        home = made(site, spec)
        there = replace(site, region=AWAY)
        given = AuroraFollowersArgs(
            spec, home, site.region, there, Surroundings(ACCOUNT, "arn:key", "vpc-2", ["subnet-x"])
        )
        found.append(AuroraFollowers(f"core-{AWAY}", given).emitter)

    return record(both), found


def test_a_cluster_is_born_as_it_must_stay(site: Site) -> None:
    recording = build(site)
    cluster = recording.one("core-cluster")
    inputs = cluster.inputs
    assert {
        key: inputs[key]
        for key in (
            "engine", "engineMode", "engineVersion", "clusterIdentifier", "storageEncrypted", "databaseName",
            "masterUsername", "port", "region", "finalSnapshotIdentifier", "skipFinalSnapshot", "deletionProtection",
        )
    } == {
        "engine": "aurora-postgresql", "engineMode": "provisioned", "engineVersion": "17",
        "clusterIdentifier": "meal-prod-core", "storageEncrypted": True, "databaseName": "app",
        "masterUsername": "dbadmin", "port": 5432, "region": "eu-west-1",
        "finalSnapshotIdentifier": "meal-prod-core-final", "skipFinalSnapshot": False, "deletionProtection": True,
    }  # fmt: skip
    # Three zones are Aurora's own choice: a shorter list would be a replacement in every plan.
    assert not inputs.keys() & {
        "availabilityZones",
        "storageType",
        "globalClusterIdentifier",
        "manageMasterUserPassword",
    }
    assert set(cluster.ignore_changes) == {
        "databaseName",
        "masterUsername",
        "snapshotIdentifier",
        "globalClusterIdentifier",
    }
    assert cluster.protect
    assert has_secret(inputs["masterPassword"])
    secret = recording.one("core-secret-value").inputs["secretString"]
    assert isinstance(secret, Secret)
    assert json.loads(secret.value)["username"] == "dbadmin"


def test_instances_by_name_without_a_zone(site: Site) -> None:
    spec = spec_of(instances={"a": {}, "b": {"instance": "db.r7g.xlarge", "tier": 3}})
    recording = build(site, spec)
    found = {name: recording.one(f"core-instance-{name}").inputs for name in ("a", "b")}
    assert {
        name: (each["identifier"], each["instanceClass"], each["promotionTier"]) for name, each in found.items()
    } == {
        "a": ("meal-prod-core-a", "db.r7g.large", 1),
        "b": ("meal-prod-core-b", "db.r7g.xlarge", 3),
    }
    assert not any("availabilityZone" in each for each in found.values())
    assert not any(recording.one(f"core-instance-{name}").protect for name in found)


def test_serverless_and_optimised_storage(site: Site) -> None:
    spec = spec_of(instance="db.serverless", capacity={"min": 0, "max": 16}, storage="aurora-iopt1", insights_days=465)
    inputs = build(site, spec).one("core-cluster").inputs
    assert inputs["serverlessv2ScalingConfiguration"] == {"minCapacity": 0.0, "maxCapacity": 16.0}
    assert inputs["storageType"] == "aurora-iopt1"
    assert (inputs["databaseInsightsMode"], inputs["performanceInsightsRetentionPeriod"]) == ("advanced", 465)


def test_before_it_follows_only_the_ground_is_there(site: Site) -> None:
    recording = build(site, spec_of(pooler={}), stands=False)
    types = {each.type for each in recording.resources if each.custom}
    assert not types & {
        "aws:rds/cluster:Cluster", "aws:rds/clusterInstance:ClusterInstance", "aws:rds/proxy:Proxy",
        "aws:cloudwatch/logGroup:LogGroup",
    }  # fmt: skip
    assert {"core-key", "core-sg", "core-subnets", "core-secret", "core-apg17"} <= {e.name for e in recording.resources}


def test_what_follows_says_nothing_of_its_source_s_and_is_not_guarded(site: Site) -> None:
    cluster = build(site, sources={"one": SOURCE}).one("core-cluster")
    assert cluster.inputs["replicationSourceIdentifier"] == SOURCE
    assert "replicationSourceIdentifier" not in cluster.ignore_changes  # clearing it is what promotes
    assert not cluster.inputs.keys() & {"databaseName", "masterUsername", "masterPassword"}
    assert (cluster.inputs["skipFinalSnapshot"], cluster.inputs["deletionProtection"]) == (True, False)
    assert not cluster.protect


def test_one_shard_may_be_promoted_while_another_follows(site: Site) -> None:
    recording = build(site, spec_of(shards={"one": {}, "two": {}}), sources={"two": f"{SOURCE}-two"})
    assert "replicationSourceIdentifier" not in recording.one("core-cluster").inputs
    assert recording.one("core-two-cluster").inputs["replicationSourceIdentifier"] == f"{SOURCE}-two"


def test_the_pooler_stands_before_the_cluster(site: Site) -> None:
    recording = build(site, spec_of(pooler={}, through="pooler"))
    target = recording.one("core-proxy-target").inputs
    assert "dbInstanceIdentifier" not in target
    assert target["dbClusterIdentifier"] == "meal-prod-core"


def test_a_global_database_is_made_from_the_cluster_and_followed_elsewhere(site: Site) -> None:
    recording, (emitter,) = elsewhere(site, spec_of(**GLOBAL))
    bound = recording.one("core-global")
    assert bound.inputs["globalClusterIdentifier"] == "meal-prod-core"
    assert set(bound.ignore_changes) == {"sourceDbClusterIdentifier", "databaseName"}
    assert not bound.inputs.keys() & {"engine", "engineVersion", "databaseName", "storageEncrypted"}
    assert bound.protect
    there = recording.one(f"core-{AWAY}-cluster")
    assert (there.inputs["region"], there.inputs["clusterIdentifier"]) == (AWAY, f"meal-prod-core-{AWAY}")
    assert there.inputs["engineVersion"] == "17.6"
    assert there.inputs["enableGlobalWriteForwarding"] is False
    assert not there.inputs.keys() & {"databaseName", "masterUsername", "masterPassword", "replicationSourceIdentifier"}
    assert {"globalClusterIdentifier", "replicationSourceIdentifier", "engineVersion"} <= set(there.ignore_changes)
    assert there.protect
    assert recording.one(f"core-{AWAY}-instance-b").inputs["instanceClass"] == "db.r7g.xlarge"
    assert list(emitter.parts["behind"]) == ["cluster"]
    assert emitter.parts["behind"]["cluster"]["SourceRegion"] == "eu-west-1"


def test_retiring_lifts_protection_and_keeps_the_final_snapshot(site: Site) -> None:
    recording = build(replace(site, retiring=True), spec_of(global_database=True))
    cluster = recording.one("core-cluster")
    assert (cluster.protect, cluster.inputs["deletionProtection"]) == (False, False)
    assert (cluster.inputs["skipFinalSnapshot"], cluster.inputs["deleteAutomatedBackups"]) == (False, False)
    assert recording.one("core-global").inputs["deletionProtection"] is False


def test_every_property_has_a_fact(site: Site) -> None:
    whole = spec_of(
        **GLOBAL,
        pooler={},
        storage="aurora-iopt1",
        capacity={"max": 8},
        instances={"a": {}, "s": {"instance": "db.serverless"}},
    )
    recording, _ = elsewhere(site, whole)
    following = build(site, sources={"one": SOURCE})
    without = set()
    for each in [*recording.resources, *following.resources]:
        if not each.custom or not each.type.startswith("aws:rds/"):
            continue
        facts = facts_for(each.type)
        for path, _ in leaves(each.inputs):
            fact = facts.property(path) if facts is not None else None
            if fact is None or fact.effect == "unknown":
                without.add((each.type, path))
    assert without == set()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"instance": "db.serverless"}, "capacity: found null; allowed: min and max"),
        ({"capacity": {"max": 8}}, "capacity: found 8.0; allowed: null"),
        ({"instance": "db.serverless", "capacity": {"min": 9, "max": 8}}, "capacity.min: found 9.0; allowed: at most"),
        ({"through": "pooler"}, "through: found pooler; allowed: cluster, or a pooler"),
        ({"regions": {AWAY: {}}}, f"regions: found {AWAY}; allowed: none without global_database"),
        ({"global_database": True, "instance": "db.t4g.medium"}, "instance: found db.t4g.medium; allowed: a memory"),
        (
            {"global_database": True, "regions": {AWAY: {"instances": {"a": {"instance": "db.t4g.large"}}}}},
            f"regions.{AWAY}.instances.a.instance: found db.t4g.large; allowed: a memory-optimised class",
        ),
        ({**GLOBAL, "region": "eu-west-2"}, f"regions: found {AWAY}; allowed: none, as its data stays in eu-west-2"),
        ({"shards": {"two": {}}}, "shards: found two; allowed: one among them"),
        ({"shards": {"one": {"instance": "db.r7g.large"}}}, "shards.one.instance: found db.r7g.large; allowed: no"),
        ({"shards": {"one": {}, "a": {}}}, "instances.a: found a; allowed: a name that does not begin as the shard a"),
        ({"holds": {"lidl": "two"}}, "holds.lidl: found two; allowed: one"),
        ({"pooler": {"idle_percent": 95}}, r"pooler.idle_percent: found 95; allowed: at most max_percent \(90\)"),
        ({"backup_window": "03:10-03:40"}, "backup_window: found 03:10-03:40"),
        ({"parameters": {"rds.force_ssl": "0"}}, "parameters.rds.force_ssl: found 0; allowed: 1"),
        ({"instances": {f"i{number}": {} for number in range(17)}}, "instances: found 17; allowed: at most 16"),
    ],
)  # fmt: skip
def test_the_spec_refuses(given: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        spec_of(**given)


@pytest.mark.parametrize(
    ("given", "kind", "before", "told"),
    [
        ({}, "cache", None, "takes_over: found a cache; allowed: a postgres, which a cluster can follow"),
        ({"version": "16"}, "postgres", {}, "version: found 16; allowed: 17"),
        ({"database": "shop"}, "postgres", {}, "database: found shop; allowed: app"),
        ({"region": "eu-west-2"}, "postgres", {}, "region: found eu-west-2; allowed: None"),
        ({}, "postgres", {"shards": {"one": {}, "two": {}}}, "shards: found none; allowed: one, two"),
        (
            {"shards": {"one": {}, "two": {}}}, "postgres",
            {"shards": {"one": {}, "two": {}}, "holds": {"lidl": "two"}}, "holds: found 0 keys; allowed: the same map",
        ),
    ],
)  # fmt: skip
def test_it_takes_over_what_it_can_follow(
    given: dict[str, Any], kind: str, before: dict[str, Any] | None, told: str
) -> None:
    old = None if before is None else PostgresSpec(**{"instance": "db.m7g.large", "storage": 50, **before})
    with pytest.raises(Refused, match=told):
        spec_of(**given).check_takes_over(kind, old)


def test_what_a_lower_phase_keeps() -> None:
    high = spec_of(**GLOBAL, shards={"one": {}, "two": {"instance": "db.r7g.xlarge"}})
    kept = high.keeps(spec_of(instance="db.t4g.medium"))
    assert kept is not None
    assert kept.fields == {
        "shards": {"one": {}, "two": {"instance": "db.r7g.xlarge"}},
        "global_database": True,
        "instance": "db.r7g.large",
    }
    assert high.keeps(high) is None
    same = spec_of(global_database=True).keeps(spec_of())
    assert same is not None
    assert same.fields == {"global_database": True}
