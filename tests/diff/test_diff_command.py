"""The command line of `phaseup diff`: where its comment goes, and which exit code which report has."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from phaseup.diff.document import to_json
from phaseup.diff.report import Breach, Change, Cost, DiffReport, Reason, StackDiff
from phaseup.diff.verdict import exit_code
from phaseup.render.words import Verdict
from tests.diff.repos import Repo, config, phaseup, small


def stack(verdict: Verdict, **more: object) -> StackDiff:
    return StackDiff("a", "stacks/Pulumi.a.yaml", "s", "prod", ("config",), verdict, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("stacks", "code"),
    [
        ((), 0),
        ((stack("safe"),), 0),
        ((stack("safe"), stack("needs-approval")), 3),
        ((stack("needs-approval"), stack("blocked")), 1),
        ((stack("refused"),), 1),
        ((stack("blocked", error="no", error_side="head"), stack("blocked")), 2),
        ((stack("needs-approval", error="no", error_side="base"),), 3),
    ],
)
def test_the_exit_code_is_the_worst_and_bad_input_before_all(stacks: tuple[StackDiff, ...], code: int) -> None:
    report = DiffReport("b", "h", stacks)
    assert exit_code(report) == code
    assert to_json(report)["exit_code"] == code


def test_the_document_has_every_field_in_plain_values() -> None:
    change = Change("update", "urn", "t", (Reason("p", None, [1], "update", "s", ("u",)),), deferred=("p",))
    cost = Cost(1.1, 3.3, ("u",), "2026-11-01")
    whole = stack("safe", phase=("mvp", ""), changes=(change,), cost=cost, counts={"update": 1})
    report = DiffReport("b", "h", (whole, stack("safe", breaches=(Breach("p", "u", "l", "s", "m", "r"),))), ("z",))
    told = json.loads(json.dumps(to_json(report)))
    assert set(told) == {
        "base", "head", "verdict", "exit_code", "unchanged", "seconds", "import_seconds", "registrations", "cores",
        "allowed_seconds", "stacks",
    }  # fmt: skip
    first, second = told["stacks"]
    assert set(first) == set(StackDiff.__dataclass_fields__)
    assert first["phase"] == {"before": "mvp", "after": ""}
    assert first["cost"] == {
        "before": 1.1, "after": 3.3, "delta": 2.2, "unpriced": ["u"], "prices_as_of": "2026-11-01",
    }  # fmt: skip
    assert first["changes"][0]["reasons"][0]["because"] == ["u"]
    assert (second["cost"], second["breaches"][0]["new"]) == (None, True)


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    made = small(tmp_path_factory.mktemp("command") / "r").branch("next.md-like")
    made.edit("stacks/Pulumi.dev.yaml", config(length=2), config(length=4)).commit()
    made.git("checkout", "-q", "-b", "docs", "main")
    made.write(**{"README.md": "more\n"}).commit()
    return made


def test_markdown_alone_prints_and_a_branch_after_it_is_no_file(repo: Repo, tmp_path: Path) -> None:
    printed = phaseup(repo, "diff", "main", "docs", "--markdown")
    assert (printed.exit_code, printed.stderr) == (0, "")
    assert printed.stdout.strip() != ""
    for arguments in (("--markdown", "main", "docs"), ("main", "--markdown", "docs"), ("--markdown=-", "main", "docs")):
        assert phaseup(repo, "diff", *arguments).stdout == printed.stdout
    file = tmp_path / "comment"
    result = phaseup(repo, "diff", "main", "docs", "--markdown", str(file), "--json")
    assert json.loads(result.stdout)["stacks"] == []
    assert file.read_text(encoding="utf-8").strip() == printed.stdout.strip()
    assert sorted(path.name for path in repo.path.iterdir()) == sorted(
        [".git", ".gitignore", "Pulumi.yaml", "README.md", "__main__.py", "components", "stacks"]
    )


def test_the_terminal_names_the_stack_its_step_and_what_it_took(repo: Repo) -> None:
    result = phaseup(repo, "diff", "main", "next.md-like")
    assert result.exit_code == 0
    for text in ("dev", "length", "pet", "registrations; importing the SDKs"):
        assert text in result.stdout
