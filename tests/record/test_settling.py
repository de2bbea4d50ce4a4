"""How the end of a program is awaited: every output, those that come later too, and the first failure."""

from __future__ import annotations

import asyncio

import pytest

from phaseup.record.errors import RecordError
from phaseup.record.settling import settled
from tests.record.harness import record


def run(work):
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(work())
    finally:
        loop.close()


def follow(tracked, future):
    """As the SDK tracks an output: it leaves when it succeeds."""
    tracked.add(future)
    future.add_done_callback(lambda done: done.exception() is None and tracked.discard(done))
    return future


def test_nothing_tracked_is_settled():
    run(lambda: settled(set()))


def test_outputs_made_while_waiting_are_waited_for():
    tracked = set()
    order = []

    async def output(depth):
        await asyncio.sleep(0)
        if depth:
            follow(tracked, asyncio.ensure_future(output(depth - 1)))
        order.append(depth)

    async def main():
        follow(tracked, asyncio.ensure_future(output(5)))
        await settled(tracked)

    run(main)
    assert order == [5, 4, 3, 2, 1, 0]
    assert tracked == set()


def test_a_failure_is_raised_though_others_never_settle():
    """Also that of an output which is made after the wait began, as long as anything settles at all."""
    tracked = set()

    async def main():
        loop = asyncio.get_running_loop()
        follow(tracked, loop.create_future())

        async def first():
            await asyncio.sleep(0)
            follow(tracked, asyncio.ensure_future(second()))

        async def second():
            await asyncio.sleep(0)
            raise ValueError("bad")

        follow(tracked, asyncio.ensure_future(first()))
        await settled(tracked)

    with pytest.raises(ValueError, match="bad"):
        run(main)


def test_a_failure_from_before_the_wait_is_raised():
    async def main():
        future = asyncio.get_running_loop().create_future()
        future.set_exception(ValueError("bad"))
        await settled({future})

    with pytest.raises(ValueError, match="bad"):
        run(main)


def test_what_was_done_before_is_not_waited_for_twice():
    async def main():
        future = asyncio.get_running_loop().create_future()
        future.set_result(1)
        tracked = {future}
        await settled(tracked)
        return tracked

    assert run(main) == set()


def test_a_program_s_outputs_are_all_there_at_its_end(tmp_path):
    """A chain in which each resource is made by the output of the one before, longer than any batch."""
    result = record(
        tmp_path,
        """
        def more(n):
            if n:
                Thing(f"t{n}").result.apply(lambda _: more(n - 1))

        more(30)
        """,
    )
    assert {goal.name for goal in result.outcome.goals.values() if goal.custom} == {f"t{n}" for n in range(1, 31)}


def test_a_failure_deep_in_outputs_stops_the_program(tmp_path):
    with pytest.raises(RecordError, match="no good"):
        record(
            tmp_path,
            """
            def fail(_):
                raise ValueError("no good")

            for n in range(20):
                Thing(f"t{n}").result.apply(lambda x: x).apply(fail if n == 13 else str)
            """,
        )
