"""Checkpoints: what is written can be read again, and what the CLI exports can be read."""

from __future__ import annotations

import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phaseup.graph.resource import PendingOperation, Snapshot, State, Timeouts
from phaseup.graph.values import ASSET_SIGNATURE, SECRET_SIGNATURE, SIGNATURE, UNKNOWN, Secret
from phaseup.record import checkpoint
from phaseup.record.errors import RecordError

URN = "urn:pulumi:dev::demo::"


def state(name="a", **fields):
    return State(f"{URN}pkg:index:Thing::{name}", "pkg:index:Thing", True, f"id-{name}", **fields)


def full():
    return state(
        inputs={"a": 1, "s": Secret({"deep": ["x", Secret("y")]}), "asset": {SIGNATURE: ASSET_SIGNATURE, "text": "t"}},
        outputs={"u": UNKNOWN, "f": 1.5, "none": None, "empty": {}, "list": []},
        parent=f"{URN}pulumi:pulumi:Stack::demo-dev",
        provider=f"{URN}pulumi:providers:pkg::default::id",
        dependencies=[f"{URN}pkg:index:Thing::b"],
        property_dependencies={"a": [f"{URN}pkg:index:Thing::b"], "s": []},
        protect=True,
        external=True,
        retain_on_delete=True,
        deleted_with=f"{URN}pkg:index:Thing::b",
        replace_with=[f"{URN}pkg:index:Thing::b"],
        replacement_trigger=Secret("t"),
        additional_secret_outputs=["f"],
        ignore_changes=["a"],
        replace_on_changes=["s.deep[0]"],
        hide_diffs=["a.b[0]", 'tags["x.y"]', "all[*].z"],
        import_id="i",
        init_errors=["slow"],
        delete=True,
        pending_replacement=True,
        aliases=[f"{URN}pkg:index:Thing::old"],
        timeouts=Timeouts("30m", "1h", "45s", "90m"),
        source_position="project:///__main__.py#3",
        created="2026-01-01T00:00:00Z",
        modified="2026-01-02T00:00:00Z",
        taint=True,
    )


def test_everything_comes_back():
    pending = PendingOperation("creating", state("c"))
    provider = {"type": "passphrase", "state": {"salt": "v1:abc"}}
    snapshot = Snapshot("dev", "demo", [full(), state("b")], pending_operations=[pending], secrets_provider=provider)
    document = json.loads(json.dumps(checkpoint.dump(snapshot, reveal=True)))
    assert checkpoint.load(document) == snapshot


def test_secrets_keep_their_envelope_and_nothing_else():
    text = json.dumps(checkpoint.dump(Snapshot("dev", "demo", [state(inputs={"p": Secret("hunter2")})])))
    assert "hunter2" not in text
    assert json.loads(text)["deployment"]["resources"][0]["inputs"]["p"] == {
        SIGNATURE: SECRET_SIGNATURE,
        "ciphertext": "[secret]",
    }


def test_encrypted_secrets_equal_only_themselves():
    def loaded(cipher):
        inputs = {"p": {SIGNATURE: SECRET_SIGNATURE, "ciphertext": cipher}}
        resource = {"urn": f"{URN}a:b:C::n", "type": "a:b:C", "custom": True, "inputs": inputs}
        return checkpoint.load({"version": 3, "deployment": {"resources": [resource]}}).resources[0].inputs["p"]

    assert loaded("v1:abc") == loaded("v1:abc")
    assert loaded("v1:abc") != loaded("v1:abd")
    assert isinstance(loaded("v1:abc"), Secret)
    assert loaded("v1:abc") != Secret("v1:abc")


def test_the_shapes_in_which_deployments_come():
    inner = checkpoint.dump(Snapshot("dev", "demo", [state()]))["deployment"]
    expected = Snapshot("dev", "demo", [state()])
    assert checkpoint.load({"version": 3, "deployment": inner}) == expected
    assert checkpoint.load(inner) == expected
    assert checkpoint.load({"version": 3, "checkpoint": {"stack": "dev", "latest": inner}}) == expected
    assert checkpoint.load({"version": 3, "deployment": {"manifest": {}}}).resources == []
    assert checkpoint.load({"version": 3, "checkpoint": {"latest": None}}).resources == []


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ([], ["JSON object"]),
        ({"version": 1, "deployment": {}}, ["version", "1", "3"]),
        ({"hello": 1}, ["no deployment"]),
        ({"version": 3, "deployment": {"resources": {}}}, ["resources", "a list"]),
        ({"version": 3, "deployment": {"resources": [3]}}, ["resources[0]", "an object"]),
        ({"version": 3, "deployment": {"resources": [{"urn": "x", "type": "t"}]}}, ["resources[0]", "urn", "'x'"]),
        ({"version": 3, "deployment": {"resources": [{"urn": f"{URN}a:b:C::n"}]}}, ["resources[0]", "type"]),
        (
            {
                "version": 3,
                "deployment": {
                    "resources": [
                        {
                            "urn": f"{URN}a:b:C::n",
                            "type": "a:b:C",
                            "inputs": {"p": {SIGNATURE: SECRET_SIGNATURE, "plaintext": "not json"}},
                        }
                    ]
                },
            },
            ["resources[0]", "a:b:C::n", "no JSON"],
        ),
    ],
)
def test_a_wrong_checkpoint_is_named(document, words):
    with pytest.raises(RecordError) as caught:
        checkpoint.load(document, source="state.json")
    for word in ["state.json", *words]:
        assert word in str(caught.value)


def test_files(tmp_path):
    path = tmp_path / "state.json"
    with pytest.raises(RecordError, match=r"state\.json: no such file"):
        checkpoint.load_file(path)
    path.write_text("{\n\n,}")
    with pytest.raises(RecordError, match=r"state\.json:3: not valid JSON"):
        checkpoint.load_file(path)
    path.write_text(json.dumps(checkpoint.dump(Snapshot("dev", "demo", [state()]))))
    assert checkpoint.load_file(path).resources == [state()]


def test_a_timeout_that_is_none_is_named():
    snapshot = Snapshot("dev", "demo", [state(timeouts=Timeouts(create="soon"))])
    with pytest.raises(RecordError, match="customTimeouts: found 'soon'"):
        checkpoint.dump(snapshot)


def test_timeouts_are_seconds_as_the_engine_has_them():
    made = checkpoint.dump(Snapshot("dev", "demo", [state(timeouts=Timeouts("1h30m", "", "1.5s"))]))
    assert made["deployment"]["resources"][0]["customTimeouts"] == {"create": 5400.0, "delete": 1.5}


KEYS = st.text(string.ascii_letters + "._", min_size=1, max_size=5)
LEAVES = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5) | st.just(UNKNOWN)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3) | inner.map(Secret),
    max_leaves=12,
)


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_any_value_comes_back(values):
    snapshot = Snapshot("dev", "demo", [state(inputs=values, outputs=values)])
    assert checkpoint.load(json.loads(json.dumps(checkpoint.dump(snapshot, reveal=True)))) == snapshot
