"""balancer: who may come in, what answers, and how traffic is weighed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from pydantic import ValidationError
from recording import Recording, record
from whole import SERVICE, network

from components.balancer import Balancer, BalancerArgs, BalancerSpec
from components.balancer.routes import BalancerRoutes, BalancerRoutesArgs, Route, rule_priorities
from components.balancer.sources import CLOUDFLARE_RANGES, LIST_SIZE
from components.network import Network, NetworkArgs, NetworkSpec
from components.site import Site

HEALTH = SERVICE.health
assert HEALTH is not None
API = Route(("api.example.com", "app.example.com"), 3000, HEALTH, {"app": 100})


def build(site: Site, routes: dict[str, Route] | None = None, own: Sequence[str] = (), **spec: object) -> Recording:
    def program() -> None:
        given = {"api": API} if routes is None else routes
        made = Balancer("lb", BalancerArgs(BalancerSpec(**spec), site, network(site), given, own=own))
        BalancerRoutes("lb", BalancerRoutesArgs(site, made, "example.com", "zone", given))

    return record(program)


def test_the_balancer_is_an_anchor(site: Site) -> None:
    balancer = build(site).one("lb-lb")
    assert balancer.protect
    assert balancer.inputs["enableDeletionProtection"] is True
    assert balancer.inputs["dropInvalidHeaderFields"] is True
    assert balancer.inputs["internal"] is False
    assert len(balancer.inputs["subnets"]) == 3
    armed = build(replace(site, retiring=True)).one("lb-lb")
    assert (armed.protect, armed.inputs["enableDeletionProtection"]) == (False, False)


def test_only_cloudflare_comes_in(site: Site) -> None:
    recording = build(site)
    entries = recording.one("lb-cloudflare").inputs
    assert [each["cidr"] for each in entries["entries"]] == list(CLOUDFLARE_RANGES)
    assert len(CLOUDFLARE_RANGES) <= entries["maxEntries"] == LIST_SIZE
    # Two ports on one list stay within the 60 rules of a security group.
    assert 2 * LIST_SIZE <= 60
    rules = [
        e for e in recording.by_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule") if "lb-" in e.name
    ]
    assert {(each.inputs["fromPort"], each.inputs["toPort"]) for each in rules} == {(80, 80), (443, 443)}
    assert all("cidrIpv4" not in each.inputs and "prefixListId" in each.inputs for each in rules)


def test_the_world_comes_in_only_when_asked_for(site: Site) -> None:
    recording = build(site, sources="world")
    rules = [
        e for e in recording.by_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule") if "lb-" in e.name
    ]
    assert {each.inputs["cidrIpv4"] for each in rules} == {"0.0.0.0/0"}
    # Other logical names: the new rules are there before the old ones go.
    assert not {each.name for each in rules} & build(site).names()


def test_http_only_redirects(site: Site) -> None:
    listener = build(site).one("lb-http").inputs
    (action,) = listener["defaultActions"]
    assert (listener["port"], action["type"]) == (80, "redirect")
    assert action["redirect"] == {"port": "443", "protocol": "HTTPS", "statusCode": "HTTP_301"}


def test_https_answers_known_names_only(site: Site) -> None:
    recording = build(site)
    listener = recording.one("lb-https").inputs
    assert (listener["port"], listener["protocol"]) == (443, "HTTPS")
    assert listener["sslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-2021-06"
    assert listener["defaultActions"][0]["fixedResponse"]["statusCode"] == "404"
    rule = recording.one("lb-api-rule").inputs
    assert rule["conditions"] == [{"hostHeader": {"values": ["api.example.com", "app.example.com"]}}]


def test_the_certificate_is_proved_in_the_zone(site: Site) -> None:
    recording = build(site)
    certificate = recording.one("lb-certificate").inputs
    assert (certificate["domainName"], certificate["subjectAlternativeNames"]) == ("example.com", ["*.example.com"])
    proof = recording.one("lb-certificate-proof").inputs
    assert proof["zoneId"] == "zone"
    assert proof["proxied"] is False
    # ACM's trailing dot would be a change in every apply.
    assert not proof["name"].endswith(".")
    assert not proof["content"].endswith(".")
    issued = recording.one("lb-certificate-issued")
    assert any("lb-certificate-issued" in urn for urn in recording.one("lb-https").depends_on)
    assert issued.inputs["validationRecordFqdns"]


@pytest.mark.parametrize("traffic", [0, 5, 50, 95, 100])
def test_weights_move_without_touching_anything_else(site: Site, traffic: int) -> None:
    def weighed(t: int) -> Recording:
        return build(site, {"api": replace(API, weights={"app": 100 - t, "cluster": t})})

    then = {each.urn: each.inputs for each in weighed(traffic).resources}
    changed = {each.name for each in weighed(0).resources if then[each.urn] != each.inputs}
    assert changed == (set() if traffic == 0 else {"lb-api-rule"})
    (action,) = weighed(traffic).one("lb-api-rule").inputs["actions"]
    weights = {
        group["arn"].split(":")[-1].rsplit("-", 1)[0]: group["weight"] for group in action["forward"]["targetGroups"]
    }
    assert weights == {"lb-api-on-app": 100 - traffic, "lb-api-on-cluster": traffic}


def test_a_second_host_adds_a_target_group_and_keeps_the_first(site: Site) -> None:
    before = build(site)
    after = build(site, {"api": replace(API, weights={"app": 100, "cluster": 0})})
    then = {each.urn: each.inputs for each in after.resources}
    assert {each.name for each in before.resources if then[each.urn] != each.inputs} == {"lb-api-rule"}


def test_a_target_group_checks_and_drains(site: Site) -> None:
    group = build(site, {"api": replace(API, slow_start=60, sticky_seconds=300)}, drain_seconds=90)
    target = group.one("lb-api-on-app").inputs
    assert "name" not in target  # autonamed: a replacement stands beside it before the old one goes
    assert target["healthCheck"]["path"] == "/health"
    assert (target["deregistrationDelay"], target["slowStart"]) == (90, 60)
    # Slow start and least outstanding requests exclude each other.
    assert target["loadBalancingAlgorithmType"] == "round_robin"
    assert target["stickiness"] == {"enabled": True, "type": "lb_cookie", "cookieDuration": 300}
    (action,) = group.one("lb-api-rule").inputs["actions"]
    assert action["forward"]["stickiness"] == {"enabled": True, "duration": 300}
    assert "stickiness" not in build(site).one("lb-api-rule").inputs["actions"][0]["forward"]


def test_names_too_long_for_an_autoname_have_a_prefix(site: Site) -> None:
    group = build(site, {"a-service-with-a-long-name": API}).one("lb-a-service-with-a-long-name-on-app")
    assert group.inputs["namePrefix"] == "a-ser-"
    fitting = build(site, {"api": API})
    assert "namePrefix" not in fitting.one("lb-api-on-app").inputs
    assert "namePrefix" not in fitting.one("lb-lb").inputs


def test_one_record_proves_the_domain_for_every_region(site: Site) -> None:
    there = replace(site, region="eu-central-1")

    def both() -> None:
        proof = None
        for name, where in (("lb", site), ("lb-eu-central-1", there)):
            network = Network(f"net-{where.region}", NetworkArgs(NetworkSpec(), where, "10.0.0.0/16"))
            balancer = Balancer(name, BalancerArgs(BalancerSpec(), where, network))
            routes = BalancerRoutes(name, BalancerRoutesArgs(where, balancer, "example.com", "zone", {}, proof))
            proof = routes.proof

    recording = record(both)
    proofs = [each.name for each in recording.by_type("cloudflare:index/dnsRecord:DnsRecord")]
    assert proofs == ["lb-certificate-proof"]
    issued = recording.by_type("aws:acm/certificateValidation:CertificateValidation")
    assert {each.inputs["region"] for each in issued} == {"eu-west-1", "eu-central-1"}
    assert len({tuple(each.inputs["validationRecordFqdns"]) for each in issued}) == 1
    assert len(recording.by_type("aws:acm/certificate:Certificate")) == 2


def test_priorities_depend_on_the_name_alone() -> None:
    few, many = (
        rule_priorities(dict.fromkeys(("api", "web"), API)),
        rule_priorities({**dict.fromkeys(("api", "admin", "web"), API), "b": replace(API, paths=("/b",))}),
    )
    assert {name: many[name] for name in few} == few
    assert len(set(many.values())) == 4
    assert all(1 <= priority <= 50_000 for priority in many.values())


def test_paths_come_before_the_rest_of_a_name_and_are_handed_over_by_weight(site: Site) -> None:
    orders = replace(
        API, hostnames=("api.example.com",), paths=("/orders",), weights={"k8s": 10}, beside={("api", "app"): 90}
    )
    recording = build(site, {"api": API, "orders": orders})
    rule, rest = recording.one("lb-orders-rule").inputs, recording.one("lb-api-rule").inputs
    assert rule["conditions"] == [
        {"hostHeader": {"values": ["api.example.com"]}},
        {"pathPattern": {"values": ["/orders", "/orders/*"]}},
    ]
    assert rule["priority"] <= 10_000 < rest["priority"]
    groups = {each["arn"]: each["weight"] for each in rule["actions"][0]["forward"]["targetGroups"]}
    own = rest["actions"][0]["forward"]["targetGroups"]
    assert [groups.pop(each["arn"]) for each in own] == [90]
    assert list(groups.values()) == [10]


def test_logs_go_to_a_bucket_that_only_delivery_writes_to(site: Site) -> None:
    recording = build(site, log_days=30)
    balancer = recording.one("lb-lb")
    assert balancer.inputs["accessLogs"]["enabled"] is True
    assert balancer.inputs["connectionLogs"]["prefix"] == "connections"
    assert any("lb-logs-policy" in urn for urn in balancer.depends_on)
    statements = json.loads(recording.one("lb-logs-policy").inputs["policy"])["Statement"]
    delivery = next(each for each in statements if each["Sid"] == "Delivery")
    assert delivery["Principal"] == {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}
    assert all("/AWSLogs/111111111111/" in each for each in delivery["Resource"])
    assert recording.one("lb-logs-expiry").inputs["rules"][0]["expiration"]["days"] == 30


def test_the_web_acl_counts_clients_by_cloudflare_s_header(site: Site) -> None:
    rules = build(site, waf={"rate": 500}).one("lb-waf").inputs["rules"]
    rate = rules[0]["statement"]["rateBasedStatement"]
    assert rate["limit"] == 500
    assert rate["aggregateKeyType"] == "FORWARDED_IP"
    assert rate["forwardedIpConfig"]["headerName"] == "CF-Connecting-IP"
    direct = build(site, sources="world").one("lb-waf").inputs["rules"][0]["statement"]["rateBasedStatement"]
    assert direct["aggregateKeyType"] == "IP"
    assert [rule["priority"] for rule in rules] == sorted(rule["priority"] for rule in rules)
    assert "AWSManagedRulesCommonRuleSet" in {rule["name"] for rule in rules}


@pytest.mark.parametrize("sources", ["cloudflare", "world"])
def test_the_stack_s_own_addresses_are_not_counted(site: Site, sources: str) -> None:
    """All services ask each other by a handful of addresses: one limit a client would stop them all."""
    recording = build(site, own=["192.0.2.1", "192.0.2.2"], sources=sources)
    listed = recording.one("lb-waf-own")
    assert listed.inputs["addresses"] == ["192.0.2.1/32", "192.0.2.2/32"]
    assert (listed.inputs["scope"], listed.inputs["ipAddressVersion"]) == ("REGIONAL", "IPV4")
    rule = recording.one("lb-waf").inputs["rules"][0]["statement"]["rateBasedStatement"]
    spared = rule["scopeDownStatement"]["notStatement"]["statement"]["ipSetReferenceStatement"]
    assert "lb-waf-own" in str(spared.pop("arn"))
    header = {"headerName": "CF-Connecting-IP", "fallbackBehavior": "NO_MATCH", "position": "FIRST"}
    assert spared == ({"ipSetForwardedIpConfig": header} if sources == "cloudflare" else {})


def test_without_a_way_out_the_list_is_there_and_empty(site: Site) -> None:
    """It comes and goes with no phase: nothing that a move would have to announce."""
    assert build(site).one("lb-waf-own").inputs["addresses"] == []


def test_rules_that_would_judge_cloudflare_itself_or_honest_uploads_only_count(site: Site) -> None:
    def counting(**spec: object) -> set[str]:
        rules = build(site, **spec).one("lb-waf").inputs["rules"]
        return {rule["name"] for rule in rules if rule.get("overrideAction") == {"count": {}}}

    assert counting() == {"AWSManagedRulesAmazonIpReputationList"}
    assert counting(sources="world") == set()
    (common,) = [r for r in build(site).one("lb-waf").inputs["rules"] if r["name"] == "AWSManagedRulesCommonRuleSet"]
    # A body above 8 KiB: through the tunnel it passed, and the move must not begin to refuse it.
    assert common["statement"]["managedRuleGroupStatement"]["ruleActionOverrides"] == [
        {"name": "SizeRestrictions_BODY", "actionToUse": {"count": {}}}
    ]


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"sources": "nobody"}, "Input should be 'cloudflare' or 'world'"),
        ({"waf": {"rate": 1}}, "greater than or equal to 10"),
        ({"waf": {"rate_window": 90}}, "Input should be 60, 120, 300 or 600"),
        ({"idle_seconds": 0}, "greater than or equal to 1"),
    ],
)
def test_what_the_spec_refuses(spec: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        BalancerSpec(**spec)
    assert message in str(caught.value)
