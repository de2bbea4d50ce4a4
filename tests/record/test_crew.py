"""Workers that stay: order, sharing, failures, crashes, and nothing left running."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import textwrap
import time
import weakref

import pytest

from phaseup.record import crew
from phaseup.record.crew import map_crew
from phaseup.record.errors import RecordError
from tests.record.test_forks import running_children


def test_results_keep_their_order_whoever_is_first():
    def work(pause):
        time.sleep(pause)
        return pause

    pauses = [0.05, 0.0, 0.02, 0.0, 0.0]
    assert list(map_crew(work, pauses, workers=2)) == pauses
    assert not running_children()


@pytest.mark.parametrize(("items", "workers"), [(0, 2), (1, 2), (2, 5), (7, 1), (40, 3)])
def test_every_task_is_done_once(items, workers):
    done = list(map_crew(lambda item: (item, os.getpid()), list(range(items)), workers))
    assert [item for item, _ in done] == list(range(items))
    assert len({pid for _, pid in done}) <= workers
    assert os.getpid() not in {pid for _, pid in done}
    assert not running_children()


def test_a_worker_keeps_what_a_task_loaded():
    seen = []

    def work(item):
        seen.append(item)
        return list(seen), gc.isenabled()

    assert list(map_crew(work, [1, 2, 3], workers=1)) == [([1], False), ([1, 2], False), ([1, 2, 3], False)]
    assert seen == []


def test_a_worker_that_makes_much_garbage_clears_it_away(monkeypatch):
    monkeypatch.setattr(crew, "_MOST_GARBAGE", 1000)
    left = weakref.WeakSet()

    class Knot:
        pass

    def work(item):
        there = len(left)
        for _ in range(item):
            knot = Knot()
            knot.itself = knot
            left.add(knot)
        return there

    assert list(map_crew(work, [10, 5000, 10, 10], workers=1)) == [0, 10, 0, 10]


def test_a_free_worker_takes_the_next_task():
    """While one is held by its first task until the last is done, the other does all the rest."""
    reader, writer = os.pipe()

    def work(item):
        if item == 0:
            os.read(reader, 1)
        if item == 9:
            os.write(writer, b"x")
        return os.getpid()

    first, *rest = map_crew(work, list(range(10)), workers=2)
    assert set(rest) != {first}
    assert len(set(rest)) == 1


def test_large_results_come_through_whole():
    sizes = [5_000_000, 3, 0, 2_000_000]
    assert [len(text) for text in map_crew(lambda size: "x" * size, sizes)] == sizes


def test_a_record_error_is_raised_in_its_place_and_the_rest_is_ended():
    def work(item):
        if item == 1:
            raise RecordError("bad", trace="t", where="f:1")
        if item == 2:
            time.sleep(60)
        return item

    results = map_crew(work, [0, 1, 2], workers=3)
    assert next(results) == 0
    with pytest.raises(RecordError, match=r"^f:1: bad$") as caught:
        next(results)
    assert caught.value.trace == "t"
    assert not running_children()


def test_a_later_failure_does_not_come_before_an_earlier_result():
    def work(item):
        if item == 1:
            raise RecordError("bad")
        time.sleep(0.05)
        return item

    results = map_crew(work, [0, 1], workers=2)
    assert next(results) == 0
    with pytest.raises(RecordError, match="bad"):
        next(results)


def test_other_exceptions_and_crashes_are_clear():
    def raises(_):
        raise KeyError("x")

    with pytest.raises(RecordError, match="KeyError: 'x'") as caught:
        next(map_crew(raises, [0]))
    assert "Traceback" in caught.value.trace

    def killed(_):
        os.write(1, b"last words")
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(RecordError, match="ended by signal SIGKILL without a result") as caught:
        next(map_crew(killed, [0, 1]))
    assert "last words" in caught.value.trace
    for code in (7, 0):
        with pytest.raises(RecordError, match=f"ended with exit code {code} without a result"):
            next(map_crew(lambda _: os._exit(code), [0]))  # noqa: B023
    with pytest.raises(RecordError, match=r"pickle|local object"):
        next(map_crew(lambda _: lambda: 1, [0]))
    assert not running_children()


def test_closing_the_iterator_ends_what_runs():
    results = map_crew(lambda item: time.sleep(60 if item else 0) or item, [0, 1, 2], workers=2)
    assert next(results) == 0
    results.close()
    assert not running_children()


def test_no_descriptor_is_left_open():
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    assert list(map_crew(lambda item: item, list(range(5)), workers=3)) == list(range(5))
    with pytest.raises(RecordError):
        list(map_crew(lambda _: os._exit(1), [0, 1], workers=2))
    after = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    assert after == before


def test_children_print_nowhere(capfd):
    list(map_crew(lambda _: os.write(1, b"one") + os.write(2, b"two"), [0]))
    captured = capfd.readouterr()
    assert captured.out + captured.err == ""


def test_killing_the_parent_leaves_no_orphans(tmp_path):
    """Even SIGKILL, after which no clean-up runs: workers see that nobody gives tasks or takes answers any more."""
    script = textwrap.dedent(
        f"""
        import os
        from pathlib import Path
        from phaseup.record.crew import map_crew
        def work(index):
            Path({str(tmp_path)!r}, f"pid-{{os.getpid()}}").touch()
            return "x" * 10_000_000
        results = map_crew(work, list(range(100)), workers=2)
        next(results)
        Path({str(tmp_path)!r}, "ready").touch()
        import time; time.sleep(60)
        """
    )
    process = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.DEVNULL)
    while not (tmp_path / "ready").exists():
        assert process.poll() is None
        time.sleep(0.02)
    process.kill()
    process.wait()
    pids = [int(path.name.removeprefix("pid-")) for path in tmp_path.glob("pid-*")]
    assert pids
    while any(alive(pid) for pid in pids):
        time.sleep(0.02)


def alive(pid):
    """Whether it still does anything: an orphan that nobody reaps is dead all the same."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            return stat.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
