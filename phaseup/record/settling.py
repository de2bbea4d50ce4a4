"""How the end of a program is awaited (a patch of the SDK, pulumi 3.272.0).

Each time an output settles, the SDK takes up all that have not, hangs a callback on each, and takes it off again: with
the outputs of a thousand resources waiting for each other, a seventh of the time of a run. Here each is looked at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any


def patch(stack: Any, output: Any, settings: Callable[[], Any], replace: Callable[..., None]) -> None:
    """Replace `wait_for_rpcs` of `pulumi.runtime.stack` and `Output._track`; `settings` gives the SDK's `SETTINGS`."""
    if isinstance(getattr(settings(), "outputs", None), set):
        replace(stack, "wait_for_rpcs", lambda original: _waiting(original, settings))
        replace(output.Output, "_track", lambda _original: _tracking(settings))


def _waiting(original: Any, settings: Callable[[], Any]) -> Any:
    async def wait_for_rpcs(await_all_outstanding_tasks: bool = True) -> None:
        while True:
            await original(False)
            if await_all_outstanding_tasks:
                await settled(settings().outputs)
            if not settings().rpc_manager.rpcs:
                return

    return wait_for_rpcs


async def settled(tracked: set[asyncio.Future[Any]]) -> None:
    """Until nothing is tracked any more, which what succeeds sees to by itself; raises the first failure."""
    loop = asyncio.get_running_loop()
    watched: set[asyncio.Future[Any]] = set()
    failed: list[BaseException] = []
    wake: asyncio.Future[None] = loop.create_future()

    def done(future: asyncio.Future[Any]) -> None:
        tracked.discard(future)
        failure = asyncio.CancelledError() if future.cancelled() else future.exception()
        if failure is not None:
            failed.append(failure)
        if not wake.done():
            wake.set_result(None)

    while True:
        if failed:
            # Not by awaiting it: a future that was awaited before has no traceback left to give.
            raise failed[0]
        if not tracked:
            return
        for future in tracked - watched:
            watched.add(future)
            future.add_done_callback(done)
        await wake
        wake = loop.create_future()


def _tracking(settings: Callable[[], Any]) -> Any:
    """Without a lock around each operation on a set, and without looking up the set each time."""

    def _track(self: Any) -> None:
        tracked: set[asyncio.Future[Any]] = settings().outputs
        data = self._data
        tracked.add(data)

        def cleanup(future: asyncio.Future[Any]) -> None:
            if not (future.cancelled() or future.exception() is not None):
                tracked.discard(future)

        data.add_done_callback(cleanup)

    return _track
