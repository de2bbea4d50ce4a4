"""`phaseup gate` as a person and CI ask it: exit codes, standard input, one message for each mistake."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from phaseup.cli.app import app
from tests.engine.guarded import GUARDED


def phaseup(*arguments, stdin=None):
    return CliRunner().invoke(app, ["gate", *map(str, arguments)], input=stdin)


def refused(*arguments, stdin=None):
    result = phaseup(*arguments, stdin=stdin)
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    (line,) = result.stderr.strip().splitlines()
    assert "a fault in phaseup" not in line
    return line


@pytest.mark.parametrize(
    ("name", "code", "verdict"),
    [("update", 0, "safe"), ("delete", 1, "blocked"), ("retain", 3, "needs-approval"), ("refused", 1, "blocked")],
)
def test_exit_codes(genuine, name, code, verdict):
    result = phaseup(genuine.path(name))
    assert result.exit_code == code
    assert verdict in result.stdout
    told = phaseup(genuine.path(name), "--json")
    assert (told.exit_code, json.loads(told.stdout)["verdict"]) == (code, verdict)


def test_the_text_says_what_why_and_what_is_not_shown(genuine):
    text = phaseup(genuine.path("delete")).stdout
    assert text.index("Data at risk") < text.index("- 1 to delete") < text.index("blocked")
    unwrapped = " ".join(text.split())
    assert "delete disk: holds volume, and no longer in the program; retire it by name first" in unwrapped
    assert "4 resources more that stay the same, by the preview's summary" in unwrapped
    assert "\x1b" not in text


def test_standard_input(genuine):
    result = phaseup("-", stdin=genuine.bytes("unprotect"))
    assert result.exit_code == 1
    assert "db: protect is lifted, but nothing retires it" in result.stdout


def test_a_dead_preview_blocks_and_a_wrong_file_is_a_mistake(genuine, tmp_path):
    cut = tmp_path / "cut.json"
    cut.write_bytes(genuine.bytes("update")[:-10])
    result = phaseup(cut, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["unreadable"][0].startswith("cut off or damaged: ")
    assert phaseup("-", stdin=b"").exit_code == 1
    assert refused("-", stdin=b"Previewing") == (
        "error: stdin: found 'Previewing'; expected the JSON that `pulumi preview --json` writes"
    )
    assert refused(tmp_path / "none.json") == f"error: {tmp_path / 'none.json'}: no such file"
    assert refused(tmp_path).startswith(f"error: {tmp_path}: cannot be read: ")


def test_expect_no_replaces(genuine):
    assert phaseup(genuine.path("rename")).exit_code == 0
    result = phaseup(genuine.path("rename"), "--expect-no-replaces")
    assert result.exit_code == 1
    assert "replace told: this preview was asked to replace and delete nothing" in " ".join(result.stdout.split())


@pytest.mark.parametrize(
    "option",
    [
        ("--to", "growth"),
        ("--set", "a=b"),
        ("--as-is",),
        ("--with", "x.yaml"),
        ("--from-state", "x"),
        ("--answers", "x"),
    ],
)
def test_what_is_rehearsed_needs_a_stack(genuine, option):
    message = refused(genuine.path("same"), *option)
    assert message == f"error: {option[0]}: says what is rehearsed; give the stack with --stack"


def test_a_preview_of_another_stack(genuine):
    message = refused(genuine.path("same"), "--stack", "listing-prod", "--to", "startup")
    assert message.endswith("same.json: found a preview of stack dev; --stack says listing-prod")


def test_beside_the_rehearsal(genuine, tmp_path):
    program = tmp_path / "guarded"
    program.mkdir()
    for name in ("Pulumi.yaml", "__main__.py"):
        (program / name).write_text((GUARDED / name).read_text())
    stack = "config:\n  guarded:step: same\n  guarded:password:\n    secure: AAAA\n  aws:region: eu-west-1\n"
    (program / "Pulumi.dev.yaml").write_text(stack)
    agreed = phaseup(genuine.path("rename"), "--stack", program, "--set", "step=rename")
    assert agreed.exit_code == 0, agreed.output
    assert "The rehearsal says the same of every resource" in agreed.stdout
    other = phaseup(genuine.path("rename"), "--stack", program, "--set", "step=update")
    assert other.exit_code == 1
    assert "Unlike the rehearsal: 2 resources" in other.stdout
    assert "told  engine replace, rehearsal same" in other.stdout
    assert "db  engine same, rehearsal update" in other.stdout

    plan = CliRunner().invoke(app, ["plan", str(program), "--set", "step=rename", "--json"])
    bound = json.loads(plan.stdout)["binding"]
    assert set(bound) == {"plan", "config", "code", "ops", "base"}
    assert bound["code"] == ""
    file = tmp_path / "plan.json"
    file.write_text(plan.stdout)
    told = phaseup(genuine.path("rename"), "--plan", file, "--json")
    # The stack of the previews says of itself that it was built from config ccc…, which this plan does not start from.
    (why,) = json.loads(told.stdout)["another_plan"]
    assert why == f"the plan starts from config {bound['base'][:12]}, and cccccccccccc is deployed"
    (why, *_) = json.loads(phaseup(genuine.path("update"), "--plan", file, "--json").stdout)["another_plan"]
    assert why.startswith("its config is ")


def test_the_plan_of_another_kind_of_file(genuine):
    message = refused(genuine.path("same"), "--plan", genuine.path("same"))
    assert message.endswith("binding: not there; expected what `phaseup plan --json` or `phaseup diff --json` wrote")
