"""Branches of a small program without phases: which sides are compared, with which code, and what is left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

from phaseup.diff.compare import WORKING_TREE, diff
from phaseup.diff.report import DiffReport, StackDiff
from phaseup.record.errors import RecordError
from tests.diff.repos import MAIN, PETS, PROJECT, SALT, Repo, config, empty, phaseup, small


@pytest.fixture(autouse=True)
def _own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Side checkouts are made where the test can see whether one stays."""
    (tmp_path / "aside").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "aside"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "aside"))


def compared(repo: Repo, base: str = "main", head: str = "", **how: Any) -> DiffReport:
    """The report, nothing left behind by it."""
    before = repo.traces()
    try:
        return diff(base, head, folder=repo.path, **how)
    finally:
        assert repo.traces() == before
        assert [each.name for each in Path(tempfile.gettempdir()).iterdir() if "diff" in each.name] == []


def only(report: DiffReport) -> StackDiff:
    (stack,) = report.stacks
    return stack


def ops(stack: StackDiff) -> list[tuple[str, str]]:
    return [(change.op, change.urn.rpartition("::")[2]) for change in stack.changes]


def test_each_side_runs_its_own_components(tmp_path: Path) -> None:
    repo = small(tmp_path / "r").branch()
    repo.edit("components/pets.py", '"pet"', '"cat"').commit()
    for head in ("branch", ""):
        stack = only(compared(repo, "main", head))
        assert stack.causes == ("program",)
        assert sorted(ops(stack)) == [("create", "cat"), ("delete", "pet")]
        assert [change.declared_at for change in stack.changes if change.op == "create"] == ["components/pets.py:5"]
    # Seen from the other side, with the branch's code checked out: what each side says is its own.
    assert sorted(ops(only(compared(repo, "branch", "main", exact=True)))) == [("create", "pet"), ("delete", "cat")]


def test_a_working_tree_counts_with_changes_that_no_commit_has(tmp_path: Path) -> None:
    repo = small(tmp_path / "r")
    repo.write(**{"stacks/Pulumi.dev.yaml": config(length=4), "stacks/Pulumi.new.yaml": config(length=3)})
    report = compared(repo)
    assert report.head == WORKING_TREE
    changed, added = sorted(report.stacks, key=lambda stack: stack.stack)
    assert (changed.stack, changed.causes, ops(changed)) == ("dev", ("config",), [("replace", "pet")])
    assert [(line.sign, line.text) for line in changed.config] == [
        (" ", "config:"),
        ("-", "  small:length: 2"),
        ("+", "  small:length: 4"),
    ]
    assert [(each.path, each.old, each.new, each.effect) for each in changed.changes[0].reasons] == [
        ("length", 2, 4, "replace")
    ]
    assert (added.stack, added.causes, ops(added)) == ("new", ("added",), [("create", "pet")])
    assert added.phase == ("", "")
    assert report.verdict == "safe"


def test_the_base_is_where_the_branch_left_it(tmp_path: Path) -> None:
    repo = small(tmp_path / "r", dev=config(length=2), prod=config(length=2))
    start = repo.git("rev-parse", "main")
    repo.branch().edit("stacks/Pulumi.dev.yaml", "length: 2", "length: 4").commit()
    repo.git("checkout", "-q", "main")
    moved_on = repo.edit("stacks/Pulumi.prod.yaml", "length: 2", "length: 9").commit()
    report = compared(repo, "main", "branch")
    assert (report.base, report.head) == (start[:12], repo.git("rev-parse", "branch")[:12])
    assert [stack.stack for stack in report.stacks] == ["dev"]
    assert report.unchanged == ("prod",)
    exact = compared(repo, "main", "branch", exact=True)
    assert exact.base == moved_on[:12]
    assert sorted(stack.stack for stack in exact.stacks) == ["dev", "prod"]


def test_prose_and_comments_record_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = small(tmp_path / "r").branch()
    repo.write(**{"README.md": "else\n", "docs/a.py": "x\n", "tests/test_a.py": "x\n", "components/NOTES.md": "x\n"})
    repo.write(**{"stacks/Pulumi.dev.yaml": "# A comment\nconfig: {small:length: 2}  # and another\n"}).commit()
    monkeypatch.setattr("phaseup.diff.compare.pair", lambda: pytest.fail("nothing is to be recorded"))
    report = compared(repo, "main", "branch")
    assert (report.stacks, report.unchanged, report.verdict) == ((), ("dev",), "safe")
    result = phaseup(repo, "diff", "main", "branch")
    assert (result.exit_code, len(result.stdout.splitlines())) == (0, 1)


