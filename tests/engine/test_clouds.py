"""A small estate on the real SDKs and genuine plugins: explicit providers for regions, autonames, computed defaults."""

from __future__ import annotations

import pytest

from phaseup.engine.agreement import PROPERTY, measured
from phaseup.engine.compare import compare, engine_ops, engine_replace_keys, plan_ops, plan_replace_keys
from phaseup.engine.ladder import WHOLE
from phaseup.engine.project import make_project
from phaseup.engine.run import Engine
from phaseup.graph.resource import urn_name
from phaseup.record.checkpoint import load
from phaseup.record.program import load_program
from phaseup.record.run import run
from tests.engine.corners import PROGRAM
from tests.engine.states import differences

pytestmark = pytest.mark.xdist_group("engine-corners")
CLOUDS = PROGRAM.parent / "clouds"


def config(step):
    return {"clouds:step": str(step), "aws:region": "eu-central-1"}


def outcome(step, old, *, preview):
    return run(load_program(CLOUDS, "dev", settings=config(step)), old=old, preview=preview).outcome


@pytest.fixture(scope="module")
def engine(engine_root):
    """The stack after `up` at step 1, with its export."""
    engine = Engine(make_project(engine_root / "clouds", CLOUDS), "dev")
    engine.init()
    engine.configure(config(1))
    engine.up()
    return engine, load(engine.export_stack())


def test_the_estate_under_the_engine_and_under_the_rehearsal(engine, record_property):
    engine, exported = engine
    first = outcome(1, None, preview=False).snapshot
    assert differences(exported, first, seeded=True) == []

    engine.configure(config(2))
    preview = engine.preview(*WHOLE)
    for source, state in (("config", first), ("state", exported)):
        plan = outcome(2, state, preview=True)
        found = compare(engine_ops(preview), plan_ops(plan.steps))
        record_property(PROPERTY, measured("corner", "clouds: estate", source, found))
        assert found.disagreements == ()
        assert plan_replace_keys(plan.steps) == engine_replace_keys(preview)

    engine.up()
    second = outcome(2, first, preview=False).snapshot
    assert differences(load(engine.export_stack()), second, seeded=True) == []
    assert set(engine_ops(engine.preview(*WHOLE)).values()) == {("same",)}
    engine.refresh("--expect-no-changes")


def test_what_the_estate_shows(engine):
    """Read by eye once: the replacements, and what only looks like a change."""
    _, exported = engine
    ops = {urn_name(urn): "+".join(kinds) for urn, kinds in plan_ops(outcome(2, exported, preview=True).steps).items()}
    replaced = {name for name, kinds in ops.items() if "replace" in kinds.split("+")}
    assert replaced == {"renamed", "queue", "policy", "subnet", "way", "group", "rule", "password"}
    assert {ops[name] for name in ("visible", "hidden", "topic", "bucket", "zone")} == {"same"}
    assert {ops[name] for name in ("vpc", "template", "servers", "secret", "www", "north")} == {"update"}
    assert ops["old"] == "delete"
