"""The way from servers to a cluster and back, rehearsed step by step: what each apply does, and whether it may."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from building import stack
from on_clusters import Phases, made_up, moving, settled

from phaseup.climb.verdict import Judged, judge_apply
from phaseup.facts import facts_for
from phaseup.graph.resource import PROVIDER_PREFIX, Snapshot
from phaseup.graph.values import leaves
from phaseup.plan.steps import is_counted, net_ops
from phaseup.record.program import load_program
from phaseup.record.run import run
from stacks.models import Blueprint, StackConfig
from stacks.moves import steps
from tests.record.harness import in_child, write_program

PROGRAM = """
import json, pulumi
from pathlib import Path
from stacks.compose import compose
from stacks.models import changed, load_blueprint, load_stack
from stacks.moves import effective

given = pulumi.Config()
config = changed(load_stack("meal-prod"), json.loads(given.require("changes")))
compose(effective(config, load_blueprint("meal", Path(given.require("blueprint")))), config)
"""


class Place:
    """A folder with the made-up blueprint and the program that builds it."""

    def __init__(self, folder: Path, blueprint: Blueprint) -> None:
        self.folder, self.blueprint = folder, blueprint
        write_program(folder, PROGRAM, head=False)

    def run(self, config: StackConfig, **how: Any) -> Any:
        """The program on a config against the simulated clouds."""
        settings = {"demo:changes": json.dumps(dict(config.values)), "demo:blueprint": str(self.folder)}
        program = load_program(self.folder, "dev", settings=settings)
        return in_child(lambda: run(program, **how))

    def state(self, config: StackConfig) -> Snapshot:
        """The stack as it stands under a config, made from nothing."""
        return self.run(config).outcome.snapshot

    def changes(self, before: Snapshot, config: StackConfig) -> dict[str, str]:
        """What a preview says: op by logical name, without `same`."""
        outcome = self.run(config, old=before, preview=True).outcome
        assert not [each for each in outcome.diagnostics if each.severity == "error"]
        ops = net_ops(outcome.steps)
        return {urn.rsplit("::", 1)[-1]: op for urn, op in ops.items() if op != "same" and is_counted(urn)}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path, made_up(tmp_path))


def walked(place: Place, start: Mapping[str, Any], to: str) -> list[tuple[str, Judged]]:
    """(kind, verdict) of each step on the state of the one before it, previewed and then applied."""
    config, found = stack(start), []
    state = place.state(config)
    for step in steps(config, place.blueprint, to):
        before, config = config, step.config
        preview = place.run(config, old=state, preview=True)
        found.append(
            (
                step.kind,
                judge_apply(preview, state, configs=(before, config), move=step, blueprint=place.blueprint),
            )
        )
        state = place.run(config, old=state).outcome.snapshot
    return found


def test_every_step_up_is_what_it_may_be(place: Place) -> None:
    for kind, judged in walked(place, settled("small"), "large"):
        expected = "needs-approval" if kind == "arm" else "safe"
        assert (kind, judged.verdict, judged.reasons if judged.verdict != expected else ()) == (kind, expected, ())


def test_every_step_down_is_what_it_may_be(place: Place) -> None:
    for kind, judged in walked(place, settled("large"), "small"):
        expected = "needs-approval" if kind == "arm" else "safe"
        assert (kind, judged.verdict, judged.reasons if judged.verdict != expected else ()) == (kind, expected, ())


def test_a_preview_before_the_cluster_exists_knows_every_object(place: Place) -> None:
    before = place.state(stack(settled("small")))
    previewed = place.run(stack(moving(0)), old=before, preview=True).outcome
    applied = place.run(stack(moving(0)), old=before).outcome
    assert not [each for each in previewed.diagnostics if each.severity == "error"]
    assert {step.urn for step in previewed.steps} == {step.urn for step in applied.steps}
    objects = [step for step in previewed.steps if step.type.startswith("kubernetes:")]
    assert len(objects) > 40
    assert {step.op for step in objects} == {"create"}


def test_expand_touches_nothing_that_works(place: Place) -> None:
    changed = place.changes(place.state(stack(settled("small"))), stack(moving(0)))
    assert set(changed.values()) == {"create", "update"}
    assert {name for name, op in changed.items() if op == "update"} == {"lb-api-rule"}


def test_another_place_of_a_role_changes_no_consumer(tmp_path: Path) -> None:
    """The endpoint moves with a parameter's value; pods read it when they start, and are restarted by the cluster."""
    place = Place(tmp_path, made_up(tmp_path))
    before = place.state(stack(settled("large")))

    def renamed(phases: Phases) -> None:
        phases["small"]["queue"]["nodes"] = 2

    made_up(tmp_path, renamed)
    changed = place.changes(before, stack(settled("large")))
    assert not [name for name in changed if "-on-cluster" in name]
    assert changed["queue-group"] == "update"


def test_other_settings_roll_pods_and_keep_what_the_old_ones_read(tmp_path: Path) -> None:
    place = Place(tmp_path, made_up(tmp_path))
    before = place.state(stack(settled("large")))

    def told(phases: Phases) -> None:
        phases["large"]["api"]["env"] = {"LEVEL": "debug"}

    made_up(tmp_path, told)
    assert place.changes(before, stack(settled("large"))) == {
        "api-on-cluster-config": "replace",
        "api-on-cluster-deployment": "update",
    }


def test_every_property_that_is_set_has_a_fact(place: Place) -> None:
    states = [
        state for state in place.state(stack(moving(50))) if state.custom and not state.type.startswith(PROVIDER_PREFIX)
    ]
    assert len(states) > 250
    without: set[tuple[str, str]] = set()
    for state in states:
        facts = facts_for(state.type)
        for path, _ in leaves({key: value for key, value in state.inputs.items() if not key.startswith("__")}):
            fact = facts.property(path) if facts is not None else None
            if fact is None or fact.effect == "unknown":
                without.add((state.type, path))
    assert without == set()


def test_no_two_objects_are_one(place: Place) -> None:
    seen: dict[tuple[str, str], str] = {}
    for state in place.state(stack(moving(50))):
        if state.type.startswith("kubernetes:"):
            assert seen.setdefault((state.type, state.id), state.urn) == state.urn
    assert len(seen) > 40
