"""A branch's page says what the report says, stack by stack."""

from __future__ import annotations

from page_kit import Parsed, branch

from phaseup.diff.report import DiffReport, StackDiff
from phaseup.page import diff_page


def texts(html: str) -> str:
    return " ".join(" ".join(text for tag, text in Parsed(html).texts if tag not in {"script", "style"}).split())


def test_everything_of_a_stack_is_there() -> None:
    found = texts(diff_page(branch()))
    for part in (
        "0123456789ab → working tree",
        "✗ blocked",
        "This must not be applied as it is.",
        "mvp → growth",
        "data db-instance",
        "replace db-instance",
        "$40 → $812 a month (+$772)",
        "Prices as of 2026-11-01.",
        "1 without a price",
        "First: first this",
        "Check: see that",
        "By hand: by hand",
        "This step: expand mvp → db-instance",
        "phaseup:moving: db-instance",
        "users : users above 5,000 for 5m; move",
        "- phaseup:phase: mvp",
        "+ phaseup:phase: db-instance",
        'db.t4g.medium"',
        "Plan abc123",
        "Bad input: line db-instance",
        "Nothing changes in quiet-dev.",
        "mandatory high, new",
    ):
        assert part in found, part


def test_changes_are_data_of_their_stack() -> None:
    data = Parsed(diff_page(branch())).data()
    strings = data["strings"]
    first, bad, safe = data["stacks"]
    assert [(strings[row[0]], row[5]) for row in first["changes"]] == [
        ("db-instance", "replace"),
        ("db-instance-2", "update"),
        ("db-instance-3", "delete"),
    ]
    assert first["blocks"] == ["db", "net", ""]
    assert [first["blocks"][row[4]] for row in first["changes"]] == ["db", "net", ""]
    assert first["changes"][1][9] == ["away for a while: a reboot", "takes effect later: engineVersion"]
    assert first["changes"][2][9] == ["leaves the state, stays in the cloud and is billed"]
    assert bad["changes"] == []
    assert len(safe["changes"]) == 1


def test_a_setting_that_is_not_there_is_a_dash() -> None:
    cells = [text for tag, text in Parsed(diff_page(branch())).texts if tag == "code"]
    at = cells.index("size")
    assert cells[at : at + 3] == ["size", "–", "20"]


def test_nothing_changed_is_one_line() -> None:
    found = texts(diff_page(DiffReport("a", "b", (), ("meal-prod",))))
    assert "Nothing changes. " in found
    assert "Nothing changes in meal-prod." in found


def test_one_stack_has_no_tabs() -> None:
    only = StackDiff("meal-dev", "f", "meal", "dev", ("added",), "safe", phase=("", "mvp"))
    page = Parsed(diff_page(DiffReport("a", "b", (only,))))
    assert not [a for _, a in page.elements if a.get("role") == "tab"]
    assert "(nothing) → mvp" in texts(diff_page(DiffReport("a", "b", (only,))))


def test_secrets_and_long_values_stay_short() -> None:
    from phaseup.diff.report import SettingChange
    from phaseup.graph.values import Secret

    settings = (SettingChange("db", "password", Secret("hunter2"), "x" * 5000),)
    html = diff_page(DiffReport("a", "b", (StackDiff("s", "f", "m", "dev", ("config",), "safe", settings=settings),)))
    assert "hunter2" not in html
    assert "[secret]" in html
    assert "x" * 500 not in html