def test_code_that_comes_to_the_same_graph_changes_nothing(tmp_path: Path) -> None:
    repo = small(tmp_path / "r").branch()
    repo.write(**{"components/pets.py": "import os\n" + PETS}).commit()
    report = compared(repo, "main", "branch")
    assert (report.stacks, report.unchanged) == ((), ("dev",))
    assert report.registrations >= 4


def test_an_option_alone_is_a_change(tmp_path: Path) -> None:
    repo = small(tmp_path / "r").branch()
    repo.write(
        **{
            "components/pets.py": "import pulumi\n"
            + PETS.replace("length=length", "length=length, opts=pulumi.ResourceOptions(protect=True)")
        }
    ).commit()
    stack = only(compared(repo, "main", "branch"))
    assert ops(stack) == [("same", "pet")]
    assert [(each.path, each.old, each.new) for each in stack.changes[0].reasons] == [("<protect>", None, True)]
    back = only(compared(repo, "branch", "main", exact=True))
    assert back.verdict == "blocked"
    assert back.reasons == ("pet: protect is lifted, but nothing retires it",)


def test_a_file_that_goes_destroys_nothing_and_is_said_so(tmp_path: Path) -> None:
    repo = small(tmp_path / "r", dev=config(length=2), old=config(length=3)).branch()
    repo.write(**{"stacks/Pulumi.old.yaml": None}).commit()
    stack = only(compared(repo, "main", "branch"))
    assert (stack.stack, stack.causes, stack.verdict) == ("old", ("deleted",), "needs-approval")
    assert stack.changes == ()
    assert "destroys nothing" in stack.reasons[0]
    assert "1 resource, stay as they are" in stack.reasons[0]
    assert "pulumi destroy --stack old" in stack.reasons[1]
    assert [line.sign for line in stack.config] == ["-", "-"]


def test_the_last_stack_and_the_whole_program_may_go(tmp_path: Path) -> None:
    repo = small(tmp_path / "r").branch()
    repo.git("rm", "-q", "-r", "__main__.py", "components", "stacks")
    repo.commit()
    assert only(compared(repo, "main", "branch")).causes == ("deleted", "program")


BROKEN = "config:\n  small:length: [2\n"


def test_a_broken_head_is_its_stacks_error_and_bad_input(tmp_path: Path) -> None:
    repo = small(tmp_path / "r", dev=config(length=2), prod=config(length=2)).branch()
    repo.write(**{"stacks/Pulumi.dev.yaml": BROKEN}).edit("stacks/Pulumi.prod.yaml", "2", "3").commit()
    report = compared(repo, "main", "branch")
    broken, other = report.stacks
    assert (broken.stack, broken.verdict, broken.error_side) == ("dev", "blocked", "head")
    assert broken.error.startswith("stacks/Pulumi.dev.yaml:")
    assert "not valid YAML" in broken.error
    assert "[2" not in "".join(line.text for line in broken.config)
    assert (other.stack, ops(other)) == ("prod", [("replace", "pet")])
    result = phaseup(repo, "diff", "main", "branch", "--json")
    assert result.exit_code == 2
    assert json.loads(result.stdout)["exit_code"] == 2


def test_a_broken_base_needs_approval_and_the_head_is_checked_by_itself(tmp_path: Path) -> None:
    repo = small(tmp_path / "r", dev=BROKEN).branch()
    repo.write(**{"stacks/Pulumi.dev.yaml": config(length=2)}).commit()
    stack = only(compared(repo, "main", "branch"))
    assert (stack.verdict, stack.error_side, stack.changes) == ("needs-approval", "base", ())
    assert stack.error.startswith("stacks/Pulumi.dev.yaml:")
    assert phaseup(repo, "diff", "main", "branch", "--json").exit_code == 3
    # And a head that is broken as well is the head's error.
    repo.write(**{"__main__.py": "raise ValueError('no')\n"}).commit()
    stack = only(compared(repo, "main", "branch"))
    assert (stack.verdict, stack.error_side) == ("blocked", "head")
    assert stack.error == "__main__.py:1: ValueError: no"


def test_a_program_that_fails_on_one_side_names_its_own_file_and_no_folder_of_ours(tmp_path: Path) -> None:
    repo = small(tmp_path / "r").branch()
    repo.write(**{"components/pets.py": "def pets(length):\n    raise RuntimeError('worn out')\n"}).commit()
    forth = only(compared(repo, "main", "branch"))
    assert (forth.error_side, forth.error) == ("head", "components/pets.py:2: RuntimeError: worn out")
    back = only(compared(repo, "branch", "main", exact=True))
    assert (back.error_side, back.error) == ("base", "components/pets.py:2: RuntimeError: worn out")
    assert "phaseup-diff" not in str(forth) + str(back)


