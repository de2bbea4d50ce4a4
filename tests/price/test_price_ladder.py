"""meal's costs along its ladder: every step's price before is the price after the step that led to its state, whether
the graph was recorded whole or planned with values still unknown."""

from __future__ import annotations

import pytest

from phaseup.climb.ladder import key_of
from phaseup.climb.report import ClimbStep
from phaseup.price.report import report
from stacks.models.load_blueprint import load_blueprint
from tests.climbs import shared, whole

pytestmark = shared("meal")


def test_a_planned_state_costs_what_the_recorded_one_does() -> None:
    climb = whole("meal")
    after: dict[str, tuple[ClimbStep, float]] = {}
    compared = 0
    for each in climb.climbed:
        assert each.step.cost[0] is not None
        assert each.step.cost[1] is not None
        before = key_of(each.leg.before) if each.leg.before is not None else ""
        if before in after:
            compared += 1
            step, usd = after[before]
            assert each.step.cost[0] == pytest.approx(usd, abs=0.02), (step.index, each.step.index)
        if each.step.verdict != "refused" and not each.step.backing_out:
            after[key_of(each.leg.after)] = (each.step, each.step.cost[1])
    assert compared > 20


def test_a_refused_step_costs_nothing_more() -> None:
    refused = [each.step for each in whole("meal").climbed if each.step.verdict == "refused"]
    assert refused
    assert all(step.cost[0] == step.cost[1] != 0 for step in refused)


def test_the_ladder_starts_from_nothing_and_never_gets_cheaper_from_phase_to_phase() -> None:
    steps = [each.step for each in whole("meal").climbed]
    assert steps[0].cost[0] == 0
    reached = [
        s.cost[1] for s in steps if s.direction == "up" and not s.backing_out and s.step in ("apply", "contract")
    ]
    assert reached == sorted(reached, key=lambda usd: usd or 0)
    assert len(reached) == 4


def test_each_phase_is_priced_whole_and_its_total_is_in_the_json() -> None:
    climb = whole("meal")
    blueprint = load_blueprint("meal")
    settled = {}
    for each in climb.climbed:
        config = each.leg.before
        if config is not None and config.moving is None and not config.retire:
            settled.setdefault(config.phase, (config, climb.states[key_of(config)]))
    assert set(settled) == set(blueprint.names)
    for config, state in settled.values():
        document = report(config, blueprint, state).to_json()
        assert document["total"] == pytest.approx(sum(line["usd"] for line in document["lines"]), abs=0.05)
        assert document["total"] == pytest.approx(sum(document["categories"].values()), abs=0.05)
        assert document["unpriced"] == list(dict.fromkeys(document["unpriced"]))
        assert [e["why"] for e in document["why_unpriced"] if e["why"] == "no handler knows this type"] == []
        assert set(document["breakdown"]) == {"compute", "database", "cache", "edge", "other"}
        assert document["within"] is (document["budget"]["low"] <= document["total"] <= document["budget"]["high"])
