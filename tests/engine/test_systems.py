"""The other systems' ladders, up and down: each phase made by the genuine engine, and each step previewed by it.

meal's ladder (test_ladder.py) stands on states that the engine made itself, with every way back. Here a step starts
from the recorded state, which the engine imports; that it makes the same state itself is asked of every phase.
"""

from __future__ import annotations

import pytest

from phaseup.climb.ladder import key_of, legs
from phaseup.climb.phases import born, program_of
from phaseup.engine.adopt import adopt
from phaseup.engine.agreement import PROPERTY, measured
from phaseup.engine.compare import Comparison, compare, engine_ops, engine_replace_keys, plan_ops, plan_replace_keys
from phaseup.engine.ladder import WHOLE, moves, title
from phaseup.record.checkpoint import load
from phaseup.record.run import run
from stacks.models import load_blueprint, load_stack, systems
from stacks.models.paths import stack_file
from tests.engine.groups import marks
from tests.engine.states import differences

MEAL = "meal"
OTHERS = {name: load_stack(stack_file(f"{name}-prod")) for name in systems() if name != MEAL}
PHASES = [(name, phase) for name in OTHERS for phase in load_blueprint(name).names]


def ladder(name):
    return [
        leg
        for leg in legs(OTHERS[name], load_blueprint(name), down=True, aborts=False)
        if leg.move is not None and leg.move.refused is None
    ]


MOVES = {(name, move): found for name in OTHERS for move, found in moves(ladder(name)).items()}
"""A stack for each move of each system, so that workers take several at once."""
FIRST = {name: load_blueprint(name).names[0] for name in OTHERS}
"""Its phase and the move from it are asked wherever there is an engine; the rest takes long."""


class Stood:
    """One move's stack, put where a step begins; the state recorded last is kept, as the next step often needs it."""

    def __init__(self, engine):
        self.engine = engine
        self._standing = None
        self._recorded = None
        engine.init()

    def stand(self, config):
        """Answers the recorded state of the config, which the engine then has."""
        if self._standing != key_of(config):
            self._recorded = run(program_of(config)).outcome.snapshot
            self.engine.configure(config.values)
            adopt(self.engine, self._recorded)
            self._standing = key_of(config)
        return self._recorded


@pytest.fixture(scope="session")
def stacks(on_this_program):
    made = {}

    def stack(name, move):
        if (name, move) not in made:
            made[name, move] = Stood(on_this_program(f"{name}-{move}", OTHERS[name].name))
        return made[name, move]

    return stack


@pytest.mark.parametrize(
    ("name", "move", "leg"),
    [
        pytest.param(
            name,
            move,
            leg,
            id=f"{name}-{move}-{number:02d}-{title(leg).replace('→', 'to')}",
            marks=marks(name, move, first=leg.move.from_ == FIRST[name] and leg.direction == "up"),
        )
        for (name, move), found in MOVES.items()
        for number, leg in enumerate(found)
    ],
)
def test_every_step_agrees(stacks, name, move, leg, record_property):
    stack = stacks(name, move)
    before = stack.stand(leg.before)
    stack.engine.configure(leg.after.values)
    preview = stack.engine.preview(*WHOLE)
    plan = run(program_of(leg.after), old=before, preview=True).outcome
    found = compare(engine_ops(preview), plan_ops(plan.steps))
    record_property(PROPERTY, measured("system", f"{OTHERS[name].name} {title(leg)}", "config", found))
    assert found.urns > 100
    assert found.disagreements == ()
    assert plan_replace_keys(plan.steps) == engine_replace_keys(preview)


@pytest.mark.parametrize(
    ("name", "phase"),
    [
        pytest.param(name, phase, id=f"{name}-{phase}", marks=marks("born", name, phase, first=phase == FIRST[name]))
        for name, phase in PHASES
    ],
)
def test_a_phase_is_made_as_recorded_and_then_there_is_nothing_to_do(on_this_program, name, phase, record_property):
    config = born(OTHERS[name], phase)
    engine = on_this_program(f"born-{name}-{phase}", config.name)
    engine.init()
    engine.configure(config.values)
    engine.up()
    made, recorded = load(engine.export_stack()), run(program_of(config)).outcome.snapshot
    found: dict[str, list[str]] = {}
    for told in differences(made, recorded, shape=True):
        found.setdefault(told.split(": ")[0], []).append(told)
    compared = Comparison(len(made.resources), tuple("; ".join(told) for told in found.values()))
    record_property(PROPERTY, measured("born", f"{config.name} {phase}", "state", compared))
    assert found == {}
    assert set(engine_ops(engine.preview(*WHOLE)).values()) == {("same",)}
