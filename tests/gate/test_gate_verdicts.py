"""What the gate says of genuine previews, and of previews of everything that may be hidden in one."""

from __future__ import annotations

import json
from datetime import date

import pytest

from phaseup.gate.judge import document as as_json
from phaseup.graph.values import SECRET_SIGNATURE, SIGNATURE

DB = "urn:pulumi:dev::guarded::guarded:index:Net$aws:rds/instance:Instance::db"


@pytest.mark.parametrize(
    ("name", "verdict", "reasons"),
    [
        ("same", "safe", []),
        ("update", "safe", []),
        ("rename", "safe", []),
        ("unprotect", "blocked", ["db: protect is lifted, but nothing retires it"]),
        ("open", "blocked", ["db: deletionProtection is lifted, but nothing retires it"]),
        ("delete", "blocked", ["delete disk: holds volume, and no longer in the program; retire it by name first"]),
        ("retain", "needs-approval", ["delete files: leaves the state, stays billed; it holds objects"]),
        *(
            (
                name,
                "blocked",
                [
                    "replace db: holds database, and availabilityZone (eu-west-1a → eu-west-1b) replaces it",
                    "db: protect is lifted, but nothing retires it",
                ],
            )
            for name in ("replace", "replace-whole", "replace-events")
        ),
    ],
)
def test_genuine_previews(genuine, name, verdict, reasons):
    found = genuine.judge(genuine.bytes(name))
    assert (found.verdict, list(found.reasons), found.unreadable) == (verdict, reasons, ())


def test_a_preview_that_the_engine_refuses(genuine):
    found = genuine.judge(genuine.bytes("refused"))
    assert found.verdict == "blocked"
    refusal, loss = found.reasons
    assert refusal.startswith(f'the engine refuses: resource "{DB}" cannot be deleted because it is protected.')
    assert "\n" not in refusal
    assert loss == "delete db: holds database, and no longer in the program; retire it by name first"


def test_a_lifted_protection_is_same_to_the_engine(genuine):
    document = genuine.document("unprotect")
    assert genuine.step(document, "db")["op"] == "same"


def test_a_restart_is_told(genuine):
    notes = genuine.judge(genuine.bytes("update")).notes
    assert notes[0] == "db: the change of instanceClass (db.t4g.medium → db.t4g.large) restarts it"
    assert notes[-1] == "4 resources more that stay the same, by the preview's summary"


@pytest.mark.parametrize("name", ["db", DB, "net"])
@pytest.mark.parametrize("preview", ["unprotect", "open"])
def test_retired_in_the_previewed_config(genuine, preview, name):
    document = genuine.document(preview)
    document["config"]["phaseup:retire"] = json.dumps({name: {"reason": "moved", "until": "2026-11-22T00:00:00Z"}})
    found = genuine.judge(document)
    assert found.verdict == "needs-approval"
    assert found.reasons[0].endswith("is lifted, for it is being retired")
    assert genuine.judge(document, today=date(2026, 11, 23)).verdict == "blocked"


def test_a_consent_that_has_ended_is_named(genuine):
    document = genuine.document("delete")
    document["config"]["phaseup:retire"] = json.dumps({"disk": {"reason": "moved", "until": "2026-11-21"}})
    found = genuine.judge(document)
    assert found.verdict == "blocked"
    assert "phaseup:retire.disk ended on 2026-11-21" in found.notes


def test_retired_in_the_config_of_the_last_apply(genuine):
    document = genuine.document("delete")
    stack = document["steps"][0]["oldState"]["outputs"]["phaseup"]
    stack["retire"] = {"disk": "2026-12-01"}
    found = genuine.judge(document)
    assert (found.verdict, found.judgement.retired) == (
        "safe",
        ("urn:pulumi:dev::guarded::guarded:index:Net$aws:ebs/volume:Volume::disk",),
    )
    stack["retire"] = {"other": "2026-12-01"}
    assert genuine.judge(document).verdict == "blocked"


@pytest.mark.parametrize(
    "retire", ["", "[]", "null", "{", '{"disk": null}', '{"disk": {"reason": "x"}}', '{"disk": {"until": "soon"}}', "3"]
)
def test_a_consent_that_is_none_consents_to_nothing(genuine, retire):
    document = genuine.document("delete")
    document["config"]["phaseup:retire"] = retire
    assert genuine.judge(document).verdict == "blocked"


@pytest.mark.parametrize(
    ("guard", "type_"),
    [
        ("deletionProtection", "aws:rds/cluster:Cluster"),
        ("deletionProtectionEnabled", "aws:dynamodb/table:Table"),
        ("enableDeletionProtection", "aws:lb/loadBalancer:LoadBalancer"),
        ("disableApiTermination", "aws:ec2/instance:Instance"),
    ],
)
@pytest.mark.parametrize("after", [False, None])
@pytest.mark.parametrize("op", ["same", "update"])
def test_the_clouds_own_protection(genuine, guard, type_, after, op):
    document = genuine.document("open")
    step = genuine.step(document, "db")
    step["op"], step["urn"] = op, f"urn:pulumi:dev::guarded::{type_}::x"
    for state in (step["oldState"], step["newState"]):
        state |= {"urn": step["urn"], "type": type_, "inputs": {guard: True}}
    step["newState"]["inputs"] = {} if after is None else {guard: after}
    document["changeSummary"] = {"same": 6} if op == "same" else {"same": 5, "update": 1}
    found = genuine.judge(document)
    assert (found.verdict, found.reasons) == ("blocked", (f"x: {guard} is lifted, but nothing retires it",))
    step["oldState"]["inputs"] = {guard: False}
    assert genuine.judge(document).verdict == "safe"


