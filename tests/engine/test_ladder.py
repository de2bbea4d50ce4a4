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

STACK = "meal-prod"
CONFIG = load_stack(stack_file(STACK))
BLUEPRINT = load_blueprint(CONFIG.system)
ALL = [leg for leg in legs(CONFIG, BLUEPRINT, down=True, aborts=True) if leg.move is None or leg.move.refused is None]
WAYS = {way: [leg for leg in ALL if leg.direction == way] for way in ("up", "down")}
"""Two stacks, so that two workers can walk at once; the way down begins with a stack born in the last phase."""
BORN = ALL[0].after
CLIMBED = WAYS["down"][0].before
COME_DOWN = WAYS["down"][-1].after
ARMS = [leg for leg in WAYS["down"] if leg.move.kind == "arm" and not leg.backing_out]


class Walk:
    """One way, walked as far as a test needs; what is behind is remembered."""

    def __init__(self, engine, way):
        self.engine = engine
        self.ladder = Ladder(engine, way)
        self._steps = self.ladder.walk()
        self._length = len(way)
        self._stopped = None
        self.walked = []
        self._recorded = {}

    def leg(self, number):
        while len(self.walked) <= number:
            self._advance()
        return self.walked[number]

    def stand(self, config):
        """Put the engine's stack where it was with this config, walking on as far as needed."""
        while key_of(config) not in self.ladder.states:
            if len(self.walked) == self._length:
                next(self._steps, None)  # applies the last leg
                break
            self._advance()
        self.ladder.stand(config)

    def recorded(self, config):
        key = key_of(config)
        if key not in self._recorded:
            self._recorded[key] = run(program_of(config)).outcome.snapshot
        return self._recorded[key]

    def _advance(self):
        """One leg further; what stopped the walk once is told by every test that comes after it."""
        if self._stopped is not None:
            pytest.fail(f"the walk stopped at leg {len(self.walked)}: {self._stopped}")
        try:
            self.walked.append(next(self._steps))
        except CommandError as error:
            self._stopped = error
            raise


@pytest.fixture(scope="session")
def walks(engine_root):
    made = {}
    with attached(["aws", "cloudflare", "random"]) as environment:

        def walk(way):
            if way not in made:
                project = make_project(engine_root / f"ladder-{way}", ROOT, environment=environment)
                made[way] = Walk(Engine(project, STACK), WAYS[way])
            return made[way]

        yield walk


def on(way, *values, name):
    return pytest.param(way, *values, id=name, marks=pytest.mark.xdist_group(f"engine-ladder-{way}"))


@pytest.mark.parametrize(
    ("way", "number"),
    [
        on(way, number, name=f"{way}-{number:02d}-{title(leg).replace('→', 'to')}")
        for way, found in WAYS.items()
        for number, leg in enumerate(found)
    ],
)
def test_every_step_agrees_from_config_and_from_the_engines_state(walks, way, number, record_property):
    walk = walks(way)
    walked = walk.leg(number)
    leg, engine = walked.leg, engine_ops(walked.preview)
    program = program_of(leg.after)
    starts = {"config": walk.recorded(leg.before) if leg.before else None}
    if leg.before is not None:
        starts["state"] = load(walked.before)
    for source, start in starts.items():
        plan = run(program, old=start, preview=True).outcome
        found = compare(engine, plan_ops(plan.steps))
        record_property(PROPERTY, measured("ladder", f"{STACK} {way} {number:02d}: {title(leg)}", source, found))
        assert found.urns > 250
        assert found.disagreements == ()
        assert plan_replace_keys(plan.steps) == engine_replace_keys(walked.preview)


SETTLED = [on("up", BORN, name="born"), on("down", CLIMBED, name="last"), on("down", COME_DOWN, name="come-down")]


@pytest.mark.parametrize(("way", "config"), SETTLED)
def test_a_settled_stack_has_nothing_to_do(walks, way, config):
    walk = walks(way)
    walk.stand(config)
    assert set(engine_ops(walk.engine.preview(*WHOLE)).values()) == {("same",)}


@pytest.mark.parametrize(("way", "config"), SETTLED[:2])
def test_the_recorded_state_is_the_engines(walks, way, config):
    walk = walks(way)
    walk.stand(config)
    assert differences(load(walk.ladder.states[key_of(config)]), walk.recorded(config), shape=True) == []


@pytest.mark.xdist_group("engine-ladder-down")
def test_refresh_finds_the_simulated_cloud_as_it_was(walks):
    walk = walks("down")
    walk.stand(CLIMBED)
    walk.engine.refresh("--expect-no-changes")


@pytest.mark.xdist_group("engine-ladder-down")
def test_a_forgotten_moving_fails_in_the_engine_itself(walks):
    """From settled to settled in one apply, where a serving anchor leaves."""
    walk = walks("down")
    walk.stand(CLIMBED)
    forgotten = changed(CLIMBED, {"phaseup:phase": BORN.phase})
    walk.engine.configure(forgotten.values)
    with pytest.raises(CommandError) as caught:
        walk.engine.preview()
    said = " ".join(caught.value.errors)
    assert "is protected" in said
    assert "aws:lb/loadBalancer:LoadBalancer" in said
    plan = run(program_of(forgotten), old=walk.recorded(CLIMBED), preview=True).outcome
    assert "is protected" in " ".join(plan_refusals(plan.diagnostics))


@pytest.mark.xdist_group("engine-ladder-down")
def test_a_retire_that_was_not_armed_first_fails_in_the_engine_itself(walks):
    """The two applies of a retire: contract without the arm before it meets the protection of the old state."""
    walk = walks("down")
    unarmed = ARMS[0].before
    walk.stand(unarmed)
    contracted = changed(unarmed, {"phaseup:moving": REMOVE})
    walk.engine.configure(contracted.values)
    with pytest.raises(CommandError, match="is protected"):
        walk.engine.preview()


@pytest.mark.xdist_group("engine-ladder-down")
def test_destroy_refuses_what_is_protected_and_deletes_nothing(walks):
    walk = walks("down")
    walk.stand(CLIMBED)
    before = {resource["urn"] for resource in walk.engine.export_stack()["deployment"]["resources"]}
    with pytest.raises(CommandError, match="cannot be deleted"):
        walk.engine.destroy()
    assert {resource["urn"] for resource in walk.engine.export_stack()["deployment"]["resources"]} == before
