"""Forked runs: order, progress, failures, crashes, and nothing left running."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from phaseup.record.errors import RecordError
from phaseup.record.forks import Request, map_forked, preload, run_many
from phaseup.record.program import load_program
from tests.record.harness import write_program


def running_children():
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return False
    return True


def test_results_keep_their_order_whoever_is_first():
    def work(pause):
        time.sleep(pause)
        return pause

    pauses = [0.05, 0.0, 0.02, 0.0, 0.0]
    assert list(map_forked(work, pauses, workers=2)) == pauses
    assert not running_children()


def test_at_most_as_many_as_workers_run_at_once(tmp_path):
    def work(index):
        (tmp_path / f"on-{index}").touch()
        time.sleep(0.02)
        count = len(list(tmp_path.iterdir()))
        (tmp_path / f"on-{index}").unlink()
        return count

    assert max(map_forked(work, range(6), workers=2)) <= 2


def test_each_child_starts_from_the_same_memory():
    seen = []

    def work(item):
        seen.append(item)
        return list(seen), gc.isenabled()

    assert list(map_forked(work, [1, 2, 3])) == [([1], False), ([2], False), ([3], False)]
    assert seen == []


def test_large_results_come_through_whole():
    assert [len(text) for text in map_forked(lambda size: "x" * size, [5_000_000, 3])] == [5_000_000, 3]


def test_a_record_error_is_raised_in_its_place_and_the_rest_is_ended():
    def work(item):
        if item == 1:
            raise RecordError("bad", trace="t", where="f:1")
        if item == 2:
            time.sleep(60)
        return item

    results = map_forked(work, [0, 1, 2], workers=3)
    assert next(results) == 0
    with pytest.raises(RecordError, match=r"^f:1: bad$") as caught:
        next(results)
    assert caught.value.trace == "t"
    assert not running_children()


def test_other_exceptions_and_crashes_are_clear():
    def raises(_):
        raise KeyError("x")

    with pytest.raises(RecordError, match="KeyError: 'x'") as caught:
        next(map_forked(raises, [0]))
    assert "Traceback" in caught.value.trace

    def killed(_):
        os.write(1, b"last words")
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(RecordError, match="ended by signal SIGKILL without a result") as caught:
        next(map_forked(killed, [0]))
    assert "last words" in caught.value.trace
    with pytest.raises(RecordError, match="ended with exit code 7 without a result"):
        next(map_forked(lambda _: os._exit(7), [0]))
    with pytest.raises(RecordError, match=r"pickle|local object"):
        next(map_forked(lambda _: lambda: 1, [0]))


def test_closing_the_iterator_ends_what_runs():
    results = map_forked(lambda item: time.sleep(60 if item else 0) or item, [0, 1, 2], workers=2)
    assert next(results) == 0
    results.close()
    assert not running_children()


def test_children_print_nowhere(capfd):
    list(map_forked(lambda _: os.write(1, b"one") + os.write(2, b"two"), [0]))
    captured = capfd.readouterr()
    assert captured.out + captured.err == ""


def test_run_many_records_with_each_request_s_settings(tmp_path):
    folder = write_program(
        tmp_path,
        'config = pulumi.Config()\nthing = Thing(config.get("name") or "none")\n'
        'export("dry", pulumi.runtime.is_dry_run())\nexport("result", thing.result)\n',
    )
    programs = [load_program(folder, "dev", settings={"name": name}) for name in ("a", "b")]
    requests = [Request(program, preview=preview) for program in programs for preview in (True, False)]
    runs = list(run_many(requests, workers=2))
    assert [run.outputs["dry"] for run in runs] == [True, False, True, False]
    assert [len(run.outcome.snapshot.resources) for run in runs] == [3, 3, 3, 3]
    again = next(run_many([Request(programs[0], old=runs[1].outcome.snapshot, preview=True)]))
    assert {step.op for step in again.outcome.steps} == {"same"}


def test_preloading_leaves_out_what_is_not_installed():
    assert preload(["json", "pulumi_nothing_of_the_kind"]) >= 0


def test_interrupting_the_parent_leaves_no_orphans(tmp_path):
    script = textwrap.dedent(
        f"""
        import os, signal, time
        from pathlib import Path
        from phaseup.record.forks import map_forked
        # A shell's background jobs are born deaf to it.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        def work(index):
            Path({str(tmp_path)!r}, f"pid-{{os.getpid()}}").touch()
            time.sleep(60)
        list(map_forked(work, [1, 2], workers=2))
        """
    )
    process = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.DEVNULL)
    while len(list(tmp_path.iterdir())) < 2:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) != 0
    for path in tmp_path.iterdir():
        with pytest.raises(ProcessLookupError):
            os.kill(int(path.name.removeprefix("pid-")), 0)
