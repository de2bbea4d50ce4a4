"""meal's whole ladder, up and down with every way back: the promises, on the real program."""

from __future__ import annotations

from itertools import pairwise

import pytest

from phaseup.climb.ladder import legs
from phaseup.climb.path import differences
from phaseup.climb.phases import stack_of
from phaseup.climb.report import ClimbReport
from stacks.models.load_blueprint import load_blueprint
from tests.climbs import shared, whole

pytestmark = shared("meal")


@pytest.fixture(scope="module")
def report() -> ClimbReport:
    return whole("meal").report


def test_the_ladder_goes_up_and_down_through_every_kind_of_step(report: ClimbReport) -> None:
    up = [step.step for step in report.steps if step.direction == "up" and not step.backing_out]
    assert up[:2] == ["apply", "expand"]
    assert up[-1] == "contract"
    assert "shift" in up
    assert [step.block for step in report.steps if step.step == "rung" and not step.backing_out][:2] == [
        "cache",
        "queue",
    ]
    down = [step.step for step in report.steps if step.direction == "down" and not step.backing_out]
    assert down[0] == "expand"
    assert down[-1] == "contract"
    assert [step.index for step in report.steps] == list(range(1, len(report.steps) + 1))


def test_no_step_is_blocked_and_only_arms_need_approval(report: ClimbReport) -> None:
    told = [(step.index, step.step, step.verdict, step.reason) for step in report.steps]
    assert [entry for entry in told if entry[2] == "blocked"] == []
    assert {entry[1] for entry in told if entry[2] == "needs-approval"} <= {"arm"}
    assert report.exit_code == 0


def test_nothing_that_holds_data_or_serves_is_at_risk(report: ClimbReport) -> None:
    assert [risk for step in report.steps for risk in step.at_risk] == []


def test_expand_rung_shift_and_arm_delete_nothing(report: ClimbReport) -> None:
    deleting = [step for step in report.steps if step.counts["delete"]]
    assert {step.step for step in deleting} <= {"contract", "abort"}
    assert deleting, "a ladder that never deletes anything would prove nothing"


def test_there_is_a_way_back_from_every_state_inside_a_move(report: ClimbReport) -> None:
    inside = [step for step in report.steps if not step.backing_out and step.step in {"expand", "rung", "shift", "arm"}]
    ways = [step for step in report.steps if step.backing_out]
    assert len({step.step for step in ways} & {"abort", "shift"}) == 2
    assert sum(step.step == "abort" for step in ways) >= len(inside) // 2


def test_what_is_retired_was_named_and_is_lost_nowhere_else(report: ClimbReport) -> None:
    assert all(step.step in {"contract", "abort"} for step in report.steps if step.retired)


def test_storage_that_cannot_shrink_is_kept_and_says_why(report: ClimbReport) -> None:
    kept = [entry for step in report.steps if step.direction == "down" for entry in step.kept]
    assert any(entry.block == "db" and "storage" in entry.why for entry in kept)


def test_counts_add_up_from_step_to_step(report: ClimbReport) -> None:
    straight = [step for step in report.steps if not step.backing_out]
    assert any(step.verdict == "refused" for step in straight), "what is refused is no apply: it leaves what there is"
    for before, after in pairwise(straight):
        if after.verdict == "refused":
            assert (sum(after.counts.values()), after.resources) == (0, before.resources), after.index
            continue
        total = sum(after.counts.values()) - after.counts["create"]
        assert total == before.resources, (before.index, after.index)


def test_climbed_or_born_a_phase_is_the_same_graph() -> None:
    blueprint = load_blueprint("meal")
    assert differences(stack_of("meal", "prod"), blueprint) == {phase: [] for phase in blueprint.names}


def test_tests_that_share_a_climb_share_a_worker(request: pytest.FixtureRequest) -> None:
    """Where the mark has no effect nothing else fails: each worker climbs anew, which takes minutes."""
    if getattr(request.config.option, "loadgroup", False):
        assert request.node.nodeid.endswith("@meal-climb"), "this pytest-xdist does not group under this pytest"


def test_legs_are_listed_once() -> None:
    """Two refused legs may join the same two configs, as nothing changes: they are told by what each refuses."""
    found = legs(stack_of("meal", "prod"), load_blueprint("meal"), down=True, aborts=True)
    pairs = [
        (str(leg.before.values), str(leg.after.values), (leg.move.block, leg.move.stage) if leg.move.refused else None)
        for leg in found
        if leg.move and leg.before
    ]
    assert len(pairs) == len(set(pairs)) == len(found) - 1
