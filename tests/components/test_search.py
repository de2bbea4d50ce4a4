"""search: an encrypted domain in the VPC from one node on, what growth changes, and what the spec refuses."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from pydantic import ValidationError
from recording import ACCOUNT, Recording, record

from components.search import Search, SearchArgs, SearchSpec
from components.site import Site
from phaseup.facts import facts_for
from phaseup.graph.values import Secret, has_secret, unwrap

SUBNETS = ["subnet-a", "subnet-b", "subnet-c"]
SMALL = {"instance": "t3.small.search"}
THREE = {"instance": "r7g.large.search", "nodes": 3, "zones": 3, "storage": 100}
NINE = {**THREE, "nodes": 9, "storage": 200, "masters": {"instance": "m7g.large.search"}, "standby": True, "warm": {}}


def build(site: Site, name: str = "search", **spec: object) -> Recording:
    args = SearchArgs(SearchSpec(**{**SMALL, **spec}), site, ACCOUNT, "arn:logs-key", "vpc-1", SUBNETS, {"app": "sg-1"})
    return record(lambda: Search(name, args))


def test_one_node_has_everything_that_never_changes(site: Site) -> None:
    domain = build(site).one("search-domain")
    inputs = unwrap(domain.inputs)
    assert inputs["domainName"] == "meal-prod-search"
    assert inputs["engineVersion"] == "OpenSearch_2.19"
    assert inputs["encryptAtRest"]["enabled"] is True
    assert inputs["encryptAtRest"]["kmsKeyId"].startswith("arn:aws:kms:::search-key-")
    assert inputs["nodeToNodeEncryption"] == {"enabled": True}
    assert inputs["domainEndpointOptions"] == {
        "enforceHttps": True,
        "tlsSecurityPolicy": "Policy-Min-TLS-1-2-PFS-2023-10",
    }
    security = inputs["advancedSecurityOptions"]
    assert (security["enabled"], security["internalUserDatabaseEnabled"]) == (True, True)
    assert security["masterUserOptions"]["masterUserName"] == "admin"
    assert inputs["clusterConfig"] == {
        "instanceType": "t3.small.search",
        "instanceCount": 1,
        "zoneAwarenessEnabled": False,
        "dedicatedMasterEnabled": False,
        "warmEnabled": False,
        "multiAzWithStandbyEnabled": False,
    }
    assert inputs["ebsOptions"] == {
        "ebsEnabled": True, "volumeType": "gp3", "volumeSize": 20, "iops": 3000, "throughput": 125,
    }  # fmt: skip
    assert inputs["vpcOptions"]["subnetIds"] == ["subnet-a"]
    assert inputs["autoTuneOptions"] == {"desiredState": "DISABLED", "rollbackOnDisable": "NO_ROLLBACK"}
    assert domain.protect


@pytest.mark.parametrize(("before", "after"), [(SMALL, THREE), (THREE, NINE), (SMALL, NINE)])
def test_growth_is_in_place(site: Site, before: dict[str, object], after: dict[str, object]) -> None:
    """From one node to three to nine: nothing that replaces a domain changes, and every change has a fact."""
    old, new = (unwrap(build(site, **spec).one("search-domain").inputs) for spec in (before, after))
    facts = facts_for("aws:opensearch/domain:Domain")
    assert facts is not None
    changed = {
        f"{key}.{inner}"
        for key in ("clusterConfig", "ebsOptions", "vpcOptions", "autoTuneOptions")
        for inner in old[key].keys() | new[key].keys()
        if old[key].get(inner) != new[key].get(inner)
    }
    assert {"clusterConfig.instanceCount", "ebsOptions.volumeSize"} <= changed
    effects = {path: fact.effect for path in changed if (fact := facts.property(path)) is not None}
    assert effects == dict.fromkeys(changed, "update")
    assert {key for key in old if old[key] != new[key]} <= {
        "clusterConfig", "ebsOptions", "vpcOptions", "autoTuneOptions",
    }  # fmt: skip


def test_nine_nodes_stand_in_three_zones_with_masters_and_warm_nodes(site: Site) -> None:
    inputs = build(site, **NINE).one("search-domain").inputs
    assert inputs["clusterConfig"] == {
        "instanceType": "r7g.large.search",
        "instanceCount": 9,
        "zoneAwarenessEnabled": True,
        "zoneAwarenessConfig": {"availabilityZoneCount": 3},
        "dedicatedMasterEnabled": True,
        "dedicatedMasterType": "m7g.large.search",
        "dedicatedMasterCount": 3,
        "warmEnabled": True,
        "warmType": "ultrawarm1.medium.search",
        "warmCount": 2,
        "coldStorageOptions": {"enabled": False},
        "multiAzWithStandbyEnabled": True,
    }
    assert inputs["vpcOptions"]["subnetIds"] == SUBNETS
    assert inputs["autoTuneOptions"]["desiredState"] == "ENABLED"


def test_coordinators_are_nodes_of_their_own(site: Site) -> None:
    """The source's last phase: three masters, six data nodes, three coordinators."""
    given = {"nodes": 6, "coordinators": {"instance": "m7g.large.search"}}
    nodes = build(site, **{**NINE, "warm": None, **given}).one("search-domain").inputs["clusterConfig"]
    assert nodes["nodeOptions"] == [
        {"nodeType": "coordinator", "nodeConfig": {"enabled": True, "type": "m7g.large.search", "count": 3}}
    ]
    assert (nodes["instanceCount"], nodes["dedicatedMasterCount"]) == (6, 3)


