"""The planner beside the genuine engine on random programs: the same steps for every URN, the same state afterwards."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from phaseup.engine.compare import compare, engine_ops, engine_replace_keys, plan_ops, plan_replace_keys
from phaseup.engine.project import make_project
from phaseup.engine.run import Engine
from phaseup.graph.resource import Snapshot, State
from phaseup.record import checkpoint
from phaseup.record.program import load_program
from phaseup.record.run import run
from tests.engine.fake import FakeProviders
from tests.plan.islands import programs

PROGRAM = Path(__file__).parent / "programs" / "islands"
WHOLE = ("--show-sames", "--show-replacement-steps", "--show-reads")

pytestmark = pytest.mark.skipif(shutil.which("pulumi") is None, reason="compares with the `pulumi` on PATH")


def planned(specification: Path, old: Snapshot | None, *, preview: bool):
    program = load_program(PROGRAM, "dev", settings={"islands:spec": str(specification)})
    return run(program, old=old, preview=preview, providers=FakeProviders()).outcome


def essence(state: State, ref: Callable[[str], str]) -> dict[str, object]:
    """What of a state must agree: all but times, provider ids and where in the source it is."""
    return {
        "id": state.id if ":providers:" not in state.urn else "",
        "inputs": state.inputs,
        "outputs": state.outputs,
        "parent": state.parent,
        "provider": ref(state.provider),
        "dependencies": sorted(state.dependencies),
        "property_dependencies": {k: sorted(v) for k, v in state.property_dependencies.items() if v},
        "flags": (state.custom, state.protect, state.external, state.retain_on_delete, state.delete,
                  state.pending_replacement, state.taint),
        "deleted_with": state.deleted_with,
        "replace_with": sorted(state.replace_with),
        "trigger": state.replacement_trigger,
        "import_id": state.import_id,
        "secret_outputs": sorted(state.additional_secret_outputs),
    }  # fmt: skip


def states(snapshot: Snapshot) -> dict[str, dict[str, object]]:
    return {state.urn: essence(state, lambda text: text.rpartition("::")[0]) for state in snapshot}


@pytest.mark.parametrize("seed", [1, 2])
def test_random_programs(tmp_path, seed):
    before, after = tmp_path / "before.json", tmp_path / "after.json"
    for path, entries in zip((before, after), programs(seed, islands=30), strict=True):
        path.write_text(json.dumps(entries))
    project = make_project(tmp_path / "project", PROGRAM, packages=["fake"], plugin="tests.engine.fake")
    engine = Engine(project, "dev")
    engine.configure({"islands:spec": str(before)})
    engine.init()
    engine.up()
    ours = planned(before, None, preview=False).snapshot
    exported = checkpoint.load(engine.export_stack())
    assert states(ours) == states(exported)

    engine.configure({"islands:spec": str(after)})
    preview = engine.preview(*WHOLE)
    for start in (ours, exported):
        steps = planned(after, start, preview=True).steps
        found = compare(engine_ops(preview), plan_ops(steps))
        assert [str(item) for item in found.disagreements] == []
        assert plan_replace_keys(steps) == engine_replace_keys(preview)

    engine.up()
    assert states(planned(after, exported, preview=False).snapshot) == states(checkpoint.load(engine.export_stack()))
