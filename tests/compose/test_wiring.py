"""meal's blocks wired together: who reaches what, where requests go, and what a move changes."""

from __future__ import annotations

import json

import pytest
from building import build, moving, outputs, stack
from host_files import host_files
from recording import Recording

from phaseup.graph.values import leaves
from stacks.compose import KINDS
from stacks.compose.order import BUILDERS
from stacks.models.kinds import NAMES

RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"


def units(recording: Recording, server: str) -> dict[str, dict[str, object]]:
    files = host_files(recording.one(f"{server}-template").inputs["userData"])
    return json.loads(files["/etc/phaseup/units.json"])


def origins(recording: Recording) -> set[str]:
    return {recording.one(f"edge-host-{label}").inputs["content"] for label in ("api", "app")}


@pytest.fixture
def mvp() -> Recording:
    return build(stack())


@pytest.fixture
def growth() -> Recording:
    return build(stack({"phaseup:phase": "growth"}))


def test_every_kind_has_a_builder() -> None:
    assert set(NAMES) == KINDS
    assert len(set(BUILDERS)) == len(BUILDERS)


def test_databases_let_in_the_servers_whose_services_use_them(mvp: Recording) -> None:
    rules = {each.name: each.inputs["referencedSecurityGroupId"] for each in mvp.by_type(RULE)}
    assert set(rules) == {
        "db-from-app", "db-from-jobs", "db-from-scrapers", "cache-from-app", "queue-from-app", "queue-from-jobs",
        "queue-from-scrapers",
    }  # fmt: skip
    assert all(group.startswith(f"{name.split('-from-')[1]}-sg-") for name, group in rules.items())


def test_only_consumers_read_a_role_s_login(mvp: Recording) -> None:
    readers = {each.name for each in mvp.by_type("aws:iam/rolePolicy:RolePolicy") if "-for-" in each.name}
    assert readers == {
        "db-for-app", "db-for-jobs", "db-for-scrapers", "cache-for-app", "queue-for-app", "queue-for-jobs",
        "queue-for-scrapers",
        "images-for-app", "images-for-scrapers",
    }  # fmt: skip
    policy = json.loads(mvp.one("db-for-app").inputs["policy"])
    assert {each["Action"] for each in policy["Statement"]} == {"secretsmanager:GetSecretValue", "kms:Decrypt"}


def test_data_spans_all_zones_whatever_is_in_use(mvp: Recording) -> None:
    for name in ("db-subnets", "cache-subnets", "queue-subnets"):
        subnets = mvp.one(name).inputs["subnetIds"]
        assert [each.rsplit("-", 1)[0] for each in subnets] == [f"net-data-euw1-az{i}" for i in (1, 2, 3)]
    assert len(mvp.one("app-group").inputs["vpcZoneIdentifiers"]) == 2


def test_roles_have_one_name_in_every_phase(mvp: Recording, growth: Recording) -> None:
    for recording in (mvp, growth):
        names = {each.inputs["name"] for each in recording.by_type("aws:route53/record:Record")}
        assert names == {
            "db.prod.meal.internal", "db-read.prod.meal.internal", "cache.prod.meal.internal",
            "queue.prod.meal.internal",
        }  # fmt: skip
        said = json.loads(recording.one("db-parameter").inputs["insecureValue"])["env"]
        assert said["HOST"] == "db.prod.meal.internal"
        assert (said["PORT"], said["NAME"]) == ("5432", "app")


def test_reads_go_to_replicas_once_there_are_any(mvp: Recording, growth: Recording) -> None:
    def weights(recording: Recording) -> dict[str, int]:
        return {
            each.inputs["setIdentifier"]: each.inputs["weightedRoutingPolicies"][0]["weight"]
            for each in recording.by_type("aws:route53/record:Record")
            if "setIdentifier" in each.inputs
        }

    assert weights(mvp) == {"primary": 1}
    assert weights(growth) == {"primary": 0, "replica-a": 1, "replica-b": 1}


def test_requests_go_over_from_tunnel_to_balancer_at_100_and_not_before() -> None:
    before, started, shifted = (build(stack(change)) for change in (None, moving(0), moving(100)))
    assert all(name.endswith(".cfargotunnel.com") for name in origins(before) | origins(started))
    assert all(name.endswith(".elb.amazonaws.com") for name in origins(shifted))
    # Both ways stand at once, so that neither the shift nor its taking back has a gap.
    for recording in (started, shifted):
        assert {"app-tunnel", "lb-lb", "lb-api-rule", "app-serves-api"} <= recording.names()
        assert "cloudflared" in units(recording, "app")


def test_the_tunnel_can_be_given_up_while_hosts_still_hold_it() -> None:
    """Contract deletes it while the hosts that hold it are replaced only after the apply; Cloudflare would refuse."""
    for config, retained in ((stack(), False), (stack(moving(0)), True), (stack(moving(100)), True)):
        assert build(config).one("app-tunnel").retain is retained
    back = stack({"phaseup:phase": "mvp", "phaseup:moving": {"from": "growth", "traffic": 0},
                  "phaseup:overrides": {"db": {"storage": 100, "max_storage": 400}}})  # fmt: skip
    assert build(back).one("app-tunnel").retain