def test_the_password_is_secret_everywhere(site: Site) -> None:
    recording = build(site)
    assert has_secret(recording.one("search-domain").inputs["advancedSecurityOptions"]["masterUserOptions"])
    version = recording.one("search-secret-value").inputs["secretString"]
    assert isinstance(version, Secret)
    assert json.loads(version.value)["username"] == "admin"
    assert recording.one("search-secret").protect
    password = recording.one("search-password").inputs
    assert {key: password[key] for key in ("minLower", "minUpper", "minNumeric", "minSpecial")} == {
        "minLower": 1, "minUpper": 1, "minNumeric": 1, "minSpecial": 1,
    }  # fmt: skip


def test_only_clients_come_in(site: Site) -> None:
    rule = build(site).one("search-from-app").inputs
    assert (rule["referencedSecurityGroupId"], rule["fromPort"], rule["toPort"]) == ("sg-1", 443, 443)


def test_all_four_logs_are_written_and_expire(site: Site) -> None:
    recording = build(site, log_days=90)
    options = recording.one("search-domain").inputs["logPublishingOptions"]
    assert {each["logType"] for each in options} == {
        "INDEX_SLOW_LOGS", "SEARCH_SLOW_LOGS", "ES_APPLICATION_LOGS", "AUDIT_LOGS",
    }  # fmt: skip
    groups = recording.by_type("aws:cloudwatch/logGroup:LogGroup")
    assert {(each.inputs["retentionInDays"], each.inputs["kmsKeyId"]) for each in groups} == {(90, "arn:logs-key")}
    (statement,) = json.loads(recording.one("search-logs-policy").inputs["policyDocument"])["Statement"]
    assert statement["Principal"] == {"Service": "es.amazonaws.com"}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    assert len(statement["Resource"]) == 4
    assert all(each.endswith(":*") for each in statement["Resource"])
    waits = {urn.rsplit("::", 1)[1] for urn in recording.one("search-domain").depends_on}
    assert "search-logs-policy" in waits


def test_snapshots_have_a_place_that_outlives_the_domain(site: Site) -> None:
    recording = build(site)
    assert recording.one("search-snapshots").protect
    rights = json.loads(recording.one("search-snapshot-rights").inputs["policy"])["Statement"]
    assert {each["Sid"] for each in rights} == {"List", "Objects", "ObjectKeys"}
    (rule,) = recording.one("search-snapshots-lifecycle").inputs["rules"]
    assert "expiration" not in rule
    trust = json.loads(recording.one("search-snapshot-role").inputs["assumeRolePolicy"])["Statement"][0]
    assert trust["Principal"] == {"Service": "es.amazonaws.com"}


