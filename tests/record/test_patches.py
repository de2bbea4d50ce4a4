"""What the patches of the SDK change: nothing but time. And what they do without an SDK that they fit."""

from __future__ import annotations

import asyncio
import pickle
import subprocess
import sys
from pathlib import Path

import pulumi
import pytest
from pulumi.output import _OutputData

from phaseup.record import late
from phaseup.record.program import load_program
from phaseup.record.run import run
from tests.record.harness import in_child
from tests.record.recorded import record

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = sorted(path.parent for path in Path(__file__).parent.glob("programs/*/__main__.py"))


def recorded(folder, preview, patched):
    """Without patches in an interpreter of its own: another test may have patched the SDK in this one."""
    if patched:
        return in_child(lambda: record(folder, preview, True))
    return fresh("-m", "tests.record.recorded", str(folder), "preview" if preview else "update")


def fresh(*arguments):
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return pickle.loads(done.stdout)


@pytest.mark.parametrize("preview", [True, False], ids=["preview", "update"])
@pytest.mark.parametrize("folder", PROGRAMS, ids=lambda folder: folder.name)
def test_a_program_records_the_same_with_and_without_patches(folder, preview):
    quick, plain = recorded(folder, preview, True), recorded(folder, preview, False)
    assert quick[3]
    assert not plain[3]
    assert quick[0].keys() == plain[0].keys()
    for urn, state in quick[0].items():
        assert state == plain[0][urn]
    assert quick[1:3] == plain[1:3]


@pytest.mark.parametrize("folder", PROGRAMS, ids=lambda folder: folder.name)
def test_recording_twice_gives_the_same_in_the_same_order(folder):
    one, two = recorded(folder, False, True), recorded(folder, False, True)
    assert list(one[0]) == list(two[0])
    assert one == two


def test_a_preview_of_what_is_there_is_all_same():
    def work():
        program = load_program(PROGRAMS[0].parent / "components", "dev")
        first = run(program).outcome.snapshot
        return [(step.op, step.urn) for step in run(program, old=first, preview=True).outcome.steps]

    assert {op for op, _ in in_child(work)} == {"same"}


def test_an_sdk_that_the_patches_do_not_fit_is_left_alone():
    left_alone = fresh(
        "-c",
        "import pickle, sys; from types import SimpleNamespace; from phaseup.record import late; "
        "rpc = SimpleNamespace(resolve_outputs=1); late.patch(rpc); "
        "sys.stdout.buffer.write(pickle.dumps((vars(rpc), late.patched())))",
    )
    assert left_alone == ({"resolve_outputs": 1}, False)


def test_an_output_that_is_looked_at_late_knows_all_the_same():
    def work():
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        settlement = late.Settlement(object(), ["a", "b"])
        early = late.LateOutput(settlement, "a")
        waiting = early.future()
        task = loop.create_task(waiting)
        loop.run_until_complete(asyncio.sleep(0))
        settlement.settle(lambda name: _OutputData(set(), name.upper(), True, name == "b"))
        tardy = late.LateOutput(settlement, "b")
        values = loop.run_until_complete(asyncio.gather(task, tardy.future(), tardy.is_secret(), early.is_secret()))
        return list(values)

    assert in_child(work) == ["A", "B", True, False]


def test_a_failed_registration_fails_its_outputs_early_and_late():
    def work():
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        settlement = late.Settlement(object(), ["a", "b"])
        early = late.LateOutput(settlement, "a")
        _ = early._data
        pulumi.runtime.rpc.resolve_outputs_due_to_exception(settlement, ValueError("no"))
        results = loop.run_until_complete(
            asyncio.gather(early.future(), late.LateOutput(settlement, "b").future(), return_exceptions=True)
        )
        return [str(result) for result in results]

    assert in_child(work) == ["no", "no"]
