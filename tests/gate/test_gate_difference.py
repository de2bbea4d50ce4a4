"""Engine and rehearsal beside each other: what is worse than rehearsed blocks, what is milder is told."""

from __future__ import annotations

import pytest

from phaseup.climb.clock import Clock
from phaseup.climb.rehearse import Wanted, run_all
from phaseup.gate.difference import Difference, between
from phaseup.gate.judge import Rehearsed
from phaseup.gate.judge import document as as_json
from phaseup.record.program import load_program
from tests.engine.guarded import GUARDED, STACK, config

NET = "urn:pulumi:dev::guarded::guarded:index:Net"
DB = f"{NET}$aws:rds/instance:Instance::db"
DISK = f"{NET}$aws:ebs/volume:Volume::disk"
OPS = ("create", "update", "replace", "delete", "same", "read", "discard", "nothing")


@pytest.fixture(scope="module")
def rehearsed():
    made = {}

    def rehearse(step):
        if step not in made:
            before, after = (load_program(GUARDED, STACK, settings=config(name)) for name in ("same", step))
            (recorded,) = run_all([Wanted(before)], Clock())
            (run,) = run_all([Wanted(after, recorded.outcome.snapshot, preview=True)], Clock())
            made[step] = Rehearsed(recorded.outcome.snapshot, run)
        return made[step]

    return rehearse


@pytest.mark.parametrize(
    "name",
    ["same", "update", "unprotect", "open", "replace", "replace-whole", "replace-events", "delete", "retain", "rename"],
)
def test_the_rehearsal_says_the_same_of_every_genuine_preview(genuine, rehearsed, name):
    alone = genuine.judge(genuine.bytes(name))
    beside = genuine.judge(genuine.bytes(name), rehearsed=rehearsed(name.partition("-")[0]))
    assert beside.differences == ()
    assert (beside.verdict, beside.reasons) == (alone.verdict, alone.reasons)


def test_a_loss_that_was_not_rehearsed_blocks(genuine, rehearsed):
    found = genuine.judge(genuine.bytes("rename"), rehearsed=rehearsed("same"))
    assert found.verdict == "blocked"
    assert found.reasons == ("not rehearsed: replace told: the rehearsal says same",)


def test_a_delete_where_an_update_was_rehearsed(genuine, rehearsed):
    found = genuine.judge(genuine.bytes("delete"), rehearsed=rehearsed("update"))
    assert found.differences == (Difference(DISK, "delete", "same"), Difference(DB, "same", "update"))
    assert found.reasons[0] == "not rehearsed: delete disk: the rehearsal says same"


def test_what_is_milder_is_told_and_does_not_block(genuine, rehearsed):
    found = genuine.judge(genuine.bytes("update"), rehearsed=rehearsed("rename"))
    assert found.verdict == "safe"
    assert [(each.engine, each.rehearsal, each.worse) for each in found.differences] == [
        ("update", "same", False),
        ("same", "replace", False),
    ]
    told = as_json(found, genuine.parse(genuine.bytes("update")))["differences"]
    assert told[0] == {"urn": DB, "engine": "update", "rehearsal": "same", "worse": False}


def test_a_retired_loss_that_was_not_rehearsed_still_blocks(genuine, rehearsed):
    document = genuine.document("delete")
    document["steps"][0]["oldState"]["outputs"]["phaseup"]["retire"] = {"disk": "2030-01-01"}
    found = genuine.judge(document, rehearsed=rehearsed("same"))
    assert (found.verdict, found.reasons) == ("blocked", ("not rehearsed: delete disk: the rehearsal says same",))


def test_a_component_that_the_preview_does_not_show_is_known_from_the_rehearsal(genuine, rehearsed):
    """Its URN as a parent names it either way; a component above that one only the rehearsal knows."""
    document = genuine.document("delete")
    between_them = f"{NET}$guarded:index:Disks::disks"
    document["steps"][1]["oldState"]["parent"] = between_them
    document["steps"][0]["oldState"]["outputs"]["phaseup"]["retire"] = {"net": "2030-01-01"}
    assert genuine.judge(document).judgement.at_risk != ()
    known = rehearsed("delete")
    inner = type(known.before.resources[0])(between_them, "guarded:index:Disks", False, parent=f"{NET}::net")
    before = type(known.before)("dev", "guarded", [*known.before.resources, inner])
    found = genuine.judge(document, rehearsed=Rehearsed(before, known.run))
    assert found.judgement.at_risk == ()


def test_an_engine_that_says_less_than_nothing_hides_what_stays_the_same():
    assert between({}, {"urn:pulumi:s::p::t::u": "same"}, whole=False) == ()
    assert between({}, {"urn:pulumi:s::p::t::u": "same"}, whole=True) == (
        Difference("urn:pulumi:s::p::t::u", "nothing", "same"),
    )
    assert between({}, {"urn:pulumi:s::p::t::u": "update"}, whole=False) == (
        Difference("urn:pulumi:s::p::t::u", "same", "update"),
    )
    assert between({"urn:pulumi:s::p::t::u": "create"}, {}, whole=False) == (
        Difference("urn:pulumi:s::p::t::u", "create", "nothing"),
    )


@pytest.mark.parametrize("engine", OPS)
@pytest.mark.parametrize("rehearsal", OPS)
def test_worse_is_a_loss_that_the_rehearsal_had_not(engine, rehearsal):
    assert Difference("a::b::c::d", engine, rehearsal).worse is (
        engine in ("replace", "delete") and engine != rehearsal
    )