def test_armed_the_domain_may_go_and_its_snapshots_stay(site: Site) -> None:
    recording = build(replace(site, retiring=True))
    assert not any(each.protect for each in recording.resources)
    kept = {each.name for each in recording.resources if each.retain}
    assert kept == {
        "search-key", "search-snapshots", "search-snapshots-encryption", "search-snapshots-ownership",
        "search-snapshots-private", "search-snapshots-versions", "search-snapshots-policy",
        "search-snapshots-lifecycle",
    }  # fmt: skip
    assert not any(each.retain for each in build(site).resources)


def test_the_account_s_role_is_made_by_one_block_and_stays(site: Site) -> None:
    assert "search-account-role" not in build(site).names()
    recording = build(site, account_role=True)
    role = recording.one("search-account-role")
    assert role.inputs["awsServiceName"] == "opensearchservice.amazonaws.com"
    assert role.retain
    assert "search-account-role" in {urn.rsplit("::", 1)[1] for urn in recording.one("search-domain").depends_on}


def test_a_name_that_opensearch_refuses_is_refused_here(site: Site) -> None:
    with pytest.raises(Exception, match="28 characters"):
        build(site, name="s" * 19)
    build(site, name="s" * 18)


def following(site: Site, *, retiring: bool = False, **region: object) -> Recording:
    spec = SearchSpec(**{**NINE, "account_role": True, "regions": {"eu-central-1": region}})
    there = replace(site, region="eu-central-1", retiring=retiring)
    near, far = {"eu-central-1": "10.225.0.0/16"}, ["eu-central-1"]

    def build_both() -> None:
        args = SearchArgs(spec, site, ACCOUNT, "arn:key", "vpc-1", SUBNETS, {"app": "sg-1"}, near, copied_to=far)
        leader = Search("search", args).as_leader
        args = SearchArgs(spec, there, ACCOUNT, "arn:key", "vpc-2", ["x", "y", "z"], {}, near, leader=leader)
        Search("search-eu-central-1", args)

    return record(build_both)


def test_a_domain_elsewhere_asks_to_follow_and_home_accepts(site: Site) -> None:
    recording = following(site)
    connection = recording.one("search-eu-central-1-connection")
    assert connection.inputs == {
        "region": "eu-central-1",
        "connectionAlias": "leader",
        # Unsaid, the provider reads DIRECT and would replace the connection.
        "connectionMode": "DIRECT",
        "localDomainInfo": {"domainName": "meal-prod-search", "ownerId": ACCOUNT, "region": "eu-central-1"},
        "remoteDomainInfo": {"domainName": "meal-prod-search", "ownerId": ACCOUNT, "region": "eu-west-1"},
    }
    waits = {urn.rsplit("::", 1)[1] for urn in connection.depends_on}
    assert waits == {"search-domain", "search-eu-central-1-domain"}
    accepted = recording.one("search-eu-central-1-acceptance")
    assert accepted.inputs["region"] == "eu-west-1"
    assert accepted.inputs["connectionId"].startswith("search-eu-central-1-connection-")
    assert "search-connection" not in recording.names()


def test_the_leader_lets_followers_ask_and_a_lone_domain_nobody(site: Site) -> None:
    def actions(recording: Recording, name: str) -> list[tuple[str, str]]:
        policy = json.loads(recording.one(name).inputs["accessPolicies"])
        return [(each["Action"], each["Resource"]) for each in policy["Statement"]]

    home = f"arn:aws:es:eu-west-1:{ACCOUNT}:domain/meal-prod-search"
    there = f"arn:aws:es:eu-central-1:{ACCOUNT}:domain/meal-prod-search"
    both = following(site)
    assert actions(both, "search-domain") == [("es:ESHttp*", f"{home}/*"), ("es:ESCrossClusterGet", home)]
    assert actions(both, "search-eu-central-1-domain") == [("es:ESHttp*", f"{there}/*")]
    assert actions(build(site), "search-domain") == [("es:ESHttp*", f"{home}/*")]