def test_the_connector_waits_for_what_answers_its_names(mvp: Recording) -> None:
    assert units(mvp, "app")["cloudflared"]["behind"] == ["api"]
    assert "cloudflared" not in units(mvp, "scrapers")


def test_a_shift_touches_names_and_work_only() -> None:
    started, shifted = build(stack(moving(0))), build(stack(moving(100)))
    assert started.urns() == shifted.urns()
    then = {each.urn: each for each in shifted.resources}
    changed = {each.name for each in started.resources if then[each.urn].inputs != each.inputs}
    assert changed == {"edge-host-api", "edge-host-app", "scrapers-template"}
    assert [each.protect for each in started.resources] == [then[each.urn].protect for each in started.resources]


def test_work_follows_the_move() -> None:
    """The one scraper stops where its successors start; both take from one queue."""
    counts = [
        {name: unit["count"] for name, unit in units(build(stack(moving(t))), "scrapers").items()} for t in (0, 100)
    ]
    assert counts[0].pop("scraper") == 1
    assert counts[1].pop("scraper") == 0
    assert set(counts[0].values()) == {0}
    assert set(counts[1].values()) == {1}
    assert len(counts[1]) == 8


def test_a_host_is_judged_by_its_balancer_only_once_that_has_stood_for_an_apply(growth: Recording) -> None:
    assert build(stack(moving(0))).one("app-group").inputs["healthCheckType"] == "EC2"
    assert build(stack(moving(100))).one("app-group").inputs["healthCheckType"] == "EC2"
    assert growth.one("app-group").inputs["healthCheckType"] == "ELB"
    assert growth.one("scrapers-group").inputs["healthCheckType"] == "EC2"


def test_scaling_by_requests_waits_for_the_rule_that_uses_the_target_group(growth: Recording) -> None:
    waits = {urn.rsplit("::", 1)[1] for urn in growth.one("app-group").depends_on}
    assert "lb-api-rule" in waits


def test_in_growth_only_the_balancer_comes_in(growth: Recording) -> None:
    entries = [each for each in growth.by_type(RULE) if each.name.startswith(("app-", "scrapers-"))]
    assert [each.name for each in entries] == ["app-from-balancer-api"]


def test_services_learn_where_they_run_but_no_phase(mvp: Recording) -> None:
    unit = units(mvp, "app")["api"]
    assert unit["env"]["ENVIRONMENT"] == "prod"
    assert unit["env"]["DOMAIN"] == "mealplanner.es"
    assert "PHASE" not in unit["env"]


def test_no_input_of_any_resource_names_a_phase(mvp: Recording, growth: Recording) -> None:
    """A tag or a setting with the phase in it would touch everything in every move."""
    for recording in (mvp, growth):
        for each in recording.resources:
            words = {value for _, value in leaves(each.inputs) if isinstance(value, str)}
            assert not {"mvp", "growth"} & words, each.name


def test_outputs_are_endpoints_and_names_and_no_secret() -> None:
    given = outputs(stack())
    assert given["phase"] == "mvp"
    assert given["hostnames"] == {"api": "api.mealplanner.es", "app": "app.mealplanner.es"}
    assert set(given["roles"]) == {"db", "cache", "queue", "images"}
    assert given["roles"]["db"]["names"] == {
        "HOST": "db.prod.meal.internal",
        "READ_HOST": "db-read.prod.meal.internal",
    }
    assert set(given["origins"]) == {"app"}
    assert not any("secret" in key or "password" in key for key in given)


def test_an_armed_block_alone_gives_up_its_protection() -> None:
    """Going back down, the balancer is armed at traffic 100: it and its logs are free to go, nothing else is."""
    down = {"phaseup:phase": "mvp", "phaseup:moving": {"from": "growth", "traffic": 100}}
    retire = {"phaseup:retire": {"lb": {"reason": "back on the tunnel", "until": "2999-01-01"}}}
    kept = {"phaseup:overrides": {"db": {"storage": 100, "max_storage": 400}}}
    before = build(stack({**down, **kept}))
    armed = build(stack({**down, **kept, **retire}))
    lifted = {
        each.name
        for each in before.resources
        if each.protect and not next(a for a in armed.resources if a.urn == each.urn).protect
    }
    assert lifted == {"lb-lb", "lb-logs"}
    assert armed.one("lb-lb").inputs["enableDeletionProtection"] is False


def test_development_protects_nothing() -> None:
    assert not any(each.protect for each in build(stack(name="meal-dev")).resources)


def test_limits_reach_the_host(mvp: Recording) -> None:
    scraper = units(mvp, "scrapers")["scraper"]
    assert (scraper["cpus"], scraper["memory"], scraper["shm"]) == (2, 2048, 2048)
