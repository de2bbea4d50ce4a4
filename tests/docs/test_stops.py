"""Where a runbook says not to stop, and of which stack a way down is told: from the steps alone, with nothing run."""

from __future__ import annotations

import re
from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest

from phaseup.climb.ladder import key_of, legs
from phaseup.climb.phases import stack_of
from phaseup.docs.markdown import anchor
from phaseup.docs.runbook import runbook_page
from phaseup.graph.resource import Snapshot
from phaseup.render.words import OPS
from stacks.models import load_blueprint
from stacks.moves import effective

LISTING = load_blueprint("listing")
STACK = stack_of("listing", "prod")
EMPTY = Snapshot("listing-prod", "phaseup", [])
FENCED = ["3. rung rds: fence", "4. rung rds: load", "7. rung redis: fence", "10. rung broker: fence"]


@cache
def climb() -> Any:
    """As if every step had changed nothing: what a page says of stops does not hang on counts."""
    found = []
    for leg in legs(STACK, LISTING, down=True, aborts=False):
        move = leg.move
        if move is None:
            continue
        step = SimpleNamespace(
            system="listing",
            counts=dict.fromkeys(OPS, 0),
            resources=0,
            verdict="safe",
            reason="",
            brief="",
        )
        run = SimpleNamespace(outcome=SimpleNamespace(steps=[], snapshot=EMPTY)) if move.refused is None else None
        found.append(SimpleNamespace(leg=leg, step=step, run=run))
    states = {key_of(each.leg.before): EMPTY for each in found}
    return SimpleNamespace(climbed=found, states=states)


@cache
def page(from_: str, to: str) -> str:
    return runbook_page(LISTING, climb(), STACK, from_, to)


def sections(text: str) -> dict[str, str]:
    parts = re.split(r"^## (\d+\. .+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_who_stands_still_is_told_where_nobody_may_stop() -> None:
    told = sections(page("mvp", "startup"))
    assert [heading for heading, text in told.items() if "**Do not stop here:**" in text] == FENCED
    (line,) = re.findall(r"^\*\*Do not stop here.+$", told["3. rung rds: fence"], re.MULTILINE)
    assert line == (
        "**Do not stop here:** `api`, `worker` stand still, as they use `db`, until live: "
        "[5. rung rds: live](#5-rung-rds-live). Go on at once, or go back as told below."
    )


def test_the_header_lets_one_stop_after_any_other_step() -> None:
    head = " ".join(page("mvp", "startup").split("| # |")[0].split())
    links = [f"[{each.split('.')[0]}](#{anchor(each)})" for each in FENCED]
    assert f"except after {', '.join(links[:-1])} and {links[-1]}: there whoever uses a role" in head
    other = " ".join(page("startup", "growth").split("| # |")[0].split())
    assert "You may stop after any step and go on another day; each step says how to go back" in other


def test_what_is_told_is_what_the_steps_leave_fenced() -> None:
    for each in climb().climbed:
        if each.run is None or not effective(each.leg.after, LISTING).fenced:
            continue
        told = sections(page(each.leg.move.from_, each.leg.move.to))
        title = f"rung {each.leg.move.block}: {each.leg.move.stage}"
        (section,) = (text for heading, text in told.items() if heading.endswith(f". {title}"))
        assert "**Do not stop here:**" in section


@pytest.mark.parametrize(("from_", "to", "below"), [(b, a, b != LISTING.names[-1]) for a, b in LISTING.pairs()])
def test_a_way_down_says_of_which_stack_it_is(from_: str, to: str, below: bool) -> None:
    head = " ".join(page(from_, to).split("**Read this first.**")[0].split())
    assert (f"**Of a stack that has been in {LISTING.names[-1]}.**" in head) == below
    if below:
        assert f"`phaseup plan listing-prod --to {to}` prints" in head
        assert f"never above {from_} differ" in head
        assert "not in its steps" not in head


def test_a_way_up_is_any_stack_s_that_came_the_same_way() -> None:
    head = " ".join(page("mvp", "startup").split("**Read this first.**")[0].split())
    assert (
        "another stack of the system that came here the same way differs in its sizes, not in its steps. What" in head
    )
