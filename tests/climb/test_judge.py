"""What each kind of step may do, each rule with a step that breaks it."""

from __future__ import annotations

import pytest
from hand_made import (
    GROUP,
    LISTENER,
    PARAMETERS,
    RDS,
    RECORD,
    SUBNET,
    block,
    child,
    create,
    delete,
    replace,
    same,
    snapshot,
    update,
)

from phaseup.climb.judge import Announced, Breach, breaches

db = block("Postgres", "db")
primary = child(db, RDS, "db-primary")
replica = child(db, RDS, "db-replica-a")
replica_aa = child(db, RDS, "db-replica-aa")
parameters = child(db, PARAMETERS, "db-parameters")
cache = block("Cache", "cache")
group = child(cache, "aws:elasticache/replicationGroup:ReplicationGroup", "cache-group")
lb = block("Balancer", "lb")
listener = child(lb, LISTENER, "lb-https")
balancer = child(lb, "aws:lb/loadBalancer:LoadBalancer", "lb-main")
zone = block("Zone", "zone")
record = child(zone, RECORD, "zone-api")
app = block("Server", "app")
servers = child(app, GROUP, "app-group")
alarms = block("Alarms", "alarms")
lb_alarm = child(alarms, "aws:cloudwatch/metricAlarm:MetricAlarm", "alarms-5xx", dependencies=[balancer.urn])
cpu_alarm = child(alarms, "aws:cloudwatch/metricAlarm:MetricAlarm", "alarms-cpu", dependencies=[servers.urn])

ALL = snapshot(
    db, primary, replica, replica_aa, parameters, cache, group, lb, balancer, listener, zone, record, app, servers,
    alarms, lb_alarm, cpu_alarm,
)  # fmt: skip


def judged(kind: str, *steps: object, **said: object) -> list[tuple[str, str]]:
    flat = [step for each in steps for step in (each if isinstance(each, list) else [each])]
    found = breaches(kind, flat, ALL, ALL, Announced(**said))  # type: ignore[arg-type]
    assert all(isinstance(breach, Breach) and breach.why for breach in found)
    return [(breach.urn.rsplit("::", 1)[1], breach.op) for breach in found]


@pytest.mark.parametrize("kind", ["apply", "expand", "rung", "shift", "arm"])
def test_nothing_is_deleted_but_by_contract_and_abort(kind: str) -> None:
    assert ("cache-group", "delete") in judged(kind, delete(group), block="cache")


@pytest.mark.parametrize("kind", ["expand", "rung", "shift", "contract", "abort", "arm"])
def test_a_stateful_replacement_is_a_breach_in_every_step(kind: str) -> None:
    assert ("db-primary", "replace") in judged(kind, replace(primary, "identifier"), block="db", leaving={"db"})


@pytest.mark.parametrize("kind", ["expand", "rung", "contract", "abort"])
def test_a_listed_type_may_be_replaced_new_one_first(kind: str) -> None:
    assert judged(kind, replace(parameters, "family"), block="db") == []


@pytest.mark.parametrize("kind", ["expand", "rung", "contract", "abort"])
def test_a_listed_type_may_not_be_deleted_before_its_replacement(kind: str) -> None:
    assert judged(kind, replace(parameters, "family", delete_first=True), block="db") == [("db-parameters", "replace")]


def test_expand_creates_and_updates() -> None:
    assert judged("expand", create(balancer), update(primary, "instanceClass"), same(record)) == []


def test_the_first_apply_only_creates() -> None:
    assert judged("apply", create(primary)) == []
    assert judged("apply", update(primary, "instanceClass")) == [("db-primary", "update")]


def test_a_rung_touches_its_block_alone() -> None:
    assert judged("rung", update(group, "numCacheClusters"), block="cache") == []
    assert judged("rung", update(group, "numCacheClusters"), update(primary, "port"), block="cache") == [
        ("db-primary", "update")
    ]
    assert judged("rung", create(lb_alarm), block="cache") == [("alarms-5xx", "create")]


