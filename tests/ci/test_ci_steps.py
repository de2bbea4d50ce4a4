"""The pipelines' shell steps, run with stubs in the place of phaseup, pulumi, gh and curl."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from phaseup.render.markdown_diff import MARKER
from stacks.models.paths import ROOT

STEPS = ROOT / "ci" / "steps"
HEAD_SHA = "a" * 40
pytestmark = pytest.mark.skipif(
    any(shutil.which(name) is None for name in ("bash", "jq", "unzip", "git")),
    reason="bash, jq, unzip and git are needed",
)


class Place:
    """A folder with stubs before everything else on PATH; each stub notes how it was called."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stubs = folder / "stubs"
        self.stubs.mkdir()
        self.log = folder / "log"

    def stub(self, name: str, body: str) -> None:
        file = self.stubs / name
        file.write_text(f'#!/usr/bin/env bash\nprintf "%s\\n" "{name} $*" >>"{self.log}"\n{body}\n', encoding="utf-8")
        file.chmod(0o755)

    def run(self, step: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        keep = {"PATH": f"{self.stubs}:{os.environ['PATH']}", "HOME": str(self.folder), "LANG": "C.UTF-8"}
        return subprocess.run(
            [str(STEPS / f"{step}.sh"), *arguments],
            cwd=self.folder,
            env=keep | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def calls(self) -> list[str]:
        return self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []

    def write(self, name: str, text: str | bytes) -> Path:
        file = self.folder / name
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return file


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


DIFF_STUB = """
while (($#)); do
  case "$1" in --markdown) echo "told" >"$2" ;; --html) echo "<html>" >"$2" ;; esac
  shift
done
echo '{"stacks": []}'
exit "${CODE:-0}"
"""


@pytest.mark.parametrize("code", ["0", "1", "2", "3", "130"])
def test_a_rehearsal_keeps_everything_whatever_the_verdict(place: Place, code: str) -> None:
    place.stub("phaseup", DIFF_STUB)
    done = place.run("rehearse", BASE_SHA="abc", OUT="out", PR_NUMBER="7", CODE=code)
    assert done.returncode == 0, done.stderr
    out = place.folder / "out"
    assert {path.name: path.read_text() for path in out.iterdir()} == {
        "comment.md": "told\n",
        "page.html": "<html>\n",
        "diff.json": '{"stacks": []}\n',
        "number": "7\n",
        "exit-code": f"{code}\n",
    }
    assert place.calls() == ["phaseup diff abc --markdown out/comment.md --html out/page.html --json"]


def test_a_rehearsal_that_found_nothing_to_tell_says_so(place: Place) -> None:
    place.stub("phaseup", "exit 2")
    assert place.run("rehearse", BASE_SHA="abc", OUT="out").returncode == 0
    assert (place.folder / "out" / "comment.md").read_text().startswith(f"{MARKER}\n")
    assert (place.folder / "out" / "exit-code").read_text() == "2\n"


def test_a_rehearsal_needs_a_base(place: Place) -> None:
    place.stub("phaseup", DIFF_STUB)
    assert place.run("rehearse", OUT="out").returncode != 0
    assert place.calls() == []


@pytest.mark.parametrize(
    ("code", "reviewed", "found"),
    [
        ("0", "false", 0),
        ("1", "true", 1),
        ("2", "true", 2),
        ("3", "true", 0),
        ("3", "false", 3),
        ("3", "", 3),
        ("130", "true", 1),
        ("x", "true", 1),
    ],
)
def test_verdicts(place: Place, code: str, reviewed: str, found: int) -> None:
    assert place.run("verdict", code, REVIEWED=reviewed).returncode == found


def stacks(*rows: tuple[str, str, str]) -> str:
    return json.dumps(
        {"stacks": [{"stack": s, "environment": e, "phase": {"before": "a", "after": after}} for s, e, after in rows]}
    )


def test_changed_stacks_by_environment(place: Place) -> None:
    place.write("diff.json", stacks(("meal-prod", "prod", "mvp"), ("meal-dev", "dev", "mvp"), ("gone-dev", "dev", "")))
    done = place.run("changed", "dev", "staging", "prod", DIFF="diff.json")
    assert done.stdout.splitlines() == [
        'stacks=["meal-prod","meal-dev"]',
        'dev=["meal-dev"]',
        "staging=[]",
        'prod=["meal-prod"]',
    ]


@pytest.mark.parametrize(
    "name", ["a b", "$(touch x)", "-y", "", "a\nb", "a\n", "../a", "a;b", "x" * 101, 'a"', "`id`", "ä"]
)
@pytest.mark.parametrize("which", ["stack", "environment"])
def test_a_name_that_is_none_stops_it(place: Place, name: str, which: str) -> None:
    place.write("diff.json", stacks((name, "dev", "mvp") if which == "stack" else ("meal-dev", name, "mvp")))
    done = place.run("changed", "dev", DIFF="diff.json")
    assert done.returncode != 0
    assert done.stdout == ""


@pytest.mark.parametrize("text", ["", "{", "[]", '{"stacks": 3}'])
def test_a_comparison_that_is_none_stops_it(place: Place, text: str) -> None:
    place.write("diff.json", text)
    assert place.run("changed", DIFF="diff.json").returncode != 0


def test_a_preview_that_fails_is_left_to_the_gate(place: Place) -> None:
    place.stub("pulumi", 'echo "{}"; env | grep ^PULUMI_ | sort >&2; exit 255')
    done = place.run("preview", STACK="meal-dev", PREVIEW="preview.json")
    assert done.returncode == 0
    assert (place.folder / "preview.json").read_text() == "{}\n"
    assert (place.folder / "preview.json").stat().st_mode & 0o077 == 0
    assert "PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true" in done.stderr
    assert place.calls() == ["pulumi preview --stack meal-dev --json --non-interactive"]


@pytest.mark.parametrize(
    ("code", "reviewed", "found"), [("0", "", 0), ("1", "true", 1), ("3", "", 3), ("3", "true", 0), ("2", "true", 2)]
)
def test_the_gate_is_bound_to_the_rehearsal(place: Place, code: str, reviewed: str, found: int) -> None:
    place.stub("phaseup", f"exit {code}")
    done = place.run("gate", STACK="meal-dev", PREVIEW="p.json", DIFF="d.json", REVIEWED=reviewed)
    assert done.returncode == found
    assert place.calls() == ["phaseup gate p.json --plan d.json"]


def test_an_apply_is_of_one_stack_and_fails_as_it_does(place: Place) -> None:
    place.stub("pulumi", "exit 255")
    assert place.run("apply", STACK="meal-dev").returncode == 255
    assert place.calls() == ["pulumi up --stack meal-dev --yes --skip-preview --non-interactive"]
    assert place.run("apply").returncode != 0


def history(place: Place) -> list[str]:
    def git(*arguments: str) -> str:
        given = {
            "GIT_AUTHOR_NAME": "a",
            "GIT_AUTHOR_EMAIL": "a@b",
            "GIT_COMMITTER_NAME": "a",
            "GIT_COMMITTER_EMAIL": "a@b",
        }
        command = ["git", "-c", "commit.gpgsign=false", *arguments]
        return subprocess.run(
            command, cwd=place.folder, env=os.environ | given, capture_output=True, text=True, check=True
        ).stdout.strip()

    git("init", "-q")
    commits = []
    for number in range(4):
        git("commit", "-q", "--allow-empty", "-m", str(number))
        commits.append(git("rev-parse", "HEAD"))
    return commits


def test_an_apply_starts_from_what_was_applied_last(place: Place) -> None:
    first, second, third, _ = history(place)
    place.stub("gh", f"echo {first}")
    asked = {"GH_TOKEN": "t", "REPOSITORY": "o/r", "BRANCH": "main"}
    assert place.run("base", BEFORE=second, **asked).stdout == f"base={first}\n"
    assert place.run("base", BEFORE=second, GIVEN=third, **asked).stdout == f"base={third}\n"
    assert place.run("base", BEFORE=second).stdout == f"base={second}\n"
    assert place.run("base", BEFORE="0" * 40).stdout == f"base={third}\n"
    assert place.run("base", BEFORE="f" * 40).stdout == f"base={third}\n"
    place.stub("gh", "echo")
    assert place.run("base", BEFORE=second, **asked).stdout == f"base={second}\n"


@pytest.mark.parametrize("given", ["f" * 40, "no-such", "--git-dir", "-1", "x y"])
def test_a_commit_that_is_none_is_told(place: Place, given: str) -> None:
    history(place)
    done = place.run("base", GIVEN=given)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no such commit" in done.stderr


@pytest.mark.parametrize(
    ("changed", "gate", "names", "found"),
    [
        ("success", "success", '["a"]', 0),
        ("success", "skipped", "[]", 0),
        ("success", "skipped", '["a"]', 1),
        ("success", "failure", '["a"]', 1),
        ("success", "cancelled", '["a"]', 1),
        ("failure", "skipped", "", 1),
        ("skipped", "skipped", "", 1),
        ("cancelled", "skipped", "[]", 1),
    ],
)
def test_one_check_for_all_gates(place: Place, changed: str, gate: str, names: str, found: int) -> None:
    assert place.run("gated", CHANGED=changed, GATE=gate, STACKS=names).returncode == found


class Hub:
    """GitHub's answers, and what it is asked to write."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.comments = ""
        self.head = f"open {HEAD_SHA}"
        self.size = 300

    def serve(self, files: dict[str, bytes] | None) -> subprocess.CompletedProcess[str]:
        found = "0 0" if files is None else f"11 {self.size}"
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in (files or {}).items():
                archive.writestr(name, content)
        self.place.write("artifact.zip", made.getvalue())
        self.place.write("comments", self.comments)
        folder = self.place.folder
        self.place.stub(
            "gh",
            f"""
case "$*" in
  *artifacts?name=*) echo "{found}" ;;
  *artifacts/11/zip) cat "{folder}/artifact.zip" ;;
  *pulls/*) echo "{self.head}" ;;
  *--paginate*) cat "{folder}/comments" ;;
  *--input*) while [[ "$1" != --input ]]; do shift; done; cp "$2" "{folder}/posted.json" ;;
  *) exit 9 ;;
esac""",
        )
        return self.place.run("comment", GH_TOKEN="t", REPOSITORY="o/r", RUN_ID="5", HEAD_SHA=HEAD_SHA)

    @property
    def posted(self) -> str | None:
        file = self.place.folder / "posted.json"
        return json.loads(file.read_text(encoding="utf-8"))["body"] if file.exists() else None

    def writes(self) -> list[str]:
        return [call for call in self.place.calls() if "--method" in call]


@pytest.fixture
def hub(place: Place) -> Hub:
    return Hub(place)


GOOD = {"comment.md": f"{MARKER}\n## blocked `$(id)` ä “quoted” \\n\n".encode(), "number": b"7\n"}


def test_a_comment_is_posted_whole(hub: Hub) -> None:
    done = hub.serve(GOOD)
    assert done.returncode == 0, done.stderr
    assert hub.posted is not None
    assert hub.posted.startswith(GOOD["comment.md"].decode())
    assert "it tells, it approves nothing" in hub.posted
    (write,) = hub.writes()
    assert write.startswith("gh api --method POST repos/o/r/issues/7/comments --input ")


def test_a_comment_takes_the_place_of_the_one_before(hub: Hub) -> None:
    hub.comments = "31\n32\n"
    assert hub.serve(GOOD).returncode == 0
    (write,) = hub.writes()
    assert write.startswith("gh api --method PATCH repos/o/r/issues/comments/31 --input ")


def test_only_ones_own_comments_are_looked_for(hub: Hub) -> None:
    hub.serve(GOOD)
    (listing,) = [call for call in hub.place.calls() if "--paginate" in call]
    assert 'select(.user.login == "github-actions[bot]" and (.body | contains("<!-- phaseup:diff -->")))' in listing


HOSTILE: dict[str, dict[str, bytes]] = {
    "no number": {"comment.md": GOOD["comment.md"]},
    "a number that is none": GOOD | {"number": b"7; id"},
    "a path for a number": GOOD | {"number": b"../../7"},
    "no leading digit": GOOD | {"number": b"0"},
    "two numbers": GOOD | {"number": b"7\n8\n"},
    "a long number": GOOD | {"number": b"1" * 5000},
    "a number with zeros": GOOD | {"number": b"7\x00/../9"},
    "no comment": {"number": b"7"},
    "no marker": GOOD | {"comment.md": b"buy this"},
    "no UTF-8": GOOD | {"comment.md": GOOD["comment.md"] + b"\xff\xfe"},
    "many bytes": GOOD | {"comment.md": GOOD["comment.md"] + "ä".encode() * 150_000},
    "many characters": GOOD | {"comment.md": GOOD["comment.md"] + b"a" * 66_000},
    "a file that unpacks to much": GOOD | {"comment.md": GOOD["comment.md"] + b"\n" * 50_000_000},
    "other names": {"x/comment.md": GOOD["comment.md"], "../number": b"7"},
}


@pytest.mark.parametrize("files", HOSTILE.values(), ids=HOSTILE)
def test_what_is_not_as_it_should_be_is_not_posted(hub: Hub, files: dict[str, bytes]) -> None:
    done = hub.serve(files)
    assert done.returncode == 0
    assert "::warning::no comment: " in done.stdout
    assert hub.writes() == []


def test_a_run_without_an_artifact_posts_nothing(hub: Hub) -> None:
    assert "the run left none" in hub.serve(None).stdout
    assert hub.writes() == []


def test_an_artifact_that_is_too_large_is_not_fetched(hub: Hub) -> None:
    hub.size = 1_000_001
    assert "too large" in hub.serve(GOOD).stdout
    assert not [call for call in hub.place.calls() if call.endswith("/zip")]


@pytest.mark.parametrize("head", [f"open {'b' * 40}", f"closed {HEAD_SHA}", "", "null null"])
def test_another_pull_requests_number_is_of_no_use(hub: Hub, head: str) -> None:
    hub.head = head
    assert "another commit" in hub.serve(GOOD).stdout
    assert hub.writes() == []


def test_a_fault_of_githubs_is_none_of_silence(hub: Hub) -> None:
    hub.place.stub("gh", "exit 1")
    done = hub.place.run("comment", GH_TOKEN="t", REPOSITORY="o/r", RUN_ID="5", HEAD_SHA=HEAD_SHA)
    assert done.returncode != 0


def each(place: Place, *arguments: str, refuse: str = "") -> subprocess.CompletedProcess[str]:
    place.write(
        "diff.json", stacks(("meal-dev", "dev", "mvp"), ("pareto-dev", "dev", "mvp"), ("meal-prod", "prod", "mvp"))
    )
    place.stub("pulumi", "cat >/dev/null; echo {}")
    place.stub("phaseup", f'[[ "$2" != *"/{refuse}.json" ]]')
    return place.run("gitlab-each", *arguments, DIFF="diff.json")


def commands(place: Place) -> list[str]:
    return [" ".join(call.split()[:4]) if call.startswith("pulumi") else "gate" for call in place.calls()]


def test_gitlab_gates_every_stack(place: Place) -> None:
    assert each(place, "gate").returncode == 0
    assert commands(place) == [
        "pulumi preview --stack meal-dev",
        "gate",
        "pulumi preview --stack pareto-dev",
        "gate",
        "pulumi preview --stack meal-prod",
        "gate",
    ]


def test_gitlab_applies_one_environment(place: Place) -> None:
    assert each(place, "apply", "dev").returncode == 0
    assert commands(place) == [
        "pulumi preview --stack meal-dev",
        "gate",
        "pulumi up --stack meal-dev",
        "pulumi preview --stack pareto-dev",
        "gate",
        "pulumi up --stack pareto-dev",
    ]


def test_gitlab_stops_where_a_stack_does_not_pass(place: Place) -> None:
    assert each(place, "apply", "dev", refuse="meal-dev").returncode == 1
    assert commands(place) == ["pulumi preview --stack meal-dev", "gate"]


def test_gitlab_does_nothing_where_nothing_changes(place: Place) -> None:
    assert each(place, "apply", "staging").returncode == 0
    assert place.calls() == []


CURL = """
case "$*" in
  *--request*)
    while [[ "$1" != --data ]]; do shift; done
    cp "${2#@}" posted.json
    ;;
  *) cat notes.json ;;
esac
"""


@pytest.mark.parametrize(
    ("notes", "call"),
    [
        ([], "--request POST --header Content-Type: application/json --data @"),
        ([{"id": 4, "system": False, "body": "hello"}, {"id": 5, "system": True, "body": MARKER}], "--request POST"),
        (
            [{"id": 6, "system": False, "body": f"{MARKER}\nx"}, {"id": 7, "system": False, "body": MARKER}],
            "--request PUT",
        ),
    ],
)
def test_gitlabs_note(place: Place, notes: list[dict[str, Any]], call: str) -> None:
    place.write("notes.json", json.dumps(notes))
    place.write("comment.md", f"{MARKER}\nä")
    place.stub("curl", CURL)
    given = {
        "OUT": ".",
        "CI_API_V4_URL": "https://git.example/api/v4",
        "CI_PROJECT_ID": "3",
        "CI_MERGE_REQUEST_IID": "9",
    }
    done = place.run("gitlab-comment", PHASEUP_NOTE_TOKEN="glpat-secret", **given)
    assert done.returncode == 0, done.stderr
    assert json.loads((place.folder / "posted.json").read_text()) == {"body": f"{MARKER}\nä"}
    last = place.calls()[-1]
    assert call in last
    assert last.endswith("/merge_requests/9/notes/6" if "PUT" in call else "/merge_requests/9/notes")
    assert "glpat-secret" not in "".join(place.calls()) + done.stdout + done.stderr


def test_gitlab_notes_nothing_without_a_token(place: Place) -> None:
    place.stub("curl", "exit 1")
    given = {"OUT": ".", "CI_API_V4_URL": "u", "CI_PROJECT_ID": "3", "CI_MERGE_REQUEST_IID": "9"}
    assert place.run("gitlab-comment", **given).returncode == 0
    assert place.calls() == []


def test_gitlabs_token_is_a_file_that_only_its_owner_reads(place: Place) -> None:
    file = place.folder / "token"
    given = {"AWS_ID_TOKEN": "jwt", "AWS_WEB_IDENTITY_TOKEN_FILE": str(file), "AWS_ROLE_ARN": "arn"}
    assert place.run("gitlab-token", **given).returncode == 0
    assert file.read_text() == "jwt"
    assert file.stat().st_mode & 0o077 == 0
    assert place.run("gitlab-token", **(given | {"AWS_ROLE_ARN": ""})).returncode != 0


@pytest.mark.parametrize(("code", "found"), [("0", 0), ("1", 1), ("2", 2), ("3", 0)])
def test_a_commit_is_stopped_by_what_is_blocked_or_wrong(place: Place, code: str, found: int) -> None:
    place.stub("phaseup", f"exit {code}")
    assert place.run("pre-commit").returncode == found
    assert place.calls() == ["phaseup diff HEAD"]


def test_setup_is_the_projects_own(place: Place) -> None:
    place.stub("make", "exit 0")
    assert place.run("setup").returncode == 0
    assert place.calls() == ["make --no-print-directory setup"]
