"""Every alarm and every trigger of every blueprint, in every phase, names what measures it; and what a spec says it
will emit is what the built block emits."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from building import edited, stack
from recording import Recording, record

import stacks.compose
from components.alarms import AlarmsSpec
from components.alarms.metrics import readable
from components.emitter import Emitter
from stacks.compose import budget_of, compose
from stacks.compose.context import Context
from stacks.compose.emitting import emitting, unfed
from stacks.models import BadInput, Blueprint, load_blueprint
from stacks.models.blueprint import Trigger
from stacks.moves import effective

SYSTEMS = sorted(file.stem for file in Path("stacks/blueprints").glob("*.yaml"))
PHASES = [(system, phase) for system in SYSTEMS for phase in load_blueprint(system).names]


@cache
def built(system: str, phase: str) -> tuple[Context, Recording]:
    """A settled stack in one phase, with what its builders left in their context."""
    return _build(system, phase, load_blueprint(system))


def _build(system: str, phase: str, plan: Blueprint) -> tuple[Context, Recording]:
    kept: list[Context] = []

    class Kept(Context):
        def __init__(self, *args: Any, **given: Any) -> None:
            super().__init__(*args, **given)
            kept.append(self)

    config = stack({"phaseup:phase": phase}, f"{system}-prod")
    resolved = effective(config, plan)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stacks.compose, "Context", Kept)
        recording = record(lambda: compose(resolved, config, budget=budget_of(resolved, plan)))
    (context,) = kept
    return context, recording


def everywhere(context: Context) -> dict[str, list[Emitter]]:
    """By block, at home first: some stand elsewhere instead, and what follows tells of itself where it stands."""
    found: dict[str, list[Emitter]] = {}
    for place in sorted(context.places.values(), key=lambda each: not each.home):
        for name, emitter in context.emitters(place).items():
            found.setdefault(name, []).append(emitter)
    return found


def names(emitters: dict[str, Emitter]) -> dict[str, tuple[str, list[str], list[str]]]:
    return {
        block: (each.kind, sorted(each.members), sorted(each.followers))
        for block, each in emitters.items()
        if each.kind != "service"
    }


@pytest.mark.parametrize(("system", "phase"), PHASES)
def test_what_a_spec_says_it_emits_is_what_is_built(system: str, phase: str) -> None:
    context, _ = built(system, phase)
    found = names({name: first for name, (first, *_) in everywhere(context).items()})
    assert found
    assert names(emitting(context)) == found


@pytest.mark.parametrize(("system", "phase"), PHASES)
def test_every_alarm_names_its_emitter(system: str, phase: str) -> None:
    context, recording = built(system, phase)
    emitters, made = everywhere(context), recording.names()
    alarms = [(block.name, spec) for block, spec in context.of_kind("alarms", AlarmsSpec)]
    assert alarms
    for name, spec in alarms:
        assert spec.alarms
        for alarm, given in spec.alarms.items():
            if given.check is not None:
                assert f"{name}-check-{given.check}" in made, alarm
            elif given.block is not None:
                assert any(readable(each, given.metric, given.member) for each in emitters[given.block]), alarm
            else:
                blocks = spec.metrics[given.metric].blocks
                assert blocks, alarm
                for block in blocks:
                    assert emitters[block][0].log_groups, f"{alarm}: {block}"
            assert any(each == f"{name}-{alarm}" or each.startswith(f"{name}-{alarm}-") for each in made), alarm
        for event in spec.events.values():
            assert event.block in emitters


@pytest.mark.parametrize(("system", "phase"), PHASES)
def test_every_trigger_names_its_emitter(system: str, phase: str) -> None:
    context, _ = built(system, phase)
    specs = [block.spec for block in context.effective.blocks.values()]
    assert list(unfed(load_blueprint(system).phases[phase].leave, context.emitters(), specs)) == []


@pytest.mark.parametrize(
    ("trigger", "said"),
    [
        ({"metric": "happiness", "above": 1}, "t: happiness is in no log that alarms read, and no block is named"),
        ({"metric": "storage_used", "above": 80}, "t: storage_used is in no log that alarms read"),
        ({"metric": "hit_rate", "block": "db", "above": 80}, "t: db does not emit hit_rate"),
        ({"metric": "cpu", "block": "gone", "above": 80}, "t: gone does not emit cpu"),
        # Nobody follows the first database.
        ({"metric": "replica_lag", "block": "db", "above": 80}, "t: db does not emit replica_lag"),
        ({"metric": "request_latency", "business": True, "above": 80}, "t: request_latency is called the business's"),
    ],
)
def test_a_trigger_that_nothing_measures_is_found(trigger: dict[str, Any], said: str) -> None:
    context, _ = built("meal", "mvp")
    specs = [block.spec for block in context.effective.blocks.values()]
    (found,) = unfed({"t": Trigger(**trigger)}, context.emitters(), specs)
    assert found.startswith(said)


def test_a_figure_of_the_business_needs_no_emitter() -> None:
    context, _ = built("meal", "mvp")
    assert list(unfed({"t": Trigger(metric="revenue", above=5000, business=True)}, context.emitters(), [])) == []


@pytest.mark.parametrize(
    ("alarm", "said"),
    [
        (
            {"block": "db", "metric": "replica_lag", "above": 30},
            r"alarms\.alarms\.x\.metric: found replica_lag; allowed: of a postgres that has a follower",
        ),
        (
            {"block": "db", "metric": "cpu", "member": "b", "above": 30},
            r"alarms\.alarms\.x\.member: found b; allowed: one of primary",
        ),
    ],
)
def test_an_alarm_that_nothing_feeds_is_refused_before_anything_is_registered(
    tmp_path: Path, alarm: dict[str, Any], said: str
) -> None:
    def change(blocks: dict[str, Any]) -> None:
        blocks["alarms"]["alarms"]["x"] = alarm

    config, plan = stack(), edited(tmp_path, change)
    resolved = effective(config, plan)
    recording = record(lambda: _refused(lambda: compose(resolved, config), said))
    assert recording.resources == []


def _refused(run: Any, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        run()
