"""A name that one service answers becomes several services' by their paths, and back: who takes which share."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from building import build, stack
from on_clusters import DIGEST, Phases, made_up, moving, settled
from recording import Recording

from stacks.models import BadInput, Blueprint

PATHS = {"orders": ["/orders"], "products": ["/products", "/categories"]}
EXTRA = {name: f"ghcr.io/meal/{name}{DIGEST}" for name in ("users", *PATHS)}


def split(phases: Phases) -> None:
    """The API on servers leaves; users, orders and products arrive on the cluster, users with what no other takes."""
    small, large = phases["small"], phases["large"]
    small["app"]["count"] = {"min": 1, "max": 1}
    large["api"] = None
    placed = {"cluster": {"namespace": "app", "replicas": 2}}
    for name in EXTRA:
        hosts: Any = {"api": {"paths": PATHS[name]}} if name in PATHS else ["api"]
        large[name] = {"kind": "service", "on": placed, "takes": "requests", "port": 3000, "health": {}, "hosts": hosts}


@pytest.fixture(scope="module")
def blueprint(tmp_path_factory: pytest.TempPathFactory) -> Blueprint:
    return made_up(tmp_path_factory.mktemp("split"), split)


def images(config: dict[str, Any]) -> dict[str, Any]:
    return {**config, "phaseup:images": {**config["phaseup:images"], **EXTRA}}


def weights(recording: Recording) -> dict[str, dict[str, int]]:
    """Rule → target group → weight, by what they are named after."""
    groups = {
        each.inputs["tags"]["service"]: each.name.removeprefix("lb-")
        for each in recording.by_type("aws:lb/targetGroup:TargetGroup")
    }
    out: dict[str, dict[str, int]] = {}
    for rule in recording.by_type("aws:lb/listenerRule:ListenerRule"):
        name = re.fullmatch("lb-(.*)-rule", rule.name)
        assert name
        out[name[1]] = {
            groups[re.search(r"lb-([a-z]+)-on", each["arn"])[1]]: each["weight"]  # type: ignore[index]
            for each in rule.inputs["actions"][0]["forward"]["targetGroups"]
        }
    return out


@pytest.mark.parametrize("traffic", [0, 10, 100])
@pytest.mark.parametrize("up", [True, False])
def test_each_request_has_both_sides_shares(blueprint: Blueprint, traffic: int, up: bool) -> None:
    move = moving(traffic) if up else moving(traffic, "large", "small")
    old = 100 - traffic if up else traffic
    new = 100 - old
    assert weights(build(stack(images(move)), blueprint)) == {
        "api": {"api-on-app": old, "users-on-cluster": new},
        "users": {"api-on-app": old, "users-on-cluster": new},
        "orders": {"api-on-app": old, "orders-on-cluster": new},
        "products": {"api-on-app": old, "products-on-cluster": new},
    }


def test_settled_each_has_its_own(blueprint: Blueprint) -> None:
    assert weights(build(stack(images(settled("large"))), blueprint)) == {
        name: {f"{name}-on-cluster": 100} for name in EXTRA
    }
    assert weights(build(stack(images(settled("small"))), blueprint)) == {"api": {"api-on-app": 100}}


def _another_rest(phases: Phases) -> None:
    phases["large"]["orders"]["hosts"] = ["api"]


def _path_below(phases: Phases) -> None:
    phases["large"]["orders"]["hosts"] = {"api": {"paths": ["/products/orders"]}}


def _two_before(phases: Phases) -> None:
    small, large = phases["small"], phases["large"]
    small["admin"] = {**small["api"], "hosts": ["admin"], "port": 3001}
    large["admin"] = None
    large["users"]["hosts"] = ["api", "admin"]


def _tunnel(phases: Phases) -> None:
    small = phases["small"]
    phases["large"].clear()
    del small["lb"]
    small["app"] |= {"tunnel": True}
    small["edge"]["hosts"]["api"]["to"] = "app"
    small["api"]["hosts"] = {"api": {"paths": ["/v1"]}}


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (_another_rest, "hosts.api: found api; allowed: a name that"),
        (_path_below, "hosts.api.paths: found /products"),
        (_two_before, "users.hosts: found what admin, api answer there"),
    ],
)
def test_names_that_cannot_be_shared_are_refused(tmp_path: Path, spoil: Any, found: str) -> None:
    def both(phases: Phases) -> None:
        split(phases)
        spoil(phases)

    blueprint = made_up(tmp_path, both)
    config = images(moving(0))
    config["phaseup:images"]["admin"] = config["phaseup:images"]["api"]
    with pytest.raises(BadInput) as bad:
        build(stack(config), blueprint)
    assert found in str(bad.value)


def test_a_tunnel_knows_no_paths(tmp_path: Path) -> None:
    blueprint = made_up(tmp_path, _tunnel)
    with pytest.raises(BadInput, match=r"api.hosts.api.paths: found /v1; allowed: none behind a tunnel"):
        build(stack(settled("small")), blueprint)
