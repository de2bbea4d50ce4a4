"""The comment of a pull request: what it says and in which order, that it fits, and that nobody's text does anything.

`GOLDEN=write .venv/bin/python -m pytest tests/render/test_markdown_diff.py` writes tests/render/golden anew.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import count, cycle
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phaseup.diff.report import (
    Breach,
    Change,
    Cost,
    DiffReport,
    Line,
    Move,
    Reason,
    Risk,
    SettingChange,
    Speaks,
    StackDiff,
)
from phaseup.render.markdown_diff import LEAST, LIMIT, MARKER, comment
from tests.render import diff_reports as made
from tests.render.markdown_reading import fences, injections, leaves, shape, tables, tokens

GOLDEN = Path(__file__).parent / "golden"
ARTIFACT = "https://github.com/acme/shop/actions/runs/1/artifacts/2"

HOSTILE = (
    "a | b | c",
    "\\| `x` \\\\|",
    "```\n# out",
    "`" * 40,
    "@all and @acme/ops, a@b.example",
    "#123 GH-7 acme/shop#9 !4 &2 ~bug %3 $5 ^1",
    "deadbeefcafe 0123456789abcdef0123456789abcdef01234567",
    "<script>alert(1)</script>",
    "</summary></details><img src=x onerror=alert(1)>",
    "-->  <!-- phaseup:diff -->",
    "[x](javascript:alert(1)) ![i](http://e.example/p.png) [r]: http://e.example",
    "http://e.example www.e.example <http://e.example> mailto:a@e.example",
    "**bold** _em_ ~~gone~~ __x__ *",
    "# heading",
    "1. one",
    "- item",
    "---",
    "===",
    "> quote [!WARNING]",
    "$$x^2$$ and $`y`$ and \\(z\\)",
    "\x1b[31mred\x07\u202egnp.exe\u2066\u200b\x00\r\n\u2028end",
    "&lt;b&gt; &#64;all &commat;all",
    "a\n\n| b | c |\n| - | - |\n| d | e |",
    "/close",
    "    indented\n\tcode",
    "x" * 5000,
    "🚀 :tada: 表 \ufe0f",
    "[^1] [ ] [x]",
)


def hostile() -> st.SearchStrategy[str]:
    """What attacks, by itself and mixed, and anything else that shows at least one character."""
    any_ = st.text(st.characters(codec="utf-8"), min_size=1, max_size=60)
    marks = st.text("`|\\<>[]()!@#$*_~-+=.&:/1a \n", min_size=1, max_size=40)
    one = st.one_of(st.sampled_from(HOSTILE), marks, any_)
    return st.lists(one, min_size=1, max_size=3).map(" ".join).filter(lambda text: bool(text.split()))


def attacked(text: Callable[[], str]) -> DiffReport:
    """A report with a field for everything, each of which says what `text` gives."""

    def line() -> str:
        return " ".join(text().split())

    number = count()

    def other() -> str:
        """What is never the same: of what is, some is told once."""
        return f"{text()} {next(number)}"

    def urn() -> str:
        return f"urn:pulumi:s::p::aws:rds/instance:Instance::{other()}"

    def reason(effect: str) -> Reason:
        return Reason(text(), text(), {text(): [text()]}, effect, other(), (urn(),))

    danger = Change(
        "replace",
        urn(),
        text(),
        (reason("replace"), reason("deferred")),
        stateful=True,
        declared_at=text(),
        retained=True,
        deferred=(text(), text()),
        downtime=text(),
        block=text(),
    )
    block = text()
    stack = StackDiff(
        text(),
        text(),
        text(),
        text(),
        ("config", "program"),
        "blocked",
        reasons=(text(), text()),
        phase=(other(), other()),
        config=(Line("+", line()), Line("-", line()), Line(" ", line())),
        settings=(SettingChange(text(), text(), None, text()), SettingChange(text(), text(), [text()], 3)),
        counts={"create": 2, "update": 1, "replace": 1, "same": 7, f"odd {text()}": 1},
        changes=(
            danger,
            Change("create", urn(), text(), block=block),
            Change("update", urn(), text(), (reason("update"),), declared_at=text(), block=block),
            Change(f"odd {text()}", urn(), text(), block=block),
        ),
        at_risk=(Risk(danger.urn, "replace", text()), Risk(f"{urn()}-b", "delete", text())),
        retired=(urn(), urn()),
        cost=Cost(1.0, 2.0, (urn(), urn()), text()),
        breaches=(
            Breach(text(), urn(), text(), text(), text(), text()),
            Breach(text(), urn(), "advisory", "low", text(), text(), new=False),
        ),
        triggers=(Speaks(text(), text(), text(), text()),),
        move=Move("expand", text(), text(), text(), text(), text(), text(), f"{line()}\nx{line()}\n{line()}"),
        plan_hash=text(),
        notes=(text(),),
    )
    broken = StackDiff(text(), text(), text(), text(), ("config",), "blocked", error=line())
    return DiffReport(text(), text(), (stack, broken), (text(), text()))


def attacks() -> st.SearchStrategy[DiffReport]:
    """A few texts, each in many fields."""
    return st.lists(hostile(), min_size=1, max_size=6).map(lambda texts: attacked(cycle(texts).__next__))


TAME = attacked(lambda: "tame")


@pytest.mark.parametrize(
    ("name", "report", "limit"),
    [
        ("nothing", made.NOTHING, LIMIT),
        ("one", made.ONE, LIMIT),
        ("several", made.SEVERAL, LIMIT),
        ("shortened", made.large(3, 600, dangerous=14), 12_000),
        ("hostile", attacked(cycle(HOSTILE).__next__), LIMIT),
    ],
)
def test_the_comment_is_as_it_was(name: str, report: DiffReport, limit: int) -> None:
    written = comment(report, limit=limit, artifact=ARTIFACT)
    file = GOLDEN / f"diff-{name}.md"
    if os.environ.get("GOLDEN") == "write":
        file.write_bytes(written.encode())
    assert written == file.read_bytes().decode()


def test_the_order_is_that_in_which_a_reviewer_reads() -> None:
    told = comment(DiffReport("a", "b", (replace(made.DANGEROUS, move=made.MOVE, triggers=made.QUIET.triggers,
                                                config=made.QUIET.config, settings=made.QUIET.settings),)))  # fmt: skip
    wanted = [
        MARKER,
        "## ❌ blocked",
        "### ❌ blocked: `listing-prod`",
        "**Phase:** `scale` · **Step:** expand mvp → growth",
        "**Why**",
        "```diff",
        "| block | setting | before | after |",
        "**Resources:** + 1 to create",
        "**Look at these first**",
        "**Retired by name**",
        "**Cost a month:** $4,310.50 → $4,125.00 (−$185.50)",
        "**Policy:** 1 new, 1 as before",
        "network-open",
        "rds-backups",
        "**Triggers that speak for it**",
        "**Around this step**",
        "**Next step:**",
        "-  phaseup:moving: {from: mvp, traffic: 0}",
        "<details>",
        "</details>",
        "Plan `77aa01c29f`",
        "Compared: `a` → `b` · prices of `2026-10-01`",
    ]
    places = [told.index(each) for each in wanted]
    assert places == sorted(places)
    assert told.startswith(MARKER + "\n")


def test_dangerous_rows_come_worst_first_with_property_and_source() -> None:
    (table,) = (t for t in tables(comment(made.SEVERAL)) if t[0] == ["", "resource", "what to know", "why"])
    assert [row[1].split("<br>")[0] for row in table[1:]] == ["`db`", "`old-db`", "`vol`", "`cache`", "`params`"]
    db, old, vol, cache, params = table[1:]
    assert "**data at risk**: holds a database" in db[2]
    assert db[3].startswith("`storageEncrypted`: `false` → `true`, forces replacement<br>`port`")
    assert made.FACT in db[3]
    assert "leaves the state, stays billed" in old[2]
    assert "retired by name" in old[2]
    assert vol[0] == "same"
    assert "**protection lifted**: `<protect>`" in vol[2]
    assert "**downtime**: nodes restart" in cache[2]
    assert "**takes effect later**: parameters, backupWindow" in params[2]
    assert "follows from `db`" in params[3]


def test_a_risk_without_a_change_is_told_all_the_same() -> None:
    stack = replace(made.QUIET, at_risk=(Risk(made.urn(made.DB, "lost"), "delete", "holds data"),))
    told = comment(DiffReport("a", "b", (stack,)))
    assert "| delete | `lost` | **data at risk**: holds data |  |" in told
    assert "**Data or service at risk: 1 resource.**" in told


@pytest.mark.parametrize(
    ("path", "old", "new", "lifted"),
    [
        ("<protect>", True, None, True),
        ("deletionProtection", True, False, True),
        ("deletionProtectionEnabled", "true", "false", True),
        ("enableDeletionProtection", True, False, True),
        ("forceDestroy", False, True, True),
        ("forceDestroy", True, False, False),
        ("<protect>", None, True, False),
        ("deletionProtection", False, True, False),
        ("deletionProtection", False, None, False),
        ("name", True, False, False),
    ],
)
def test_protection_that_is_lifted(path: str, old: object, new: object, lifted: bool) -> None:
    change = made.changed("update", "db", Reason(path, old, new, "update", ""))
    told = comment(DiffReport("a", "b", (replace(made.QUIET, changes=(change,)),)))
    assert ("**protection lifted**" in told) is lifted


def test_the_counts_tell_what_there_may_be_no_room_for() -> None:
    told = comment(made.SEVERAL)
    assert "408 unchanged · **5 to look at first** · **1 new policy violation**\n" in told
    assert "212 unchanged\n" in told


def test_nothing_changed_is_the_marker_and_one_line() -> None:
    told = comment(made.NOTHING)
    assert told == f"{MARKER}\n✅ **Nothing changes** in 2 stacks: `8f3a91c20b7d` → `working tree`.\n"


def test_a_stack_that_cannot_be_read_says_why_and_nothing_else() -> None:
    told = comment(DiffReport("a", "b", (made.BROKEN,)))
    assert fences(told) == [("text", made.BROKEN.error + "\n")]
    assert "It cannot be read:" in told
    assert "**Resources:** not known" in told
    assert "unchanged" not in told


def test_a_base_that_cannot_be_read_hides_nothing_that_is_known() -> None:
    stack = replace(
        made.QUIET, error="x.yaml: broken", error_side="base", counts={}, changes=(), verdict="needs-approval"
    )
    told = comment(DiffReport("a", "b", (stack,)))
    assert "### ⚠️ needs approval: `meal-prod`" in told
    assert "The base of the comparison cannot be read:\n\n```text\nx.yaml: broken\n```" in told
    assert "**Resources:** not known" in told
    assert "+  phaseup:phase: growth" in told
    assert "**Cost a month:**" in told


def test_secrets_stay_words() -> None:
    told = comment(made.ONE)
    assert "`[secret]` → `[secret]`" not in told
    assert "| `cache` | `auth` | `[secret]` | `[secret]` |" in told
    assert "phaseup:pager: [secret]" in told


def test_the_comment_is_the_same_each_time() -> None:
    report = made.large(3, 900, dangerous=5)
    assert comment(report, limit=20_000) == comment(replace(report, seconds=99.0, import_seconds=3.0), limit=20_000)


@pytest.mark.parametrize("text", HOSTILE)
def test_an_attack_in_every_field_changes_nothing_but_text(text: str) -> None:
    told = comment(attacked(lambda: text), artifact=text)
    assert injections(told) == []
    assert shape(told) == shape(comment(TAME))


@given(attacks())
@settings(max_examples=100)
def test_any_text_in_any_field_changes_nothing_but_text(report: DiffReport) -> None:
    told = comment(report)
    assert injections(told) == []
    assert shape(told) == shape(comment(TAME))
    assert [len(table) for table in tables(told)] == [len(table) for table in tables(comment(TAME))]


def test_the_shape_that_is_compared_is_a_rich_one() -> None:
    told = comment(TAME)
    assert [len(table) - 1 for table in tables(told)] == [2, 2, 2, 2, 3]
    assert [info for info, _ in fences(told)] == ["diff", "yaml", "text"]


def test_names_are_shown_as_they_are() -> None:
    told = comment(attacked(lambda: "a|b`c@all"))
    code = {leaf.content for leaf in leaves(told) if leaf.type == "code_inline"}
    assert {"a|b`c@all", '"a|b`c@all"'} <= code
    assert not any("\\|" in each for each in code)


def test_a_fence_is_longer_than_what_is_in_it() -> None:
    config = (Line(" ", "```"), Line("+", "`````  # out"), Line("-", "~~~"))
    told = comment(DiffReport("a", "b", (replace(made.QUIET, config=config),)))
    assert fences(told)[0] == ("diff", " ```\n+`````  # out\n-~~~\n")


@pytest.mark.parametrize(("stacks", "dangerous"), [(1, 0), (5, 0), (5, 1000), (40, 3)])
def test_five_thousand_changes_fit(stacks: int, dangerous: int) -> None:
    report = made.large(stacks, 5000, dangerous=dangerous)
    told = comment(report, artifact=ARTIFACT)
    assert LIMIT * 0.8 < len(told) <= len(told.encode()) <= LIMIT
    whole_and_closed(told)
    for number in range(stacks):
        assert f"`stack-{number}`" in told
        assert f"+ {1000 + number:,} to create" in told
    assert f"The whole is in <{ARTIFACT}>." in told
    assert told.endswith("Compared: `base` → `head`\n")
    # What nobody may miss is there of every stack, whatever fills the page.
    assert told.count("**Cost a month:**") == stacks
    assert told.count("+  key-9: ") == stacks


def test_what_is_left_out_is_counted() -> None:
    report = made.large(2, 5000)
    told = comment(report, artifact="diff.html")
    (left,) = re.findall(r"✂️ \*\*([\d,]+) rows are left out\*\*", told)
    shown = sum(len(table) - 1 for table in tables(told) if table[0][0] == "")
    assert int(left.replace(",", "")) == 5000 - shown
    assert sum(int(n.replace(",", "")) for n in re.findall(r"^… ([\d,]+) more rows?$", told, re.M)) < 5000 - shown
    assert "The whole is in `diff.html`." in told


def test_what_is_not_left_out_is_not_spoken_of() -> None:
    assert "left out" not in comment(made.SEVERAL, artifact=ARTIFACT)
    assert ARTIFACT not in comment(made.SEVERAL, artifact=ARTIFACT)


def test_dangerous_rows_outlive_all_others() -> None:
    told = comment(made.large(1, 5000, dangerous=60), limit=30_000)
    danger = next(table for table in tables(told) if "what to know" in table[0])
    assert len(danger) - 1 == 60


@pytest.mark.parametrize("artifact", ["javascript:alert(1)", "http://e.example", "https://e.example/> <b>", "x`y|z"])
def test_an_artifact_is_a_link_only_if_it_is_an_address(artifact: str) -> None:
    told = comment(made.large(2, 5000), artifact=artifact)
    assert injections(told) == []
    assert [leaf.content for leaf in leaves(told) if leaf.type == "code_inline" and leaf.content == artifact] == [
        artifact
    ]


@given(attacks(), st.integers(LEAST, 30_000), hostile())
@settings(max_examples=40)
def test_any_limit_holds_whatever_the_text(report: DiffReport, limit: int, artifact: str) -> None:
    first = replace(report.stacks[0], changes=report.stacks[0].changes * 30, config=report.stacks[0].config * 20)
    told = comment(replace(report, stacks=(first, *report.stacks[1:])), limit=limit, artifact=artifact)
    assert len(told.encode()) <= limit
    assert injections(told) == []
    whole_and_closed(told)
    (overview,) = (table for table in tables(told) if table[0][0] == "stack")
    assert len(overview) == 3
    assert "+ 2 to create · ~ 1 to update · +- 1 to replace" in overview[1][3]
    assert overview[2][3] == "not known"


@pytest.mark.parametrize("wide", ["🧨" * 200, "`" * 300, "|" * 300, "`a" * 200, "🧨 " * 300, "a ` " * 200])
def test_verdict_and_counts_of_one_stack_are_there_at_the_least_limit(wide: str) -> None:
    report = attacked(lambda: wide)
    report = replace(report, base=wide, head=wide, stacks=report.stacks[:1], unchanged=(wide,) * 30)
    told = comment(report, limit=LEAST, artifact=wide)
    assert len(told.encode()) <= LEAST
    assert "### ❌ blocked: `" in told
    assert "**Resources:** + 2 to create" in told
    whole_and_closed(told)


def test_more_stacks_than_there_is_room_for() -> None:
    report = made.large(600, 6000)
    told = comment(report)
    assert len(told.encode()) <= LIMIT
    assert "600 stacks change: 600 safe." in told
    (overview,) = tables(told)
    (more,) = re.findall(r"… (\d+) more stacks", told)
    assert len(overview) - 1 + int(more) == 600


def test_a_limit_below_the_least_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 6,000, not 500"):
        comment(made.ONE, limit=500)


def whole_and_closed(told: str) -> None:
    """Nothing is cut: details are closed in turn, fences too, and the foot is a paragraph of the document."""
    parsed = tokens(told)
    tags = [tag for token in parsed if token.type == "html_block" for tag in re.findall(r"</?details>", token.content)]
    assert tags == ["<details>", "</details>"] * (len(tags) // 2)
    # What is inside a fence that never ends would be the rest of the document.
    assert [token.type for token in parsed if token.level == 0][-4:-3] != ["fence"]
    assert parsed[-2].content.startswith("Compared: ")
    assert any(token.type == "hr" for token in parsed)
    for table in tables(told):
        assert len(table) > 1
        assert len({len(row) for row in table}) == 1
