"""Plans and climbs as text: order, reasons, widths, and no escape codes where there is no terminal."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pytest
from rich.console import Console

from phaseup.climb.report import AtRisk, ClimbReport, ClimbStep, Kept
from phaseup.graph.resource import State
from phaseup.plan.steps import Reason, Step
from phaseup.render import words
from phaseup.render.climb import climb
from phaseup.render.plan import plan

URN = "urn:pulumi:s::p::t::"


def printed(part: object, width: int = 80) -> str:
    stream = io.StringIO()
    Console(file=stream, width=width, highlight=False, markup=False, emoji=False).print(part)
    return stream.getvalue()


def step(op: str, name: str, *reasons: Reason, type_: str = "aws:rds/instance:Instance", **more: object) -> Step:
    urn = f"urn:pulumi:s::p::{type_}::{name}"
    state = State(urn, type_, True)
    old, new = (None if op == "create" else state), (None if op == "delete" else state)
    return Step(op, urn, type_, old, new, reasons, declared_at="x.py:3", **more)  # type: ignore[arg-type]


def reason(path: str, old: object, new: object, effect: str = "update", **more: object) -> Reason:
    return Reason(path, old, new, effect, "terraform-provider-aws 6.20 rds/instance.go (2026-08)", **more)  # type: ignore[arg-type]


REPLACED: Sequence[Step] = (
    step("create-replacement", "params", reason("family", "16", "17", "replace")),
    step("replace", "params", reason("family", "16", "17", "replace")),
    step("delete-replaced", "params"),
)


def test_a_replacement_counts_once() -> None:
    assert words.count_ops([*REPLACED, step("same", "a"), step("create", "b"), step("delete", "c")]) == {
        "create": 1,
        "update": 0,
        "replace": 1,
        "delete": 1,
        "same": 1,
    }


def test_stack_and_default_providers_do_not_count() -> None:
    steps = [
        step("create", "p-s", type_="pulumi:pulumi:Stack"),
        step("create", "default_7_51_1", type_="pulumi:providers:aws"),
        step("create", "mine", type_="pulumi:providers:aws"),
    ]
    assert words.count_ops(steps)["create"] == 1


def test_data_at_risk_comes_first_then_replace_delete_update_create() -> None:
    steps = [step("create", "new"), step("update", "db", reason("port", 1, 2)), step("delete", "old"), *REPLACED]
    text = printed(plan(steps, at_risk=[(steps[2].urn, "delete", "not retired")]))
    places = [
        text.index(word) for word in ("Data at risk", "replace params", "-  delete  old", "update  db", "create  new")
    ]
    assert places == sorted(places)
    assert "+ 1 to create   ~ 1 to update   +- 1 to replace   - 1 to delete   0 unchanged" in text


def test_each_reason_has_property_old_new_effect_source_and_declaration() -> None:
    text = printed(plan([step("update", "db", reason("instanceClass", "a", "b", "update_reboot"))]))
    assert 'instanceClass  "a" → "b"  restarts it' in text
    assert "terraform-provider-aws 6.20 rds/instance.go (2026-08)" in text
    assert "declared at x.py:3" in text
    assert "db restarts: it is down" in text


@pytest.mark.parametrize(
    ("effect", "note"),
    [("replace", "forces replacement"), ("deferred", "waits for the maintenance window"), ("unknown", "no fact")],
)
def test_effects_are_said_in_words(effect: str, note: str) -> None:
    assert note in printed(plan([step("update", "db", reason("x", 1, 2, effect))]))


def test_a_cascade_names_its_root() -> None:
    chain = ("urn:pulumi:s::p::a:b:C::middle", "urn:pulumi:s::p::a:b:C::root")
    text = printed(plan([step("update", "db", reason("x", "a", "[unknown]", chain=chain))]))
    assert "follows from root" in text


def test_delete_before_replace_is_said() -> None:
    assert "is deleted before its replacement exists" in printed(
        plan([step("replace", "db", reason("x", 1, 2, "replace"), delete_before_replace=True)])
    )
    assert "is deleted before" not in printed(plan(REPLACED))


def test_no_changes_is_one_line() -> None:
    assert printed(plan([step("same", "a"), step("same", "b")])).strip() == "2 unchanged"


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_no_line_is_wider_than_the_screen_and_nothing_is_cut(width: int) -> None:
    long = "name-" * 30
    text = printed(plan([step("update", long, reason("path." * 30, "x" * 90, "y"))]), width)
    assert max(map(len, text.splitlines())) <= width
    assert long in text.replace("\n", "").replace(" ", "")


def test_hostile_names_cannot_write_escape_codes_or_markup() -> None:
    text = printed(plan([step("update", "\x1b[31m[bold]x", reason("\x1b]0;t\x07", "\x1b[2J", "[/]"))]))
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "[bold]x" in text


def entry(index: int, kind: str, verdict: str = "safe", **more: object) -> ClimbStep:
    counts = {"create": 0, "update": 1, "replace": 0, "delete": 0, "same": 1003}
    direction = more.pop("direction", "up")
    return ClimbStep(index, "meal", str(direction), "mvp", "growth", kind, counts, 9, verdict, **more)  # type: ignore[arg-type]


def climbed(*steps: ClimbStep, width: int = 80) -> str:
    return printed(climb(ClimbReport(steps, 8.25, 4.0, 1812, 2)), width)


def test_each_step_has_a_row_with_its_counts_and_verdict() -> None:
    text = climbed(
        entry(1, "expand", traffic=0),
        entry(2, "rung", block="cache", stage="replicated", manual="check the lag"),
        entry(3, "shift", traffic=100),
        entry(4, "arm", "needs-approval", block="old", reason="protection lifted", retired=(f"{URN}vol",)),
        entry(5, "contract", "blocked", reason="x would go", at_risk=(AtRisk(f"{URN}db", "delete", "why"),)),
        entry(
            6, "contract", "refused", direction="down",
            reason="none back", manual="dump and load", kept=(Kept("db", "big"),),
        ),
    )  # fmt: skip
    for words_ in (
        "expand mvp → growth",
        "rung cache: replicated",
        "first  check the lag",
        "shift to 100 %",
        "! needs-approval",
        "retired  vol",
        "✗ blocked",
        "data at risk  delete db: why",
        "⊘ refused",
        "by hand  dump and load",
        "kept  db: big",
        "1,003",
        "6 steps: 3 safe, 1 needs-approval, 1 blocked, 1 refused",
        "limit 4.0 × (1 + 1,812",
    ):
        assert words_ in text, words_
    assert "meal prod, up" in text
    assert "meal prod, down" in text


def test_what_is_alike_among_reasons_is_told_once() -> None:
    step = entry(1, "arm", "needs-approval", block="old", reason="a: lifted; b: lifted", brief="lifted from a, b")
    assert "lifted from a, b" in climbed(step)
    assert "a: lifted" not in climbed(step)
    assert step.to_json()["reason"] == "a: lifted; b: lifted"


def test_a_clean_climb_says_that_nothing_is_lost() -> None:
    assert "Nothing that holds data or serves is replaced or deleted" in climbed(entry(1, "expand"))
    assert "Nothing that holds" not in climbed(entry(1, "arm", "needs-approval", retired=("urn:pulumi:s::p::t::v",)))


@pytest.mark.parametrize("width", [80, 100, 160])
def test_a_climb_fits_the_screen(width: int) -> None:
    text = climbed(entry(1, "rung", block="b" * 70, stage="s" * 70, manual="m " * 90), width=width)
    assert max(map(len, text.splitlines())) <= width
