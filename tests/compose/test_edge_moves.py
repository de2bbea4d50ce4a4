"""How requests move: to a gateway before the balancer, and over two regions; every step of it, up and down."""

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
HERE = {AWAY: {}}
START = {"phaseup:images": {"api": "ghcr.io/meal/api" + DIGEST}, "phaseup:phase": "lone"}
Phases = dict[str, dict[str, Any]]
LONE: dict[str, Any] = {
    "net": {"kind": "network", "azs": 3, "nat": "one"},
    "cluster": {
        "kind": "kubernetes",
        "nodes": {"main": {"instance": "m7g.large", "count": {"min": 3, "max": 10}}},
        "access": {"apply": {"role": "deploy/apply", "level": "cluster-admin"}},
        "namespaces": {"app": {}},
        "registries": {"ghcr.io": {}},
    },
    "lb": {"kind": "balancer"},
    "edge": {"kind": "zone", "plan": "business", "hosts": {"api": {"to": "lb"}, "app": {"to": "lb"}}},
    "api": {
        "kind": "service",
        "on": {"cluster": {"namespace": "app"}},
        "takes": "requests",
        "port": 3000,
        "hosts": ["api", "app"],
        "health": {"path": "/health"},
    },
}
GATED: dict[str, Any] = {
    "gate": {
        "kind": "gateway",
        "routes": {
            "health": {"method": "GET", "path": "/health", "auth": "none"},
            "v1": {"path": "/v1/{proxy+}"},
        },
        "jwt": {"issuer": "https://app.@/", "audience": ["meal"]},
    },
    "edge": {"hosts": {"api": {"to": "gate"}}},
}
TWICE: dict[str, Any] = {
    **{block: {"regions": HERE} for block in ("net", "cluster", "lb", "gate", "api")},
    "edge": {"load_balancing": {"steering": "dynamic_latency"}},
}
WEIGHED = {"edge-balance-api", "edge-balance-app"}


def made_up(folder: Path, change: Callable[[Phases], object] = lambda _: None) -> Blueprint:
    phases = json.loads(json.dumps({"lone": LONE, "gated": GATED, "twice": TWICE}))
    change(phases)
    document = {"system": "meal", "title": "Made up", "phases": {key: {"blocks": each} for key, each in phases.items()}}
    (folder / "meal.yaml").write_text(json.dumps(document))
    return load_blueprint("meal", folder)


@pytest.fixture(scope="module")
def legs(tmp_path_factory: pytest.TempPathFactory) -> list[Rehearsed]:
    folder = tmp_path_factory.mktemp("moves")
    return climbed(made_up(folder), folder, START)


def shifts(legs: list[Rehearsed], old: str, new: str) -> dict[int, Rehearsed]:
    return {
        each.leg.move.traffic: each
        for each in legs
        if each.kind == "shift" and each.leg.move and (each.leg.move.from_, each.leg.move.to) == (old, new)
        and each.leg.move.traffic is not None
    }  # fmt: skip


def of(legs: list[Rehearsed], kind: str, old: str, new: str) -> Rehearsed:
    return next(
        each
        for each in legs
        if each.kind == kind and each.leg.move and (each.leg.move.from_, each.leg.move.to) == (old, new)
    )


def test_no_step_is_blocked(legs: list[Rehearsed]) -> None:
    assert [(each.leg.move, each.judged.reasons) for each in legs if each.judged.verdict == "blocked"] == []
    approvals = {each.kind for each in legs if each.judged.verdict == "needs-approval"}
    assert approvals <= {"arm"}
    assert {each.kind for each in legs} >= {"apply", "expand", "shift", "arm", "contract", "abort"}


def test_a_gateway_takes_over_in_one_step_as_nothing_could_weigh(legs: list[Rehearsed]) -> None:
    for old, new in (("lone", "gated"), ("gated", "lone")):
        over = shifts(legs, old, new)
        assert set(over) <= {0, 100}
        # The name alone changes where it points: not even the other host's.
        assert over[100].changes() == {"edge-host-api": {"content"}}
        assert not over[100].ops("create") | over[100].ops("delete") | over[100].ops("replace")
    started = of(legs, "expand", "lone", "gated")
    assert {"gate-api", "gate-api-domain", "gate-way", "gate-link", "gate-origin-pulls"} <= started.ops("create")
    assert "edge-host-api" not in started.ops("update")


def test_a_second_region_is_weighed_in(legs: list[Rehearsed]) -> None:
    for old, new in (("gated", "twice"), ("twice", "gated")):
        over = shifts(legs, old, new)
        assert set(over) >= {10, 50, 100}
        for share in (10, 50, 100):
            changed = over[share].changes()
            assert set(changed) == WEIGHED, (old, new, share)
            assert all(path.startswith("randomSteering.poolWeights") for paths in changed.values() for path in paths)
            assert not over[share].ops("create") | over[share].ops("delete") | over[share].ops("replace")


def weights(rehearsed: Rehearsed, label: str) -> dict[str, float]:
    states = {state.urn.rsplit("::", 1)[1]: state for state in rehearsed.run.outcome.snapshot if state.custom}
    pools = {state.id: name for name, state in states.items() if "-on-" in name and name.startswith("edge-balance-")}
    given = states[f"edge-balance-{label}"].inputs["randomSteering"]["poolWeights"]
    return {pools[pool].split("-on-")[1]: weight for pool, weight in given.items()}


