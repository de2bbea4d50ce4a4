"""A delete that leaves the resource in the cloud, and the guards that clouds have of their own."""

from __future__ import annotations

import pytest
from plan_kit import nothing, stack

from phaseup.facts.stateful import Stateful
from phaseup.plan import verdict
from phaseup.plan.verdict import judge

DATA, ANCHOR, PLAIN = "pkg:m:Data", "pkg:m:Anchor", "pkg:m:Plain"


@pytest.fixture(autouse=True)
def tables(monkeypatch):
    monkeypatch.setattr(verdict, "stateful", lambda type, _: Stateful(DATA, "rows", "a copy") if type == DATA else None)
    monkeypatch.setattr(verdict, "anchor", lambda type: type == ANCHOR)


def plan(before, after, **options):
    outcome = stack(before).plan(after)
    return judge(outcome.steps, diagnostics=outcome.diagnostics, **options)


@pytest.mark.parametrize(("type_", "what"), [(DATA, "holds rows"), (ANCHOR, "is what serves")])
def test_a_retained_delete_needs_approval(type_, what):
    found = plan(lambda s: s.res("a", type_, retain_on_delete=True), nothing)
    assert (found.verdict, found.at_risk) == ("needs-approval", ())
    assert found.reasons == (f"delete a: leaves the state, stays billed; it {what}",)


def test_of_what_holds_nothing_it_is_a_note():
    found = plan(lambda s: s.res("a", PLAIN, retain_on_delete=True), nothing)
    assert (found.verdict, found.notes) == ("safe", ("delete a: leaves the state, stays billed",))


def test_retired_it_is_a_note_and_listed():
    found = plan(lambda s: s.res("a", DATA, retain_on_delete=True), nothing, retired=["a"])
    assert (found.verdict, found.notes) == ("safe", ("delete a: leaves the state, stays billed",))
    assert [urn.rpartition("::")[2] for urn in found.retired] == ["a"]


def test_what_is_retained_only_now_is_lost():
    found = plan(lambda s: s.res("a", DATA), nothing)
    assert found.verdict == "blocked"


def test_a_replacement_begins_empty_whether_or_not_the_old_one_stays():
    found = plan(
        lambda s: s.res("a", DATA, key=1, retain_on_delete=True),
        lambda s: s.res("a", DATA, key=2, retain_on_delete=True),
    )
    assert (found.verdict, [risk.op for risk in found.at_risk]) == ("blocked", ["replace"])


def test_protection_from_termination_is_a_guard():
    found = plan(
        lambda s: s.res("a", PLAIN, disableApiTermination=True),
        lambda s: s.res("a", PLAIN, disableApiTermination=False),
    )
    assert found.reasons == ("a: disableApiTermination is lifted, but nothing retires it",)
