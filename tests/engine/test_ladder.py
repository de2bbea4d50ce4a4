"""meal's whole ladder, up and down, with every way back: the genuine engine and the rehearsal step by step."""

from __future__ import annotations

import pytest

from phaseup.climb.ladder import key_of, legs
from phaseup.climb.phases import program_of
from phaseup.engine.agreement import PROPERTY, measured
from phaseup.engine.attached import attached
from phaseup.engine.compare import compare, engine_ops, engine_replace_keys, plan_ops, plan_refusals, plan_replace_keys
from phaseup.engine.ladder import WHOLE, Ladder, title
from phaseup.engine.project import make_project
from phaseup.engine.run import CommandError, Engine
from phaseup.record.checkpoint import load
from phaseup.record.run import run
from stacks.models import REMOVE, changed, load_blueprint, load_stack
from stacks.models.paths import ROOT, stack_file
from tests.engine.states import differences

pytestmark = pytest.mark.xdist_group("engine-ladder")
STACK = "meal-prod"
CONFIG = load_stack(stack_file(STACK))
BLUEPRINT = load_blueprint(CONFIG.system)
LEGS = [leg for leg in legs(CONFIG, BLUEPRINT, down=True, aborts=True) if leg.move is None or leg.move.refused is None]
SETTLED = [leg.after for leg in LEGS if leg.after.moving is None and not leg.backing_out]
"""Settled states on the main way: born in the first phase, climbed to the last, come down again."""
BORN, CLIMBED, _ = SETTLED


class Walk:
    """The ladder, walked as far as a test needs; what is behind is remembered."""

    def __init__(self, engine):
        self.engine = engine
        self.ladder = Ladder(engine, LEGS)
        self._steps = self.ladder.walk()
        self._stopped = None
        self.walked = []
        self._recorded = {}

    def leg(self, number):
        while len(self.walked) <= number:
            self._advance()
        return self.walked[number]

    def _advance(self):
        """One leg further; what stopped the walk once is told by every test that comes after it."""
        if self._stopped is not None:
            pytest.fail(f"the walk stopped at leg {len(self.walked)}: {self._stopped}")
        try:
            self.walked.append(next(self._steps))
        except CommandError as error:
            self._stopped = error
            raise

    def stand(self, config):
        """Put the engine's stack where it was with this config, walking on as far as needed."""
        while key_of(config) not in self.ladder.states:
            if len(self.walked) == len(LEGS):
                next(self._steps, None)  # applies the last leg
                break
            self._advance()
        self.ladder.stand(config)

    def recorded(self, config):
        key = key_of(config)
        if key not in self._recorded:
            self._recorded[key] = run(program_of(config)).outcome.snapshot
        return self._recorded[key]


@pytest.fixture(scope="session")
def walk(engine_root):
    with attached(["aws", "cloudflare", "random"]) as environment:
        yield Walk(Engine(make_project(engine_root / "ladder", ROOT, environment=environment), STACK))


@pytest.mark.parametrize("number", range(len(LEGS)), ids=[f"{i:02d}-{title(leg)}" for i, leg in enumerate(LEGS)])
def test_every_step_agrees_from_config_and_from_the_engines_state(walk, number, record_property):
    walked = walk.leg(number)
    leg, engine = walked.leg, engine_ops(walked.preview)
    program = program_of(leg.after)
    starts = {"config": walk.recorded(leg.before) if leg.before else None}
    if leg.before is not None:
        starts["state"] = load(walked.before)
    for source, start in starts.items():
        plan = run(program, old=start, preview=True).outcome
        found = compare(engine, plan_ops(plan.steps))
        record_property(PROPERTY, measured("ladder", f"{STACK}: {title(leg)}", source, found))
        assert found.urns > 250
        assert found.disagreements == ()
        assert plan_replace_keys(plan.steps) == engine_replace_keys(walked.preview)


@pytest.mark.parametrize("config", SETTLED, ids=["born", "climbed", "come-down"])
def test_a_settled_stack_has_nothing_to_do(walk, config):
    walk.stand(config)
    assert set(engine_ops(walk.engine.preview(*WHOLE)).values()) == {("same",)}


def test_the_recorded_state_is_the_engines(walk):
    walk.stand(BORN)
    assert differences(load(walk.ladder.states[key_of(BORN)]), walk.recorded(BORN), shape=True) == []


def test_refresh_finds_the_simulated_cloud_as_it_was(walk):
    walk.stand(CLIMBED)
    walk.engine.refresh("--expect-no-changes")


def test_a_forgotten_moving_fails_in_the_engine_itself(walk):
    """From settled to settled in one apply, where a serving anchor leaves."""
    before = CLIMBED
    walk.stand(before)
    forgotten = changed(before, {"phaseup:phase": BORN.phase})
    walk.engine.configure(forgotten.values)
    with pytest.raises(CommandError) as caught:
        walk.engine.preview()
    said = " ".join(caught.value.errors)
    assert "is protected" in said
    assert "aws:lb/loadBalancer:LoadBalancer" in said
    plan = run(program_of(forgotten), old=walk.recorded(before), preview=True).outcome
    assert "is protected" in " ".join(plan_refusals(plan.diagnostics))


def test_a_retire_that_was_not_armed_first_fails_in_the_engine_itself(walk):
    """The two applies of a retire: contract without the arm before it meets the protection of the old state."""
    (unarmed,) = [
        leg for leg in LEGS if leg.move is not None and leg.move.kind == "arm" and not leg.backing_out and leg.before
    ]
    contracted = changed(unarmed.before, {"phaseup:moving": REMOVE})
    walk.stand(unarmed.before)
    walk.engine.configure(contracted.values)
    with pytest.raises(CommandError, match="is protected"):
        walk.engine.preview()


def test_destroy_refuses_what_is_protected_and_deletes_nothing(walk):
    walk.stand(CLIMBED)
    before = {resource["urn"] for resource in walk.engine.export_stack()["deployment"]["resources"]}
    with pytest.raises(CommandError, match="protected"):
        walk.engine.destroy()
    assert {resource["urn"] for resource in walk.engine.export_stack()["deployment"]["resources"]} == before
