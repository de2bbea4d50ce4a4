"""The loop that programs run on: its time is the program's own, except where the world outside has a say."""

from __future__ import annotations

import asyncio
import os
import threading
import time

import pytest

from phaseup.record.loop import MonitorLoop
from phaseup.record.program import load_program
from phaseup.record.run import run
from tests.record.fakes import FakeDeployment
from tests.record.harness import in_child, record, write_program

LONG = 3600.0


@pytest.fixture
def loop():
    made = MonitorLoop()
    yield made
    made.close()


def test_timers_fire_in_their_own_order_however_long_they_are(loop):
    told = []

    async def later(delay):
        await asyncio.sleep(delay)
        told.append((delay, loop.time()))

    async def main():
        await asyncio.gather(later(3 * LONG), later(LONG), later(2 * LONG))

    loop.run_until_complete(main())
    assert told == [(delay, pytest.approx(delay)) for delay in (LONG, 2 * LONG, 3 * LONG)]


def test_time_stands_still_while_something_can_run(loop):
    """A timer of a nanosecond waits for a coroutine that takes many turns and longer than that on the wall."""
    told = []

    async def timer():
        await asyncio.sleep(1e-6)
        told.append("timer")

    async def busy():
        for _ in range(50):
            time.sleep(0.0001)
            await asyncio.sleep(0)
        told.append("busy")

    async def main():
        await asyncio.gather(timer(), busy())

    loop.run_until_complete(main())
    assert told == ["busy", "timer"]


def test_a_time_limit_holds_for_a_wait_that_nothing_ends(loop):
    async def main():
        async with asyncio.timeout(LONG):
            await loop.create_future()

    with pytest.raises(TimeoutError):
        loop.run_until_complete(main())
    assert loop.time() == pytest.approx(LONG)


def test_a_thread_is_waited_for_and_does_not_hit_a_time_limit(loop):
    async def main():
        return await asyncio.wait_for(asyncio.to_thread(lambda: time.sleep(0.05) or "done"), LONG)

    assert loop.run_until_complete(main()) == "done"
    assert loop.time() < LONG


def test_a_thread_of_the_program_may_call_in(loop):
    async def main():
        called = asyncio.Event()
        thread = threading.Timer(0.05, loop.call_soon_threadsafe, [called.set])
        thread.start()
        await asyncio.wait_for(called.wait(), LONG)
        thread.join()

    loop.run_until_complete(main())
    assert loop.time() < LONG


def test_a_pipe_is_waited_for(loop):
    reader, writer = os.pipe()

    async def main():
        came = asyncio.Event()
        loop.add_reader(reader, came.set)
        writing = threading.Timer(0.05, os.write, [writer, b"x"])
        writing.start()
        await asyncio.wait_for(came.wait(), LONG)
        loop.remove_reader(reader)
        writing.join()

    loop.run_until_complete(main())
    assert loop.time() < LONG


def test_a_command_is_waited_for(loop):
    async def main():
        process = await asyncio.create_subprocess_exec("sh", "-c", "sleep 0.05; exit 7")
        return await asyncio.wait_for(process.wait(), LONG)

    asyncio.set_event_loop(loop)
    try:
        assert loop.run_until_complete(main()) == 7
    finally:
        asyncio.set_event_loop(None)


def test_timers_decide_the_order_of_registrations_and_the_clock_on_the_wall_does_not(tmp_path):
    """`slow` keeps the machine busy far longer than `timed` sleeps; only what they wait for counts."""
    result = record(
        tmp_path,
        """
        import asyncio, time

        async def timed():
            await asyncio.sleep(1e-6)
            Thing("timed")

        async def slow():
            for _ in range(20):
                time.sleep(0.0005)
                await asyncio.sleep(0)
            Thing("slow")

        async def main():
            await asyncio.gather(timed(), slow())

        pulumi.run(main)
        """,
        deploy=FakeDeployment,
    )
    names = [goal.name for goal in result.outcome.goals.values() if goal.custom]
    assert names == ["slow", "timed"]


def test_resources_in_a_set_come_in_the_same_order_in_every_run(tmp_path):
    """The SDK awaits dependencies in a set's order: by address, who registers first would be chance."""
    main = "for thing in {Thing(f'thing-{i}') for i in range(50)}: Thing(f'after-{thing._name}')"
    program = load_program(write_program(tmp_path, main), "dev")

    def orders():
        runs = [run(program, deploy=FakeDeployment) for _ in range(3)]
        return [[goal.name for goal in each.outcome.goals.values()] for each in runs]

    first, *others = in_child(orders)
    assert others == [first, first]
    assert len(first) == 101