def test_alarms_that_watch_the_block_of_a_rung_follow_it_in_place() -> None:
    watching = child(alarms, "aws:cloudwatch/metricAlarm:MetricAlarm", "alarms-hits", dependencies=[group.urn])
    before = snapshot(cache, group, alarms, watching, cpu_alarm)

    def found(*steps: object) -> list[str]:
        said = Announced(block="cache")
        return [breach.op for breach in breaches("rung", list(steps), before, before, said)]  # type: ignore[arg-type]

    assert found(update(watching, "metricQueries")) == []
    assert found(update(cpu_alarm, "threshold")) == ["update"]
    assert found(delete(watching)) == ["delete", "delete"]
    assert found(create(watching)) == ["create"]


def test_what_an_arriving_watcher_is_made_with_arrives_with_it() -> None:
    """The events of a block that its rung makes are told to a topic that nothing needed before."""
    made = child(db, "aws:rds/cluster:Cluster", "db-cluster")
    topic = child(alarms, "aws:sns/topic:Topic", "alarms-on-db-topic")
    policy = child(alarms, "aws:sns/topicPolicy:TopicPolicy", "alarms-on-db-policy", dependencies=[topic.urn])
    events = child(
        alarms, "aws:rds/eventSubscription:EventSubscription", "alarms-on-db", dependencies=[topic.urn, made.urn]
    )
    other = child(alarms, "aws:sns/topic:Topic", "alarms-other-topic")
    before = snapshot(db, alarms, cpu_alarm)
    after = snapshot(db, alarms, cpu_alarm, made, topic, policy, events, other)
    steps = [create(each) for each in (made, topic, policy, events)]
    assert breaches("rung", steps, before, after, Announced(block="db")) == []
    found = breaches("rung", [*steps, create(other)], before, after, Announced(block="db"))
    assert [breach.urn for breach in found] == [other.urn]
    alone = breaches("rung", [create(topic), create(policy)], before, after, Announced(block="db"))
    assert [breach.urn for breach in alone] == [topic.urn, policy.urn]


def test_a_shift_moves_weights_and_record_contents_only() -> None:
    assert judged("shift", update(record, "content"), update(listener, "defaultActions[0].forward")) == []
    assert judged("shift", update(record, "content", "proxied")) == []
    assert judged("shift", update(record, "content", "ttl")) == [("zone-api", "update")]
    assert judged("shift", update(servers, "minSize")) == [("app-group", "update")]
    edge = child(zone, "aws:cloudfront/distribution:Distribution", "front-app")
    assert judged("shift", update(edge, "origins[0].domainName")) == []
    assert judged("shift", update(edge, "origins", "aliases")) == [("front-app", "update")]
    assert judged("shift", create(listener)) == [("lb-https", "create")]


def test_a_shift_gives_routes_their_worker_and_keeps_them_where_they_are() -> None:
    route = child(zone, "cloudflare:index/workersRoute:WorkersRoute", "zone-route")
    assert judged("shift", update(route, "script")) == []
    assert judged("shift", update(route, "script", "zoneId")) == [("zone-route", "update")]
    assert judged("shift", create(route)) == [("zone-route", "create")]


def test_a_shift_may_start_and_stop_the_work_that_switches_with_it() -> None:
    assert judged("shift", update(servers, "minSize"), switching={"app"}) == []
    assert judged("shift", delete(servers), switching={"app"}) == [("app-group", "delete")]


def test_a_shift_may_point_the_names_of_a_role_to_what_fills_it() -> None:
    """Where a role is goes over from an instance to its pooler, under the role's own name; no other block of it."""
    endpoint = block("Endpoint", "main")
    name = child(endpoint, "aws:route53/record:Record", "main-name")
    other = child(block("Names", "main"), "aws:route53/record:Record", "main-other")
    before = snapshot(*ALL, endpoint, name, other)

    def found(*steps: object, roles: frozenset[str]) -> list[str]:
        said = Announced(switching=frozenset({"db"}), roles=roles)
        return [breach.urn.rsplit("::", 1)[1] for breach in breaches("shift", list(steps), before, before, said)]  # type: ignore[arg-type]

    assert found(update(name, "records"), roles=frozenset({"main"})) == []
    assert found(update(name, "records"), roles=frozenset()) == ["main-name"]
    assert found(update(other, "records"), roles=frozenset({"main"})) == ["main-other"]
    assert found(create(name), roles=frozenset({"main"})) == ["main-name"]


