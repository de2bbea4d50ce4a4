"""service: what it owns, what it gives its hosts, and what its spec refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pulumi
import pytest
from pydantic import ValidationError
from recording import Recording, record
from whole import IMAGE, network

from components.service import Service, ServiceArgs
from components.service.endpoint import Consumer, Endpoint, EndpointArgs, Login, Reader
from components.service.spec import ServiceSpec
from components.service.unit import ContainerUnit
from components.site import Site
from components.spec import Refused

WEB = {"on": "app", "takes": "requests", "port": 3000, "health": {}}
WORKER = {"on": "app", "takes": "queue"}
LIST = {"list": "jobs", "length": 10}


def build(
    site: Site, hosts: dict[str, bool] | None = None, **spec: object
) -> tuple[Recording, dict[str, ContainerUnit]]:
    units: dict[str, ContainerUnit] = {}

    def program() -> None:
        made = Service(
            "api",
            ServiceArgs(
                ServiceSpec(**{**WEB, **spec}), site, network(site), IMAGE, {"app": True} if hosts is None else hosts
            ),
        )
        units.update(made.units)

    return record(program), units


def own(recording: Recording) -> set[str]:
    return {each.name for each in recording.resources if each.custom and each.name.startswith("api-")}


def test_logs_are_one_group_wherever_it_runs(site: Site) -> None:
    before, _ = build(site)
    during, units = build(site, {"app": True, "other": False}, on={"app": {}, "other": {}})
    clusters, none = build(site, {}, on={"cluster": {"namespace": "app"}})
    for recording in (before, during, clusters):
        assert own(recording) == {"api-logs"}
        assert recording.one("api-logs").inputs["name"] == "/meal-prod/api"
    assert {host: unit.count for host, unit in units.items()} == {"app": 1, "other": 0}
    assert {unit.log_group for unit in units.values()} == {"/meal-prod/api"}
    assert none == {}


def test_logs_are_kept_and_encrypted(site: Site) -> None:
    group = build(site, log_days=90)[0].one("api-logs").inputs
    assert group["retentionInDays"] == 90
    assert "net-logs-key" in group["kmsKeyId"]


def test_in_another_region_its_secrets_are_copies(site: Site) -> None:
    there = replace(site, region="eu-central-1")
    arns: dict[str, object] = {}

    def program() -> None:
        spec, made = ServiceSpec(**{**WEB, "secrets": {"KEY": {"generate": 32}}}), network(site)
        home = Service("api", ServiceArgs(spec, site, made, IMAGE, {"app": True}, copied_to=["eu-central-1"]))
        away = Service("api-eu-central-1", ServiceArgs(spec, there, made, IMAGE, {}, copy_of=home))
        assert away.secrets == {}
        pulumi.Output.all(home.secret_arns["KEY"], away.secret_arns["KEY"]).apply(
            lambda both: arns.update(home=both[0], away=both[1])
        )

    recording = record(program)
    assert recording.one("api-key").inputs["replicas"] == [{"region": "eu-central-1"}]
    assert recording.one("api-eu-central-1-logs").inputs["name"] == "/meal-prod/api"
    assert recording.one("api-eu-central-1-logs").inputs["region"] == "eu-central-1"
    assert "api-eu-central-1-secrets" not in recording.names()
    assert str(arns["away"]).split(":")[3] == "eu-central-1"
    assert str(arns["away"]).split(":")[4:] == str(arns["home"]).split(":")[4:]


def test_a_generated_secret_is_made_once_and_a_given_one_is_left_to_its_operator(site: Site) -> None:
    recording, units = build(site, secrets={"SESSION_KEY": {"generate": 48}, "STRIPE_KEY": {}})
    assert recording.one("api-session-key").protect
    assert recording.one("api-stripe-key").protect
    # Autonamed: AWS refuses a deleted secret's name for 30 days, and an abort may be tried again sooner.
    assert "name" not in recording.one("api-session-key").inputs
    assert recording.one("api-session-key-value").inputs["length"] == 48
    assert recording.one("api-session-key-first").ignore_changes == ("secretString",)
    assert "api-stripe-key-first" not in recording.names()
    where = json.loads(recording.one("api-secrets").inputs["insecureValue"])["secrets"]
    assert set(where) == {"SESSION_KEY", "STRIPE_KEY"}
    assert units["app"].parameters == {"": "/meal-prod/services/api"}


def test_secrets_that_arrive_or_leave_keep_the_others(site: Site) -> None:
    before, _ = build(site, secrets={"B": {}})
    after, _ = build(site, secrets={"A": {}, "B": {}})
    assert {each.urn for each in before.resources} < {each.urn for each in after.resources}


def test_the_unit_carries_what_the_spec_says(site: Site) -> None:
    _, units = build(
        site, cpu=0.5, memory=512, shm=64, command=["serve"], env={"LEVEL": "info"}, uses=["db", "image-cache"],
        capabilities={"NET_BIND_SERVICE": {}}, read_only=True, stop_seconds=60, restart="on-failure",
    )  # fmt: skip
    unit = units["app"].manifest()
    assert (unit["cpus"], unit["memory"], unit["shm"], unit["stop"]) == (0.5, 512, 64, 60)
    assert (unit["command"], unit["env"], unit["restart"]) == (["serve"], {"LEVEL": "info"}, "on-failure")
    assert unit["parameters"] == {
        "DB_": "/meal-prod/roles/db",
        "IMAGE_CACHE_": "/meal-prod/roles/image-cache",
    }
    assert unit["health"] == {"port": 3000, "path": "/health", "timeout": 5, "failures": 3, "grace": 90}
    assert unit["image"] == IMAGE


def test_short_forms_are_maps_by_name() -> None:
    spec = ServiceSpec(**{**WEB, "hosts": ["api", "@"], "uses": ["db"]})
    assert (set(spec.on), set(spec.hosts), set(spec.uses)) == ({"app"}, {"api", "@"}, {"db"})
    assert ServiceSpec(**{**WEB, "on": {"app": {}}}) == ServiceSpec(**WEB)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({**WEB, "health": None}, "health: found null; allowed: a health where it takes requests"),
        ({**WEB, "port": None, "health": None}, "port: found null"),
        ({**WORKER, "hosts": ["api"]}, "hosts: found api; allowed: none where it takes queue"),
        ({**WEB, "count": 2}, "count: found 2; allowed: 1 with a port"),
        ({**WORKER, "every": "daily"}, "every: found daily; allowed: null where it takes queue"),
        ({**WEB, "slow_start": 10}, "slow_start: found 10; allowed: 0, or 30 to 900"),
        ({**WEB, "hosts": ["API"]}, "hosts.API: found API"),
        ({**WEB, "env": {"lower": "x"}}, "env.lower: found lower"),
        ({**WEB, "secrets": {"1X": {}}}, "secrets.1X: found 1X"),
        ({**WEB, "health": {"timeout": 15, "interval": 15}}, "timeout: found 15; allowed: less than interval"),
        ({**WEB, "on": {}}, "at least 1 item"),
        ({**WEB, "takes": "work"}, "Input should be 'requests', 'queue' or 'schedule'"),
        ({**WEB, "port": 80}, "greater than or equal to 1024"),
        ({**WEB, "hosts": list("abcdef")}, "at most 5 items"),
    ],
)
def test_what_the_spec_refuses(spec: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        ServiceSpec(**spec)
    assert message in str(caught.value)


def test_it_is_placed_on_servers_and_uses_what_holds_data() -> None:
    kinds = {"app": "server", "db": "postgres", "edge": "zone"}
    ServiceSpec(**{**WEB, "uses": ["db"]}).check_among(kinds)
    with pytest.raises(Refused, match=r"on\.edge: found edge; allowed: a server or kubernetes: app"):
        ServiceSpec(**{**WEB, "on": "edge"}).check_among(kinds)
    told = r"uses\.edge: found edge; allowed: a postgres or aurora or .*: db"
    with pytest.raises(Refused, match=told):
        ServiceSpec(**{**WEB, "uses": ["edge"]}).check_among(kinds)


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ({**WEB, "on": {"app": {"memory": 512}}}, r"on\.app\.memory: found 512; allowed: nothing, as app is a server"),
        ({**WEB, "on": {"k8s": {}}}, r"on\.k8s\.namespace: found null; allowed: one of the namespaces of k8s"),
        ({**WORKER, "count": 2, "on": {"k8s": {"namespace": "a"}}}, r"count: found 2; allowed: 1 on a cluster"),
        (
            {**WEB, "uses": ["q"], "on": {"k8s": {"namespace": "a", "scaling": {"queue": {"role": "q", **LIST}}}}},
            r"on\.k8s\.scaling\.queue: found jobs; allowed: null where it takes requests",
        ),
        (
            {**WORKER, "uses": ["db"], "on": {"k8s": {"namespace": "a", "scaling": {"queue": {"role": "q", **LIST}}}}},
            r"on\.k8s\.scaling\.queue\.role: found q; allowed: a role that it uses: db",
        ),
    ],
)
def test_a_placement_says_what_its_host_takes(spec: dict[str, Any], told: str) -> None:
    kinds = {"app": "server", "k8s": "kubernetes", "db": "postgres", "q": "cache"}
    with pytest.raises(Refused, match=told):
        ServiceSpec(**spec).check_among(kinds)


def endpoint(site: Site, **args: object) -> Recording:
    given = {"zone_id": "zone", "zone_name": "prod.meal.internal", "host": "db-1.rds.amazonaws.com", **args}
    return record(lambda: Endpoint("db", EndpointArgs(site=site, **given)))


def test_a_role_s_names_stay_while_what_fills_it_changes(site: Site) -> None:
    before = endpoint(site)
    after = endpoint(site, host="aurora.rds.amazonaws.com")
    assert before.urns() == after.urns()
    for recording, target in ((before, "db-1.rds.amazonaws.com"), (after, "aurora.rds.amazonaws.com")):
        name = recording.one("db-name").inputs
        assert (name["name"], name["type"], name["records"]) == ("db.prod.meal.internal", "CNAME", [target])
        said = json.loads(recording.one("db-parameter").inputs["insecureValue"])
        assert said["env"] == {"HOST": "db.prod.meal.internal", "TLS_NAME": target}
        assert recording.one("db-parameter").inputs["name"] == "/meal-prod/roles/db"


def test_reading_names_are_weighted_from_the_first_day(site: Site) -> None:
    """A plain record cannot become one of several: Route 53 refuses a weighted one beside it."""
    alone = endpoint(site, readers={"primary": Reader("p", 1)})
    replicas = {"primary": Reader("p", 0), "replica-a": Reader("a", 1), "replica-b": Reader("b", 1)}
    grown = endpoint(site, readers=replicas)
    assert set(alone.urns()) < set(grown.urns())
    weights = {
        each.inputs["setIdentifier"]: each.inputs["weightedRoutingPolicies"][0]["weight"]
        for each in grown.by_type("aws:route53/record:Record")
        if each.inputs["name"] == "db-read.prod.meal.internal"
    }
    assert weights == {"primary": 0, "replica-a": 1, "replica-b": 1}
    assert alone.one("db-read-name-primary").inputs["weightedRoutingPolicies"] == [{"weight": 1}]


def test_a_login_is_told_by_place_and_read_only_by_consumers(site: Site) -> None:
    recording = endpoint(
        site,
        login=Login("arn:secret", "arn:key", {"USER": "username", "PASSWORD": "password"}),
        consumers={"app": Consumer("app-role"), "scrapers": Consumer("scrapers-role")},
    )
    said = json.loads(recording.one("db-parameter").inputs["insecureValue"])
    assert said["secrets"] == {"USER": ["arn:secret", "username"], "PASSWORD": ["arn:secret", "password"]}
    for block in ("app", "scrapers"):
        policy = recording.one(f"db-for-{block}").inputs
        assert policy["role"] == f"{block}-role"
        login, key = json.loads(policy["policy"])["Statement"]
        assert (login["Action"], login["Resource"]) == ("secretsmanager:GetSecretValue", "arn:secret")
        assert (key["Action"], key["Resource"]) == ("kms:Decrypt", "arn:key")
        assert key["Condition"]["StringEquals"] == {"kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com"}


def test_an_armed_service_gives_up_its_secrets_protection(site: Site) -> None:
    recording, _ = build(replace(site, retiring=True), secrets={"KEY": {"generate": 32}})
    assert not recording.one("api-key").protect
    assert recording.one("api-key").inputs["recoveryWindowInDays"] == 30
