"""Each rule notices when one property of a really recorded phase is broken, and no other rule speaks."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

from phaseup.graph.resource import urn_name
from phaseup.policy.judge import judge
from policies.guard.catalogue import RULES
from tests.policies.mutation import Mutation, broken
from tests.policies.recorded import snapshot_of, told_of

HERE = Path(__file__).parent
MUTATIONS: dict[str, Mutation] = {
    f"{file.stem.removeprefix('mutations_')}-{name}": mutation
    for file in sorted(HERE.glob("mutations_*.py"))
    for name, mutation in importlib.import_module(f"tests.policies.{file.stem}").MUTATIONS.items()
}


def test_every_rule_is_broken_at_least_once() -> None:
    assert {mutation.rule for mutation in MUTATIONS.values()} == {rule.name for rule in RULES}


def by_phase() -> list[Any]:
    """One worker records a phase once for all that is broken in it."""
    return [
        pytest.param(mutation, id=name, marks=pytest.mark.xdist_group(f"policies-{mutation.phase.split('/')[0]}"))
        for name, mutation in sorted(MUTATIONS.items(), key=lambda each: each[1].phase)
    ]


@pytest.mark.parametrize("mutation", by_phase())
def test_what_is_broken_is_found_and_nothing_else(mutation: Mutation) -> None:
    changed, state = broken(snapshot_of(mutation.phase), mutation)
    told = dict(told_of(mutation.phase))
    given = told.get(mutation.rule, {})
    told[mutation.rule] = {**(given if isinstance(given, dict) else {}), **mutation.config}
    found = judge(changed, told).violations
    expected = mutation.urn_name or urn_name(state.urn)
    assert {(each.policy, urn_name(each.urn)) for each in found} == {(mutation.rule, expected)}