def test_a_follower_is_as_home_but_for_what_its_region_says(site: Site) -> None:
    recording = following(site, nodes=3, storage=600)
    home, there = (recording.one(f"{name}-domain").inputs for name in ("search", "search-eu-central-1"))
    assert (home["clusterConfig"]["instanceCount"], home["ebsOptions"]["volumeSize"]) == (9, 200)
    assert (there["clusterConfig"]["instanceCount"], there["ebsOptions"]["volumeSize"]) == (3, 600)
    same = {"instanceType", "dedicatedMasterType", "dedicatedMasterCount", "zoneAwarenessConfig"}
    assert {key: home["clusterConfig"][key] for key in same} == {key: there["clusterConfig"][key] for key in same}
    assert there["engineVersion"] == home["engineVersion"]
    assert there["vpcOptions"]["subnetIds"] == ["x", "y", "z"]
    assert there["encryptAtRest"]["kmsKeyId"].startswith("arn:aws:kms:::search-eu-central-1-key-")


def test_one_login_opens_both_domains(site: Site) -> None:
    recording = following(site)
    users = [
        unwrap(recording.one(name).inputs)["advancedSecurityOptions"]["masterUserOptions"]
        for name in ("search-domain", "search-eu-central-1-domain")
    ]
    assert users[0] == users[1]
    assert recording.one("search-secret").inputs["replicas"] == [{"region": "eu-central-1"}]
    missing = {"search-eu-central-1-secret", "search-eu-central-1-password", "search-eu-central-1-account-role"}
    assert not missing & recording.names()


def test_a_retired_region_leaves_its_snapshots_and_home_alone(site: Site) -> None:
    recording = following(site, retiring=True)
    there = [each for each in recording.resources if each.name.startswith("search-eu-central-1")]
    assert not any(each.protect for each in there)
    assert "search-eu-central-1-snapshots" in {each.name for each in there if each.retain}
    assert recording.one("search-domain").protect


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"nodes": 4, "zones": 3}, "nodes: found 4; allowed: a multiple of zones"),
        ({"nodes": 11}, "at most 10 of a t3 class"),
        ({"warm": {}}, "warm: found UltraWarm nodes"),
        ({**THREE, "warm": {}}, "warm: found UltraWarm nodes"),
        ({**THREE, "cold": True}, "cold: found"),
        ({**THREE, "standby": True}, "standby: found"),
        ({**NINE, "zones": 1}, "standby: found"),
        ({**THREE, "coordinators": {"instance": "m7g.large.search"}}, "coordinators: found 3 coordinators; allowed: 3"),
        ({**NINE, "coordinators": {"instance": "m7g.large.search", "count": 2}}, "coordinators: found 2 coordinators"),
        ({**SMALL, "nodes": 3, "zones": 3, "masters": {"instance": "t3.medium.search"}, "standby": True}, "standby"),
        ({**NINE, "masters": {"instance": "m7g.large.search", "count": 4}}, "3 or 5"),
        ({"throughput": 1000}, "throughput: found 1000; allowed: at most a quarter"),
        ({"instance": "i4i.large.search"}, "match pattern"),
        ({"instance": "r6gd.large.search"}, "match pattern"),
        ({"instance": "r7g.large"}, "match pattern"),
        ({"version": 2.19}, "valid string"),
        ({"version": "7.10"}, "match pattern"),
        ({"storage": 9}, "greater than or equal to 10"),
        ({"window": "24:00"}, "match pattern"),
        ({"regions": {"eu-central-1": {}}}, "instance: found t3.small.search; allowed: no t3 class with regions"),
        (
            {**THREE, "regions": {"eu-central-1": {"instance": "t3.medium.search"}}},
            "regions.eu-central-1.instance: found t3.medium.search; allowed: no t3 class",
        ),
        ({**THREE, "regions": {"eu-central-1": {"nodes": 4}}}, "regions.eu-central-1.nodes: found 4; allowed: a mult"),
        (
            {
                **THREE,
                "regions": {f"eu-west-{n}": {} for n in range(1, 10)}
                | {f"us-east-{n}": {} for n in range(1, 10)}
                | {f"us-west-{n}": {} for n in range(1, 4)},
            },
            "regions: found 21 regions; allowed: at most 20",
        ),
    ],
)
def test_refused(wrong: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        SearchSpec(**{**SMALL, **wrong})
