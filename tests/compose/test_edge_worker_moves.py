"""Workers and a CDN that come and go: each step, up and down, planned by the program and judged as the move."""

from __future__ import annotations

from pathlib import Path

import pytest
from rehearsing import Rehearsed, climbed
from test_edge_workers import made_up, settled


@pytest.fixture(scope="module")
def legs(tmp_path_factory: pytest.TempPathFactory) -> list[Rehearsed]:
    folder: Path = tmp_path_factory.mktemp("workers")
    return climbed(made_up(folder), folder, settled("small"))


def found(legs: list[Rehearsed], kind: str, to: str) -> list[Rehearsed]:
    return [each for each in legs if each.kind == kind and each.leg.move and each.leg.move.to == to]


def test_no_step_does_more_than_its_kind_may(legs: list[Rehearsed]) -> None:
    verdicts = {(each.kind, each.judged.verdict) for each in legs}
    assert {verdict for kind, verdict in verdicts if kind != "arm"} == {"safe"}
    assert {kind for kind, _ in verdicts} >= {"apply", "expand", "shift", "contract", "abort", "arm"}


def test_what_arrives_stays_out_of_the_way(legs: list[Rehearsed]) -> None:
    (expand,) = found(legs, "expand", "large")
    created = expand.ops("create")
    assert {"edge-api-script", "edge-api-route-api", "edge-api-kv-flags", "cdn-service", "cdn-tls-api"} <= created
    steps = expand.steps()
    for route in ("edge-api-route-api", "resizer-route-thumbs"):
        new = steps[route].new
        assert new is not None
        assert "script" not in new.inputs
    assert "edge-host-api" not in expand.changes()
    assert expand.ops("delete") == set()


def test_a_shift_is_routes_and_crons_alone(legs: list[Rehearsed]) -> None:
    shifts = [each for each in found(legs, "shift", "large") if each.leg.move and each.leg.move.traffic == 100]
    changes = {name: paths for each in shifts for name, paths in each.changes().items()}
    assert set(changes) == {
        "resizer-route-images", "resizer-route-thumbs", "edge-api-route-api", "resizer-crons", "edge-api-crons",
    }  # fmt: skip
    assert changes["edge-api-route-api"] == {"script"}


def test_contract_takes_what_no_longer_answers(legs: list[Rehearsed]) -> None:
    (up,) = found(legs, "contract", "large")
    assert up.ops("delete") == {"resizer-route-images"}
    (down,) = found(legs, "contract", "small")
    gone = down.ops("delete")
    assert {"cdn-service", "cdn-tls-api", "lb-fastly", "resizer-route-thumbs"} <= gone
    assert "edge-api-kv-flags" not in gone, "it holds data: the worker is kept"


def test_the_way_back_takes_exactly_what_arrived(legs: list[Rehearsed]) -> None:
    for each in found(legs, "abort", "large"):
        gone = each.ops("delete")
        if gone:
            assert "edge-api-script" in gone or "cdn-service" in gone
            assert "resizer-script" not in gone
