"""Files that are cut off, damaged, lie, or never were a preview: none of them opens the gate."""

from __future__ import annotations

import json

import pytest

from phaseup.gate.read import parse
from phaseup.record.errors import RecordError


@pytest.mark.parametrize("name", ["same", "update", "replace-whole"])
def test_a_digest_cut_anywhere_is_blocked(genuine, name):
    data = genuine.bytes(name).rstrip()
    for length in {*range(1, 40), *range(1, len(data) - 1, 97), len(data) - 1}:
        found = genuine.judge(data[:length])
        assert (found.verdict, bool(found.unreadable), found.steps) == ("blocked", True, ()), length
        assert found.reasons[0].startswith("unreadable: cut off or damaged: no valid JSON at line ")


def test_events_cut_after_any_line_or_within_one_are_blocked(genuine):
    lines = genuine.bytes("replace-events").splitlines(keepends=True)
    ends = [number for number, line in enumerate(lines) if b'"summaryEvent"' in line]
    assert len(ends) == 1
    for number in range(1, ends[0] + 1):
        found = genuine.judge(b"".join(lines[:number]))
        assert found.unreadable == ("cut off: there is no summaryEvent, with which the engine ends a preview",)
        found = genuine.judge(b"".join(lines[:number]) + lines[number][:30])
        assert found.unreadable[0].startswith(f"cut off or damaged at event {number + 1}: ")
    assert genuine.judge(b"".join(lines[: ends[0] + 1])).unreadable == ()


@pytest.mark.parametrize("data", [b"", b" \n\t", "\ufeff".encode()])
def test_an_empty_file_is_blocked(genuine, data):
    found = genuine.judge(data)
    assert (found.verdict, found.reasons) == ("blocked", ("unreadable: empty: the preview wrote nothing",))


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"Previewing update (dev):\n + create", "'Previewing update (d'"),
        (b"<html>", "'<html>'"),
        (b"[]", "a list"),
        (b"null", "'null'"),
        (b"\xff\xff\x80", "bytes that are no text"),
        (b'{"version": 3, "deployment": {"resources": []}}', "a `pulumi stack export`"),
        (b'{"result": "succeeded", "counts": {}}', "the summary of `--output json`, which holds no steps"),
        (b'{"steps": [], "verdict": "safe"}', "phaseup's own JSON"),
    ],
)
def test_what_never_was_a_preview_is_bad_input(data, found):
    with pytest.raises(RecordError) as raised:
        parse(data, "x.json")
    assert str(raised.value) == f"x.json: found {found}; expected the JSON that `pulumi preview --json` writes"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_other_encodings_are_read(genuine, encoding):
    text = genuine.bytes("unprotect").decode()
    assert genuine.judge(text.encode(encoding)).reasons == ("db: protect is lifted, but nothing retires it",)


def test_something_after_the_digest(genuine):
    twice = genuine.bytes("same") + genuine.bytes("delete")
    assert genuine.judge(twice).unreadable == ("damaged: something follows the end of the digest",)


def test_json_that_is_too_deep(genuine):
    assert genuine.judge(b'{"a":' + b"[" * 200_000).unreadable == ("cut off or damaged: nested too deep",)


@pytest.mark.parametrize(
    ("edit", "fault"),
    [
        ({"steps": None}, "steps: not there, so the preview did not come to its first resource"),
        ({"steps": {}}, "steps: input should be a valid list"),
        ({"steps": [3]}, "steps[0]: input should be a valid dictionary or instance of PreviewStep"),
        ({"steps": [{}]}, "steps[0].op: field required"),
        ({"changeSummary": None}, "changeSummary: not there, so the preview did not come to its end"),
        ({"changeSummary": {}}, "changeSummary: not there, so the preview did not come to its end"),
        ({"changeSummary": {"delete": "1"}}, "changeSummary.delete: input should be a valid integer"),
        ({"changeSummary": {"same": 5}}, "changeSummary.delete: says 0, where 1 such steps are shown"),
        ({"changeSummary": {"same": 5, "delete": 2}}, "changeSummary.delete: says 2, where 1 such steps are shown"),
        (
            {"changeSummary": {"same": 5, "delete": 1, "replace": 1}},
            "changeSummary.replace: says 1, where 0 such steps are shown",
        ),
        ({"changeSummary": {"delete": 1}}, "changeSummary.same: says 0, where 1 such steps are shown"),
        (
            {"changeSummary": {"same": 5, "delete": 1, "vanish": 1}},
            "changeSummary.vanish: no operation of Pulumi 3.260",
        ),
        ({"maybeCorrupt": True}, "maybeCorrupt: the engine itself does not trust what it found"),
        ({"config": {"a": 1}}, "config.a: input should be a valid string"),
        ({"diagnostics": "none"}, "diagnostics: input should be a valid list"),
    ],
)
def test_a_digest_that_is_not_whole(genuine, edit, fault):
    document = genuine.document("delete") | edit
    document = {key: value for key, value in document.items() if value is not None}
    found = genuine.judge(document)
    assert (found.verdict, found.unreadable) == ("blocked", (fault,))