def test_a_new_region_gets_nothing_at_first_and_half_in_the_end(legs: list[Rehearsed]) -> None:
    over = shifts(legs, "gated", "twice")
    assert weights(over[10], "api") == {"gate": 0.95, f"gate-{AWAY}": 0.05}
    assert weights(over[50], "app") == {"lb": 0.75, f"lb-{AWAY}": 0.25}
    assert weights(over[100], "api") == {"gate": 0.5, f"gate-{AWAY}": 0.5}
    back = shifts(legs, "twice", "gated")
    assert weights(back[100], "api") == {"gate": 1.0, f"gate-{AWAY}": 0.0}


def test_load_balancing_comes_and_goes_over_the_record(legs: list[Rehearsed]) -> None:
    started, ended = of(legs, "expand", "gated", "twice"), of(legs, "contract", "twice", "gated")
    assert started.ops("create") >= WEIGHED
    steps = started.steps()
    for label, home in (("api", "gate"), ("app", "lb")):
        made = steps[f"edge-balance-{label}"].new
        assert made is not None
        assert (made.inputs["steeringPolicy"], made.inputs["adaptiveRouting"]) == (
            "random", {"failoverAcrossPools": False},
        )  # fmt: skip
        assert f"edge-balance-{label}-on-{home}" in started.ops("create")
    # The records beneath do not move, so there is no gap on either side.
    for each in (started, ended):
        assert not {"edge-host-api", "edge-host-app"} & (each.ops("update") | each.ops("replace") | each.ops("delete"))
    assert ended.ops("delete") >= WEIGHED
    # Settled, it steers as asked.
    settled = of(legs, "contract", "gated", "twice")
    assert settled.changes()["edge-balance-api"] >= {"steeringPolicy"}


def test_one_record_proves_the_domain_in_both_regions(legs: list[Rehearsed]) -> None:
    settled = of(legs, "contract", "gated", "twice").run.outcome.snapshot
    names = [state.urn.rsplit("::", 1)[1] for state in settled if state.custom]
    assert [name for name in names if name.endswith("-certificate-proof")] == ["lb-certificate-proof"]
    assert {name for name in names if name.endswith("-certificate-issued")} == {
        "lb-certificate-issued", f"lb-{AWAY}-certificate-issued",
    }  # fmt: skip
    domains = [state for state in settled if state.type == "aws:apigatewayv2/domainName:DomainName"]
    assert {(each.inputs["region"], each.inputs["domainName"].split(".")[0]) for each in domains} == {
        ("eu-west-1", "api"), (AWAY, "api"),
    }  # fmt: skip
    group = [state for state in settled if state.urn.endswith(f"::lb-{AWAY}-api-on-cluster")]
    assert [each.inputs["namePrefix"] for each in group] == ["api-"]


def test_every_property_that_is_set_has_a_fact(legs: list[Rehearsed]) -> None:
    without: set[tuple[str, str]] = set()
    looked_at = set()
    for state in of(legs, "contract", "gated", "twice").run.outcome.snapshot:
        if state.custom and state.urn.rsplit("::", 1)[1].startswith(("gate-", "edge-balance-", "lb-")):
            looked_at.add(state.type)
            facts = facts_for(state.type)
            stated = {key: value for key, value in state.inputs.items() if not key.startswith("__")}
            for path, _ in leaves(stated):
                fact = facts.property(path) if facts is not None else None
                if fact is None or fact.effect == "unknown":
                    without.add((state.type, path))
    assert "aws:apigatewayv2/vpcLink:VpcLink" in looked_at
    assert without == set()


def refused(folder: Path, phase: str, change: Callable[[Phases], object]) -> str:
    blueprint = made_up(folder, change)
    with pytest.raises(BadInput) as raised:
        build(stack({**START, "phaseup:phase": phase}), blueprint)
    return str(raised.value)


@pytest.mark.parametrize(
    ("phase", "change", "message"),
    [
        (
            "gated",
            lambda p: (p["lone"].pop("lb"), p["twice"].pop("lb"), p["lone"]["edge"].pop("hosts")),
            "gate.kind: found a gateway without a balancer; allowed: a block of kind balancer too",
        ),
        (
            "twice",
            lambda p: p["twice"].pop("lb"),
            f"gate.regions.{AWAY}: found {AWAY}; allowed: one of lb's regions: none",
        ),
        (
            "twice",
            lambda p: p["twice"].pop("edge"),
            f"edge.load_balancing: found null; allowed: load balancing, as gate stands in {AWAY} too",
        ),
        (
            "twice",
            lambda p: p["twice"].pop("api"),
            f"api.regions: found none; allowed: {AWAY} too, where gate answers api for it",
        ),
        (
            "twice",
            lambda p: p["twice"]["edge"].update({"load_balancing": {"weights": {"eu-north-1": 1}}}),
            "edge.load_balancing.weights.eu-north-1: found eu-north-1; allowed: a region where a host is answered",
        ),
        (
            "twice",
            lambda p: p["gated"]["gate"]["routes"].pop("health"),
            "gate.routes: found v1; allowed: a route with auth: none for GET /health",
        ),
    ],
)
def test_names_that_nobody_would_answer(
    tmp_path: Path, phase: str, change: Callable[[Phases], object], message: str
) -> None:
    assert message in refused(tmp_path, phase, change)
