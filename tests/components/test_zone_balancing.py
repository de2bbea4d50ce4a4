"""A zone's load balancing: probes, pools by origin, weights of a move, and the record beneath."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import ValidationError
from recording import Recording
from test_zone import build

from components.site import Site
from components.zone import Host, Origin, ZoneSpec
from components.zone.load_balancing import LoadBalancingSpec

HOME, AWAY = "eu-west-1", "eu-central-1"
BALANCER = "cloudflare:index/loadBalancer:LoadBalancer"
POOL = "cloudflare:index/loadBalancerPool:LoadBalancerPool"
MONITOR = "cloudflare:index/loadBalancerMonitor:LoadBalancerMonitor"


def hosts(here: int, there: int, *, weighed: bool = False) -> dict[str, Host]:
    origins = [Origin("lb", HOME, "lb.west", here), Origin("lb-eu-central-1", AWAY, "lb.central", there)]
    return {label: Host(origins, health="/health", weighed=weighed) for label in ("app", "api")}


def balanced(site: Site, found: dict[str, Host], **balancing: object) -> Recording:
    return build(site, found, plan="business", load_balancing=balancing)


def pool_ids(recording: Recording) -> dict[str, str]:
    return {each.name: f"{each.name}-id" for each in recording.by_type(POOL)}


def test_without_it_there_is_a_record_alone(site: Site) -> None:
    recording = build(site, hosts(100, 0))
    assert not recording.by_type(BALANCER)
    assert not recording.by_type(POOL)
    assert recording.one("edge-host-api").inputs["content"] == "lb.west"


def test_a_load_balancer_stands_over_the_record_of_each_name(site: Site) -> None:
    recording = balanced(site, hosts(50, 50))
    assert {each.inputs["name"] for each in recording.by_type(BALANCER)} == {"app.example.com", "api.example.com"}
    balancer = recording.one("edge-balance-api")
    assert (balancer.inputs["proxied"], balancer.inputs["enabled"]) == (True, True)
    # The record stays beneath, and points where everything goes if no pool is well.
    assert recording.one("edge-host-api").inputs["content"] == "lb.west"
    home = recording.one("edge-balance-api-on-lb")
    assert balancer.inputs["fallbackPool"] == balancer.inputs["defaultPools"][0]
    assert balancer.inputs["fallbackPool"].startswith(home.name)
    # Losing it loses nothing: the record answers again. So it may leave without being armed.
    assert not balancer.protect


def test_a_pool_for_each_origin_named_for_the_account(site: Site) -> None:
    recording = balanced(site, hosts(50, 50))
    pools = {each.name: each.inputs for each in recording.by_type(POOL)}
    assert set(pools) == {
        f"edge-balance-{label}-on-{origin}" for label in ("app", "api") for origin in ("lb", "lb-eu-central-1")
    }
    away = pools["edge-balance-api-on-lb-eu-central-1"]
    assert away["accountId"] == "cf-account"
    assert away["name"] == f"{site.prefix}-api-on-lb-eu-central-1"
    assert away["origins"] == [{"name": "lb-eu-central-1", "address": "lb.central", "enabled": True, "weight": 1}]
    assert away["checkRegions"] == ["WEU"]
    assert away["monitor"].startswith("edge-balance-api-monitor")


def test_probes_ask_as_a_client_would(site: Site) -> None:
    recording = balanced(site, hosts(50, 50), interval=15, timeout=3, retries=1)
    probe = recording.one("edge-balance-api-monitor").inputs
    assert (probe["type"], probe["method"], probe["path"], probe["port"]) == ("https", "GET", "/health", 443)
    assert (probe["expectedCodes"], probe["header"]) == ("200", {"Host": ["api.example.com"]})
    # As the zone's own requests: with its client certificate.
    assert (probe["probeZone"], probe["allowInsecure"]) == ("example.com", False)
    assert (probe["interval"], probe["timeout"], probe["retries"]) == (15, 3, 1)


@pytest.mark.parametrize(("here", "there"), [(100, 0), (95, 5), (75, 25), (50, 50)])
def test_while_a_move_weighs_weights_count_whatever_the_steering(site: Site, here: int, there: int) -> None:
    recording = balanced(site, hosts(here, there, weighed=True), steering="dynamic_latency")
    balancer = recording.one("edge-balance-api").inputs
    assert balancer["steeringPolicy"] == "random"
    # A pool at 0 is there and probed, and a failed request does not go over to it.
    assert len(balancer["defaultPools"]) == 2
    assert sorted(balancer["randomSteering"]["poolWeights"].values()) == sorted([here / 100, there / 100])
    assert balancer["randomSteering"]["defaultWeight"] == 0
    assert balancer["adaptiveRouting"] == {"failoverAcrossPools": False}


def test_weights_belong_to_their_pools(site: Site) -> None:
    recording = balanced(site, hosts(90, 10, weighed=True))
    weights = recording.one("edge-balance-api").inputs["randomSteering"]["poolWeights"]
    by_pool = {
        name: weight
        for name in pool_ids(recording)
        for pool, weight in weights.items()
        if pool.rsplit("-", 1)[0].removesuffix("-id") == name or pool == f"{name}-id"
    }
    assert by_pool == {"edge-balance-api-on-lb": 0.9, "edge-balance-api-on-lb-eu-central-1": 0.1}


def test_only_weights_change_from_step_to_step(site: Site) -> None:
    before, after = (balanced(site, hosts(*each, weighed=True)) for each in ((100, 0), (95, 5)))
    changed = {
        (each.type, key)
        for each in before.resources
        for key in each.inputs
        if each.inputs[key] != after.one(each.name).inputs[key]
    }
    assert before.names() == after.names()
    assert changed == {(BALANCER, "randomSteering")}


def test_settled_it_steers_as_asked(site: Site) -> None:
    quickest = balanced(site, hosts(50, 50), steering="dynamic_latency").one("edge-balance-api").inputs
    assert quickest["steeringPolicy"] == "dynamic_latency"
    assert quickest["adaptiveRouting"] == {"failoverAcrossPools": True}
    assert "regionPools" not in quickest
    assert (quickest["sessionAffinity"], "sessionAffinityTtl" in quickest) == ("none", False)
    near = (
        balanced(site, hosts(50, 50), steering="geo", geo={"EEU": [AWAY, HOME], "WEU": [HOME]}, affinity="cookie")
        .one("edge-balance-api")
        .inputs
    )
    assert [each.split("-on-")[1][:6] for each in near["regionPools"]["EEU"]] == [
        "lb-eu-",
        near["regionPools"]["WEU"][0].split("-on-")[1][:6],
    ]
    assert len(near["regionPools"]["WEU"]) == 1
    assert (near["sessionAffinity"], near["sessionAffinityTtl"]) == ("cookie", 82800)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"weights": {HOME: 101}}, r"weights.eu-west-1: found 101; allowed: 0 to 100"),
        ({"weights": {HOME: 0}}, r"weights: found nothing above 0"),
        ({"steering": "geo"}, r"geo: found nothing"),
        ({"geo": {"WEU": [HOME]}}, r"geo: found WEU; allowed: nothing with steering random"),
        ({"steering": "dynamic_latency", "weights": {HOME: 1}}, r"weights: found eu-west-1; allowed: nothing with"),
        ({"weights": {"Dublin": 1}}, r"weights\.Dublin"),
        ({"probes": ["MOON"]}, r"probes"),
        ({"affinity_seconds": 60}, r"affinity_seconds"),
    ],
)
def test_what_does_not_fit_is_refused(given: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        LoadBalancingSpec.model_validate(given)


def test_probes_as_often_as_the_plan_allows() -> None:
    for plan, allowed in (("free", 15), ("pro", 15), ("business", 15), ("enterprise", 10)):
        ZoneSpec.model_validate({"plan": plan, "load_balancing": {"interval": allowed}})
        if plan != "enterprise":
            with pytest.raises(ValidationError, match=rf"load_balancing.interval: found 14; .* 15 s on plan {plan}"):
                ZoneSpec.model_validate({"plan": plan, "load_balancing": {"interval": 14}})


def test_nothing_of_it_is_data(site: Site) -> None:
    armed = balanced(replace(site, retiring=True), hosts(50, 50))
    assert {each.name for each in armed.by_type(BALANCER)} == {"edge-balance-app", "edge-balance-api"}


def test_a_name_that_goes_past_the_zone_is_not_balanced_meanwhile(site: Site) -> None:
    found = {label: replace(host, cdn="t.sni.global.fastly.net") for label, host in hosts(50, 50).items()}
    recording = balanced(site, found)
    # Off and not gone: a step that moves traffic deletes nothing, and the record answers.
    assert recording.one("edge-balance-api").inputs["enabled"] is False
    assert recording.one("edge-host-api").inputs["content"] == "t.sni.global.fastly.net"
