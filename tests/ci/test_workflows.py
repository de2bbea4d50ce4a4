"""The pipelines to copy: what they may do, what they must not, and that linters agree."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from stacks.models.paths import ROOT

CI = ROOT / "ci"
GITHUB = sorted((CI / "github").glob("*.yml"))
STEPS = sorted((CI / "steps").glob("*.sh"))
GITLAB = CI / "gitlab" / ".gitlab-ci.yml"
HOOKS = (ROOT / ".pre-commit-hooks.yaml", CI / "pre-commit-config.yaml")
EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
WRITES = {
    "rehearse": {},
    "comment": {"comment": {"pull-requests": "write"}},
    "gate": {"gate": {"id-token": "write"}},
    "apply": {name: {"id-token": "write"} for name in ("dev", "staging", "prod")},
}
"""Every permission to write, by workflow and job."""
CREDENTIALS = {"gate": {"gate"}, "apply": {"dev", "staging", "prod"}}
"""The jobs that may name a secret."""


def read(path: Path) -> Any:
    # YAML 1.2, in which `on` is no truth value; a key twice is an error.
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))


@pytest.fixture(params=GITHUB, ids=lambda path: path.stem)
def workflow(request: pytest.FixtureRequest) -> tuple[str, Any]:
    return request.param.stem, read(request.param)


def strings(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from strings(key)
            yield from strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from strings(value)
    elif isinstance(node, str):
        yield node


def steps(document: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, job in document["jobs"].items():
        for step in job["steps"]:
            yield name, step


def test_there_are_the_four() -> None:
    assert [path.stem for path in GITHUB] == ["apply", "comment", "gate", "rehearse"]


def test_every_job_has_what_it_needs_and_no_more(workflow: tuple[str, Any]) -> None:
    name, document = workflow
    assert document["permissions"] == {}
    writes = {}
    for job, body in document["jobs"].items():
        permissions = body["permissions"]
        assert set(permissions.values()) <= {"read", "write"}
        given = {key: value for key, value in permissions.items() if value == "write"}
        if given:
            writes[job] = given
        assert body["timeout-minutes"] <= 180
    assert writes == WRITES[name]


def test_no_job_runs_a_strangers_code_with_rights(workflow: tuple[str, Any]) -> None:
    name, document = workflow
    assert "pull_request_target" not in document["on"]
    if name in ("rehearse", "gate"):
        assert list(document["on"]) == ["pull_request"]
    for job, body in document["jobs"].items():
        named = set(re.findall(r"secrets\.(\w+)", " ".join(strings(body))))
        assert bool(named) == (job in CREDENTIALS.get(name, set())), (job, named)
        if "id-token" in body["permissions"]:
            assert body["environment"], job
    if name == "gate":
        assert "head.repo.full_name == github.repository" in document["jobs"]["gate"]["if"]


def test_the_workflow_that_writes_runs_no_code_of_the_pull_request() -> None:
    document = read(CI / "github" / "comment.yml")
    assert list(document["on"]) == ["workflow_run"]
    for _, step in steps(document):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["ref"] == "${{ github.event.repository.default_branch }}"
        assert "download-artifact" not in step.get("uses", "")
    assert [step["run"] for _, step in steps(document) if "run" in step] == ["ci/steps/comment.sh"]


def test_commands_hold_no_expression(workflow: tuple[str, Any]) -> None:
    """What an event carries reaches a shell by its environment alone."""
    for _, step in steps(workflow[1]):
        assert not EXPRESSION.search(step.get("run", "")), step
        assert "script" not in step.get("with", {})


def test_only_known_expressions_are_used(workflow: tuple[str, Any]) -> None:
    """A branch's name or a title is a stranger's text: nothing of the kind goes anywhere but a group's name."""
    document = {key: value for key, value in workflow[1].items() if key != "concurrency"}
    for text in strings(document):
        for found in EXPRESSION.findall(text):
            assert not re.search(r"head_ref|head_branch|\.title|\.body|\.label|\.message|\.name\b", found), found


def test_actions_are_pinned_by_commit(workflow: tuple[str, Any]) -> None:
    for _, step in steps(workflow[1]):
        if "uses" in step:
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", step["uses"]), step["uses"]


def test_one_action_has_one_commit_and_its_version_beside_it() -> None:
    found: dict[str, set[str]] = {}
    for path in GITHUB:
        for line in path.read_text(encoding="utf-8").splitlines():
            if "uses:" in line:
                action, rest = line.split("uses: ")[1].split("@")
                assert re.fullmatch(r"[0-9a-f]{40} # v\d+\.\d+\.\d+", rest), line
                found.setdefault(action, set()).add(rest)
    assert {action: len(pins) for action, pins in found.items()} == dict.fromkeys(found, 1)


