"""Caches and search domains in every region of a stack, and where a role that they fill is from each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from building import build, stack
from recording import Recording
from test_check import refused

from phaseup.facts import facts_for
from phaseup.graph.values import leaves, unwrap
from stacks.models import Blueprint, load_blueprint

AWAY = "eu-central-1"
CACHE = {"kind": "cache", "use": "cache", "instance": "cache.m7g.large", "nodes": 2}
SHARDED = {**CACHE, "cluster": "enabled", "shards": 3}
FAR = {**SHARDED, "global_datastore": True, "regions": {AWAY: {}}}
SEARCH = {"kind": "search", "instance": "m7g.large.search", "nodes": 3, "zones": 3, "storage": 100}


def written(folder: Path, **blocks: Any) -> Blueprint:
    """meal with these blocks beside a network that reaches one more region."""
    net = {"kind": "network", "azs": 3, "regions": {AWAY: {}}}
    document = {"system": "meal", "title": "Meal", "phases": {"mvp": {"blocks": {"net": net, **blocks}}}}
    (folder / "meal.yaml").write_text(json.dumps(document))
    return load_blueprint("meal", folder)


def built(folder: Path, **blocks: Any) -> Recording:
    return build(stack(), written(folder, **blocks))


def where(recording: Recording, parameter: str) -> dict[str, Any]:
    return json.loads(unwrap(recording.one(parameter).inputs)["insecureValue"])


def targets(recording: Recording) -> dict[str, tuple[str, str, int | None]]:
    """Record → its name, what it points at, and its weight."""
    found = {}
    for each in recording.by_type("aws:route53/record:Record"):
        (target,) = each.inputs["records"]
        weights = each.inputs.get("weightedRoutingPolicies") or [{}]
        found[each.name] = (each.inputs["name"], target, weights[0].get("weight"))
    return found


def test_writers_come_home_and_readers_stay_near(tmp_path: Path) -> None:
    recording = built(tmp_path, cache=FAR)
    home, there = where(recording, "cache-parameter"), where(recording, f"cache-{AWAY}-parameter")
    names = targets(recording)
    host = names["cache-name"][1]
    assert "cache-group" in host
    assert names[f"cache-{AWAY}-name"] == ("cache.prod.meal.internal", host, None)
    assert names["cache-name"][0] == "cache.prod.meal.internal"
    assert names[f"cache-{AWAY}-read-name-here"][0] == "cache-read.prod.meal.internal"
    assert names[f"cache-{AWAY}-read-name-here"][2] == 1
    assert names[f"cache-{AWAY}-read-name-home"][1:] == (host, 0)
    near = names[f"cache-{AWAY}-read-name-here"][1]
    assert near != host
    assert there["env"] == {
        **home["env"],
        "READ_HOST": "cache-read.prod.meal.internal",
        "READ_TLS_NAME": near,
    }
    assert (home["env"]["CLUSTER"], home["env"]["CLUSTER_HOST"]) == ("true", home["env"]["TLS_NAME"])


def test_the_login_is_read_where_it_is_needed(tmp_path: Path) -> None:
    recording = built(tmp_path, cache=FAR, find={**SEARCH, "regions": {AWAY: {}}})
    for role in ("cache", "find"):
        assert recording.one(f"{role}-secret").inputs["replicas"] == [{"region": AWAY}]
        home, there = where(recording, f"{role}-parameter"), where(recording, f"{role}-{AWAY}-parameter")
        assert {key for _, key in home["secrets"].values()} == {"username", "password"}
        (here,), (near,) = ({arn for arn, _ in each["secrets"].values()} for each in (home, there))
        assert near.split(":")[3] in {AWAY, ""}
        assert near.split(":")[:3] == here.split(":")[:3]


def test_a_cache_alone_says_nothing_of_shards(tmp_path: Path) -> None:
    env = where(built(tmp_path, cache=CACHE), "cache-parameter")["env"]
    assert set(env) == {"HOST", "PORT", "TLS", "TLS_NAME"}


def test_in_compatible_mode_old_clients_stay_and_new_ones_find_the_shards(tmp_path: Path) -> None:
    env = where(built(tmp_path, cache={**CACHE, "cluster": "compatible"}), "cache-parameter")["env"]
    assert env["CLUSTER"] == "false"
    assert env["TLS_NAME"] != env["CLUSTER_HOST"]


def test_only_networks_of_the_stack_come_in_from_elsewhere(tmp_path: Path) -> None:
    recording = built(tmp_path, cache=FAR, find={**SEARCH, "regions": {AWAY: {}}})
    rules = recording.by_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    by_name = {each.name: each.inputs.get("cidrIpv4") for each in rules if each.inputs.get("cidrIpv4")}
    for role in ("cache", "find"):
        assert by_name[f"{role}-from-{AWAY}"] == by_name[f"{role}-{AWAY}-from-{AWAY}"] == "10.225.0.0/16"


def test_a_store_at_home_lets_other_regions_in_before_one_follows_there(tmp_path: Path) -> None:
    recording = built(tmp_path, cache=SHARDED)
    assert recording.one(f"cache-from-{AWAY}").inputs["cidrIpv4"] == "10.225.0.0/16"
    assert f"cache-{AWAY}-group" not in recording.names()


@pytest.mark.parametrize(
    ("blocks", "message"),
    [
        (
            {"a-cache-with-a-long-name": FAR},
            "a-cache-with-a-long-name.kind: found meal-prod-a-cache-with-a-long-name-eu-central-1, 47 characters; "
            "allowed: a block name within 40",
        ),
        (
            {"cache": {**FAR, "regions": {"eu-north-1": {}}}},
            "cache.regions.eu-north-1: found eu-north-1; allowed: one of the network's regions: eu-central-1",
        ),
        (
            {"cache": {**FAR, "instance": "cache.c7gn.large"}},
            "cache.instance: found cache.c7gn.large, which AWS does not offer in eu-central-1; allowed: cache.",
        ),
        (
            {"find": {**SEARCH, "regions": {AWAY: {"instance": "m9g.large.search"}}}},
            "find.regions.eu-central-1.instance: found m9g.large.search, which AWS does not offer in eu-central-1",
        ),
    ],
)
def test_what_does_not_fit_in_every_region(tmp_path: Path, blocks: dict[str, Any], message: str) -> None:
    assert message in refused(stack(), written(tmp_path, **blocks))


def test_every_property_of_what_follows_has_a_fact(tmp_path: Path) -> None:
    recording = built(tmp_path, cache=FAR, find={**SEARCH, "regions": {AWAY: {}}})
    unknown = set()
    for each in recording.resources:
        if not each.custom or not each.type.startswith(("aws:elasticache/", "aws:opensearch/")):
            continue
        facts = facts_for(each.type)
        for path, _ in leaves(unwrap(each.inputs)):
            fact = facts.property(path) if facts else None
            if fact is None or fact.effect == "unknown":
                unknown.add((each.type, path))
    assert {urn.type for urn in recording.resources} >= {
        "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup",
        "aws:opensearch/outboundConnection:OutboundConnection",
        "aws:opensearch/inboundConnectionAccepter:InboundConnectionAccepter",
    }
    # Not known for the whole: which versions a domain can go to is asked of AWS (GetCompatibleVersions).
    assert unknown <= {("aws:opensearch/domain:Domain", "engineVersion")}