HIDDEN = "correct-horse"


def test_secrets_are_compared_and_never_shown(tmp_path: Path) -> None:
    plain = MAIN.replace('config.get_secret("password")', f'pulumi.Output.secret("{HIDDEN}-1")')
    text = SALT + config(length=2) + "  small:token: {secure: AAABcipherone}\n"
    repo = small(tmp_path / "r", dev=text)
    repo.write(**{"__main__.py": plain}).commit()
    repo.branch().edit("stacks/Pulumi.dev.yaml", "cipherone", "ciphertwo")
    repo.write(**{"__main__.py": plain.replace("-1", "-2")}).commit()
    stack = only(compared(repo, "main", "branch"))
    (change,) = stack.changes
    assert (change.op, [each.path for each in change.reasons]) == ("replace", ["keepers.password"])
    assert [(each.old, each.new) for each in change.reasons] == [("[secret]", "[secret]")]
    assert [(line.sign, line.text) for line in stack.config if line.sign != " "] == [
        ("-", "  small:token: {secure: [secret]}"),
        ("+", "  small:token: {secure: [secret]}"),
    ]
    for options in ((), ("--json",)):
        result = phaseup(repo, "diff", "main", "branch", *options)
        assert result.exit_code == 0
        assert not [each for each in (HIDDEN, "cipher", "c2FsdHNhbHQ") if each in result.output]
    # Only the ciphertext is another: the secret is not known here, so it counts as the same, and the line is shown.
    repo.write(**{"__main__.py": plain}).commit()
    again = only(compared(repo, "main", "branch"))
    assert (again.changes, len([line for line in again.config if line.sign != " "])) == ((), 2)


def test_a_project_in_a_folder_of_a_repository(tmp_path: Path) -> None:
    repo = empty(tmp_path / "r")
    inner = {"Pulumi.yaml": "name: small\nruntime: python\n", "__main__.py": MAIN, "components/pets.py": PETS}
    repo.write(**{f"infra/{name}": text for name, text in inner.items()}, **{"infra/Pulumi.dev.yaml": config(length=2)})
    repo.write(**{".gitignore": "__pycache__/\n"}).commit()
    repo.branch().edit("infra/Pulumi.dev.yaml", "2", "5").commit()
    report = diff("main", "branch", folder=repo.path / "infra" / "components")
    assert (only(report).file, ops(only(report))) == ("infra/Pulumi.dev.yaml", [("replace", "pet")])


def test_an_index_that_is_being_committed_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = small(tmp_path / "r")
    repo.edit("stacks/Pulumi.dev.yaml", "2", "4").git("add", "-A")
    hook = repo.path / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\ntouch ../hook-ran\n")
    hook.chmod(0o755)
    for name, value in (("GIT_INDEX_FILE", ".git/index"), ("GIT_DIR", ".git")):
        monkeypatch.setenv(name, value)
    report = diff("main", folder=repo.path)
    for name in ("GIT_INDEX_FILE", "GIT_DIR"):
        monkeypatch.delenv(name)
    assert ops(only(report)) == [("replace", "pet")]
    assert repo.git("diff", "--cached", "--name-only") == "stacks/Pulumi.dev.yaml"
    assert not list(tmp_path.rglob("hook-ran"))


def test_other_worktrees_stay_listed_also_those_whose_folder_is_gone(tmp_path: Path) -> None:
    repo = small(tmp_path / "r")
    repo.git("worktree", "add", "-q", "--detach", str(tmp_path / "base"))
    repo.git("worktree", "add", "-q", "--detach", str(tmp_path / "gone"))
    for each in sorted((tmp_path / "gone").rglob("*"), reverse=True):
        each.rmdir() if each.is_dir() else each.unlink()
    (tmp_path / "gone").rmdir()
    repo.edit("stacks/Pulumi.dev.yaml", "2", "4")
    assert ops(only(compared(repo))) == [("replace", "pet")]
    assert repo.git("worktree", "list").count("\n") == 2


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_leaves_nothing_behind(tmp_path: Path, ending: signal.Signals) -> None:
    repo = small(tmp_path / "r").branch()
    ready = tmp_path / "ready"
    slow = f"import pathlib, time\npathlib.Path({str(ready)!r}).touch()\ntime.sleep(600)\n"
    repo.write(**{"__main__.py": slow}).commit()
    before = repo.traces()
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    # A shell's background jobs are born deaf to an interruption, and so are their children.
    hearing = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    process = subprocess.Popen(
        [sys.executable, "-c", f"{hearing}\nfrom phaseup.cli import main; main()", "diff", "main", "branch"],
        cwd=repo.path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2]), "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    while not ready.exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    process.send_signal(ending)
    printed, complaints = process.communicate()
    assert process.returncode == (130 if ending == signal.SIGINT else 143), complaints
    assert printed == b""
    assert b"Traceback" not in complaints
    assert repo.traces() == before
    assert list(temporary.glob("phaseup-diff-*")) == []
    running = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert str(tmp_path) not in running