def test_no_credential_stays_in_a_checkout(workflow: tuple[str, Any]) -> None:
    for _, step in steps(workflow[1]):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_runs_of_one_thing_do_not_cross(workflow: tuple[str, Any]) -> None:
    name, document = workflow
    assert document["concurrency"]["cancel-in-progress"] is (name in ("rehearse", "gate"))


def test_environments_are_applied_one_after_the_other() -> None:
    jobs = read(CI / "github" / "apply.yml")["jobs"]
    assert {name: job.get("environment") for name, job in jobs.items()} == {
        "changed": None,
        "dev": "dev",
        "staging": "staging",
        "prod": "prod",
    }
    assert jobs["prod"]["needs"] == ["changed", "dev", "staging"]
    for name in ("dev", "staging", "prod"):
        runs = [step["run"] for step in jobs[name]["steps"] if "run" in step]
        assert runs == [f"ci/steps/{step}.sh" for step in ("setup", "preview", "gate", "apply")]
    for before in ("dev", "staging"):
        assert f"needs.{before}.result == 'success'" in jobs["prod"]["if"]
    assert "always()" not in jobs["prod"]["if"]


@pytest.mark.parametrize("path", [*GITHUB, GITLAB, *HOOKS], ids=lambda path: path.name)
def test_steps_that_are_named_are_there(path: Path) -> None:
    named = set(re.findall(r"ci/steps/[\w-]+\.sh", path.read_text(encoding="utf-8")))
    assert named
    for step in named:
        assert (ROOT / step).stat().st_mode & 0o111, step


def test_every_step_is_used_and_strict() -> None:
    everything = "".join(path.read_text(encoding="utf-8") for path in [*GITHUB, GITLAB, *HOOKS, *STEPS])
    for path in STEPS:
        text = path.read_text(encoding="utf-8")
        assert text.startswith("#!/usr/bin/env bash\n"), path
        assert "\nset -euo pipefail\n" in text, path
        assert everything.count(path.name) >= 1, path
        assert not re.search(r"\beval\b|\bset \+e\b", text), path


def test_gitlab_gives_its_role_to_branches_of_the_project_alone() -> None:
    document = read(GITLAB)
    assert document["stages"] == ["rehearse", "gate", "dev", "staging", "prod"]
    assert "id_tokens" not in document["rehearse"]
    assert document["rehearse"]["extends"] == ".tools"
    (rule,) = document["gate"]["rules"]
    assert "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID" in rule["if"]
    for name in ("dev", "staging", "prod"):
        assert document[name]["extends"] == ".apply"
        assert [rule["if"] for rule in document[name]["rules"]] == ["$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"]
    assert document["prod"]["rules"][0]["when"] == "manual"
    assert document[".apply"]["resource_group"] == "apply"


def test_gitlabs_commands_hold_no_text_of_a_stranger() -> None:
    for body in read(GITLAB).values():
        if isinstance(body, dict):
            for line in [*body.get("script", []), *body.get("before_script", [])]:
                assert not re.search(r"TITLE|DESCRIPTION|MESSAGE|BRANCH_NAME|REF_NAME|REF_SLUG|AUTHOR", line), line


def test_the_hook_is_the_same_in_both_files() -> None:
    (published,), config = (read(path) for path in HOOKS)
    (local,) = config["repos"][0]["hooks"]
    assert local == {key: value for key, value in published.items() if key != "description"}
    pattern = re.compile(published["files"])
    assert pattern.search("stacks/Pulumi.meal-prod.yaml")
    assert pattern.search("__main__.py")
    assert not pattern.search("docs/stacks/readme.md")


def test_the_marker_is_that_of_the_comment() -> None:
    from phaseup.render.markdown_diff import MARKER

    for name in ("rehearse.sh", "comment.sh", "gitlab-comment.sh"):
        assert MARKER in (CI / "steps" / name).read_text(encoding="utf-8")


def lint(*command: str) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(find_spec("yamllint") is None, reason="yamllint is not installed")
def test_yamllint_finds_nothing() -> None:
    lint(sys.executable, "-m", "yamllint", "--strict", "-c", "ci/.yamllint.yaml", "ci", ".pre-commit-hooks.yaml")


def tool(name: str) -> str | None:
    beside = Path(sys.executable).parent / name
    return str(beside) if beside.exists() else shutil.which(name)


@pytest.mark.skipif(tool("shellcheck") is None, reason="shellcheck is not installed")
def test_shellcheck_finds_nothing() -> None:
    lint(str(tool("shellcheck")), *map(str, STEPS))


@pytest.mark.skipif(tool("actionlint") is None, reason="actionlint is not installed")
def test_actionlint_finds_nothing() -> None:
    lint(str(tool("actionlint")), *map(str, GITHUB))