def one(genuine, op, *, counted=None, **state):
    """The deleted volume as the only step, under another operation."""
    document = genuine.document("delete")
    step = document["steps"][1]
    step["op"] = op
    step["oldState"] |= state
    if op not in ("delete", "delete-replaced", "discard", "discard-replaced"):
        step["newState"] = dict(step["oldState"])
    document["changeSummary"] = {"same": 5, **({counted: 1} if counted else {})}
    return document


@pytest.mark.parametrize(
    ("op", "counted", "said"),
    [
        ("replace", "replace", "replace"),
        ("create-replacement", None, "replace"),
        ("read-replacement", None, "replace"),
        ("import-replacement", None, "replace"),
        ("delete", "delete", "delete"),
        ("delete-replaced", None, "delete"),
        ("discard", "discard", "delete"),
        ("discard-replaced", None, "delete"),
    ],
)
def test_every_word_for_a_loss(genuine, op, counted, said):
    found = genuine.judge(one(genuine, op, counted=counted))
    assert found.verdict == "blocked"
    assert [(risk.urn.rpartition("::")[2], risk.op) for risk in found.judgement.at_risk] == [("disk", said)]


def test_what_was_only_read_may_go(genuine):
    assert genuine.judge(one(genuine, "discard", counted="discard", external=True)).verdict == "safe"


def test_a_retained_replacement_still_begins_empty(genuine):
    found = genuine.judge(one(genuine, "replace", counted="replace", retainOnDelete=True))
    assert found.verdict == "blocked"


def test_a_retained_delete_that_is_retired_is_safe_and_told(genuine):
    document = genuine.document("retain")
    document["config"]["phaseup:retire"] = json.dumps({"files": {"reason": "moved", "until": "2027-01-31"}})
    found = genuine.judge(document)
    assert found.verdict == "safe"
    assert "delete files: leaves the state, stays billed" in found.notes


def test_which_half_comes_first_is_told_by_order(genuine):
    document = genuine.document("replace-whole")
    parts = {step["op"]: step for step in document["steps"] if step["urn"] == DB}
    assert set(parts) == {"create-replacement", "replace", "delete-replaced"}
    others = [step for step in document["steps"] if step["urn"] != DB]
    for order, first in (
        (("create-replacement", "replace", "delete-replaced"), False),
        (("delete-replaced", "replace", "create-replacement"), True),
    ):
        steps = [*others, *(parts[op] for op in order)]
        found = genuine.judge(document | {"steps": steps})
        assert any(step.delete_before_replace for step in found.steps) is first


@pytest.mark.parametrize(("name", "stopped"), [("rename", True), ("delete", True), ("update", False), ("same", False)])
def test_expect_no_replaces(genuine, name, stopped):
    found = genuine.judge(genuine.bytes(name), expect_no_replaces=True)
    asked = [reason for reason in found.reasons if reason.endswith("(--expect-no-replaces)")]
    assert (found.verdict == "blocked", len(asked)) == (stopped, int(stopped))


def test_json_has_the_shape_of_a_plan_and_the_engines_counts(genuine):
    for name, same in (("replace", 4), ("replace-whole", 4), ("replace-events", 4)):
        data = genuine.bytes(name)
        told = as_json(genuine.judge(data), genuine.parse(data))
        assert told["counts"] == {"create": 0, "update": 0, "replace": 1, "delete": 0, "same": same}
        assert [(step["op"], step["urn"], step["stateful"]) for step in told["steps"]] == [("replace", DB, True)]
        (reason,) = [each for each in told["steps"][0]["reasons"] if each["path"] == "availabilityZone"]
        assert (reason["old"], reason["new"], reason["effect"]) == ("eu-west-1a", "eu-west-1b", "replace")
        assert told["differences"] is None
        assert told["another_plan"] is None


def test_no_secret_is_shown(genuine):
    document = genuine.document("update")
    step = genuine.step(document, "db")
    for state, text in ((step["oldState"], "hunter2"), (step["newState"], "hunter3")):
        state["inputs"]["password"] = {SIGNATURE: SECRET_SIGNATURE, "plaintext": json.dumps(text)}
    step["detailedDiff"]["password"] = {"kind": "update", "inputDiff": True}
    found = genuine.judge(document)
    told = json.dumps(as_json(found, genuine.parse(document)))
    assert "hunter" not in told
    assert next(r for r in found.steps[-1].reasons if r.path == "password").new == "[secret]"


def test_the_stack_and_default_providers_are_not_counted(genuine):
    document = genuine.document("delete")
    provider = "urn:pulumi:dev::guarded::pulumi:providers:aws::default_7_51_1"
    state = {"urn": provider, "type": "pulumi:providers:aws", "custom": True, "id": "x", "inputs": {}}
    document["steps"] = [
        document["steps"][0],
        {"op": "replace", "urn": provider, "oldState": state, "newState": state},
    ]
    document["changeSummary"] = {"same": 6, "replace": 1}
    found = genuine.judge(document, expect_no_replaces=True)
    assert (found.verdict, found.reasons) == ("safe", ())