def refused(folder: Path, *arguments: str) -> str:
    result = phaseup(folder, "diff", *arguments)
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    (line,) = result.stderr.splitlines()
    assert "a fault in phaseup" not in line
    return line


def test_what_cannot_be_compared_is_one_message_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    assert refused(tmp_path / "plain", "main") == (
        f"error: {tmp_path / 'plain'}: not in a git repository; run phaseup diff in a checkout of the project"
    )
    repo = small(tmp_path / "r")
    assert "nowhere: no such commit, branch or tag here; `git fetch origin nowhere`" in refused(repo.path, "nowhere")
    repo.git("update-ref", "refs/remotes/origin/next", "main")
    assert refused(repo.path, "next").endswith("origin/next is: phaseup diff origin/next")
    repo.git("checkout", "-q", "--orphan", "other")
    repo.commit()
    assert refused(repo.path, "main").endswith("no common ancestor with HEAD here; --exact compares with it as it is")
    assert diff("main", folder=repo.path, exact=True).unchanged == ("dev",)
    bare = empty(tmp_path / "bare")
    bare.commit()
    assert "no Pulumi.yaml here or above it" in refused(bare.path, "main")
    assert "exclude each other" in refused(repo.path, "main", "--exact", "--json", "--markdown")
    assert "no such folder" in refused(repo.path, "main", "--exact", "--html", str(tmp_path / "no" / "x.html"))


def test_a_shallow_clone_says_how_to_fetch_the_base(tmp_path: Path) -> None:
    repo = small(tmp_path / "r").branch()
    repo.edit("stacks/Pulumi.dev.yaml", "2", "4").commit()
    clone = ["git", "clone", "-q", "--depth", "1", "--branch", "branch", f"file://{repo.path}", str(tmp_path / "c")]
    subprocess.run(clone, check=True, capture_output=True)
    told = refused(tmp_path / "c", "main")
    assert "the clone is shallow: `git fetch --unshallow origin main`" in told
    assert "fetch-depth: 0" in told
    assert "git fetch --unshallow origin main" in refused(tmp_path / "c", "origin/main")
    subprocess.run(["git", "fetch", "-q", "--depth", "1", "origin", "main:main"], cwd=tmp_path / "c", check=True)
    told = refused(tmp_path / "c", "main")
    assert "no common ancestor with HEAD here; the clone is shallow: `git fetch --unshallow`" in told


def test_a_name_that_looks_like_an_option_is_no_option_of_gits(tmp_path: Path) -> None:
    repo = small(tmp_path / "r")
    with pytest.raises(RecordError, match="--upload-pack=x: no such commit"):
        diff("--upload-pack=x", folder=repo.path)


def test_both_stacks_of_a_program_are_told_worst_first(tmp_path: Path) -> None:
    guarded = PETS.replace("length=length", "length=length, opts=pulumi.ResourceOptions(protect=length > 2)")
    repo = small(tmp_path / "r", one=config(length=2), two=config(length=3))
    repo.write(**{"components/pets.py": "import pulumi\n" + guarded}).commit()
    repo.branch().write(**{"components/pets.py": "import pulumi\n" + guarded.replace("> 2", "> 3") + "    pulumi\n"})
    repo.edit("components/pets.py", '"pet"', '"pet", separator="."')
    repo.commit()
    report = compared(repo, "main", "branch")
    assert [(stack.stack, stack.verdict) for stack in report.stacks] == [("two", "blocked"), ("one", "safe")]
    assert report.verdict == "blocked"


def test_the_project_file_says_where_stacks_are(tmp_path: Path) -> None:
    repo = small(tmp_path / "r").branch()
    repo.write(**{"Pulumi.yaml": PROJECT.replace("stacks", "elsewhere"), "elsewhere/Pulumi.dev.yaml": config(length=2)})
    repo.write(**{"stacks/Pulumi.dev.yaml": None}).commit()
    report = compared(repo, "main", "branch")
    assert (report.stacks, report.unchanged) == ((), ("dev",))
