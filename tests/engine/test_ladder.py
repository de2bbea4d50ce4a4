"""meal's whole ladder, up and down, with every way back: the genuine engine and the rehearsal step by step."""

from __future__ import annotations

import pytest

from phaseup.climb.ladder import key_of, legs
from phaseup.climb.phases import program_of
from phaseup.engine.agreement import PROPERTY, measured
from phaseup.engine.compare import compare, engine_ops, engine_replace_keys, plan_ops, plan_refusals, plan_replace_keys
from phaseup.engine.ladder import WHOLE, Ladder, moves, title
from phaseup.engine.run import CommandError
from phaseup.record.checkpoint import load
from phaseup.record.run import run
from stacks.models import load_blueprint, load_stack
from stacks.models.paths import stack_file
from tests.engine.groups import marks
from tests.engine.states import differences

STACK = "meal-prod"
CONFIG = load_stack(stack_file(STACK))
BLUEPRINT = load_blueprint(CONFIG.system)
ALL = [leg for leg in legs(CONFIG, BLUEPRINT, down=True, aborts=True) if leg.move is None or leg.move.refused is None]
MOVES = moves(ALL)
"""A stack for each move, so that workers walk several at once; each begins with a stack born where the move does."""


def begin(name):
    first = MOVES[name][0]
    return first.after if first.before is None else first.before


def end(name):
    return MOVES[name][-1].after


ARMING = {
    name: arms
    for name, found in MOVES.items()
    if (arms := [leg for leg in found if leg.move is not None and leg.move.kind == "arm" and not leg.backing_out])
}
"""Moves that delete something guarded, with the arms that consent to it."""
WIDEST = f"{BLUEPRINT.names[-1]}-to-{BLUEPRINT.names[-2]}"
"""Begins with all that the last phase has."""


class Walk:
    """One move, walked as far as a test needs; what is behind is remembered."""

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
def walks(on_this_program):
    made = {}

    def walk(name):
        if name not in made:
            made[name] = Walk(on_this_program(f"ladder-{name}", STACK), MOVES[name])
        return made[name]

    return walk


LOWEST = next(BLUEPRINT.pairs())
FIRST = {"-to-".join(LOWEST), "-to-".join(reversed(LOWEST))}
"""Walked wherever there is an engine; the rest takes long."""


def on(name, *values, id=None):
    return pytest.param(name, *values, id=id or name, marks=marks("ladder", name, first=name in FIRST))


def test_every_pair_of_neighbours_is_walked_both_ways():
    pairs = [pair for old, new in BLUEPRINT.pairs() for pair in ((old, new), (new, old))]
    assert sorted(MOVES) == sorted(f"{old}-to-{new}" for old, new in pairs)
    assert [leg for found in MOVES.values() for leg in found] == ALL


@pytest.mark.parametrize(
    ("name", "number"),
    [
        on(name, number, id=f"{number:02d}-{title(leg).replace('→', 'to')}")
        for name, found in MOVES.items()
        for number, leg in enumerate(found)
    ],
)
def test_every_step_agrees_from_config_and_from_the_engines_state(walks, name, number, record_property):
    walk = walks(name)
    walked = walk.leg(number)
    leg, engine = walked.leg, engine_ops(walked.preview)
    program = program_of(leg.after)
    starts = {"config": walk.recorded(leg.before) if leg.before else None}
    if leg.before is not None:
        starts["state"] = load(walked.before)
    for source, start in starts.items():
        plan = run(program, old=start, preview=True).outcome
        found = compare(engine, plan_ops(plan.steps))
        record_property(PROPERTY, measured("ladder", f"{STACK} {name} {number:02d}: {title(leg)}", source, found))
        assert found.urns > 250
        assert found.disagreements == ()
        assert plan_replace_keys(plan.steps) == engine_replace_keys(walked.preview)


@pytest.mark.parametrize("name", [on(name) for name in MOVES])
def test_where_a_move_begins_and_ends_there_is_nothing_to_do(walks, name):
    walk = walks(name)
    for config in (begin(name), end(name)):
        walk.stand(config)
        assert set(engine_ops(walk.engine.preview(*WHOLE)).values()) == {("same",)}


@pytest.mark.parametrize("name", [on(name) for name in MOVES])
def test_the_recorded_state_is_the_engines(walks, name):
    walk = walks(name)
    walk.stand(begin(name))
    assert differences(load(walk.ladder.states[key_of(begin(name))]), walk.recorded(begin(name)), shape=True) == []


@pytest.mark.parametrize("name", [on(WIDEST)])
def test_refresh_finds_the_simulated_cloud_as_it_was(walks, name):
    walk = walks(name)
    walk.stand(begin(name))
    walk.engine.refresh("--expect-no-changes")


@pytest.mark.parametrize("name", [on(name) for name in ARMING])
def test_a_forgotten_moving_fails_in_the_engine_itself(walks, name):
    """From settled to settled in one apply, where a serving anchor or data leaves."""
    walk = walks(name)
    walk.stand(begin(name))
    walk.engine.configure(end(name).values)
    with pytest.raises(CommandError) as caught:
        walk.engine.preview()
    said = " ".join(caught.value.errors)
    assert "is protected" in said
    assert any(f"::{leg.move.block}-" in said for leg in ARMING[name])
    plan = run(program_of(end(name)), old=walk.recorded(begin(name)), preview=True).outcome
    assert "is protected" in " ".join(plan_refusals(plan.diagnostics))


@pytest.mark.parametrize("name", [on(name) for name in ARMING])
def test_a_retire_that_was_not_armed_first_fails_in_the_engine_itself(walks, name):
    """The two applies of a retire: contract without the arm before it meets the protection of the old state."""
    walk = walks(name)
    walk.stand(ARMING[name][0].before)
    walk.engine.configure(end(name).values)
    with pytest.raises(CommandError, match="is protected"):
        walk.engine.preview()


@pytest.mark.parametrize("name", [on(WIDEST)])
def test_destroy_refuses_what_is_protected_and_deletes_nothing(walks, name):
    walk = walks(name)
    walk.stand(begin(name))
    before = {resource["urn"] for resource in walk.engine.export_stack()["deployment"]["resources"]}
    with pytest.raises(CommandError) as caught:
        walk.engine.destroy()
    assert "is protected" in caught.value.text  # the summary has each message's first line alone
    assert {resource["urn"] for resource in walk.engine.export_stack()["deployment"]["resources"]} == before
