"""The planner beside the genuine engine on random programs: the same steps for every URN, the same state afterwards."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from phaseup.engine.compare import compare, engine_ops, engine_replace_keys, plan_ops, plan_replace_keys
from phaseup.engine.project import make_project
from phaseup.engine.run import Engine, Preview
from phaseup.graph.resource import Snapshot, State
from phaseup.record import checkpoint
from phaseup.record.program import load_program
from phaseup.record.run import run
from tests.engine.fake import FakeProviders
from tests.plan.islands import Entry, programs

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


def agree(tmp_path: Path, pair: tuple[list[Entry], list[Entry]]) -> Preview:
    """From the first program to the second, engine and planner do the same; the engine's preview."""
    before, after = tmp_path / "before.json", tmp_path / "after.json"
    for path, entries in zip((before, after), pair, strict=True):
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
    return preview


@pytest.mark.parametrize("seed", [1, 2])
def test_random_programs(tmp_path, seed):
    agree(tmp_path, programs(seed, islands=30))


def thing(key: str, props: dict[str, object] | None = None, **options: object) -> Entry:
    return {"key": key, "name": key, "kind": "Thing", "props": props or {}, "options": options}


def test_what_has_been_replaced_goes_early_with_what_its_old_state_is_bound_to(tmp_path):
    before, after = [], []
    bindings = {"along": {"replace_with": ["along-b"]}, "within": {"deleted_with": "within-b"}}
    for name, bound in bindings.items():
        a, b, c, d = (f"{name}-{letter}" for letter in "abcd")
        was, will = {"of": a, "output": "id"}, {"of": d, "output": "id"}
        before += [thing(a), thing(d), thing(b, {"swapLink": was}), thing(c, {"replaceLink": was}, **bound)]
        # b waits for c: only what has been replaced by then is deleted as a leftover.
        after += [thing(d), thing(c, {"replaceLink": will}), thing(b, depends_on=[c])]
    ops = engine_ops(agree(tmp_path, (before, after)))
    found = {urn.rpartition("::")[2]: op for urn, op in ops.items()}
    for name in bindings:
        assert found[f"{name}-c"] == ("create-replacement", "delete", "replace")