@pytest.mark.parametrize(
    ("name", "side", "fault"),
    [
        ("update", "oldState", "update of {urn} without its oldState"),
        ("update", "newState", "update of {urn} without its newState"),
        ("unprotect", "oldState", "same of {urn} without its oldState"),
        ("replace", "newState", "replace of {urn} without its newState"),
    ],
)
def test_a_step_without_a_state_that_it_needs(genuine, name, side, fault):
    document = genuine.document(name)
    step = genuine.step(document, "db")
    del step[side]
    assert genuine.judge(document).unreadable == (f"steps[1]: {fault.format(urn=step['urn'])}",)


@pytest.mark.parametrize(
    ("edit", "fault"),
    [
        ({"op": "vanish"}, "steps[1].op: found 'vanish', which is no operation of Pulumi 3.260"),
        ({"urn": "disk"}, "steps[1].urn: string should match pattern"),
        ({"oldState": 3}, "steps[1].oldState: input should be a valid dictionary"),
        ({"oldState": {"urn": "urn:pulumi:a::b::c::d"}}, "steps[1].oldState.type: field required"),
    ],
)
def test_a_step_that_is_none(genuine, edit, fault):
    document = genuine.document("delete")
    document["steps"][1] |= edit
    (found,) = genuine.judge(document).unreadable
    assert found.startswith(fault)


@pytest.mark.parametrize(
    ("edit", "fault"),
    [
        ({"type": "aws:sns/topic:Topic"}, "steps[1].oldState.type: found 'aws:sns/topic:Topic', where its URN says "),
        ({"protect": "yes"}, "steps[1].oldState.protect: input should be a valid boolean"),
        ({"inputs": ["x"]}, "steps[1].oldState.inputs: input should be a valid dictionary"),
        ({"urn": "urn:pulumi:dev::guarded::aws:ebs/volume:Volume::other"}, "steps[1].oldState.urn: found "),
        ({"customTimeouts": "long"}, "steps[1].oldState: cannot be read: "),
        (
            {
                "inputs": {
                    "x": {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "plaintext": "{"}
                }
            },
            "steps[1].oldState: ",
        ),
    ],
)
def test_a_state_that_lies(genuine, edit, fault):
    document = genuine.document("delete")
    document["steps"][1]["oldState"] |= edit
    (found,) = genuine.judge(document).unreadable
    assert found.startswith(fault)


def test_a_fault_does_not_show_what_stood_there(genuine):
    document = genuine.document("update")
    genuine.step(document, "db")["newState"]["inputs"] = "hunter2"
    assert "hunter2" not in json.dumps(genuine.judge(document).reasons)


def test_an_error_is_told_also_where_the_rest_is_missing(genuine):
    document = genuine.document("refused")
    del document["steps"], document["changeSummary"]
    found = genuine.judge(document)
    assert found.verdict == "blocked"
    assert found.reasons[0].startswith("unreadable: steps: not there")
    assert "cannot be deleted because it is protected" in found.reasons[1]


def test_a_failed_preview_counts_only_what_came_to_its_end(genuine):
    document = genuine.document("refused")
    assert document["changeSummary"] == {"same": 5}
    assert genuine.judge(document).unreadable == ()


def test_what_a_refresh_found_is_shown_and_not_counted(genuine):
    document = genuine.document("delete")
    document["steps"].append(dict(document["steps"][1], op="refresh"))
    document["changeSummary"] = {"same": 6}
    found = genuine.judge(document)
    assert found.unreadable == ()
    assert found.reasons == ("delete disk: holds volume, and no longer in the program; retire it by name first",)


def events(genuine, **changes):
    found = [json.loads(line) for line in genuine.bytes("replace-events").splitlines()]
    for event in found:
        if "summaryEvent" in event:
            event["summaryEvent"] |= changes
    return found


def joined(found):
    return "\n".join(map(json.dumps, found)).encode()


def test_events_of_an_update_are_no_preview(genuine):
    (fault,) = genuine.judge(joined(events(genuine, isPreview=False))).unreadable
    assert fault.startswith("summaryEvent: isPreview is false")


def test_a_failure_that_no_event_explains(genuine):
    (fault,) = genuine.judge(joined(events(genuine, result="failed"))).unreadable
    assert fault == "summaryEvent: the preview failed, and no event says why"


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (
            {"policyEvent": {"enforcementLevel": "mandatory", "policyName": "no-public", "message": "it is public"}},
            "the engine refuses: policy no-public: it is public",
        ),
        ({"errorEvent": {"error": "it broke"}}, "the engine refuses: it broke"),
        (
            {"diagnosticEvent": {"severity": "error", "message": "\x1b[31merror: Preview failed: no\x1b[0m"}},
            "the engine refuses: no",
        ),
    ],
)
def test_events_that_stop(genuine, event, reason):
    found = events(genuine, result="failed")
    assert reason in genuine.judge(joined([*found[:3], {"sequence": 9, "timestamp": 1, **event}, *found[3:]])).reasons


def test_events_that_do_not(genuine):
    quiet = [
        {"diagnosticEvent": {"severity": "error", "message": "for a moment", "ephemeral": True}},
        {"policyEvent": {"enforcementLevel": "advisory", "policyName": "p", "message": "m"}},
    ]
    found = events(genuine)
    more = [{"sequence": 9, "timestamp": 1, **event} for event in quiet]
    assert genuine.judge(joined([*more, *found])).reasons == genuine.judge(joined(found)).reasons
