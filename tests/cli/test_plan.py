"""`phaseup plan` on any Pulumi Python program: two configs, a state, and every way to ask for it wrongly."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from programs import parsed, phaseup, refused, write


@pytest.fixture
def program(tmp_path: Path) -> Path:
    return write(tmp_path / "p")


def test_set_changes_config_and_a_replacement_cascades(program: Path) -> None:
    result = phaseup("plan", program, "--set", "length=4", "--json")
    document = parsed(result)
    ops = {step["urn"].rsplit("::", 1)[1]: step["op"] for step in document["steps"]}
    assert ops == {"pet": "replace", "text": "replace"}
    (reason,) = [r for s in document["steps"] if s["urn"].endswith("::pet") for r in s["reasons"]]
    assert (reason["path"], reason["old"], reason["new"], reason["effect"]) == ("length", 3, 4, "replace")
    assert reason["source"]
    assert all(step["declared_at"].startswith("__main__.py") for step in document["steps"])


def test_the_json_shape(program: Path) -> None:
    document = parsed(phaseup("plan", program, "--set", "more=true", "--json"))
    assert document["counts"] == {"create": 1, "update": 0, "replace": 0, "delete": 0, "same": 2}
    assert document["verdict"] == "safe"
    assert document["registrations"] == 7
    assert document["seconds"] > 0
    assert document["import_seconds"] >= 0
    for step in document["steps"]:
        assert {"op", "urn", "type", "reasons", "stateful", "declared_at"} <= step.keys()
        for reason in step["reasons"]:
            assert {"path", "old", "new", "effect", "source"} <= reason.keys()


def test_the_text_says_what_why_and_how_long(program: Path) -> None:
    result = phaseup("plan", program, "--set", "length=4")
    assert "+- replace pet" in result.stdout
    assert "length  3 → 4  forces replacement" in result.stdout
    assert "declared at __main__.py:5" in result.stdout
    assert "+- 2 to replace" in result.stdout
    assert "limit" in result.stdout
    assert "\x1b" not in result.output
    assert not any(line.endswith(" ") for line in result.stdout.splitlines())


def test_null_removes_a_key(program: Path) -> None:
    document = parsed(phaseup("plan", program, "--set", "length=null", "--json"))
    (reason,) = [r for s in document["steps"] if s["urn"].endswith("::pet") for r in s["reasons"]]
    assert (reason["old"], reason["new"]) == (3, 2)


def test_another_stack_file_is_b(program: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text("config:\n  small:length: 3\n  small:more: true\n")
    assert parsed(phaseup("plan", program, "--with", other, "--json"))["counts"]["create"] == 1
    both = phaseup("plan", program, "--with", other, "--set", "small:more=false", "--json")
    assert parsed(both)["counts"]["create"] == 0


def test_a_state_is_a(program: Path, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    assert phaseup("record", program, "-o", state).exit_code == 0
    document = parsed(phaseup("plan", program, "--from-state", state, "--set", "length=5", "--json"))
    assert document["counts"]["replace"] == 2


def test_protected_resources_block(tmp_path: Path) -> None:
    source = (
        "import pulumi\nimport pulumi_random as random\n"
        "size = pulumi.Config().require_int('n')\n"
        "random.RandomId('kept', byte_length=size, opts=pulumi.ResourceOptions(protect=True))\n"
    )
    folder = write(tmp_path / "p", source, {"dev": "config:\n  small:n: 4\n"})
    result = phaseup("plan", folder, "--set", "n=8")
    assert result.exit_code == 1
    assert "✗ blocked" in result.stdout
    assert "protect" in result.stdout
    assert parsed(phaseup("plan", folder, "--set", "n=8", "--json"))["verdict"] == "blocked"


def test_secrets_are_in_no_output(tmp_path: Path) -> None:
    source = (
        "import pulumi\nimport pulumi_random as random\n"
        "random.RandomId('x', byte_length=4, keepers={'k': pulumi.Output.secret(pulumi.Config().require('word'))})\n"
    )
    folder = write(tmp_path / "p", source, {"dev": "config:\n  small:word: hunter2\n"})
    for extra in ((), ("--json",), ("--debug",)):
        result = phaseup("plan", folder, "--set", "word=correcthorse", *extra)
        assert "hunter2" not in result.output
        assert "correcthorse" not in result.output
        assert "[secret]" in result.output


BAD = {
    "nothing says B": ((), "--set"),
    "a phase of a program without phases": (("--to", "growth"), "no phases"),
    "set without a value": (("--set", "length"), "KEY=VALUE"),
    "set without a key": (("--set", "=4"), "KEY=VALUE"),
    "set with broken YAML": (("--set", "length=[1"), "length"),
    "two ways to say B": (("--to", "x", "--set", "a=1"), "exclude each other"),
    "as it is and something else": (("--as-is", "--with", "x.yaml"), "exclude each other"),
    "as it is against itself": (("--as-is",), "--from-state FILE"),
    "a state that is not there": (("--from-state", "gone.json"), "gone.json"),
    "a stack file that is not there": (("--with", "gone.yaml"), "gone.yaml"),
    "answers that are not there": (("--set", "a=1", "--answers", "gone.yaml"), "gone.yaml"),
    "a stack that is not there": (("--stack", "prod", "--set", "a=1"), "prod"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_message(case: str, program: Path) -> None:
    arguments, told = BAD[case]
    assert told in refused("plan", program, *arguments)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"resources": []}',
        '{"version": 3}',
        '{"version": 99, "deployment": {}}',
        '{"version": 3, "deployment": []}',
    ],
)
def test_a_state_that_is_none_is_one_message(text: str, program: Path, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    state.write_text(text)
    assert "state.json" in refused("plan", program, "--from-state", state)


def test_what_only_looks_like_an_empty_state_is_told_with_what_it_is(program: Path, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    for text, found in (("{}", "an empty object"), ('{"manifest": {}}', "an object with manifest")):
        state.write_text(text)
        told = f"{state}: found {found}; expected a `pulumi stack export`, with version and deployment"
        assert told in refused("plan", program, "--from-state", state)


def test_an_empty_state_is_a_new_stack(program: Path, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    state.write_text('{"version": 3, "deployment": {"resources": []}}')
    document = parsed(phaseup("plan", program, "--from-state", state, "--json"))
    assert document["counts"]["create"] == 2
    assert all(step["urn"].startswith("urn:pulumi:dev::small::") for step in document["steps"])


def test_the_state_of_another_stack_is_bad_input(program: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "other", stacks={"prod": "config:\n  small:length: 3\n"})
    state = tmp_path / "state.json"
    assert phaseup("record", other, "-o", state).exit_code == 0
    message = refused("plan", program, "--from-state", state)
    assert "stack prod" in message
    assert "stack dev" in message


def test_a_binary_state_is_one_message(program: Path, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    state.write_bytes(b"\xff\xfe\x00")
    assert "state.json" in refused("plan", program, "--from-state", state)


def test_a_data_source_that_nobody_answers_is_named_and_can_be_answered(tmp_path: Path) -> None:
    source = (
        "import pulumi\nimport pulumi_random as random\n"
        "ref = pulumi.StackReference('acme/net/prod')\n"
        "random.RandomId('x', byte_length=4, keepers={'vpc': ref.get_output('vpc')})\n"
    )
    folder = write(tmp_path / "p", source)
    message = refused("plan", folder, "--set", "a=1")
    assert "acme/net/prod" in message
    answers = tmp_path / "answers.yaml"
    answers.write_text(json.dumps({"stacks": {"acme/net/prod": {"vpc": "vpc-1"}}}))
    result = phaseup("plan", folder, "--set", "a=1", "--answers", answers, "--json")
    assert parsed(result)["counts"]["same"] >= 1
