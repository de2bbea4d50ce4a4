"""A runbook tells each step as the rehearsal found it: the file's lines, the counts, what interrupts, the way back."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from phaseup.climb.phases import stack_of
from phaseup.docs.watch import watched
from stacks.models import load_stack
from stacks.models.load_blueprint import load_blueprint
from stacks.models.paths import stack_file
from stacks.moves import effective, steps
from tests.climbs import shared, told, whole

pytestmark = shared("meal")


@pytest.fixture(scope="module")
def up() -> str:
    return told("meal")["meal/mvp-to-growth.md"]


@pytest.fixture(scope="module")
def down() -> str:
    return told("meal")["meal/growth-to-mvp.md"]


def sections(page: str) -> dict[str, str]:
    """Heading → text, of the steps."""
    parts = re.split(r"^## (\d+\. .+)$", page, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_steps_stand_in_the_order_of_the_move(up: str, down: str) -> None:
    for page, from_, to in ((up, "mvp", "growth"), (down, "growth", "mvp")):
        own = [
            each.step
            for each in whole("meal").climbed
            if not each.leg.backing_out and (each.step.from_phase, each.step.to_phase) == (from_, to)
        ]
        headings = [heading.split(". ", 1)[1].split()[0].rstrip(":") for heading in sections(page)]
        assert headings == [step.step for step in own]


def test_previews_are_told_with_the_climbs_counts(up: str) -> None:
    own = [
        each.step
        for each in whole("meal").climbed
        if not each.leg.backing_out and (each.step.from_phase, each.step.to_phase) == ("mvp", "growth")
    ]
    for step, text in zip(own, sections(up).values(), strict=True):
        (line,) = re.findall(r"must show exactly (.+)\.$", text, re.MULTILINE)
        counts = {word.rstrip("s"): int(number) for number, word in re.findall(r"(\d+) (\w+)", line)}
        assert counts == {op: count for op, count in step.counts.items() if count and op != "same"}


def test_following_the_diffs_by_hand_walks_the_stack_file_up_the_ladder_and_down(tmp_path: Path) -> None:
    """What a person at the keyboard does, with nothing but the pages: take lines away, put lines in. A page of the way
    down begins with what the file has come to hold by then."""
    blueprint = load_blueprint("meal")
    file = tmp_path / "Pulumi.meal-prod.yaml"
    file.write_text(stack_file("meal-prod").read_text())
    names = blueprint.names
    assert load_stack(file).phase == names[0]
    for from_, to in pairwise([*names, *reversed(names[:-1])]):
        page = told("meal")[f"meal/{from_}-to-{to}.md"]
        for section in sections(page).values():
            if "**Refused.**" in section:
                assert "```diff" not in section
                continue
            (diff,) = re.findall(r"^   ```diff\n(.+?)^   ```", section, re.MULTILINE | re.DOTALL)
            before = load_stack(file)
            file.write_text(by_hand(file.read_text(), [line[3:] for line in diff.splitlines()]))
            expected = next(step.config for step in steps(before, blueprint, to) if step.refused is None)
            assert load_stack(file).values == expected.values
        config = load_stack(file)
        assert (config.phase, config.moving) == (to, None)


def by_hand(text: str, diff: list[str]) -> str:
    """The text with the page's lines taken away and put in: each stands by itself under `config`, wherever there."""
    lines = text.splitlines()
    for change in diff:
        line = change[1:].replace("YYYY-MM-DD", until())
        if change.startswith("-"):
            lines.remove(line)
        else:
            lines.insert(lines.index("config:") + 1, line)
    return "\n".join(lines) + "\n"


def until() -> str:
    from datetime import date, timedelta

    return (date.today() + timedelta(days=30)).isoformat()


def test_an_interruption_is_told_with_the_property_that_causes_it(up: str) -> None:
    assert re.search(r"`db-primary` \(aws:rds:Instance\): `instanceClass` – restarts", sections(up)["1. expand"])


def test_requests_that_move_are_watched_from_outside(up: str) -> None:
    shift = sections(up)["4. shift to 100 %"]
    for alarm in ("api-down", "latency-high", "errors-high", "lb-empty"):
        assert f"| `{alarm}` |" in shift, alarm


def test_what_stops_and_starts_is_told(up: str) -> None:
    shift = sections(up)["4. shift to 100 %"]
    assert "- `scraper` (queue) stops on `scrapers`." in shift
    assert re.search(r"- `scraper-mercadona`, .+`scraper-consum` \(queue\) start on `scrapers`\.", shift)


def test_each_state_inside_a_move_has_a_way_back_and_the_end_has_none(up: str, down: str) -> None:
    for page, reverse in ((up, "growth-to-mvp.md"), (down, "mvp-to-growth.md")):
        *inside, last = sections(page).values()
        assert all("<b>Back to" in text for text in inside)
        assert "<b>Back to" not in last
        assert reverse in last


def test_consents_have_no_day_and_say_so(down: str) -> None:
    arm = sections(down)["3. arm lb"]
    assert "until: YYYY-MM-DD" in arm
    assert "`YYYY-MM-DD` is the last day of the consent" in arm
    assert "needs-approval (exit code 3, as it should here)" in arm


def test_what_is_kept_is_told_before_the_first_step_of_the_move_that_begins_to_keep_it(down: str) -> None:
    first = told("meal")["meal/scale-to-growth.md"].split("## 1.")[0]
    assert re.search(r"^  - `db`: .*storage: 200", first, re.MULTILINE)
    then = down.split("## 1.")[0]
    assert re.search(r"^  phaseup:overrides: .*\bdb: \{storage: 200\b", then, re.MULTILINE)
    assert "- `db`:" not in then
    assert "`archive`: it holds data" in then


def test_quotas_beyond_a_new_account_are_told_before_the_first_step(up: str) -> None:
    assert re.search(
        r"spot standard vCPUs \| `L-34B43A08` \| 0 \| 8 \| 5 \*\*\(ask for more\)\*\*", up.split("## 1.")[0]
    )


def test_alarms_are_sorted_by_severity_and_silent_parts_are_left_out() -> None:
    now = effective(stack_of("meal", "prod"), load_blueprint("meal"))
    found = watched(now, {"db", "api"})
    ranks = [("critical", "high", "medium", "low").index(each.severity) for each in found]
    assert ranks == sorted(ranks)
    names = {each.name for each in found}
    assert {"db-disk", "db-unreachable", "api-down", "latency"} <= names
    assert "db-check" not in names
    assert "cache-memory" not in names
