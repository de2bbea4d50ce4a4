"""Previews made afresh by the genuine engine: they are those that are kept, and the gate says the same of them."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest

from phaseup.gate.judge import gate
from phaseup.gate.read import parse
from phaseup.graph.resource import STACK_TYPE
from tests.engine.guarded import STEPS, Previews, kept

pytestmark = pytest.mark.xdist_group("engine-gate")
DATA = Path(__file__).parents[1] / "data" / "previews"
DAY = date(2026, 11, 22)
VARIES = re.compile(r'"(created|modified|duration|durationSeconds|timestamp|sequence)": ("[^"]*"|\d+)')
INSTANCE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@pytest.fixture(scope="module")
def previews(engine_root):
    return Previews(engine_root / "guarded")


def still(text):
    """Without times, and without the ids that the engine gives to providers at random; unknowns keep theirs."""
    unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
    text = VARIES.sub(r'"\1": 0', text)
    return INSTANCE.sub(lambda found: found[0] if found[0] == unknown else "instance", text)


def ordered(text):
    document = json.loads(text)
    document["steps"].sort(key=lambda step: (step["urn"], step["op"]))
    return document


@pytest.mark.parametrize("step", STEPS)
def test_the_kept_previews_are_genuine(previews, step):
    fresh, known = kept(previews.text(step)), (DATA / f"{step}.json").read_text()
    assert ordered(still(fresh)) == ordered(still(known))
    told = [gate(parse(text.encode(), step), today=DAY) for text in (fresh, known)]
    assert told[0].reasons == told[1].reasons
    assert told[0].unreadable == ()


def test_whole_and_as_events(previews):
    whole = previews.text("replace", "--show-sames", "--show-replacement-steps")
    events = previews.text("replace", streaming=True)
    told = [gate(parse(text.encode(), "fresh"), today=DAY) for text in (whole, events)]
    known = gate(parse((DATA / "replace.json").read_bytes(), "kept"), today=DAY)
    assert [each.reasons for each in told] == [known.reasons, known.reasons]
    assert {step.op for step in told[1].steps} >= {"replace", "same", "create-replacement", "delete-replaced"}


def test_only_events_tell_the_new_outputs_of_the_stack(previews):
    assert parse(previews.text("update", streaming=True).encode(), "fresh").outputs["phaseup"]["code"] == "d" * 64
    digest = json.loads(previews.text("update"))
    (stack,) = [step for step in digest["steps"] if f"::{STACK_TYPE}::" in step["urn"]]
    assert "outputs" not in stack["newState"]
    assert stack["oldState"]["outputs"]["phaseup"]["code"] == "d" * 64