def test_an_arm_changes_protection_and_final_copy_of_its_block_only() -> None:
    assert judged("arm", update(primary, "deletionProtection", "skipFinalSnapshot"), block="db") == []
    assert judged("arm", update(primary, "deletionProtection", "instanceClass"), block="db") == [
        ("db-primary", "update")
    ]
    assert judged("arm", update(group, "finalSnapshotIdentifier"), block="db") == [("cache-group", "update")]
    assert judged("arm", create(primary), block="db") == [("db-primary", "create")]


def test_contract_deletes_the_whole_of_a_leaving_block_and_what_depends_on_it() -> None:
    gone = [delete(balancer), delete(listener), delete(lb_alarm)]
    assert judged("contract", *gone, leaving={"lb"}) == []


def test_contract_may_leave_nothing_of_a_leaving_block_behind() -> None:
    assert judged("contract", delete(balancer), leaving={"lb"}) == [("lb-https", "same")]


@pytest.mark.parametrize("kind", ["contract", "abort"])
def test_a_delete_that_nothing_announced_is_a_breach(kind: str) -> None:
    gone = [delete(balancer), delete(listener)]
    assert judged(kind, *gone, delete(cpu_alarm), leaving={"lb"}) == [("alarms-cpu", "delete")]
    assert judged(kind, delete(replica)) == [("db-replica-a", "delete")]


def test_a_narrowed_key_takes_its_own_resources_and_no_others() -> None:
    assert judged("contract", delete(replica), keys={"db": {"a"}}) == []
    assert judged("contract", delete(replica_aa), keys={"db": {"a"}}) == [("db-replica-aa", "delete")]
    assert judged("contract", delete(primary), keys={"db": {"a"}}) == [("db-primary", "delete")]
    assert judged("contract", delete(replica), keys={"cache": {"a"}}) == [("db-replica-a", "delete")]


def test_a_key_is_matched_as_text_and_not_as_a_pattern() -> None:
    assert judged("contract", delete(replica), keys={"db": {".*"}}) == [("db-replica-a", "delete")]


def test_a_narrowed_field_lets_its_block_lose_resources() -> None:
    net = block("Network", "net")
    subnet = child(net, SUBNET, "net-app-2")
    before = snapshot(net, subnet)
    said = Announced(fields={"net": frozenset({"azs"})})
    assert breaches("contract", [delete(subnet)], before, snapshot(net), said) == []
    assert len(breaches("contract", [delete(subnet)], before, snapshot(net), Announced())) == 1


def test_dependents_of_dependents_may_go_too() -> None:
    rule = child(lb, "aws:lb/listenerRule:ListenerRule", "lb-rule", dependencies=[])
    composite = child(
        alarms, "aws:cloudwatch/compositeAlarm:CompositeAlarm", "alarms-all",
        property_dependencies={"alarmRule": [lb_alarm.urn]},
    )  # fmt: skip
    before = snapshot(lb, balancer, rule, alarms, lb_alarm, composite)
    gone = [delete(state) for state in (balancer, rule, lb_alarm, composite)]
    assert breaches("abort", gone, before, snapshot(alarms), Announced(leaving=frozenset({"lb"}))) == []


def test_components_and_default_providers_are_no_cloud_changes() -> None:
    from phaseup.graph.resource import State
    from phaseup.plan.steps import Step

    urn = "urn:pulumi:meal-prod::phaseup::pulumi:providers:aws::default_7_51_1"
    provider = State(urn, "pulumi:providers:aws", True, id="x")
    gone = Step("delete", urn, provider.type, provider, None)
    assert judged("expand", delete(lb), gone) == []
