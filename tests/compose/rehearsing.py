"""A whole ladder of a blueprint written in a test: each step planned by the program itself and judged as the move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from building import stack

from phaseup.climb.ladder import Leg, key_of, legs
from phaseup.climb.phases import program_of
from phaseup.climb.verdict import Judged, judge_apply
from phaseup.graph.resource import Snapshot
from phaseup.plan.steps import Step, net_ops
from phaseup.record.program import Program
from phaseup.record.run import Run, run
from stacks.models import Blueprint, StackConfig
from stacks.moves import MoveStep

MAIN = """\
from pathlib import Path

import pulumi

from stacks.compose import compose
from stacks.models import READ_KEYS, load_blueprint, stack_from_values
from stacks.moves import effective

values = {key: value for key in READ_KEYS if (value := pulumi.runtime.get_config(key)) is not None}
config = stack_from_values(pulumi.get_stack(), values)
blueprint = load_blueprint(config.system, Path(__file__).parent)
compose(effective(config, blueprint), config)
"""


@dataclass(frozen=True)
class Rehearsed:
    """One leg, with what it would do and whether it may."""

    leg: Leg
    run: Run
    judged: Judged

    @property
    def kind(self) -> str:
        return self.leg.move.kind if self.leg.move else "apply"

    @property
    def move(self) -> MoveStep:
        assert self.leg.move is not None
        return self.leg.move

    def ops(self, op: str) -> set[str]:
        """Names of the resources that the step treats so."""
        return {urn.rsplit("::", 1)[1] for urn, each in net_ops(self.run.outcome.steps).items() if each == op}

    def changes(self) -> dict[str, set[str]]:
        """What is updated, by name, and in which properties."""
        updated = self.ops("update")
        return {
            step.urn.rsplit("::", 1)[1]: {reason.path for reason in step.reasons}
            for step in self.run.outcome.steps
            if step.urn.rsplit("::", 1)[1] in updated and step.reasons
        }

    def steps(self) -> Mapping[str, Step]:
        return {step.urn.rsplit("::", 1)[1]: step for step in self.run.outcome.steps}


def climbed(blueprint: Blueprint, folder: Path, changes: Mapping[str, Any], *, down: bool = True) -> list[Rehearsed]:
    """The ladder of the blueprint in `folder`, up with every way back, and down again; refused steps left out."""
    (folder / "__main__.py").write_text(MAIN)
    states: dict[str, Snapshot] = {}
    found = []
    for leg in legs(stack(changes), blueprint, down=down, aborts=True):
        if leg.move is not None and leg.move.refused is not None:
            continue
        before = _state(leg.before, folder, states) if leg.before is not None else None
        planned = run(_program(leg.after, folder), old=before, preview=True)
        judged = judge_apply(
            planned, before, configs=(leg.before, leg.after), move=leg.move, first=leg.move is None,
            blueprint=blueprint,
        )  # fmt: skip
        found.append(Rehearsed(leg, planned, judged))
    return found


def between(folder: Path, before: StackConfig, after: StackConfig) -> Run:
    """The plan from one config to another, over the blueprint in `folder`."""
    return onward(folder, standing(folder, before), after)


def standing(folder: Path, config: StackConfig) -> Snapshot:
    """The state in which a config leaves a stack, over the blueprint in `folder`."""
    (folder / "__main__.py").write_text(MAIN)
    return _state(config, folder, {})


def onward(folder: Path, state: Snapshot, after: StackConfig) -> Run:
    """The plan from a state to a config."""
    return run(_program(after, folder), old=state, preview=True)


def _state(config: StackConfig, folder: Path, states: dict[str, Snapshot]) -> Snapshot:
    key = key_of(config)
    if key not in states:
        states[key] = run(_program(config, folder)).outcome.snapshot
    return states[key]


def _program(config: StackConfig, folder: Path) -> Program:
    return replace(program_of(config), main=folder / "__main__.py")
