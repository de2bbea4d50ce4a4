"""The rehearsal against what the genuine engine did, case by case; needs no engine (see `golden/corner.yaml`)."""

from __future__ import annotations

import pytest

from phaseup.engine.compare import plan_ops, plan_refusals
from phaseup.record.errors import RecordError
from tests.engine.corners import GROUPS, LEFTOVERS, cases, load_golden, short
from tests.engine.rehearsed import alone, first, planned, recorded

GOLDEN = load_golden()
CASES = [(group, case) for group in (*GROUPS, LEFTOVERS) for case in cases(group)]


@pytest.mark.parametrize(("group", "case"), CASES, ids=[f"{group}-{case}" for group, case in CASES])
def test_the_plan_of_each_case_alone_is_the_engines(group, case):
    assert short(plan_ops(alone(group, case).outcome.steps)) == GOLDEN["ops"][group][case]


@pytest.mark.parametrize("group", [*GROUPS, LEFTOVERS])
def test_the_plan_of_all_cases_together_is_the_engines(group):
    together = {urn: ops for ops in GOLDEN["ops"][group].values() for urn, ops in ops.items()}
    assert short(plan_ops(planned(group, 2, old=first(group)).outcome.steps)) == together


@pytest.mark.parametrize("group", GROUPS)
def test_a_second_plan_of_the_same_step_changes_nothing(group):
    again = plan_ops(planned(group, 1, old=first(group)).outcome.steps)
    assert set(again.values()) <= {("same",), ("read",)}
    assert set(again) == set(plan_ops(recorded(group, 1).outcome.steps))


@pytest.mark.parametrize("group", GROUPS)
def test_a_plan_after_the_step_changes_nothing(group):
    second = recorded(group, 2, old=first(group)).outcome.snapshot
    again = plan_ops(planned(group, 2, old=second).outcome.steps)
    assert {urn: ops for urn, ops in again.items() if ops not in (("same",), ("read",))} == {}


def test_every_case_of_the_programs_is_in_the_golden_file():
    assert {group: list(found) for group, found in GOLDEN["ops"].items()} == {
        group: cases(group) for group in (*GROUPS, LEFTOVERS)
    }
    assert list(GOLDEN["refusals"]) == cases("failing")


@pytest.mark.parametrize("case", cases("failing"))
def test_what_the_engine_refuses_the_rehearsal_refuses_with_the_same_words(case):
    try:
        run = planned("failing", 1, old=first("failing"), advance=case)
    except RecordError as error:
        said = " ".join(str(error).split())
    else:
        said = "; ".join(sorted(plan_refusals(run.outcome.diagnostics)))
    for message in GOLDEN["refusals"][case]:
        assert REWORDED.get(case, message) in said
    assert "Traceback" not in said


REWORDED = {
    # The rehearsal says how to answer the call instead of how it failed.
    "unanswered-call": "fake:index:unanswered",
}
