"""A table, a bus and CloudFront that arrive, reach a second region and leave: every step planned and judged."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from building import build, stack
from on_clusters import DIGEST
from rehearsing import Rehearsed, climbed

from phaseup.facts import facts_for
from phaseup.graph.values import leaves
from stacks.models import BadInput, Blueprint, load_blueprint

AWAY = "eu-central-1"
ECR = "111111111111.dkr.ecr.eu-west-1.amazonaws.com"
START = {
    "phaseup:images": {"api": "ghcr.io/meal/api" + DIGEST, "job": f"{ECR}/job" + DIGEST},
    "phaseup:phase": "small",
}
Phases = dict[str, dict[str, Any]]
SMALL: dict[str, Any] = {
    "net": {"kind": "network", "azs": 2, "nat": "one"},
    "app": {"kind": "server", "instance": "t4g.medium", "count": {"min": 1, "max": 2}, "registries": {"ghcr.io": {}}},
    "lb": {"kind": "balancer"},
    "edge": {"kind": "zone", "plan": "business", "hosts": {"api": {"to": "lb"}}},
    "api": {
        "kind": "service", "on": "app", "takes": "requests", "port": 3000, "hosts": ["api"],
        "health": {"path": "/health"}, "uses": ["orders"],
    },
    "assets": {"kind": "bucket", "store": "s3"},
    "orders": {"kind": "table", "hash": {"name": "pk"}},
    # Checks from outside are counted where all of CloudFront is, so that there are topics there from the first day.
    "watch": {
        "kind": "alarms",
        "checks": {"front": {"host": "api", "path": "/health"}},
        "alarms": {
            "down": {"metric": "uptime", "check": "front", "below": 50, "severity": "high"},
            "slow-table": {"metric": "throttles", "block": "orders", "above": 10, "severity": "high"},
        },
    },
}  # fmt: skip
LARGE: dict[str, Any] = {
    "net": {"regions": {AWAY: {}}},
    "lb": {"beside": {"cloudfront": {}}},
    "edge": {"hosts": {"api": {"cdn": "front"}}},
    "api": {"uses": {"bus": {}, "orders": {}}},
    "orders": {"regions": {AWAY: {}}, "indexes": {"by-buyer": {"hash": {"name": "buyer"}}}},
    "front": {
        "kind": "cdn",
        "provider": "cloudfront",
        "origins": {"api": {"block": "lb"}, "static": {"block": "assets"}},
        "hosts": {"api": {"origin": "api"}, "static": {"origin": "static"}},
        "cache": {"all": {"host": "static", "ttl": 86400}},
        "edge": {},
    },
    "job": {"kind": "function", "idempotent": True, "queue": {}},
    "bus": {
        "kind": "events",
        "archive_days": 30,
        "regions": {AWAY: {"copies": ["placed"]}},
        "rules": {
            "placed": {
                "pattern": {"source": ["orders"]},
                "to": {"work": {"function": "job"}, "later": {"queue": "job"}},
            }
        },
    },
    "watch": {
        "alarms": {
            "broken-table": {"metric": "system_errors", "block": "orders", "above": 0, "severity": "high"},
            "edge-errors": {"metric": "error_rate", "block": "front", "above": 1, "severity": "high"},
            "edge-misses": {"metric": "hit_rate", "block": "front", "below": 50, "severity": "high"},
            "undelivered": {"metric": "failed", "block": "bus", "above": 0, "severity": "high"},
        },
    },
}


def made_up(folder: Path, change: Callable[[Phases], object] = lambda _: None) -> Blueprint:
    phases = json.loads(json.dumps({"small": SMALL, "large": LARGE}))
    change(phases)
    document = {"system": "meal", "title": "Made up", "phases": {key: {"blocks": each} for key, each in phases.items()}}
    (folder / "meal.yaml").write_text(json.dumps(document))
    return load_blueprint("meal", folder)


@pytest.fixture(scope="module")
def legs(tmp_path_factory: pytest.TempPathFactory) -> list[Rehearsed]:
    folder = tmp_path_factory.mktemp("global")
    return climbed(made_up(folder), folder, START)


def of(legs: list[Rehearsed], kind: str, to: str) -> list[Rehearsed]:
    return [each for each in legs if each.kind == kind and each.leg.move and each.leg.move.to == to]


def test_no_step_is_blocked(legs: list[Rehearsed]) -> None:
    assert [(each.leg.move, each.judged.reasons) for each in legs if each.judged.verdict == "blocked"] == []
    assert {each.kind for each in legs} >= {"apply", "expand", "shift", "arm", "contract", "abort"}


def test_a_region_is_a_replica_of_its_own_and_no_change_of_the_table_s_list(legs: list[Rehearsed]) -> None:
    (expand,) = of(legs, "expand", "large")
    assert {f"orders-{AWAY}-replica", f"orders-{AWAY}-key"} <= expand.ops("create")
    # The index is added in place; nothing is said of replicas in the table itself.
    assert {path.split("[")[0] for path in expand.changes()["orders-table"]} == {"attributes", "globalSecondaryIndexes"}
    armed = [each for each in of(legs, "arm", "small") if f"orders-{AWAY}-replica" in each.changes()]
    assert [each.changes()[f"orders-{AWAY}-replica"] for each in armed] == [{"deletionProtectionEnabled"}]
    (contract,) = of(legs, "contract", "small")
    assert f"orders-{AWAY}-replica" in contract.ops("delete")
    assert "orders-table" not in contract.ops("delete") | contract.ops("replace")
    assert f"orders-{AWAY}-key" in contract.ops("delete"), "it leaves the state alone: it is retained"


def test_the_name_goes_to_cloudfront_in_one_line(legs: list[Rehearsed]) -> None:
    (expand,) = of(legs, "expand", "large")
    created = expand.ops("create")
    assert {"front-api", "front-static", "front-at-api", "front-certificate-api", "lb-cloudfront-secret"} <= created
    assert "edge-host-api" not in expand.changes()
    over = [each for each in of(legs, "shift", "large") if each.move.traffic == 100]
    assert over[0].changes()["edge-host-api"] == {"content", "proxied"}
    assert not over[0].ops("create") | over[0].ops("delete") | over[0].ops("replace")
    (down,) = of(legs, "contract", "small")
    assert {"front-api", "front-static", "front-edge", "lb-cloudfront-known", "front-waf"} <= down.ops("delete")


def test_every_property_that_is_set_has_a_fact_and_no_two_share_an_id(legs: list[Rehearsed]) -> None:
    (settled,) = of(legs, "contract", "large")
    states = [state for state in settled.run.outcome.snapshot if state.custom]
    ours = [state for state in states if state.urn.rsplit("::", 1)[1].startswith(("front-", "bus", "orders-"))]
    without: set[tuple[str, str]] = set()
    for state in ours:
        facts = facts_for(state.type)
        for path, _ in leaves({key: value for key, value in state.inputs.items() if not key.startswith("__")}):
            fact = facts.property(path) if facts is not None else None
            if fact is None or fact.effect == "unknown":
                without.add((state.type, path))
    assert without == set()
    assert len({state.type for state in ours}) > 25
    ids = [(state.type, state.id, state.inputs.get("region")) for state in ours]
    assert len(ids) == len(set(ids))


def test_alarms_stand_where_their_metrics_are(legs: list[Rehearsed]) -> None:
    (settled,) = of(legs, "contract", "large")
    alarms = {
        state.urn.rsplit("::", 1)[1]: state.inputs
        for state in settled.run.outcome.snapshot
        if state.type == "aws:cloudwatch/metricAlarm:MetricAlarm"
    }
    assert {name: inputs["region"] for name, inputs in alarms.items() if "edge-" in name} == {
        "watch-edge-errors-us-east-1": "us-east-1",
        "watch-edge-errors-static-us-east-1": "us-east-1",
        "watch-edge-misses-api-us-east-1": "us-east-1",
        "watch-edge-misses-static-us-east-1": "us-east-1",
    }
    assert alarms["watch-edge-errors-us-east-1"]["dimensions"].keys() == {"DistributionId", "Region"}
    assert {name for name in alarms if "slow-table" in name} == {"watch-slow-table", f"watch-slow-table-{AWAY}"}
    queries = alarms["watch-broken-table"]["metricQueries"]
    operations = [each["metric"]["dimensions"]["Operation"] for each in queries if "metric" in each]
    assert len(operations) == len(set(operations)) == 10
    rules = [each["metric"]["dimensions"]["RuleName"] for each in alarms["watch-undelivered"]["metricQueries"][:-1]]
    assert rules == ["meal-prod-bus-placed", f"meal-prod-bus-placed-to-{AWAY}"]


def refused(folder: Path, change: Callable[[Phases], object]) -> str:
    blueprint = made_up(folder, change)
    with pytest.raises(BadInput) as raised:
        build(stack({**START, "phaseup:phase": "large"}), blueprint)
    return str(raised.value)


def rule(phases: Phases, **to: Any) -> None:
    phases["large"]["bus"]["rules"]["placed"]["to"] = {"one": to}


def long_rules(phases: Phases) -> None:
    rules = {f"r{n}": {"host": "static", "path": f"/{n}{'x' * 200}", "ttl": 9} for n in range(40)}
    phases["large"]["front"]["cache"].update(rules)


def without_a_distribution(phases: Phases) -> None:
    phases["large"]["front"]["hosts"].pop("api")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda p: p["large"]["job"].pop("idempotent"),
            "bus.rules.placed.to.work.function: found job; allowed: a function with idempotent: true",
        ),
        (
            lambda p: p["large"]["job"].pop("queue"),
            "bus.rules.placed.to.later.queue: found job; allowed: a function with a queue",
        ),
        (
            lambda p: rule(p, queue="job", name="x"),
            "bus.rules.placed.to.one.name: found x; allowed: null: job has one queue",
        ),
        (
            lambda p: p["large"]["lb"].pop("beside"),
            "front.origins.api.block: found lb; allowed: a balancer with beside: {cloudfront: {}}",
        ),
        (
            lambda p: p["small"]["assets"].update({"store": "r2"}),
            "front.origins.static.block: found assets; allowed: a bucket with store s3",
        ),
        (without_a_distribution, "edge.hosts.api.cdn: found front; allowed: a cdn that answers api: it has static"),
        (long_rules, "front.cache: found"),
        (lambda p: p["large"]["orders"].update({"regions": {"us-west-2": {}}}), "orders.regions.us-west-2"),
    ],
)
def test_refused_before_anything_is_registered(
    tmp_path: Path, change: Callable[[Phases], object], message: str
) -> None:
    assert message in refused(tmp_path, change)
