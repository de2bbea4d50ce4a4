"""Every phase of every system in every environment passes: nothing is held back without a reason."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from phaseup.policy.judge import judge
from phaseup.policy.standing import standing
from stacks.models.load_blueprint import load_blueprint, systems
from tests.policies.recorded import config_of, snapshot_of, told_of

ENVIRONMENTS = ("dev", "staging", "prod")
PHASES: list[Any] = [
    pytest.param(f"{system}/{phase}/{environment}", marks=pytest.mark.xdist_group(f"policies-{system}"))
    for system in systems()
    for phase, environment in product(load_blueprint(system).names, ENVIRONMENTS)
]


def test_there_are_twenty_two_phases_in_three_environments() -> None:
    assert len(PHASES) == 66


@pytest.mark.parametrize("phase", PHASES)
def test_a_phase_passes(phase: str) -> None:
    found = judge(snapshot_of(phase), told_of(phase))
    assert found.violations == ()
    assert found.unjudged == ()
    assert found.checks > 40


@pytest.mark.parametrize("system", [pytest.param(s, marks=pytest.mark.xdist_group(f"policies-{s}")) for s in systems()])
def test_every_exception_of_a_stack_has_something_to_hold_in_some_phase(system: str) -> None:
    for environment in ENVIRONMENTS:
        phases = [f"{system}/{phase}/{environment}" for phase in load_blueprint(system).names]
        covered: dict[tuple[str, str], int] = {}
        for phase in phases:
            for each in standing(snapshot_of(phase), told_of(phase)):
                key = (each.policy, each.urn)
                covered[key] = covered.get(key, 0) + len(each.covers)
        assert [key for key, number in covered.items() if not number] == []
        assert {(e.rule, e.urn) for e in config_of(phases[0]).policies.exceptions} == set(covered)
